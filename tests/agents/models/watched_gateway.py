"""The gateway as it ships, every socket it touches written to a file, and a library that prints what it should not.

Run as `python watched_gateway.py FILE`.
"""

import builtins
import runpy
import sys
from pathlib import Path
from typing import Any

_EVENTS = {"socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"}


def watch(file: Path) -> None:
    """From now on one line a contact: the event and the address."""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _EVENTS:
            target = arguments[0] if event.startswith("socket.get") else arguments[1]
            with file.open("a") as log:
                log.write(f"{event} {target!r}\n")

    sys.addaudithook(hook)


def chatter() -> None:
    """Makes the library print on both streams, in the middle of the protocol: while it loads, and prompts and keys."""
    import litellm

    complete = litellm.acompletion

    def announced(name: str, *arguments: Any, **options: Any) -> Any:
        if name == "litellm":
            print("loading litellm", flush=True)
        return load(name, *arguments, **options)

    load = builtins.__import__
    builtins.__import__ = announced

    async def noisy(**arguments: Any) -> Any:
        print("stdout:", arguments["messages"], arguments["api_key"], flush=True)
        print("stderr:", arguments["messages"], arguments["api_key"], file=sys.stderr, flush=True)
        return await complete(**arguments)

    litellm.acompletion = noisy


if __name__ == "__main__":
    watch(Path(sys.argv[1]))
    chatter()
    runpy.run_module("agents.models.gateway", run_name="__main__")
