"""Notes between agents: kept once, acknowledged once, and never forgotten."""

import sqlalchemy as sa

from store import rows, schema
from store.actions.action import action
from store.actions.incidents import close_cause, strike
from store.actions.insert import insert_once
from store.kernel.errors import NotFound, Refused
from store.records.actor import SYSTEM, Actor, ActorKind
from store.records.note import Note
from store.transaction import Tx


@action("notes.send")
def send_note(tx: Tx, note: Note) -> Note:
    """Keeps a note for its reader; one of this id that is there already is returned as it is."""
    sent = note.model_copy(update={"created_at": tx.now})
    if not insert_once(tx, schema.notes, rows.values(sent)):
        return _locked(tx, note.id)
    tx.audit("note.sent", note.sender, ("note", note.id), to=note.to_agent, run=note.run_id, due_at=note.due_at)
    return sent


@action("notes.acknowledge")
def acknowledge_note(tx: Tx, note_id: str, actor: Actor, answer: str | None = None) -> Note:
    """Marks a note as taken in by its reader, or by a person for it; one that is already is returned as it is.

    Raises NotFound, and Refused (`note.reader`) for an agent it was not written to.
    """
    note = _locked(tx, note_id)
    if actor.kind is ActorKind.AGENT and actor.id != note.to_agent:
        raise Refused(f"The note {note_id} was not written to {actor.id}.", "note.reader")
    if not note.is_open:
        return note
    tx.audit("note.acknowledged", actor, ("note", note_id), answer=answer)
    taken = _change(tx, note, acknowledged_at=tx.now, acknowledged_by=actor, answer=answer)
    if note.escalated_at is not None:
        _close_when_none_is_left(tx, note.to_agent)
    return taken


@action("notes.escalate")
def escalate_note(tx: Tx, note_id: str) -> bool:
    """Says once that nobody acknowledged a note in time, on the one card about its reader; False when there is no need.

    The card stands in the team's own channel, until its reader has acknowledged every such note.
    """
    note = _locked(tx, note_id)
    if not note.is_open or note.escalated_at is not None or note.due_at is None or note.due_at > tx.now:
        return False
    tx.audit("note.overdue", SYSTEM, ("note", note_id), due_at=note.due_at)
    _change(tx, note, escalated_at=tx.now)
    strike(
        tx,
        cause=_cause(note.to_agent),
        kind="unacknowledged",
        title=f"{note.to_agent} has not acknowledged what it was told",
        detail=f"A note from {note.sender.id} was not acknowledged in time.",
        next_step="Run the agent, or read the note with `notes` and acknowledge it for the agent.",
        agent_id=None,
        run_id=note.run_id,
        example={"note": note.id, "from": note.sender.id, "due_at": note.due_at.isoformat()},
    )
    return True


def _cause(reader: str) -> str:
    return f"notes.unacknowledged:{reader}"


def _close_when_none_is_left(tx: Tx, reader: str) -> None:
    table = schema.notes
    late = sa.select(sa.func.count()).where(
        table.c.to_agent == reader, table.c.acknowledged_at.is_(None), table.c.escalated_at.is_not(None)
    )
    if not tx.connection.execute(late).scalar_one():
        close_cause(tx, _cause(reader), closed_by=None)


def _locked(tx: Tx, note_id: str) -> Note:
    row = tx.connection.execute(sa.select(schema.notes).where(schema.notes.c.id == note_id).with_for_update()).first()
    if row is None:
        raise NotFound(f"There is no note {note_id}.")
    return rows.read(Note, row)


def _change(tx: Tx, note: Note, **changes: object) -> Note:
    changed = note.model_copy(update=changes)
    columns = {name: value for name, value in rows.values(changed).items() if name in changes}
    tx.connection.execute(schema.notes.update().where(schema.notes.c.id == note.id).values(columns))
    return changed
