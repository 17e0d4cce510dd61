"""Going back to a backup: what was under way is taken up again, and what the world may have seen is in doubt."""

from datetime import datetime, timedelta

from store import rows, schema
from store.actions.action import action
from store.actions.incidents import strike
from store.actions.insert import insert_once
from store.kernel.ids import derive
from store.records.actor import SYSTEM
from store.records.card import DeliveryState
from store.records.restore import Restore
from store.records.run import RunState
from store.transaction import Tx

CAREFUL = timedelta(hours=1)
"""After the first start: by then what had fallen due, what was written and what came in meanwhile has made its runs."""


@action("restores.record")
def record_restore(tx: Tx, *, backup_at: datetime, archive_sha256: str) -> Restore:
    """Records that this record is a backup's, and puts in doubt what the lost time may have shown. Once per restore.

    Runs that were at work wait for the engine again; postings that had not begun are forgotten, so that they are
    looked up as any other.
    """
    restore = Restore(
        id=derive("restore", archive_sha256, tx.now.isoformat()),
        backup_at=backup_at,
        restored_at=tx.now,
        archive_sha256=archive_sha256,
    )
    if not insert_once(tx, schema.restores, rows.values(restore)):
        return restore
    runs, deliveries = schema.runs, schema.deliveries
    queued = {"state": RunState.QUEUED.value, "deadline_at": None}
    tx.connection.execute(runs.update().where(runs.c.state == RunState.RUNNING.value).values(queued))
    tx.connection.execute(deliveries.delete().where(deliveries.c.state == DeliveryState.PENDING.value))
    tx.audit("record.restored", SYSTEM, ("record", restore.id), backup_at=backup_at, archive=archive_sha256)
    _tell(tx, restore)
    return restore


def _tell(tx: Tx, restore: Restore) -> None:
    """One card for the people of the team: what they remember may not be on record any more."""
    since, until = (f"{moment:%Y-%m-%d %H:%M} UTC" for moment in (restore.backup_at, restore.restored_at))
    strike(
        tx,
        cause=f"restore:{restore.id}",
        kind="restored",
        title="The record was restored from a backup",
        detail=f"What happened between {since} and {until} is not on record: orders, decisions, results.",
        next_step="Give lost orders again, and look before you decide again what was decided then.",
        agent_id=None,
        run_id=None,
        example={"archive": restore.archive_sha256},
    )


@action("restores.begin")
def begin_after_restore(tx: Tx) -> bool:
    """Notes the first start after a restore: the time in which runs are taken for old ones ends an hour later."""
    table = schema.restores
    until = tx.now + CAREFUL
    begun = tx.connection.execute(table.update().where(table.c.careful_until.is_(None)).values(careful_until=until))
    return begun.rowcount > 0
