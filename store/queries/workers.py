"""Which processes are alive."""

from datetime import datetime

import sqlalchemy as sa

from store import schema
from store.handle import Store


def alive_executors(store: Store, since: datetime) -> set[str]:
    """Ids of executors that beat after `since`."""
    table = schema.workers
    with store.database.read() as connection:
        return set(connection.execute(sa.select(table.c.executor_id).where(table.c.beat_at > since)).scalars())
