"""Messages to runs: each on record once, in the order they came."""

import sqlalchemy as sa

from store import rows, schema
from store.actions.action import action
from store.actions.locked import locked_run
from store.actions.run_log import show_log
from store.records.actor import SYSTEM, Actor, ActorKind
from store.records.message import Author, RunMessage
from store.transaction import Tx

MESSAGE_CHARS = 4_000
"""What a run is given of one message."""


@action("messages.add")
def add_message(tx: Tx, run_id: str, *, message_id: str, author: Author, text: str) -> RunMessage | None:
    """Gives a run a message; one of this id that is there already is returned as it is.

    None, and nothing recorded, when the run has ended: nobody would read it. Raises NotFound.
    """
    run, table = locked_run(tx, run_id), schema.run_messages
    known = tx.connection.execute(sa.select(table).where(table.c.id == message_id)).first()
    if known is not None:
        return rows.read(RunMessage, known)
    if run.state.is_final:
        return None
    last = tx.connection.execute(sa.select(sa.func.max(table.c.position)).where(table.c.run_id == run_id)).scalar()
    message = RunMessage(
        id=message_id, run_id=run_id, position=(last or 0) + 1, author=author, text=text[:MESSAGE_CHARS], at=tx.now
    )
    tx.connection.execute(table.insert().values(rows.values(message)))
    show_log(tx, run)
    tx.audit("run.message", _actor(author), ("run", run_id), message=message_id, account=author.account)
    return message


def _actor(author: Author) -> Actor:
    """Whose doing it was; the account of somebody who is not of the team is in the event's data."""
    if author.person_id is None:
        return SYSTEM.model_copy(update={"surface": author.surface})
    return Actor(kind=ActorKind.PERSON, id=author.person_id, surface=author.surface)
