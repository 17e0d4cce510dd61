"""What asked a person to act, and when: each thing once for each person it asked, however often its card was edited."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime

import sqlalchemy as sa

from store import rows, schema
from store.handle import Store
from store.records.alert import Alert, AlertState
from store.records.approval import Approval
from store.records.card import CardKind, card_key
from store.records.run import Run, RunState
from store.records.task import Task
from store.records.week import Asking, Interruption

Roles = Mapping[str, AbstractSet[str]]
"""The people's roles, by person id, as they are now."""


def interruptions(store: Store, start: datetime, end: datetime, roles: Roles) -> tuple[Interruption, ...]:
    """Every interruption of these people from `start` on and before `end`, oldest first.

    An approval asks everybody who is in its role, its requester aside; a stopped run and an alert that asked ask their
    owner, a task its present owner.
    """
    found = [
        *_of_approvals(store, start, end, roles),
        *_of_stopped_runs(store, start, end),
        *_of_alerts(store, start, end),
        *_of_tasks(store, start, end),
    ]
    mine = [one for one in found if one.person_id in roles]
    return tuple(sorted(mine, key=lambda one: (one.at, one.person_id, one.card)))


def asks(approval: Approval, person: str, roles: AbstractSet[str]) -> bool:
    """True when the approval asks this person: in its role, and not who asked for the call."""
    by = approval.requested_by
    return approval.requirement.role in roles and not (by.is_person and by.id == person)


def _of_approvals(store: Store, start: datetime, end: datetime, roles: Roles) -> Iterator[Interruption]:
    table = schema.approvals
    query = sa.select(table).where(table.c.created_at >= start, table.c.created_at < end)
    with store.database.read() as connection:
        approvals = [rows.read(Approval, row) for row in connection.execute(query)]
    for one in approvals:
        card = card_key(CardKind.APPROVAL, one.id)
        for person in sorted(roles):
            if asks(one, person, roles[person]):
                yield Interruption(
                    person_id=person, at=one.created_at, asking=Asking.APPROVAL, text=one.summary, card=card
                )


def _of_stopped_runs(store: Store, start: datetime, end: datetime) -> Iterator[Interruption]:
    table = schema.runs
    stopped = sa.and_(table.c.state == RunState.NEEDS_ATTENTION.value, table.c.owner.is_not(None))
    query = sa.select(table).where(stopped, table.c.finished_at >= start, table.c.finished_at < end)
    with store.database.read() as connection:
        runs = [rows.read(Run, row) for row in connection.execute(query)]
    for one in runs:
        card = card_key(CardKind.RUN, one.trigger.slot or one.id)
        at, text = one.finished_at or one.created_at, one.reason or one.agent_id
        yield Interruption(person_id=str(one.owner), at=at, asking=Asking.STOPPED_RUN, text=text, card=card)


def _of_alerts(store: Store, start: datetime, end: datetime) -> Iterator[Interruption]:
    """Alerts that asked; one like a false alarm never did."""
    table = schema.alerts
    asked_at = sa.func.coalesce(table.c.raised_at, table.c.since, type_=schema.Moment())
    query = sa.select(table).where(asked_at >= start, asked_at < end)
    with store.database.read() as connection:
        alerts = [rows.read_body(Alert, row) for row in connection.execute(query)]
    for one in alerts:
        if one.owner is not None and one.resembles is None and one.state is not AlertState.QUIET:
            card, at = card_key(CardKind.ALERT, one.id), one.raised_at or one.since
            yield Interruption(person_id=one.owner, at=at, asking=Asking.ALERT, text=one.title, card=card)


def _of_tasks(store: Store, start: datetime, end: datetime) -> Iterator[Interruption]:
    table = schema.tasks
    given = sa.and_(table.c.person_id.is_not(None), table.c.created_at >= start, table.c.created_at < end)
    with store.database.read() as connection:
        tasks = [rows.read(Task, row) for row in connection.execute(sa.select(table).where(given))]
    for one in tasks:
        card, person = card_key(CardKind.TASK, one.slot), str(one.person_id)
        yield Interruption(person_id=person, at=one.created_at, asking=Asking.TASK, text=one.title, card=card)
