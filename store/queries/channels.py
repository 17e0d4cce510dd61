"""Which channels cannot be used now: read off the incidents that say so."""

import sqlalchemy as sa

from store import schema
from store.handle import Store
from store.records.channel import Loss, LostChannel
from store.records.incident import IncidentState

_PREFIX = "channel"


def lost_channels(store: Store, surface: str) -> list[LostChannel]:
    """The channels of a surface that cannot be used, as far as is known."""
    with store.database.read() as connection:
        return open_losses(connection, surface)


def open_losses(connection: sa.Connection, surface: str) -> list[LostChannel]:
    """The same, inside a transaction."""
    table = schema.incidents
    ours = table.c.cause.startswith(f"{_PREFIX}:{surface}:", autoescape=True)
    query = sa.select(table.c.cause).where(table.c.state == IncidentState.OPEN.value, ours)
    return [_lost(cause) for cause in connection.execute(query.order_by(table.c.cause)).scalars()]


def cause_of(lost: LostChannel) -> str:
    """The cause of its incident."""
    return f"{_PREFIX}:{lost.surface}:{lost.place}:{lost.loss.value}"


def _lost(cause: str) -> LostChannel:
    beginning, _, loss = cause.rpartition(":")
    _, surface, place = beginning.split(":", maxsplit=2)
    return LostChannel(surface=surface, place=place, loss=Loss(loss))
