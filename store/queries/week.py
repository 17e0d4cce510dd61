"""A team's week, counted from what is on record; a week's work, whatever came before it."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from statistics import median_low
from typing import NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from store import rows, schema
from store.handle import Store
from store.queries.alerts import alert_answers
from store.queries.feedback import feedback_since
from store.queries.interruptions import Roles, interruptions
from store.records.alert import AlertOutcome
from store.records.approval import Approval, ApprovalState
from store.records.digest import Answers
from store.records.incident import Incident
from store.records.run import RunState
from store.records.schedule import Outcome
from store.records.week import AgentWeek, ApprovalsWeek, Asked, Asking, Interruption, TasksWeek, Week

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


def week(store: Store, span: Span, agents: Sequence[str], roles: Roles, timezone: str = "UTC") -> Week:
    """The week of these agents; its days are those of the time zone."""
    approvals = _approvals(store, span)
    asked = interruptions(store, span.start, span.end, roles)
    return Week(
        window_from=span.start,
        window_until=span.end,
        agents=_agents(store, span, agents),
        approvals=_outcomes(approvals),
        asked=_asked(asked, span, ZoneInfo(timezone), sorted(roles)),
        feedback=tuple(reversed(feedback_since(store, span.start, span.end))),
        incidents=_incidents(store, span),
        late=_due(store, span, Outcome.LATE),
        missed=_due(store, span, Outcome.MISSED, Outcome.UNKNOWN),
        tasks=_tasks(store, span),
        answers=_answers(store, span),
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
        p90_seconds=sorted(waits)[-(-9 * len(waits) // 10) - 1] if waits else None,
    )


def _asked(found: Sequence[Interruption], span: Span, zone: ZoneInfo, people: Sequence[str]) -> tuple[Asked, ...]:
    first = span.start.astimezone(zone).date()
    days = (span.end - timedelta(microseconds=1)).astimezone(zone).date() - first
    counted = Counter((one.person_id, one.asking) for one in found)
    by_day = Counter((one.person_id, (one.at.astimezone(zone).date() - first).days) for one in found)
    return tuple(
        Asked(
            person_id=person,
            approvals=counted[person, Asking.APPROVAL],
            stopped_runs=counted[person, Asking.STOPPED_RUN],
            alerts=counted[person, Asking.ALERT],
            tasks=counted[person, Asking.TASK],
            by_day=tuple(by_day[person, day] for day in range(days.days + 1)),
        )
        for person in people
    )


def _tasks(store: Store, span: Span) -> TasksWeek:
    table, count = schema.tasks, sa.func.count()
    opened = sa.select(count).select_from(table).where(span.holds(table.c.created_at))
    closed = sa.select(count).select_from(table).where(span.holds(table.c.closed_at))
    open_then = sa.or_(table.c.closed_at.is_(None), table.c.closed_at >= span.end)
    overdue = sa.select(count).select_from(table).where(table.c.due_at < span.end, open_then)
    with store.database.read() as connection:
        numbers = [connection.execute(query).scalar_one() for query in (opened, closed, overdue)]
    return TasksWeek(opened=numbers[0], closed=numbers[1], overdue=numbers[2])


def _answers(store: Store, span: Span) -> Answers:
    found = alert_answers(store, span.start, span.end).alerts
    answered = sum(one.outcome is not AlertOutcome.UNANSWERED for one in found)
    return Answers(answered=answered, total=len(found))


def _incidents(store: Store, span: Span) -> tuple[Incident, ...]:
    table = schema.incidents
    struck = sa.and_(table.c.last_at >= span.start, table.c.first_at < span.end)
    query = sa.select(table).where(struck).order_by(table.c.count.desc(), table.c.first_at, table.c.id)
    with store.database.read() as connection:
        return tuple(rows.read(Incident, row) for row in connection.execute(query))


def _due(store: Store, span: Span, *outcomes: Outcome) -> int:
    table = schema.occurrences
    became = table.c.outcome.in_([one.value for one in outcomes])
    query = sa.select(sa.func.count()).select_from(table).where(became, span.holds(table.c.due_at))
    with store.database.read() as connection:
        return connection.execute(query).scalar_one()


def _began(store: Store, span: Span) -> datetime | None:
    query = sa.select(sa.func.min(schema.audit.c.at, type_=schema.Moment()))
    with store.database.read() as connection:
        first = connection.execute(query).scalar()
    return first if first is not None and first > span.start else None
