"""What a digest's author need not say: the week before, the frame around it, where its figures came from."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from agents.roster import AgentSpec, Team
from store.handle import Store
from store.queries import findings
from store.queries.frames import Asking
from store.records import Digest, Figure

WEEK = timedelta(days=7)
NO_HISTORY = "no history yet"
"""Said of a figure that has neither a range nor a week before."""
_AROUND = timedelta(hours=12)
FIRST_ON_RECORD = "first on record"
"""Said of a figure that the digest of the week before did not have."""


def week_before(store: Store, agent_id: str, name: str, moment: datetime) -> Digest | None:
    """The digest of the same name of the same weekday a week earlier; None when there was none."""
    found = findings.last_digest(store, agent_id, name, moment - WEEK + _AROUND)
    return found if found is not None and found.published_at >= moment - WEEK - _AROUND else None


def compared(figures: Iterable[Figure], before: Digest | None) -> tuple[Figure, ...]:
    """The figures with their change against the week before, where their author gave none."""
    earlier = {figure.label: figure for figure in before.figures} if before else {}
    return tuple(_compared(figure, earlier) for figure in figures)


def _compared(figure: Figure, earlier: Mapping[str, Figure]) -> Figure:
    held = figure if figure.is_compared else _held_against_last(figure, earlier)
    if figure.change is not None:
        return held
    then = figure.same_weekday or (earlier[figure.label].value if figure.label in earlier else None)
    if then is None:
        return held.model_copy(update={"change": FIRST_ON_RECORD})
    return held.model_copy(update={"same_weekday": then, "change": change(figure.value, then)})


def _held_against_last(figure: Figure, earlier: Mapping[str, Figure]) -> Figure:
    """A figure without a range is held against the week before; the first one says that there is nothing yet."""
    if figure.label in earlier:
        return figure.model_copy(update={"baseline": earlier[figure.label].value})
    return figure.model_copy(update={"expected": NO_HISTORY})


def change(now: str, then: str) -> str:
    """The signed difference, and in per cent where there was something: "+11.1 (+14 %)"."""
    try:
        difference = Decimal(now) - Decimal(then)
    except InvalidOperation:
        return f"was {then}"
    if not difference:
        return "same"
    share = f" ({difference / abs(Decimal(then)):+.0%})".replace("%", " %") if Decimal(then) else ""
    return f"{difference:+f}{share}"


def asking(team: Team, writer: AgentSpec, window_from: datetime, as_of: datetime, *, whole_team: bool) -> Asking:
    """What the frame of a digest is asked for: of its writer alone, or of the whole team."""
    agents: Sequence[AgentSpec] = tuple(team.agents.values()) if whole_team else (writer,)
    caps = {agent.id: agent.limits.max_day_cost_micros for agent in agents}
    sees = tuple(sorted({source for agent in agents for source in agent.sources}))
    return Asking(window_from, as_of, caps, team.approvals.role, whole_team, writer.id, sees)
