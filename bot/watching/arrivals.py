"""Runs for what arrives in watched channels: looked for every second, started by the record's own rule."""

import asyncio
from datetime import datetime, timedelta

import structlog

from agents.roster import Team, WatchSpec
from bot.starts import usual_input
from store.actions.arrivals import start_on_arrival
from store.actions.watching import keep_messages
from store.handle import Store
from store.kernel.canonical import JsonObject
from store.kernel.errors import DatabaseUnavailable
from store.queries.watching import next_start, reader
from store.records import OnArrival, Reader, SeenMessage

LOOK_SECONDS = 1.0

log = structlog.get_logger(__name__)


def workspace_readers(store: Store, team: Team) -> list[Reader]:
    """The workspace's watches as rows, each beginning now or as far back as it says."""
    return [_reader(store, watch) for watch in team.watches]


def keep_told(store: Store, surface: str, payload: JsonObject) -> None:
    """Keeps the message that an event of a watched channel told of."""
    keep_messages(store, surface, str(payload["channel"]), [SeenMessage.model_validate(payload["message"])])


class Arrivals:
    """Starts the runs that messages of watched channels call for. Safe beside others that do the same."""

    def __init__(self, store: Store, team: Team) -> None:
        self._store = store
        self._plans = [_plan(team, watch) for watch in team.watches if watch.on_arrival]

    def next_at(self) -> datetime | None:
        """The next moment at which waiting messages may start a run; None while nothing waits for a moment."""
        return min((found.at for plan in self._plans if (found := next_start(self._store, plan))), default=None)

    def act(self) -> None:
        """Starts every run it is time for, and puts on record what the rate holds back."""
        for plan in self._plans:
            if self._has_to_act(plan):
                start_on_arrival(self._store, plan)

    async def run(self) -> None:
        """Looks every second, until cancelled."""
        while self._plans:
            try:
                await asyncio.to_thread(self.act)
            except DatabaseUnavailable as error:
                log.warning("arrivals_not_readable", why=error.message)
            await asyncio.sleep(LOOK_SECONDS)
        await asyncio.Event().wait()

    def _has_to_act(self, plan: OnArrival) -> bool:
        found = next_start(self._store, plan)
        if found is None or found.at <= self._store.clock.now():
            return found is not None
        known = reader(self._store, plan.agent_id, plan.surface, plan.channel_id)
        return found.held and known is not None and known.held_until != found.at


def _reader(store: Store, watch: WatchSpec) -> Reader:
    return Reader(
        agent_id=watch.agent,
        surface=watch.surface,
        channel_id=watch.channel,
        watch=watch.name,
        who=watch.who,
        threads=watch.threads,
        began_at=store.clock.now() - timedelta(seconds=watch.since_seconds or 0),
    )


def _plan(team: Team, watch: WatchSpec) -> OnArrival:
    agent = team.agents[watch.agent]
    return OnArrival(
        watch_id=watch.id,
        agent_id=watch.agent,
        surface=watch.surface,
        channel_id=watch.channel,
        settle_seconds=watch.settle_seconds,
        at_most_per_hour=watch.at_most_per_hour,
        limits=agent.limits,
        workspace_digest=team.digest,
        input={**usual_input(team, agent), "watch": watch.name},
    )
