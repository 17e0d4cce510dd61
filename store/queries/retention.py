"""What a sweep would forget now, when the last one was, and how the record grows."""

from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from store import schema
from store.handle import Store
from store.records.retention import Cutoffs, Swept
from store.records.run import FINAL_RUN_STATES
from store.retained import RULES, RUN_STAGES, due_runs

WEEK = timedelta(days=7)


class Growth(NamedTuple):
    """Rows in all and made within the last seven days."""

    runs: int
    runs_week: int
    events: int
    events_week: int


def forgettable(store: Store, cutoffs: Cutoffs) -> Swept:
    """What is due to be forgotten, counted as the sweep counts it."""
    counts: dict[str, int] = {}
    with store.database.snapshot() as connection:
        for stage in RUN_STAGES:
            due = due_runs(stage, cutoffs).order_by(None).subquery()
            counts[stage.what] = connection.execute(sa.select(sa.func.count()).select_from(due)).scalar_one()
        for rule in RULES:
            query = sa.select(sa.func.count()).select_from(rule.table).where(*rule.where(cutoffs))
            counts[rule.what] = connection.execute(query).scalar_one()
    return Swept(counts={what: number for what, number in counts.items() if number})


def last_swept_at(store: Store) -> datetime | None:
    """When the last sweep ended; None before the first."""
    table = schema.audit
    query = sa.select(sa.func.max(table.c.at, type_=schema.Moment())).where(table.c.kind == "retention.swept")
    with store.database.read() as connection:
        return connection.execute(query).scalar()


def open_inputs(store: Store) -> list[object]:
    """What runs that have not ended were asked, and events nobody has acted on: files they name are still needed."""
    runs, inbox = schema.runs, schema.inbox
    final = [state.value for state in FINAL_RUN_STATES]
    with store.database.read() as connection:
        triggers = connection.execute(sa.select(runs.c.trigger).where(runs.c.state.not_in(final))).scalars().all()
        events = connection.execute(sa.select(inbox.c.payload).where(inbox.c.state == "received")).scalars().all()
        return [*triggers, *events]


def growth(store: Store) -> Growth:
    """How much there is, and how fast it comes."""
    since = store.clock.now() - WEEK
    runs, events = schema.runs, schema.audit
    with store.database.read() as connection:

        def count(column: sa.Column[object], *where: sa.ColumnElement[bool]) -> int:
            return connection.execute(sa.select(sa.func.count(column)).where(*where)).scalar_one()

        return Growth(
            count(runs.c.id),
            count(runs.c.id, runs.c.created_at >= since),
            count(events.c.seq),
            count(events.c.seq, events.c.at >= since),
        )
