"""Feedback: one row for each card and person, the last verdict stands."""

import sqlalchemy as sa

from store import rows, schema
from store.actions.action import action
from store.actions.insert import put
from store.records.actor import Actor, ActorKind
from store.records.feedback import Feedback
from store.transaction import Tx


@action("feedback.give")
def give_feedback(tx: Tx, given: Feedback) -> Feedback:
    """Puts a person's verdict on record in place of an earlier one; the same verdict without words keeps its words.

    The trail says who judged what and how; the words themselves are kept in the row alone.
    """
    earlier = _earlier(tx, given)
    keeps = earlier is not None and earlier.verdict is given.verdict and given.words is None
    kept = given.model_copy(update={"words": earlier.words}) if earlier is not None and keeps else given
    row = rows.values(kept)
    key = {name: row.pop(name) for name in ("card_key", "person_id")}
    put(tx, schema.feedback, key, row)
    actor = Actor(kind=ActorKind.PERSON, id=kept.person_id, surface=kept.surface)
    verdict, agent, words = kept.verdict.value, kept.agent_id, len(kept.words or "")
    tx.audit("feedback.given", actor, ("card", kept.card_key), verdict=verdict, agent=agent, words_chars=words)
    return kept


def _earlier(tx: Tx, given: Feedback) -> Feedback | None:
    table = schema.feedback
    mine = sa.and_(table.c.card_key == given.card_key, table.c.person_id == given.person_id)
    row = tx.connection.execute(sa.select(table).where(mine).with_for_update()).first()
    return rows.read(Feedback, row) if row else None
