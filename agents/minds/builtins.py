"""The routines that come with Quarterdeck, by the name a workspace gives them, and where a routine's source is."""

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from store.kernel.errors import UserMistake

PREFIX = "builtin:"
"""A routine that begins so comes with Quarterdeck and is no file of the workspace."""


class Builtin(NamedTuple):
    """One routine that comes with Quarterdeck: what it does, the tools it calls, the settings it cannot do without."""

    name: str
    says: str
    tools: tuple[str, ...]
    settings: tuple[str, ...] = ()


_WATCHING = ("metrics.record", "metrics.read", "digest.publish", "alert.raise", "alert.clear")
_ALL = (
    Builtin(
        "watch-csv",
        "Watches exports: judges each figure against what its own past makes usual.",
        ("data.check", "metrics.judge", "digest.publish", "alert.raise", "alert.clear"),
    ),
    Builtin("watch-machine", "Watches this machine: disk, memory and load.", ("machine.read", *_WATCHING)),
    Builtin(
        "watch-git",
        "Watches a git repository: what was committed, and what is not.",
        ("git.read", "digest.publish", "alert.raise", "alert.clear"),
        ("repository",),
    ),
    Builtin(
        "watch-url",
        "Watches a page: whether it answers, how fast, and whether it has changed.",
        ("url.read", *_WATCHING),
        ("url",),
    ),
)

BUILTINS: Mapping[str, Builtin] = MappingProxyType({PREFIX + one.name: one for one in _ALL})
"""Every builtin routine by what a workspace writes for it: `builtin:watch-machine`."""


def is_builtin(routine: str) -> bool:
    """True for what claims to be a builtin routine, whether or not there is one of that name."""
    return routine.startswith(PREFIX)


def routine_source(root: Path, routine: str) -> bytes:
    """The source of a routine: of the workspace in `root`, or one that comes with Quarterdeck.

    Raises UserMistake for a file outside the workspace, one that is not there, and a builtin nobody has heard of.
    """
    if is_builtin(routine):
        return _of_builtin(routine)
    path = (root / routine).resolve()
    if not path.is_relative_to(root.resolve()):
        raise UserMistake(f"{routine} lies outside the workspace.", "Keep routines in the workspace's folder.")
    if not path.is_file():
        raise UserMistake(f"{routine} does not exist.", "Check the agent's `routine`.")
    return path.read_bytes()


def _of_builtin(routine: str) -> bytes:
    known = BUILTINS.get(routine)
    if known is None:
        raise UserMistake(f"There is no routine {routine!r}.", f"There are {', '.join(BUILTINS)}.")
    return (resources.files("agents.routines") / f"{known.name.replace('-', '_')}.py").read_bytes()
