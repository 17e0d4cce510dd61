"""Whom a card calls: the people who are asked to act, once, when the question appears, and never again."""

from store.handle import Store
from store.queries import approvals
from store.records import CardKind, CardRow


def called_by(store: Store, row: CardRow) -> tuple[str, ...]:
    """The roles that a card about to be posted asks to act now: who decides an approval that is still open."""
    if row.kind is not CardKind.APPROVAL:
        return ()
    asked = approvals.approval(store, row.record_id)
    return (asked.requirement.role,) if asked.state.is_open else ()
