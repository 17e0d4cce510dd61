"""Workers: processes that say they are alive."""

from datetime import datetime, timedelta

from store import schema
from store.actions.action import action
from store.actions.insert import put
from store.transaction import Tx

FORGET_AFTER = timedelta(days=1)


@action("workers.beat")
def beat(tx: Tx, executor_id: str, at: datetime) -> None:
    """Records that this process was alive at `at`, and forgets those silent for a day."""
    tx.connection.execute(schema.workers.delete().where(schema.workers.c.beat_at < at - FORGET_AFTER))
    put(tx, schema.workers, {"executor_id": executor_id}, {"beat_at": at})
