"""The frame of a digest: what is on record, at one moment, for the agents it speaks for."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from store import rows, schema
from store.handle import Store
from store.queries import findings, fleet
from store.queries.alerts import alert_answers
from store.records.alert import Alert, AlertOutcome
from store.records.approval import Approval, ApprovalState
from store.records.card import CardKind, card_key
from store.records.digest import Answers, Decided, Frame, Missing, Need, Standing, WorkCounts
from store.records.run import Run, RunState
from store.records.schedule import Outcome
from store.records.task import Task, TaskState

_DAY = timedelta(days=1)
_DECIDED_MAX = 50


class Asking(NamedTuple):
    """What a frame is asked for. `approvers` is the role that decides; `caps` holds each agent's day cap, or None.

    `whole_team` adds what belongs to no agent: people's own tasks, and incidents of the team.
    """

    window_from: datetime
    as_of: datetime
    caps: Mapping[str, int | None]
    approvers: str
    whole_team: bool
    writer: str
    sees: tuple[str, ...] = ()


def frame(store: Store, asking: Asking) -> Frame:
    """The frame at `as_of`, which is now: records have no past states to read."""
    scope = tuple(asking.caps)
    alerts = [one for one in findings.open_alerts(store) if one.agent_id in asking.caps]
    return Frame(
        as_of=asking.as_of,
        scope=scope,
        needs=tuple(sorted(_needs(store, asking), key=lambda need: (need.since, need.card))),
        standing=tuple(_standing(alert, asking.approvers) for alert in alerts),
        missing=tuple(_missing(store, asking)),
        decided=tuple(_decided(store, asking)),
        work=_work(store, asking),
        spent_micros=_spent(store, asking),
        cap_micros=_cap(asking),
        answers=_answers(store, asking),
        sees=asking.sees,
    )


def _needs(store: Store, asking: Asking) -> Sequence[Need]:
    waiting, role = fleet.needs_me(store), f"the role {asking.approvers}"
    found = [
        _need(f"Decide: {one.summary}", one.created_at, f"the role {one.requirement.role}", CardKind.APPROVAL, one.id)
        for one in waiting.approvals
        if one.agent_id in asking.caps
    ]
    found += [
        _need(
            f"Stopped: {one.reason or one.agent_id}", one.finished_at or one.created_at, one.owner or role, *_card(one)
        )
        for one in waiting.stopped
        if one.agent_id in asking.caps
    ]
    found += [
        _need(one.title, one.first_at, role, CardKind.INCIDENT, one.id)
        for one in waiting.incidents
        if one.agent_id in asking.caps or (asking.whole_team and one.agent_id is None)
    ]
    return [*found, *(_tasks_of_people(store, asking) if asking.whole_team else ())]


def _need(text: str, since: datetime, owner: str, kind: CardKind, record_id: str) -> Need:
    return Need(text=text, since=since, owner=owner, card=card_key(kind, record_id))


def _card(run: Run) -> tuple[CardKind, str]:
    return CardKind.RUN, run.trigger.slot or run.id


def _tasks_of_people(store: Store, asking: Asking) -> Sequence[Need]:
    """A person's task asks for them once it is due."""
    table = schema.tasks
    closed = [TaskState.DONE.value, TaskState.DROPPED.value]
    due = sa.and_(table.c.person_id.is_not(None), table.c.state.not_in(closed), table.c.due_at <= asking.as_of)
    with store.database.read() as connection:
        found = [rows.read(Task, row) for row in connection.execute(sa.select(table).where(due).order_by(table.c.id))]
    return [
        _need(f"Overdue task: {one.title}", one.due_at or one.created_at, str(one.person_id), CardKind.TASK, one.slot)
        for one in found
    ]


def _decided(store: Store, asking: Asking) -> Sequence[Decided]:
    """The approvals that were decided in the window, or ran out of time; an edited call counts as its successor."""
    table = schema.approvals
    ended = sa.and_(table.c.decided_at >= asking.window_from, table.c.decided_at <= asking.as_of)
    counted = table.c.state.not_in([ApprovalState.SUPERSEDED.value, ApprovalState.WITHDRAWN.value])
    query = sa.select(table).where(ended, counted, table.c.agent_id.in_(list(asking.caps)))
    with store.database.read() as connection:
        found = connection.execute(query.order_by(table.c.decided_at, table.c.id).limit(_DECIDED_MAX)).all()
    return [_end_of(rows.read(Approval, row)) for row in found]


def _end_of(one: Approval) -> Decided:
    return Decided(
        text=one.summary,
        state=one.state.value,
        by=one.decided_by,
        at=one.decided_at or one.created_at,
        card=card_key(CardKind.APPROVAL, one.id),
    )


def _standing(alert: Alert, approvers: str) -> Standing:
    return Standing(
        alert_id=alert.id,
        title=alert.title,
        value=alert.value,
        unit=alert.unit,
        expected=alert.expected,
        since=alert.since,
        owner=alert.owner or f"the role {approvers}",
        next_step=alert.next_step,
        state=alert.state.value,
    )


def _missing(store: Store, asking: Asking) -> Sequence[Missing]:
    """Agents with due times in the window of which none ended as done work; the writer itself is here."""
    due = _due(store, asking)
    agents = [agent for agent in asking.caps if agent in due and agent != asking.writer]
    done = {agent: last_done_at(store, agent, asking.as_of) for agent in agents}
    return [
        Missing(agent_id=agent, reason=due[agent], last_at=done[agent])
        for agent in agents
        if (last := done[agent]) is None or last < asking.window_from
    ]


def _due(store: Store, asking: Asking) -> dict[str, str]:
    """Agent → what became of its last due time in the window."""
    table, plan = schema.occurrences, schema.schedules
    joined = sa.select(plan.c.agent_id, table.c.outcome, table.c.reason).join(plan, plan.c.id == table.c.schedule_id)
    held = sa.and_(table.c.due_at >= asking.window_from, table.c.due_at < asking.as_of)
    with store.database.read() as connection:
        found = connection.execute(joined.where(held).order_by(table.c.due_at)).all()
    return {row.agent_id: _became(Outcome(row.outcome), row.reason) for row in found}


def _became(outcome: Outcome, reason: str | None) -> str:
    words = {
        Outcome.PENDING: "has not started",
        Outcome.RAN: "ran and is not done",
        Outcome.LATE: "ran late and is not done",
        Outcome.SKIPPED: "was skipped",
        Outcome.MISSED: "was missed",
        Outcome.UNKNOWN: "ended before it began",
    }
    return words[outcome] + (f": {reason}" if reason else "")


def last_done_at(store: Store, agent_id: str, before: datetime) -> datetime | None:
    """When the agent last ended a run as done, before a moment; None when it never did."""
    table = schema.runs
    done = sa.and_(table.c.agent_id == agent_id, table.c.state == RunState.DONE.value, table.c.finished_at <= before)
    query = sa.select(sa.func.max(table.c.finished_at, type_=schema.Moment())).where(done)
    with store.database.read() as connection:
        return connection.execute(query).scalar()


def _work(store: Store, asking: Asking) -> WorkCounts:
    table, count = schema.tasks, sa.func.count()
    mine = sa.true() if asking.whole_team else table.c.agent_id.in_(list(asking.caps))
    ended = sa.and_(table.c.closed_at >= asking.window_from, table.c.closed_at <= asking.as_of)
    wanted = sa.or_(table.c.state.in_([TaskState.IN_PROGRESS.value, TaskState.BLOCKED.value]), ended)
    query = sa.select(table.c.state, count).where(mine, wanted).group_by(table.c.state)
    with store.database.read() as connection:
        found = {row[0]: int(row[1]) for row in connection.execute(query)}
    return WorkCounts(
        finished=found.get(TaskState.DONE.value, 0),
        running=found.get(TaskState.IN_PROGRESS.value, 0),
        blocked=found.get(TaskState.BLOCKED.value, 0),
    )


def _spent(store: Store, asking: Asking) -> int:
    table = schema.runs
    begun = sa.and_(table.c.created_at >= asking.window_from, table.c.created_at <= asking.as_of)
    query = sa.select(sa.func.coalesce(sa.func.sum(table.c.spent_micros + table.c.held_micros), 0))
    with store.database.read() as connection:
        return int(connection.execute(query.where(begun, table.c.agent_id.in_(list(asking.caps)))).scalar_one())


def _answers(store: Store, asking: Asking) -> Answers:
    """Of the scope's alerts that asked in the window."""
    found = alert_answers(store, asking.window_from, asking.as_of).alerts
    mine = [one for one in found if one.alert.agent_id in asking.caps]
    answered = sum(one.outcome is not AlertOutcome.UNANSWERED for one in mine)
    return Answers(answered=answered, total=len(mine))


def _cap(asking: Asking) -> int | None:
    caps = [cap for cap in asking.caps.values() if cap is not None]
    days = max(1, round((asking.as_of - asking.window_from) / _DAY))
    return days * sum(caps) if len(caps) == len(asking.caps) else None
