"""The gateway as it ships, every socket it touches written to a file, and a library that prints what it should not.

Run as `python watched_gateway.py FILE`.
"""

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
    """Makes the library print prompts on both streams, in the middle of the protocol."""
    import litellm

    complete = litellm.acompletion

    async def noisy(**arguments: Any) -> Any:
        print("stdout:", arguments["messages"], arguments["api_key"], flush=True)
        print("stderr:", arguments["messages"], arguments["api_key"], file=sys.stderr, flush=True)
        return await complete(**arguments)

    litellm.acompletion = noisy


if __name__ == "__main__":
    watch(Path(sys.argv[1]))
    chatter()
    runpy.run_module("agents.models.gateway", run_name="__main__")
