"""The outbox: one visible message per card and surface; intent before sending, outcome after."""

from datetime import datetime

import sqlalchemy as sa

from store import rows, schema
from store.actions.action import action
from store.actions.insert import insert_once, put
from store.kernel.canonical import JsonObject
from store.records.card import CLOSED_DELIVERY_STATES, CardKind, Delivery, DeliveryState, Upload
from store.records.sought import Sought, folded
from store.transaction import Tx

FLEET_RECORD = "team"
SURE_AFTER_MISSES = 2
"""Looking for a post of unknown outcome: this many misses, a pause apart, before it is sent again."""


@action("outbox.snapshot")
def save_snapshot(
    tx: Tx, key: str, *, revision: int, snapshot: JsonObject, sought: tuple[Sought, str] | None = None
) -> None:
    """Keeps the card as built for this revision; an older one never replaces a newer.

    `sought` is what search finds its record by, with the words of the card; None for a card of no record of its own.
    """
    table = schema.cards
    kept = tx.connection.execute(
        table.update()
        .where(table.c.key == key, table.c.snapshot_revision < revision)
        .values(snapshot=snapshot, snapshot_revision=revision)
    )
    if kept.rowcount and sought is not None:
        _make_findable(tx, *sought)


@action("outbox.findable")
def make_findable(tx: Tx, found: tuple[tuple[Sought, str], ...]) -> None:
    """Lets search find these records by the words beside them; one that it knows is left as it is."""
    for sought, words in found:
        insert_once(tx, schema.sought, {**rows.values(sought), "folded": folded(words)})


def _make_findable(tx: Tx, sought: Sought, words: str) -> None:
    said = {**rows.values(sought), "folded": folded(words)}
    if insert_once(tx, schema.sought, said):
        return
    table = schema.sought
    this = (table.c.kind == sought.kind.value, table.c.record_id == sought.record_id)
    changed = {name: value for name, value in said.items() if name not in ("kind", "record_id", "at")}
    tx.connection.execute(table.update().where(*this).values(changed))


@action("outbox.begin_post")
def begin_post(tx: Tx, key: str, *, surface: str, channel_id: str) -> Delivery | None:
    """Records the intent to post a card that this surface has never shown; the delivery for one caller, else None."""
    table = schema.deliveries
    sending = {"state": DeliveryState.SENDING.value, "channel_id": channel_id, "sending_since": tx.now}
    fresh = {"card_key": key, "surface": surface, "revision": 0, "attempts": 0, **sending}
    if not insert_once(tx, table, fresh):
        waits = table.c.state == DeliveryState.PENDING.value
        taken = tx.connection.execute(table.update().where(_of(key, surface), waits).values(sending))
        if taken.rowcount == 0:
            return None
    row = tx.connection.execute(sa.select(table).where(_of(key, surface))).one()
    return rows.read(Delivery, row)


@action("outbox.doubt")
def doubt_post(tx: Tx, key: str, *, surface: str, channel_id: str, since: datetime) -> None:
    """Records that a card which is not known to be posted may have been since then: it is looked for before it is sent.

    One look decides. Nothing happens where its posting has begun.
    """
    doubt = {"state": DeliveryState.UNKNOWN.value, "channel_id": channel_id, "sending_since": since}
    doubt |= {"attempts": SURE_AFTER_MISSES, "not_before": None}
    table = schema.deliveries
    if not insert_once(tx, table, {"card_key": key, "surface": surface, "revision": 0, **doubt}):
        waits = (table.c.state == DeliveryState.PENDING.value, table.c.sending_since.is_(None))
        tx.connection.execute(table.update().where(_of(key, surface), *waits).values(doubt))


@action("outbox.shown")
def mark_shown(
    tx: Tx,
    key: str,
    *,
    surface: str,
    message_id: str,
    revision: int,
    instead_of: str | None = None,
    owes: str | None = None,
    again_at: datetime | None = None,
) -> bool:
    """Records that this message shows the card at `revision`; an older revision never replaces a newer.

    `instead_of` is the message that showed it until now and is gone, when this one has taken its place.

    `owes` is what it still lacks, to be added by an edit; the card stays pending for it, and `attempts` counts how
    often this revision was shown without it. `again_at` is when the next edit may be made (None: at once); a change
    that is more than progress does not wait for it.

    False, and nothing recorded, when another message is already known to show the card: this one is one too many.
    """
    table = schema.deliveries
    ours = sa.or_(table.c.message_id.is_(None), table.c.message_id.in_({message_id, instead_of} - {None}))
    shown = {
        "state": DeliveryState.POSTED.value,
        "message_id": message_id,
        "revision": sa.case((table.c.revision > revision, table.c.revision), else_=revision),
        "attempts": 0 if owes is None else sa.case((_still_owed(revision), table.c.attempts + 1), else_=1),
        "not_before": again_at,
        "sending_since": None,
        "error": None,
        "owes": owes,
    }
    return tx.connection.execute(table.update().where(_of(key, surface), ours).values(shown)).rowcount == 1


@action("outbox.omit")
def omit(tx: Tx, key: str, *, surface: str) -> None:
    """Records that this surface has no place for a card it never showed; it is not offered to it again."""
    table, omitted = schema.deliveries, {"state": DeliveryState.OMITTED.value, "not_before": None}
    row = {"card_key": key, "surface": surface, "revision": 0, "attempts": 0, **omitted}
    if not insert_once(tx, table, row):
        waits = table.c.state == DeliveryState.PENDING.value
        tx.connection.execute(table.update().where(_of(key, surface), waits).values(omitted))


@action("outbox.postpone")
def postpone(
    tx: Tx,
    key: str,
    *,
    surface: str,
    held: Delivery | None,
    state: DeliveryState,
    not_before: datetime | None,
    error: str | None,
    counted: bool = True,
) -> bool:
    """Records a failed attempt, with when the next may be made (None: at once). No `error`: it was not its turn.

    `held` is the delivery as the caller last knew it: when another sender has moved it since, nothing is changed and
    False is returned. `state` is PENDING when nothing was posted, POSTED when an edit failed, UNKNOWN when it may have
    been posted, and REFUSED when the surface will not take the card as things stand. `attempts` grows by one when
    `counted`, and begins again when the delivery becomes UNKNOWN: from there on it counts look-ups that saw nothing.
    """
    table = schema.deliveries
    failed, count = {"state": state.value, "not_before": not_before, "error": error}, counted and error is not None
    if held is None:
        return insert_once(
            tx, table, {"card_key": key, "surface": surface, "revision": 0, "attempts": int(count), **failed}
        )
    in_doubt_now = state is DeliveryState.UNKNOWN and held.state is not DeliveryState.UNKNOWN
    attempts = 1 if in_doubt_now else held.attempts + count
    unmoved = (
        table.c.state == held.state.value,
        table.c.attempts == held.attempts,
        table.c.sending_since.is_not_distinct_from(held.sending_since),
    )
    changed = table.update().where(_of(key, surface), *unmoved).values(**failed, attempts=attempts)
    return tx.connection.execute(changed).rowcount == 1


@action("outbox.settle")
def settle_cards(tx: Tx, surfaces: tuple[str, ...]) -> int:
    """Takes cards that every one of these surfaces shows as they are (or refuses) off the list of pending ones."""
    cards, deliveries = schema.cards, schema.deliveries
    complete = sa.and_(deliveries.c.revision >= cards.c.revision, deliveries.c.owes.is_(None))
    reached = sa.or_(complete, deliveries.c.state.in_(CLOSED_DELIVERY_STATES))
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
def remember_channel(tx: Tx, *, surface: str, name: str, channel_id: str, since: datetime) -> None:
    """Keeps which channel of a surface stands for a name.

    What was shown in another one that stood for it before is gone with that: what changed since `since` is to be posted
    anew, and what is older is not offered again by itself.
    """
    table = schema.channels
    query = sa.select(table.c.channel_id).where(table.c.surface == surface, table.c.name == name)
    before = tx.connection.execute(query).scalar()
    put(tx, table, {"surface": surface, "name": name}, {"channel_id": channel_id})
    if before not in (None, channel_id):
        _post_anew(tx, surface, before, since)


@action("outbox.offer_again")
def offer_again(tx: Tx, surface: str, since: datetime) -> int:
    """Offers a surface once more what it has refused of the cards changed since a moment; how many."""
    table = schema.deliveries
    refused = sa.and_(table.c.surface == surface, table.c.state == DeliveryState.REFUSED.value, _changed(since))
    posted = sa.case((table.c.message_id.is_(None), DeliveryState.PENDING.value), else_=DeliveryState.POSTED.value)
    anew = {"state": posted, "attempts": 0, "not_before": None}
    offered = tx.connection.execute(table.update().where(refused).values(anew).returning(table.c.card_key))
    return _make_pending(tx, [*offered.scalars()])


@action("outbox.upload")
def remember_upload(tx: Tx, upload: Upload, *, surface: str, digest: str) -> None:
    """Keeps which file of a surface is a drawing's, and whether it is whole; a later one takes its place."""
    put(tx, schema.uploads, {"surface": surface, "digest": digest}, {**rows.values(upload), "begun_at": tx.now})


@action("outbox.fleet")
def refresh_fleet(tx: Tx) -> None:
    """Asks for the fleet card to be drawn again."""
    tx.show(CardKind.FLEET, FLEET_RECORD, None, progress=True)


def _still_owed(revision: int) -> sa.ColumnElement[bool]:
    return sa.and_(schema.deliveries.c.owes.is_not(None), schema.deliveries.c.revision == revision)


@action("outbox.role")
def show_role(tx: Tx, agent_id: str) -> None:
    """Asks for an agent's role card to be drawn, in its own channel."""
    tx.show(CardKind.ROLE, agent_id, agent_id)


def _post_anew(tx: Tx, surface: str, channel_id: str, since: datetime) -> None:
    table = schema.deliveries
    there = sa.and_(table.c.surface == surface, table.c.channel_id == channel_id)
    anew = {"revision": 0, "channel_id": None, "message_id": None, "attempts": 0, "not_before": None, "owes": None}
    state = sa.case((_changed(since), DeliveryState.PENDING.value), else_=DeliveryState.REFUSED.value)
    gone = {**anew, "state": state, "sending_since": None, "error": "its channel is gone"}
    changed = tx.connection.execute(table.update().where(there).values(gone).returning(table.c.card_key))
    _make_pending(tx, [*changed.scalars()])


def _changed(since: datetime) -> sa.ColumnElement[bool]:
    """That the delivery's card has changed since a moment."""
    lately = sa.select(schema.cards.c.key).where(schema.cards.c.changed_at >= since)
    return schema.deliveries.c.card_key.in_(lately)


def _make_pending(tx: Tx, keys: list[str]) -> int:
    tx.connection.execute(schema.cards.update().where(schema.cards.c.key.in_(keys)).values(pending=True))
    return len(keys)


def _of(key: str, surface: str) -> sa.ColumnElement[bool]:
    return sa.and_(schema.deliveries.c.card_key == key, schema.deliveries.c.surface == surface)
