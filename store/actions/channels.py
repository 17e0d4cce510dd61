"""Channels that were lost and came back: one incident for each loss, closed when what it says is over."""

import sqlalchemy as sa

from store import schema
from store.actions.action import action
from store.actions.incidents import close_cause, strike
from store.kernel.canonical import JsonObject
from store.queries.channels import cause_of, open_losses
from store.records.actor import SYSTEM
from store.records.card import DeliveryState
from store.records.channel import LostChannel
from store.transaction import Tx

KIND = "channel"
_HELD = (DeliveryState.PENDING.value, DeliveryState.POSTED.value, DeliveryState.UNKNOWN.value)


@action("channels.lose")
def lose_channel(
    tx: Tx, lost: LostChannel, *, title: str, detail: str, next_step: str, told_in: str | None, example: JsonObject
) -> bool:
    """Opens the incident that says so, in the channel of the agent `told_in` (None: the team's).

    False, and nothing changed, when that loss is on record already; another loss of the same channel it replaces.
    """
    known = open_losses(tx.connection, lost.surface)
    if lost in known:
        return False
    for other in known:
        if other.place == lost.place:
            close_cause(tx, cause_of(other), None)
    tx.audit("channel.lost", SYSTEM, _subject(lost.surface, lost.place), loss=lost.loss.value)
    strike(
        tx,
        cause=cause_of(lost),
        kind=KIND,
        title=title,
        detail=detail,
        next_step=next_step,
        agent_id=told_in,
        run_id=None,
        example=example,
    )
    return True


@action("channels.regain")
def regain_channel(tx: Tx, surface: str, place: str) -> bool:
    """Closes what was open about the channel, and offers the surface at once what waited.

    False, and nothing changed, when it was not lost.
    """
    known = [lost for lost in open_losses(tx.connection, surface) if lost.place == place]
    for lost in known:
        close_cause(tx, cause_of(lost), None)
    if known:
        tx.audit("channel.regained", SYSTEM, _subject(surface, place))
        table = schema.deliveries
        held = sa.and_(table.c.surface == surface, table.c.state.in_(_HELD), table.c.not_before.is_not(None))
        tx.connection.execute(table.update().where(held).values(not_before=None))
    return bool(known)


@action("channels.note")
def note_channel(tx: Tx, surface: str, channel_id: str, *, change: str, name: str | None) -> None:
    """Puts on the trail what became of a channel and needs nothing done: channels are known by id, never by name."""
    tx.audit(f"channel.{change}", SYSTEM, _subject(surface, channel_id), name=name)


def _subject(surface: str, place: str) -> tuple[str, str]:
    return ("channel", f"{surface}:{place}")
