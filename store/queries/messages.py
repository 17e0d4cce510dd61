"""What was written to runs, and what of it they have read."""

import sqlalchemy as sa

from store import rows, schema
from store.handle import Store
from store.queries.runs import steps
from store.records.message import RunMessage
from store.rules.messages import read_up_to


def messages(store: Store, run_id: str, after: int = 0, limit: int = 1_000) -> list[RunMessage]:
    """What was written to the run after a position, in order; the first `limit`."""
    table = schema.run_messages
    query = (
        sa.select(table)
        .where(table.c.run_id == run_id, table.c.position > after)
        .order_by(table.c.position)
        .limit(limit)
    )
    with store.database.read() as connection:
        return [rows.read(RunMessage, row) for row in connection.execute(query)]


def unread_messages(store: Store, run_id: str) -> list[RunMessage]:
    """What was written to the run and it has not read, in order."""
    return messages(store, run_id, after=read_up_to(steps(store, run_id)))
