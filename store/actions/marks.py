"""Which output used which value; and what people say is wrong, shown on every card that used it."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from store import rows, schema
from store.actions.action import action
from store.actions.insert import insert_once, put
from store.kernel.errors import NotFound
from store.records.actor import Actor
from store.records.card import CardKind
from store.records.handoff import Origin
from store.records.mark import STEP, Mark, OutputKind, Value
from store.tracing import roots, users
from store.transaction import Tx

_SOURCE = ("source_kind", "source_id", "source_place")
_CARDS = {
    OutputKind.DIGEST: CardKind.DIGEST,
    OutputKind.ALERT: CardKind.ALERT,
    OutputKind.APPROVAL: CardKind.APPROVAL,
}


def note_uses(tx: Tx, kind: OutputKind, output_id: str, origins: Sequence[Origin]) -> None:
    """Keeps where an output's values came from, in the transaction that makes or changes it; the latest stand."""
    for origin in origins:
        source = source_of(origin)
        if source is not None:
            place = {"output_kind": kind.value, "output_id": output_id, "place": origin.place}
            put(tx, schema.uses, place, dict(zip(_SOURCE, source, strict=True)))


def source_of(origin: Origin) -> Value | None:
    """The value an origin points at; None for one that stands in no result."""
    if origin.handoff is not None:
        return Value(OutputKind.HANDOFF.value, origin.handoff, origin.path or "")
    if origin.step is None:
        return None
    return Value(STEP, f"{origin.run_id}/{origin.step}", origin.path or "")


@action("marks.wrong")
def mark_wrong(tx: Tx, mark: Mark, actor: Actor) -> Mark:
    """Puts a person's word on record and on every card that used the value; a mark of this id stays as it is."""
    if not insert_once(tx, schema.marks, rows.values(mark)):
        return _mark(tx, mark.id)
    value = Value(mark.output_kind.value, mark.output_id, mark.place)
    found = roots(tx.connection, value)
    for root in sorted(found):
        insert_once(tx, schema.mark_roots, {"mark_id": mark.id, **dict(zip(_SOURCE, root, strict=True))})
    tx.audit("figure.marked_wrong", actor, (mark.output_kind.value, mark.output_id), mark=mark.id, place=mark.place)
    _redraw(tx, [value, *users(tx.connection, found)])
    return mark


@action("marks.withdraw")
def withdraw_mark(tx: Tx, mark_id: str, actor: Actor) -> Mark:
    """Takes a mark back, from every card it stood on; one withdrawn before stays as it is. Raises NotFound."""
    mark = _mark(tx, mark_id)
    if mark.withdrawn_at is not None:
        return mark
    table = schema.marks
    changes = {"withdrawn_at": tx.now, "withdrawn_by": actor.id}
    tx.connection.execute(table.update().where(table.c.id == mark_id).values(changes))
    tx.audit("figure.mark_withdrawn", actor, (mark.output_kind.value, mark.output_id), mark=mark_id)
    value = Value(mark.output_kind.value, mark.output_id, mark.place)
    _redraw(tx, [value, *users(tx.connection, roots(tx.connection, value))])
    return mark.model_copy(update=changes)


def _mark(tx: Tx, mark_id: str) -> Mark:
    table = schema.marks
    row = tx.connection.execute(sa.select(table).where(table.c.id == mark_id).with_for_update()).first()
    if row is None:
        raise NotFound(f"There is no mark {mark_id}.")
    return rows.read(Mark, row)


def _redraw(tx: Tx, values: Iterable[Value]) -> None:
    outputs = sorted({(one.kind, one.id) for one in values if one.kind != STEP})
    for kind, output_id in outputs:
        card = _CARDS.get(OutputKind(kind))
        if card is not None:
            tx.redraw(card, output_id)
        elif kind == OutputKind.TASK:
            _redraw_task(tx, output_id)


def _redraw_task(tx: Tx, task_id: str) -> None:
    """A task that was handed over has a card in each channel it was in."""
    table = schema.cards
    mine = sa.and_(table.c.kind == CardKind.TASK.value, table.c.record_id == task_id)
    for key in tx.connection.execute(sa.select(table.c.key).where(mine)).scalars().all():
        tx.show_again(key)
