"""How the team's sources stand now, and who reads them: for `sources` in chat and on the command line."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from agents.roster import Team
from agents.sources.port import Sources, SourceState, State, Window
from blocks.elements import Item
from bot.inbound.desk import Desk
from bot.inbound.listings import SHOWN, list_card
from bot.inbound.ordering import Order
from bot.surfaces.base import Answer

STATE_WORD = {
    State.OK: "in order",
    State.MISSING: "missing",
    State.LATE: "late",
    State.MALFORMED: "malformed",
    State.EMPTY: "empty",
    State.OUTSIDE_WINDOW: "nothing of yesterday",
}


def states_now(team: Team, sources: Sources, now: datetime) -> tuple[SourceState, ...]:
    """Every source of the team, for the day before `now` on the team's clock, what is in trouble first."""
    states = sources.check(tuple(team.sources), yesterday(now, team.timezone), now)
    return tuple(sorted(states, key=lambda one: (one.state is State.OK, one.source)))


def yesterday(now: datetime, timezone: str) -> Window:
    """The day that was over last."""
    zone = ZoneInfo(timezone)
    today = now.astimezone(zone).date()
    begins = [datetime.combine(day, time(), zone).astimezone(UTC) for day in (today - timedelta(days=1), today)]
    return Window(since=begins[0], until=begins[1])


def readers_of(team: Team, source: str) -> tuple[str, ...]:
    """Names of the agents whose tools may see it."""
    return tuple(agent.name for agent in team.agents.values() if source in agent.sources)


def show_sources(desk: Desk, order: Order) -> Answer:
    """Each source with its state, its newest row and who reads it."""
    states = states_now(desk.team, desk.sources, desk.store.clock.now())
    rows = tuple(_row(desk.team, state) for state in states[:SHOWN])
    return Answer(card=list_card("Sources", rows, len(states), "This team has no sources."))


def _row(team: Team, state: SourceState) -> Item:
    readers = ", ".join(readers_of(team, state.source)) or "nobody"
    made_up = " · made up" if state.simulated else ""
    return Item(text=f"{state.source}: {STATE_WORD[state.state]}", detail=f"{state.detail} Read by {readers}.{made_up}")
