"""Loading a routine: from inside the workspace or from Quarterdeck itself, and anew whenever the workspace changed."""

import inspect
import sys
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from agents.minds.builtins import routine_source
from store.kernel.errors import UserMistake
from store.kernel.ids import derive

RunFunction = Callable[[Any], Awaitable[Any]]

_lock = threading.Lock()


def load_routine(root: Path, file: str, digest: str, source: bytes | None = None) -> RunFunction:
    """The `run` function of a routine, loaded when first needed under this digest of the workspace, and then kept.

    `source` is its code as kept with that digest; None: it is read from where it stands. It is compiled here, so that
    no stale bytecode is used and none is written into the workspace.
    Raises UserMistake for a file outside the workspace, one that cannot be loaded, or one without `async def run(ctx)`.
    """
    name = derive("routine", str(root.resolve() / file), digest)
    with _lock:
        module = sys.modules.get(name)
        if module is None:
            module = _load(name, root / file, file, routine_source(root, file) if source is None else source)
    run = getattr(module, "run", None)
    if not inspect.iscoroutinefunction(run):
        raise UserMistake(f"{file} has no `async def run(ctx)`.", "A routine is a Python file that defines it.")
    return run


def _load(name: str, path: Path, file: str, source: bytes) -> ModuleType:
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module  # dataclasses and pickling look their module up by name
    try:
        exec(compile(source, str(path), "exec"), module.__dict__)  # noqa: S102 - a routine is the team's own code
    except Exception as error:
        del sys.modules[name]
        raise UserMistake(f"{file} cannot be loaded: {type(error).__name__}: {error}") from error
    return module
