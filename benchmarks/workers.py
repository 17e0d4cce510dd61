"""Contenders in processes of their own: each is made in a fresh interpreter and then does one round when told to.

The parent writes one line of JSON per request and reads one per answer. A contender is a class; its constructor takes
keyword arguments that fit into JSON, every other public method is a request.
"""

import importlib
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parents[1]


class NotInstalledError(Exception):
    """A contender's package is missing; `make bench` installs them all."""


class Worker:
    """A contender in its own process; a context manager that ends it. `kind` is a class of this package."""

    def __init__(self, kind: type, **settings: object) -> None:
        name = f"{kind.__module__}:{kind.__name__}"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.workers", name, json.dumps(settings)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.process_id = self._process.pid
        try:
            self._answer()
        except BaseException:
            self._end()
            raise

    def ask(self, method: str, **arguments: object) -> Any:
        """Calls a method over there and gives what it returned."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([method, arguments]) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"a contender ended early, with {self._process.wait()}; its own words are above")
        said: Mapping[str, Any] = json.loads(line)
        if missing := said.get("missing"):
            raise NotInstalledError(f"{missing} is not installed")
        return said["answer"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end()

    def _end(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


def serve(name: str, settings: dict[str, object]) -> None:
    """The other end: makes the contender and answers until there is nobody to answer."""
    module, _, kind = name.partition(":")
    try:
        contender = getattr(importlib.import_module(module), kind)(**settings)
    except ModuleNotFoundError as error:
        _say({"missing": error.name})
        return
    _say({"answer": "ready"})
    for line in sys.stdin:
        method, arguments = json.loads(line)
        _say({"answer": getattr(contender, method)(**arguments)})
    contender.close()


def _say(words: Mapping[str, object]) -> None:
    print(json.dumps(words), flush=True)


if __name__ == "__main__":
    serve(sys.argv[1], json.loads(sys.argv[2]))
