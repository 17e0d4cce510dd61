"""Whose turn it is to receive: of all processes of a team one holds the connection to Discord.

Discord lets several sessions of one bot stand side by side and sends each event to all of them, so every click would be
answered twice: https://docs.discord.com/developers/events/gateway#sharding, checked 2026-11-21.
"""

from typing import Protocol


class Turn(Protocol):
    """A lock that the database keeps. Its methods block, and are called in threads."""

    def take(self) -> bool:
        """True when the turn is this process's, now or already; it never waits for another's end.

        Raises Retryable when that cannot be asked: then nobody is certain to have it.
        """
        ...

    def holds(self) -> bool:
        """True while it is certain that no other process can have the turn."""
        ...

    def release(self) -> None:
        """Gives the turn to whoever comes next. Harmless for one that has none."""
        ...


class AlwaysOurs:
    """Where there is only this process: with SQLite the engine's lock sees to that."""

    def take(self) -> bool:
        return True

    def holds(self) -> bool:
        return True

    def release(self) -> None:
        return None
