"""A team's week, counted from what is on record; a week's work, whatever came before it."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, time, timedelta
from statistics import median_low
from typing import NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from store import rows, schema
from store.handle import Store
from store.queries.feedback import feedback_since
from store.records.alert import Alert
from store.records.approval import Approval, ApprovalState
from store.records.incident import Incident
from store.records.run import RunState
from store.records.schedule import Outcome
from store.records.week import AgentWeek, ApprovalsWeek, Asked, Week

_DAYS = timedelta(days=7)
_UNDECIDED = frozenset({ApprovalState.OPEN, ApprovalState.EXPIRED, ApprovalState.SUPERSEDED, ApprovalState.WITHDRAWN})


class Span(NamedTuple):
    """A stretch of time, its end exclusive."""

    start: datetime
    end: datetime

    def holds(self, column: sa.ColumnElement[datetime]) -> sa.ColumnElement[bool]:
        """True for rows whose moment falls into it."""
        return sa.and_(column >= self.start, column < self.end)


def last_whole_week(moment: datetime, timezone: str) -> Span:
    """Monday to Sunday, as a calendar in that zone has them: the latest such week that is over at the moment."""
    zone = ZoneInfo(timezone)
    today = moment.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    end, start = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (monday, monday - _DAYS))
    return Span(start, end)


def week(store: Store, span: Span, agents: Sequence[str], roles: Mapping[str, AbstractSet[str]]) -> Week:
    """The week of these agents; `roles` are the people's, by person id, as they are now."""
    approvals = _approvals(store, span)
    return Week(
        window_from=span.start,
        window_until=span.end,
        agents=_agents(store, span, agents),
        approvals=_outcomes(approvals),
        asked=_asked(store, span, approvals, roles),
        feedback=tuple(reversed(feedback_since(store, span.start, span.end))),
        incidents=_incidents(store, span),
        missed=_missed(store, span),
        began_at=_began(store, span),
    )


def _agents(store: Store, span: Span, agents: Sequence[str]) -> tuple[AgentWeek, ...]:
    table, number = schema.runs, sa.func.count()
    spent = sa.func.sum(table.c.spent_micros)
    query = sa.select(table.c.agent_id, table.c.state, number, spent).where(span.holds(table.c.created_at))
    runs: dict[str, dict[RunState, int]] = defaultdict(dict)
    cost: Counter[str] = Counter()
    with store.database.read() as connection:
        for agent_id, state, count, micros in connection.execute(query.group_by(table.c.agent_id, table.c.state)):
            runs[agent_id][RunState(state)] = int(count)
            cost[agent_id] += int(micros)
    known = [*agents, *sorted(set(runs) - set(agents))]
    return tuple(AgentWeek(agent_id=one, runs=runs.get(one, {}), spent_micros=cost[one]) for one in known)


def _approvals(store: Store, span: Span) -> list[Approval]:
    table = schema.approvals
    query = sa.select(table).where(span.holds(table.c.created_at)).order_by(table.c.created_at, table.c.id)
    with store.database.read() as connection:
        return [rows.read(Approval, row) for row in connection.execute(query)]


def _outcomes(approvals: Sequence[Approval]) -> ApprovalsWeek:
    states = Counter(approval.state for approval in approvals)
    decided = [one for one in approvals if one.state not in _UNDECIDED and one.decided_by]
    waits = [(one.decided_at - one.created_at) // timedelta(seconds=1) for one in decided if one.decided_at]
    return ApprovalsWeek(
        asked=len(approvals),
        approved=sum(count for state, count in states.items() if state not in {*_UNDECIDED, ApprovalState.REJECTED}),
        rejected=states[ApprovalState.REJECTED],
        expired=states[ApprovalState.EXPIRED],
        edited=states[ApprovalState.SUPERSEDED],
        withdrawn=states[ApprovalState.WITHDRAWN],
        still_open=states[ApprovalState.OPEN],
        median_seconds=median_low(waits) if waits else None,
    )


def _asked(
    store: Store, span: Span, approvals: Sequence[Approval], roles: Mapping[str, AbstractSet[str]]
) -> tuple[Asked, ...]:
    stopped, alerts = _owners_of_stopped(store, span), _owners_of_alerts(store, span)
    tasks = _owners_of_tasks(store, span)
    return tuple(
        Asked(
            person_id=person,
            approvals=sum(_asks(approval, person, roles[person]) for approval in approvals),
            stopped_runs=stopped[person],
            alerts=alerts[person],
            tasks=tasks[person],
        )
        for person in sorted(roles)
    )


def _asks(approval: Approval, person: str, roles: AbstractSet[str]) -> bool:
    by = approval.requested_by
    return approval.requirement.role in roles and not (by.is_person and by.id == person)


def _owners_of_stopped(store: Store, span: Span) -> Counter[str]:
    table = schema.runs
    stopped = table.c.state == RunState.NEEDS_ATTENTION.value
    query = sa.select(table.c.owner).where(stopped, table.c.owner.is_not(None), span.holds(table.c.finished_at))
    with store.database.read() as connection:
        return Counter(connection.execute(query).scalars())


def _owners_of_alerts(store: Store, span: Span) -> Counter[str]:
    table = schema.alerts
    asked_at = sa.func.coalesce(table.c.raised_at, table.c.since, type_=schema.Moment())
    with store.database.read() as connection:
        found = connection.execute(sa.select(table).where(span.holds(asked_at))).all()
    alerts = (rows.read_body(Alert, row) for row in found)
    return Counter(alert.owner for alert in alerts if alert.owner and alert.resembles is None)


def _owners_of_tasks(store: Store, span: Span) -> Counter[str]:
    table = schema.tasks
    query = sa.select(table.c.person_id).where(table.c.person_id.is_not(None), span.holds(table.c.created_at))
    with store.database.read() as connection:
        return Counter(connection.execute(query).scalars())


def _incidents(store: Store, span: Span) -> tuple[Incident, ...]:
    table = schema.incidents
    struck = sa.and_(table.c.last_at >= span.start, table.c.first_at < span.end)
    query = sa.select(table).where(struck).order_by(table.c.count.desc(), table.c.first_at, table.c.id)
    with store.database.read() as connection:
        return tuple(rows.read(Incident, row) for row in connection.execute(query))


def _missed(store: Store, span: Span) -> int:
    table = schema.occurrences
    missed = table.c.outcome.in_([Outcome.MISSED.value, Outcome.UNKNOWN.value])
    query = sa.select(sa.func.count()).select_from(table).where(missed, span.holds(table.c.due_at))
    with store.database.read() as connection:
        return connection.execute(query).scalar_one()


def _began(store: Store, span: Span) -> datetime | None:
    query = sa.select(sa.func.min(schema.audit.c.at, type_=schema.Moment()))
    with store.database.read() as connection:
        first = connection.execute(query).scalar()
    return first if first is not None and first > span.start else None
