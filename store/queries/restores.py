"""What a restore puts in doubt: the world may have seen it although the record does not know it."""

from datetime import datetime

import sqlalchemy as sa

from store import rows, schema
from store.handle import Store
from store.records.card import CardKind, CardRow
from store.records.restore import Restore
from store.records.run import Run


def latest_restore(store: Store) -> Restore | None:
    """The last restore; None when this record never was a backup."""
    table = schema.restores
    with store.database.read() as connection:
        row = connection.execute(sa.select(table).order_by(table.c.restored_at.desc()).limit(1)).first()
    return rows.read(Restore, row) if row else None


def may_have_acted(store: Store, run: Run) -> bool:
    """True when the run may already have made, in the time a restore lost, calls that its record does not have."""
    latest = latest_restore(store)
    return latest is not None and latest.doubts(run.created_at)


def may_be_shown_since(store: Store, card: CardRow) -> datetime | None:
    """From when on a card that was never posted may stand on a surface all the same; None: it certainly does not."""
    latest = latest_restore(store)
    if latest is None or not latest.doubts(min(card.created_at, _run_made_at(store, card) or card.created_at)):
        return None
    return latest.backup_at


def _run_made_at(store: Store, card: CardRow) -> datetime | None:
    """When the run behind a card was made; None where no run is."""
    runs, approvals = schema.runs, schema.approvals
    run_id: sa.ScalarSelect[str] | str = card.record_id
    if card.kind is CardKind.APPROVAL:
        run_id = sa.select(approvals.c.run_id).where(approvals.c.id == card.record_id).scalar_subquery()
    with store.database.read() as connection:
        found: datetime | None = connection.execute(sa.select(runs.c.created_at).where(runs.c.id == run_id)).scalar()
    return found
