"""Named places where the process may be told to die, so that recovery is proved at every one of them.

Every transaction and every call to the outside passes two of them (`NAME.before`, `NAME.after`), so neither can be
written without its crash points. Disarmed, a point costs one comparison.
"""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from store.kernel.errors import UserMistake

OUTSIDE_CALLS: dict[str, str] = {
    "model.complete": "one request to a model provider",
    "tool.execute": "one execution of a tool",
    "tool.lookup": "looking whether an earlier execution took effect",
    "surface.post": "posting a card to a chat surface",
    "surface.edit": "editing a posted card",
    "surface.renew": "posting a card anew, to take the place of a message that has grown too old to be edited",
    "surface.clear": "deleting the message whose place a new one has taken",
    "surface.find": "looking for a card whose posting had an unknown outcome",
    "surface.history": "reading a part of a watched channel's history",
    "surface.channel": "making or adopting a channel",
    "surface.answer": "answering one person privately",
    "surface.form": "opening a form",
    "surface.choices": "offering choices while a command is typed",
    "surface.commands": "telling Discord what the server's commands are",
    "surface.session": "telling Slack how a run's session stands",
    "surface.file": "fetching a file that was given in a form",
    "monitor.ping": "telling the monitor elsewhere that the team is alive",
    "surface.roles": "asking a surface which roles an account holds there",
    "surface.home": "publishing one person's home page",
    "workspace.look": "looking once at what a first agent is to watch",
    "workspace.write": "writing a file of the workspace",
}
"""Outside calls by name; what each does. The name is the crash point's stem."""

TRANSACTIONS: dict[str, str] = {}
"""Transactions by name; what each does. Filled by `store.actions.action` as each action declares itself."""


class CrashPoints:
    """At most one armed point; the process is killed (SIGKILL) when it is reached for the n-th time."""

    def __init__(self) -> None:
        self._armed: str | None = None
        self._remaining = 0
        self._lock = threading.Lock()

    def arm(self, spec: str | None) -> None:
        """Arms `NAME` or `NAME:N` (the N-th time it is reached, from 1); None disarms.

        Raises UserMistake for an unknown name or a count below one. Import `store.actions` first: it declares names.
        """
        name, _, count = (spec or "").partition(":")
        if spec and name not in all_points():
            raise UserMistake(f"There is no crash point {name!r}.", "`quarterdeck doctor --crash-points` lists them.")
        if count and (not count.isdigit() or int(count) < 1):
            raise UserMistake(f"A crash point's count is a whole number from 1, not {count!r}.")
        self._armed, self._remaining = (name or None), int(count or 1)

    def reach(self, name: str) -> None:
        """Kills this process, as `kill -9` would, when `name` is armed and this is the n-th time."""
        if self._armed != name:
            return
        with self._lock:
            self._remaining -= 1
            if self._remaining == 0:
                os.kill(os.getpid(), signal.SIGKILL)


POINTS = CrashPoints()


def all_points() -> dict[str, str]:
    """Every crash point: name → what the process is about to do there, or has just done."""
    stems = {**OUTSIDE_CALLS, **{f"tx.{name}": text for name, text in TRANSACTIONS.items()}}
    return {f"{stem}.{when}": text for stem, text in sorted(stems.items()) for when in ("before", "after")}


@contextmanager
def outside(name: str) -> Iterator[None]:
    """Marks one call to the outside world; `name` must be declared in OUTSIDE_CALLS (KeyError otherwise)."""
    OUTSIDE_CALLS[name]
    POINTS.reach(f"{name}.before")
    yield
    POINTS.reach(f"{name}.after")
