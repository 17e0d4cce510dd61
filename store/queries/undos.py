"""What became of taking approved calls back."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from store import rows, schema
from store.handle import Store
from store.records.approval import Approval, ApprovalState
from store.records.run import Run
from store.records.undo import Undo, undo_key, undo_of


def undo(store: Store, approval: Approval) -> Undo | None:
    """The latest attempt to take this call back; None when nobody asked for one."""
    return undos(store, (approval,)).get(approval.id)


def undos(store: Store, approvals: Sequence[Approval]) -> Mapping[str, Undo]:
    """The latest attempt to take each call back, by approval id; without those that nobody asked to take back."""
    found: dict[str, Undo] = {}
    wanted = [one for one in approvals if one.state is ApprovalState.EXECUTED]
    attempt = 1
    while wanted:
        made = _runs(store, wanted, attempt)
        latest = {one.id: undo_of(one, attempt, made[one.id]) for one in wanted if one.id in made}
        found |= latest
        wanted = [one for one in wanted if one.id in latest and latest[one.id].may_try]
        attempt += 1
    return found


def _runs(store: Store, approvals: Sequence[Approval], attempt: int) -> dict[str, Run]:
    keys = {f"{one.agent_id}:{undo_key(one.id, attempt)}": one.id for one in approvals}
    query = sa.select(schema.runs).where(schema.runs.c.trigger_key.in_(keys))
    with store.database.read() as connection:
        return {keys[row.trigger_key]: rows.read(Run, row) for row in connection.execute(query)}
