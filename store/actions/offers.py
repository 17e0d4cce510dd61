"""Offers of watched messages: made when a message comes or changes, claimed by a run, settled when the run ends."""

from collections.abc import Sequence

import sqlalchemy as sa

from store import rows, schema
from store.actions.action import action
from store.actions.insert import insert_once
from store.actions.locked import locked_run
from store.kernel.canonical import canonical_bytes
from store.kernel.errors import IllegalTransition, UserMistake
from store.records.actor import SYSTEM, Actor, ActorKind
from store.records.record import Record
from store.records.run import Run, RunState
from store.records.step import StepState
from store.records.watch import Claimed, Offer, OfferedMessage, OfferState, Reader, WatchedMessage
from store.rules.watching import after_change, after_run, wants
from store.transaction import Tx

CLAIM_BYTES = 200 * 1024
"""A claim ends before the message with which its content would be larger; the first is always taken."""


class Claim(Record):
    """What a reading step asks for. `key` is its idempotency key: the same claim, whenever the step is repeated."""

    key: str
    run_id: str
    agent_id: str
    surface: str
    channel_id: str
    limit: int


@action("watching.claim")
def claim_messages(tx: Tx, claim: Claim) -> Claimed:
    """Claims the oldest open messages for a running run; a claim made before gives the same messages, as they are now.

    They are read once the run is done and its step on record, and open again when it ends otherwise: each message is in
    exactly one run that is done, and no two runs share one. Raises IllegalTransition when the run no longer runs, and
    UserMistake when the agent does not watch the channel.
    """
    run = locked_run(tx, claim.run_id)
    if run.state is not RunState.RUNNING:
        raise IllegalTransition(f"run {run.id} is {run.state.value}; it may claim nothing")
    if locked_reader(tx, claim.agent_id, claim.surface, claim.channel_id) is None:
        raise UserMistake(f"{claim.agent_id} does not watch {claim.channel_id}.", "Restart with the watch in place.")
    known = _offered(tx, _of(claim), schema.watch_offers.c.claim_key == claim.key)
    if known:
        return Claimed(messages=_shown(tx, known, claim), more=_has_open(tx, claim))
    found = _offered(tx, _of(claim), schema.watch_offers.c.state == OfferState.OPEN.value, limit=claim.limit + 1)
    taken = _fitting([message for _, message in found], claim.limit)
    if taken:
        reader = Actor(kind=ActorKind.AGENT, id=claim.agent_id)
        tx.audit("watch.claimed", reader, ("run", run.id), channel=claim.channel_id, messages=taken, key=claim.key)
    return Claimed(messages=_shown(tx, found[:taken], claim), more=len(found) > taken)


def settle_claims(tx: Tx, run: Run) -> None:
    """Settles what an ended run has claimed: read where the run is done and the reading on record, else given back."""
    claimed = _claimed_by(tx, run)
    if not claimed:
        return
    recorded = _recorded_keys(tx, run)
    for offer, message in claimed:
        was_read = run.state is RunState.DONE and offer.claim_key in recorded
        settled = after_run(offer, message, tx.now, was_read=was_read)
        _drop(tx, offer) if settled is None else _save(tx, settled)
    kept = sum(offer.claim_key in recorded for offer, _ in claimed) if run.state is RunState.DONE else 0
    tx.audit("watch.settled", SYSTEM, ("run", run.id), read=kept, given_back=len(claimed) - kept)


def offer_new(tx: Tx, message: WatchedMessage, readers: Sequence[Reader]) -> None:
    """Offers a new message to everybody who watches for it."""
    for reader in readers:
        if wants(reader, message):
            insert_once(tx, schema.watch_offers, rows.values(_fresh(tx, message, reader)))


def offer_change(tx: Tx, message: WatchedMessage) -> None:
    """Offers a changed message again to whoever has read it; one deleted unread is no longer offered."""
    table = schema.watch_offers
    query = sa.select(table).where(*_of_message(message)).order_by(table.c.agent_id)
    for offer in [rows.read(Offer, row) for row in tx.connection.execute(query)]:
        changed = after_change(offer, tx.now)
        if changed is not None:
            _save(tx, changed)
        elif message.deleted and offer.state is OfferState.OPEN and not offer.again:
            _drop(tx, offer)


def locked_reader(tx: Tx, agent_id: str, surface: str, channel_id: str) -> Reader | None:
    """The agent's watch of the channel, its row locked: claims and starts of one reader come one after the other."""
    table = schema.watch_readers
    one = table.c.agent_id == agent_id, table.c.surface == surface, table.c.channel_id == channel_id
    row = tx.connection.execute(sa.select(table).where(*one).with_for_update()).first()
    return rows.read(Reader, row) if row else None


def _fresh(tx: Tx, message: WatchedMessage, reader: Reader) -> Offer:
    return Offer(
        agent_id=reader.agent_id,
        surface=message.surface,
        channel_id=message.channel_id,
        message_id=message.message_id,
        state=OfferState.OPEN,
        opened_at=tx.now,
        written_at=message.written_at,
    )


def _fitting(messages: Sequence[WatchedMessage], limit: int) -> int:
    """How many of the messages one claim takes."""
    size = 0
    for number, message in enumerate(messages[:limit]):
        size += len(canonical_bytes(message.model_dump(mode="json")))
        if number and size > CLAIM_BYTES:
            return number
    return min(len(messages), limit)


def _shown(tx: Tx, offered: Sequence[tuple[Offer, WatchedMessage]], claim: Claim) -> tuple[OfferedMessage, ...]:
    """Puts on record that these versions are shown; one deleted before anybody saw it is claimed but not shown."""
    for offer, message in offered:
        claimed = {"state": OfferState.CLAIMED, "version": message.version}
        _save(tx, offer.model_copy(update={**claimed, "run_id": claim.run_id, "claim_key": claim.key}))
    return tuple(
        OfferedMessage(message=message, again=offer.again)
        for offer, message in offered
        if offer.again or not message.deleted
    )


def _has_open(tx: Tx, claim: Claim) -> bool:
    table = schema.watch_offers
    query = sa.select(sa.literal(1)).where(*_of(claim), table.c.state == OfferState.OPEN.value).limit(1)
    return tx.connection.execute(query).first() is not None


def _of(claim: Claim) -> tuple[sa.ColumnElement[bool], ...]:
    table = schema.watch_offers
    one = table.c.agent_id == claim.agent_id, table.c.surface == claim.surface
    return (*one, table.c.channel_id == claim.channel_id)


def _of_message(message: WatchedMessage) -> tuple[sa.ColumnElement[bool], ...]:
    table = schema.watch_offers
    place = table.c.surface == message.surface, table.c.channel_id == message.channel_id
    return (*place, table.c.message_id == message.message_id)


def _offered(
    tx: Tx, of: Sequence[sa.ColumnElement[bool]], which: sa.ColumnElement[bool], limit: int | None = None
) -> list[tuple[Offer, WatchedMessage]]:
    table = schema.watch_offers
    query = sa.select(table).where(*of, which).order_by(table.c.written_at, table.c.message_id).limit(limit)
    return _with_messages(tx, [rows.read(Offer, row) for row in tx.connection.execute(query)])


def _claimed_by(tx: Tx, run: Run) -> list[tuple[Offer, WatchedMessage]]:
    table = schema.watch_offers
    mine = table.c.run_id == run.id, table.c.state == OfferState.CLAIMED.value
    query = sa.select(table).where(*mine).order_by(table.c.surface, table.c.channel_id, table.c.message_id)
    return _with_messages(tx, [rows.read(Offer, row) for row in tx.connection.execute(query)])


def _with_messages(tx: Tx, offers: Sequence[Offer]) -> list[tuple[Offer, WatchedMessage]]:
    return [(offer, locked_message(tx, offer.surface, offer.channel_id, offer.message_id)) for offer in offers]


def locked_message(tx: Tx, surface: str, channel_id: str, message_id: str) -> WatchedMessage:
    """A message on record, its row locked, so that no change of it passes by unseen."""
    table = schema.watched_messages
    one = table.c.surface == surface, table.c.channel_id == channel_id, table.c.message_id == message_id
    return rows.read(WatchedMessage, tx.connection.execute(sa.select(table).where(*one).with_for_update()).one())


def _recorded_keys(tx: Tx, run: Run) -> set[str]:
    table = schema.steps
    done = sa.select(table.c.idempotency_key).where(table.c.run_id == run.id, table.c.state == StepState.DONE.value)
    return set(tx.connection.execute(done).scalars())


def _save(tx: Tx, offer: Offer) -> None:
    table, columns = schema.watch_offers, rows.values(offer)
    key = [name for name in columns if table.c[name].primary_key]
    one = [table.c[name] == columns.pop(name) for name in key]
    tx.connection.execute(table.update().where(*one).values(columns))


def _drop(tx: Tx, offer: Offer) -> None:
    table, columns = schema.watch_offers, rows.values(offer)
    one = [table.c[name] == columns[name] for name in columns if table.c[name].primary_key]
    tx.connection.execute(table.delete().where(*one))
