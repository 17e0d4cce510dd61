"""Moving one approval along its lifecycle: the shared part of everything that changes one."""

from store import rows, schema
from store.actions.run_log import redraw_log
from store.records.approval import Approval, ApprovalState
from store.records.card import CardKind
from store.rules.lifecycles import APPROVAL, require_move
from store.transaction import Tx


def move_approval(tx: Tx, approval: Approval, state: ApprovalState, **changes: object) -> Approval:
    """Moves a locked approval to a state its lifecycle allows (else IllegalTransition) and redraws its card."""
    require_move(APPROVAL, approval.state, state)
    return change_approval(tx, approval, state=state, **changes)


def change_approval(tx: Tx, approval: Approval, **changes: object) -> Approval:
    """Changes columns of a locked approval, one revision further, and redraws its card."""
    changed = approval.model_copy(update={**changes, "revision": approval.revision + 1})
    columns = {name: value for name, value in rows.values(changed).items() if name in changes or name == "revision"}
    tx.connection.execute(schema.approvals.update().where(schema.approvals.c.id == approval.id).values(columns))
    tx.show(CardKind.APPROVAL, approval.id, approval.agent_id)
    redraw_log(tx, approval.run_id)
    return changed
