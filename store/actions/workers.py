"""Workers: processes that say they are alive."""

from datetime import datetime

from store import schema
from store.actions.action import action
from store.actions.insert import put
from store.transaction import Tx


@action("workers.beat")
def beat(tx: Tx, executor_id: str, at: datetime) -> None:
    """Records that this process was alive at `at`."""
    put(tx, schema.workers, {"executor_id": executor_id}, {"beat_at": at})
