"""The five rooms are one application: refuses to start when one of them is somebody else's package of the same name."""

import importlib.util
from pathlib import Path

from store.kernel.errors import UserMistake

ROOMS = ("agents", "blocks", "bot", "scheduler", "store")


def require_one_root() -> None:
    """Raises UserMistake when the rooms are not all imported from one folder."""
    roots = {room: _root_of(room) for room in ROOMS}
    home = roots["bot"]
    strangers = sorted(room for room, root in roots.items() if root != home)
    if strangers:
        raise UserMistake(
            f"The package {strangers[0]!r} comes from {roots[strangers[0]]}, not from Quarterdeck ({home}).",
            "Another installed distribution has a package of that name; give Quarterdeck an environment of its own.",
        )


def _root_of(room: str) -> Path | None:
    spec = importlib.util.find_spec(room)
    return Path(spec.origin).resolve().parents[1] if spec is not None and spec.origin is not None else None
