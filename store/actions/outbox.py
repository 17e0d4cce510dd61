"""The outbox: one visible message per card and surface; intent before sending, outcome after."""

from datetime import datetime

import sqlalchemy as sa

from store import schema
from store.actions.action import action
from store.actions.insert import insert_once, put
from store.kernel.canonical import JsonObject
from store.records.card import CardKind, DeliveryState
from store.transaction import Tx

FLEET_RECORD = "team"


@action("outbox.snapshot")
def save_snapshot(tx: Tx, key: str, *, revision: int, snapshot: JsonObject) -> None:
    """Keeps the card as built for this revision; an older one never replaces a newer."""
    table = schema.cards
    tx.connection.execute(
        table.update()
        .where(table.c.key == key, table.c.snapshot_revision < revision)
        .values(snapshot=snapshot, snapshot_revision=revision)
    )


@action("outbox.begin_post")
def begin_post(tx: Tx, key: str, *, surface: str, channel_id: str) -> bool:
    """Records the intent to post a card that this surface has never shown; True for exactly one caller."""
    fresh = {
        "card_key": key,
        "surface": surface,
        "state": DeliveryState.SENDING.value,
        "revision": 0,
        "channel_id": channel_id,
        "attempts": 0,
        "sending_since": tx.now,
    }
    if insert_once(tx, schema.deliveries, fresh):
        return True
    changed = tx.connection.execute(
        schema.deliveries.update()
        .where(_of(key, surface), schema.deliveries.c.state == DeliveryState.PENDING.value)
        .values(state=DeliveryState.SENDING.value, channel_id=channel_id, sending_since=tx.now)
    )
    return changed.rowcount == 1


@action("outbox.shown")
def mark_shown(tx: Tx, key: str, *, surface: str, message_id: str, revision: int) -> None:
    """Records that the surface shows the card at `revision`; an older revision never replaces a newer."""
    table = schema.deliveries
    tx.connection.execute(
        table.update()
        .where(_of(key, surface), table.c.revision <= revision)
        .values(
            state=DeliveryState.POSTED.value,
            message_id=message_id,
            revision=revision,
            attempts=0,
            not_before=None,
            sending_since=None,
            error=None,
        )
    )


@action("outbox.postpone")
def postpone(tx: Tx, key: str, *, surface: str, state: DeliveryState, not_before: datetime | None, error: str) -> None:
    """Records a failed attempt, with when the next may be made (None: at once).

    `state` is PENDING when nothing was posted, POSTED when an edit failed, UNKNOWN when it may have been posted, and
    REFUSED when the surface will not take the card as things stand.
    """
    table = schema.deliveries
    tx.connection.execute(
        table.update()
        .where(_of(key, surface))
        .values(state=state.value, not_before=not_before, error=error, attempts=table.c.attempts + 1)
    )


@action("outbox.settle")
def settle_cards(tx: Tx, surfaces: tuple[str, ...]) -> int:
    """Takes cards that every one of these surfaces shows as they are (or refuses) off the list of pending ones."""
    cards, deliveries = schema.cards, schema.deliveries
    reached = sa.or_(deliveries.c.revision >= cards.c.revision, deliveries.c.state == DeliveryState.REFUSED.value)
    shown = (
        sa.select(sa.func.count())
        .where(deliveries.c.card_key == cards.c.key, deliveries.c.surface.in_(surfaces), reached)
        .scalar_subquery()
    )
    done = tx.connection.execute(cards.update().where(cards.c.pending, shown == len(surfaces)).values(pending=False))
    return done.rowcount


@action("outbox.join")
def join_surface(tx: Tx, surface: str, since: datetime) -> None:
    """Gives a surface that is new here the cards changed since a moment; older ones stay where they are."""
    deliveries, cards = schema.deliveries, schema.cards
    known = tx.connection.execute(
        sa.select(deliveries.c.card_key).where(deliveries.c.surface == surface).limit(1)
    ).first()
    if known is None:
        tx.connection.execute(cards.update().where(cards.c.changed_at >= since).values(pending=True))


@action("outbox.channel")
def remember_channel(tx: Tx, *, surface: str, name: str, channel_id: str) -> None:
    """Keeps which channel of a surface stands for an agent."""
    put(tx, schema.channels, {"surface": surface, "name": name}, {"channel_id": channel_id})


@action("outbox.fleet")
def refresh_fleet(tx: Tx) -> None:
    """Asks for the fleet card to be drawn again."""
    tx.show(CardKind.FLEET, FLEET_RECORD, None)


def _of(key: str, surface: str) -> sa.ColumnElement[bool]:
    return sa.and_(schema.deliveries.c.card_key == key, schema.deliveries.c.surface == surface)
