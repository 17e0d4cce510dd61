"""Watched channels of a simulated team: the recording is heard message by message, the way Slack would tell of it."""

from collections.abc import Sequence
from datetime import datetime

from agents.readings.channels import Moment
from agents.roster import Team, WatchSpec
from store.actions.watching import History, keep_messages
from store.handle import Store
from store.kernel.errors import UserMistake


class ReplayedChannels:
    """Keeps each recorded message once its moment has come. What was written before the start is history."""

    def __init__(self, store: Store, team: Team, told: Sequence[Moment]) -> None:
        self._store = store
        self._surfaces = {watch.channel: watch.surface for watch in team.watches}
        self._told = list(told)
        self._next = 0
        for watch in team.watches:
            self._look(watch)

    def next_at(self) -> datetime | None:
        """When the next message is written; None after the last."""
        return self._told[self._next].at if self._next < len(self._told) else None

    def act(self) -> None:
        """Keeps all that is written by now."""
        now = self._store.clock.now()
        while self._next < len(self._told) and self._told[self._next].at <= now:
            moment = self._told[self._next]
            keep_messages(self._store, self._surfaces[moment.channel_id], moment.channel_id, [moment.seen])
            self._next += 1

    def _look(self, watch: WatchSpec) -> None:
        """The recording is all there is to see, so the history has been read."""
        now = self._store.clock.now()
        read = History(asked_at=now, up_to=now, at_end=True)
        keep_messages(self._store, watch.surface, watch.channel, (), read)


def require_watched(team: Team, told: Sequence[Moment]) -> None:
    """Raises UserMistake for a recorded channel that no agent watches."""
    watched = sorted({watch.channel for watch in team.watches})
    unknown = sorted({moment.channel_id for moment in told} - set(watched))
    if unknown:
        raise UserMistake(
            f"The recording has messages of {unknown[0]}, which no agent watches.",
            f"The watched channels are {', '.join(watched)}." if watched else "Give an agent a watch of that channel.",
        )
