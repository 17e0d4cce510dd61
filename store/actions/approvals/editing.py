"""Editing: a call that a person changed is a new call, asked for by that person and decided anew."""

from datetime import timedelta

from store import rows, schema
from store.actions.action import action
from store.actions.approvals.moves import move_approval
from store.actions.locked import locked_approval
from store.kernel.canonical import call_hash, canonical_bytes
from store.kernel.errors import Refused
from store.kernel.ids import derive
from store.records.actor import Actor, ActorKind
from store.records.approval import Approval, ApprovalState
from store.records.card import CardKind
from store.records.intent import EditedCall
from store.transaction import Tx


@action("approvals.edit")
def edit_approval(
    tx: Tx,
    approval_id: str,
    *,
    person_id: str,
    surface: str,
    edited: EditedCall,
    eligible: frozenset[str],
) -> Approval:
    """Replaces an open approval by one for the edited call, asked for by the editor and decided anew.

    Raises Refused (`approval.closed`, `approval.role`) when the
    approval is no longer open or the person is not one of `eligible`.
    """
    old = locked_approval(tx, approval_id)
    if not old.state.is_open or old.expires_at <= tx.now:
        raise Refused("This approval is no longer open, so it cannot be edited.", "approval.closed")
    if person_id not in eligible:
        raise Refused(f"Only people in the role {old.requirement.role} may edit this call.", "approval.role")
    editor = Actor(kind=ActorKind.PERSON, id=person_id, surface=surface)
    new = _edited(tx, old, editor, edited)
    tx.connection.execute(schema.approvals.insert().values(rows.values(new)))
    move_approval(
        tx,
        old,
        ApprovalState.SUPERSEDED,
        superseded_by=new.id,
        decided_by=(person_id,),
        decided_on=surface,
        decided_at=tx.now,
    )
    table = schema.steps
    tx.connection.execute(
        table.update().where(table.c.run_id == old.run_id, table.c.key == old.step_key).values(approval_id=new.id)
    )
    tx.audit("approval.edited", editor, ("approval", old.id), successor=new.id, call=new.call_hash)
    tx.show(CardKind.APPROVAL, new.id, new.agent_id)
    return new


_EDITABLE = ("arguments", "summary", "rule_id", "rule_reason", "requirement")


def _edited(tx: Tx, old: Approval, editor: Actor, edited: EditedCall) -> Approval:
    bound = call_hash(edited.request)
    return old.model_copy(
        update={
            **{name: getattr(edited, name) for name in _EDITABLE},
            "id": derive("apv", old.run_id, old.step_key, bound, old.id),
            "payload": canonical_bytes(edited.request).decode(),
            "call_hash": bound,
            "claim": None,
            "requested_by": editor,
            "created_at": tx.now,
            "expires_at": tx.now + timedelta(seconds=edited.requirement.expires_seconds),
            "supersedes": old.id,
            "revision": 1,
        }
    )
