"""Cards as they are kept, and what is still to be delivered."""

from datetime import datetime

import sqlalchemy as sa

from store import rows, schema
from store.handle import Store
from store.records.card import CLOSED_DELIVERY_STATES, CardKind, CardRow, Delivery, Upload
from store.records.record import Record


def card(store: Store, key: str) -> CardRow | None:
    """One card; None when there is none of this key."""
    with store.database.read() as connection:
        row = connection.execute(sa.select(schema.cards).where(schema.cards.c.key == key)).first()
    return rows.read(CardRow, row) if row else None


def channel_cards(
    store: Store, channel: str | None, before_position: int | None = None, limit: int = 50
) -> list[CardRow]:
    """Cards of an agent's channel (None: the team's own), newest last; the latest `limit` before a position.

    Cards that stand in another card's thread are left out.
    """
    table = schema.cards
    place = table.c.channel.is_(None) if channel is None else table.c.channel == channel
    query = sa.select(table).where(place, table.c.thread_of.is_(None)).order_by(table.c.position.desc()).limit(limit)
    query = query.where(table.c.position < before_position) if before_position else query
    with store.database.read() as connection:
        return [rows.read(CardRow, row) for row in reversed(connection.execute(query).all())]


def all_cards(store: Store, kind: CardKind | None = None, record_id: str | None = None) -> list[CardRow]:
    """Every card, oldest first; of one kind or one record where given."""
    table = schema.cards
    query = sa.select(table).order_by(table.c.position)
    query = query.where(table.c.kind == kind.value) if kind else query
    query = query.where(table.c.record_id == record_id) if record_id else query
    with store.database.read() as connection:
        return [rows.read(CardRow, row) for row in connection.execute(query)]


class Due(Record):
    """A card that a surface does not show as it now is, or not wholly; `delivery` is None when it never showed it."""

    card: CardRow
    delivery: Delivery | None


TEAM_LANE = ""
"""Stands for the team's own channel where channels are told apart by their agent."""


def due_deliveries(
    store: Store, surface: str, now: datetime, limit: int = 100, without: frozenset[str] = frozenset()
) -> list[Due]:
    """What a surface must still be given now: decisions before deliverables before progress, then oldest first.

    Cards of the channels in `without` are left out.
    """
    cards, deliveries = schema.cards, schema.deliveries
    joined = cards.outerjoin(deliveries, sa.and_(deliveries.c.card_key == cards.c.key, deliveries.c.surface == surface))
    behind = sa.or_(
        deliveries.c.card_key.is_(None), deliveries.c.revision < cards.c.revision, deliveries.c.owes.is_not(None)
    )
    open_ = sa.or_(deliveries.c.state.is_(None), deliveries.c.state.not_in(CLOSED_DELIVERY_STATES))
    ripe = sa.or_(deliveries.c.not_before.is_(None), deliveries.c.not_before <= now)
    free = sa.func.coalesce(cards.c.channel, TEAM_LANE).not_in(without) if without else sa.true()
    query = sa.select(cards).select_from(joined).where(cards.c.pending, behind, open_, ripe, free)
    query = query.order_by(cards.c.priority, cards.c.position).limit(limit)
    with store.database.read() as connection:
        due = [rows.read(CardRow, row) for row in connection.execute(query)]
        known = _deliveries(connection, [card.key for card in due], surface)
    return [Due(card=card, delivery=known.get(card.key)) for card in due]


def delivery(store: Store, key: str, surface: str) -> Delivery | None:
    """Where one surface stands with one card; None when nothing was tried yet."""
    with store.database.read() as connection:
        return _delivery(connection, key, surface)


def card_of_message(store: Store, surface: str, channel_id: str, message_id: str) -> CardRow | None:
    """The card that a surface's message shows; None when the message is none of ours."""
    cards, deliveries = schema.cards, schema.deliveries
    shown = sa.and_(
        deliveries.c.surface == surface,
        deliveries.c.channel_id == channel_id,
        deliveries.c.message_id == message_id,
    )
    joined = cards.join(deliveries, deliveries.c.card_key == cards.c.key)
    with store.database.read() as connection:
        row = connection.execute(sa.select(cards).select_from(joined).where(shown)).first()
    return rows.read(CardRow, row) if row else None


def known_channels(store: Store, surface: str) -> dict[str, str]:
    """Name → id of the channels this surface has been given."""
    table = schema.channels
    with store.database.read() as connection:
        return {
            row.name: row.channel_id for row in connection.execute(sa.select(table).where(table.c.surface == surface))
        }


def upload(store: Store, surface: str, digest: str) -> Upload | None:
    """A drawing's file on a surface; None when none was begun."""
    table = schema.uploads
    query = sa.select(table).where(table.c.surface == surface, table.c.digest == digest)
    with store.database.read() as connection:
        row = connection.execute(query).first()
    return Upload(file_id=row.file_id, complete=row.complete) if row else None


def oldest_undelivered_at(store: Store, surface: str) -> datetime | None:
    """When the oldest change that this surface does not show yet was made; None when it shows everything."""
    due = due_deliveries(store, surface, store.clock.now(), limit=1)
    return due[0].card.changed_at if due else None


def _deliveries(connection: sa.Connection, keys: list[str], surface: str) -> dict[str, Delivery]:
    table = schema.deliveries
    query = sa.select(table).where(table.c.surface == surface, table.c.card_key.in_(keys))
    return {row.card_key: rows.read(Delivery, row) for row in connection.execute(query)} if keys else {}


def _delivery(connection: sa.Connection, key: str, surface: str) -> Delivery | None:
    table = schema.deliveries
    row = connection.execute(sa.select(table).where(table.c.card_key == key, table.c.surface == surface)).first()
    return rows.read(Delivery, row) if row else None
