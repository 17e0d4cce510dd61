"""Watched channels: how far they are read, what waits to be read, and which runs their messages started."""

from datetime import datetime

import sqlalchemy as sa

from store import rows, schema
from store.handle import Store
from store.kernel.canonical import fingerprint
from store.records.agent import AgentState
from store.records.run import RunState
from store.records.watch import Offer, OfferState, OnArrival, Reader, Waiting, WatchCursor, WatchedMessage
from store.rules.watching import HOUR, Arrival, arrival


def cursors(store: Store, surface: str) -> list[WatchCursor]:
    """How far each watched channel of a surface is read, by channel."""
    table = schema.watch_cursors
    with store.database.read() as connection:
        query = sa.select(table).where(table.c.surface == surface).order_by(table.c.channel_id)
        return [rows.read(WatchCursor, row) for row in connection.execute(query)]


def cursor(store: Store, surface: str, channel_id: str) -> WatchCursor | None:
    """How far one channel is read; None when nobody watches it."""
    return next((one for one in cursors(store, surface) if one.channel_id == channel_id), None)


def readers(store: Store, surface: str | None = None) -> list[Reader]:
    """Who watches which channel, on one surface or on all."""
    table = schema.watch_readers
    query = sa.select(table).order_by(table.c.agent_id, table.c.surface, table.c.channel_id)
    query = query if surface is None else query.where(table.c.surface == surface)
    with store.database.read() as connection:
        return [rows.read(Reader, row) for row in connection.execute(query)]


def reader(store: Store, agent_id: str, surface: str, channel_id: str) -> Reader | None:
    """One agent's watch of one channel; None when it does not watch it."""
    found = (one for one in readers(store, surface) if (one.agent_id, one.channel_id) == (agent_id, channel_id))
    return next(found, None)


def held_until(store: Store, watch_id: str) -> datetime | None:
    """Until when the rate holds back the next run of a watch (`agent.name`); None while it holds back none."""
    found = (one.held_until for one in readers(store) if f"{one.agent_id}.{one.watch}" == watch_id)
    return next(found, None)


def messages(store: Store, surface: str, channel_id: str) -> list[WatchedMessage]:
    """What is on record of a channel, in the order it was written."""
    table = schema.watched_messages
    query = sa.select(table).where(table.c.surface == surface, table.c.channel_id == channel_id)
    with store.database.read() as connection:
        found = connection.execute(query.order_by(table.c.written_at, table.c.message_id))
        return [rows.read(WatchedMessage, row) for row in found]


def offers(store: Store, agent_id: str) -> list[Offer]:
    """Every message offered to an agent and what became of it, in the order they were written."""
    table = schema.watch_offers
    query = sa.select(table).where(table.c.agent_id == agent_id).order_by(table.c.written_at, table.c.message_id)
    with store.database.read() as connection:
        return [rows.read(Offer, row) for row in connection.execute(query)]


def waiting(store: Store, agent_id: str, surface: str, channel_id: str) -> Waiting | None:
    """The open messages of one reader; None when there are none."""
    with store.database.read() as connection:
        return waiting_messages(connection, agent_id, surface, channel_id)


def waiting_messages(connection: sa.Connection, agent_id: str, surface: str, channel_id: str) -> Waiting | None:
    """The same, inside a transaction."""
    table, message = schema.watch_offers, schema.watched_messages
    mine = table.c.agent_id == agent_id, table.c.surface == surface, table.c.channel_id == channel_id
    same = (table.c.surface == message.c.surface) & (table.c.channel_id == message.c.channel_id)
    joined = table.join(message, same & (table.c.message_id == message.c.message_id))
    query = sa.select(table.c.message_id, message.c.version, table.c.opened_at).select_from(joined)
    query = query.where(*mine, table.c.state == OfferState.OPEN.value)
    found = connection.execute(query.order_by(table.c.written_at, table.c.message_id)).all()
    if not found:
        return None
    moments = [row.opened_at for row in found]
    first, last = (f"{row.message_id}/{row.version}" for row in (found[0], found[-1]))
    return Waiting(count=len(found), oldest_at=min(moments), newest_at=max(moments), first=first, last=last)


def trigger_key(watch_id: str, waiting: Waiting) -> str:
    """The key of the one run for these messages; other messages, or a change of one, make another key."""
    return f"watch:{watch_id}:{fingerprint([waiting.first, waiting.last])}"


def of_watch(watch_id: str) -> sa.ColumnElement[bool]:
    """True of a run that arrivals of this watch (`agent.name`) started."""
    agent_id = watch_id.partition(".")[0]
    return schema.runs.c.trigger_key.startswith(f"{agent_id}:watch:{watch_id}:", autoescape=True)


def is_known(connection: sa.Connection, agent_id: str, key: str) -> bool:
    """True when the trigger has made its run."""
    query = sa.select(sa.literal(1)).where(schema.runs.c.trigger_key == f"{agent_id}:{key}")
    return connection.execute(query).first() is not None


def is_working(connection: sa.Connection, watch_id: str) -> bool:
    """True while a run that arrivals of the watch started is queued or runs; waiting for people does not count."""
    active = schema.runs.c.state.in_([RunState.QUEUED.value, RunState.RUNNING.value])
    return connection.execute(sa.select(sa.literal(1)).where(of_watch(watch_id), active).limit(1)).first() is not None


def arrivals_started(connection: sa.Connection, agent_id: str, now: datetime) -> list[datetime]:
    """When arrivals started runs of the agent within the last hour."""
    table = schema.runs
    recent = table.c.agent_id == agent_id, table.c.created_at > now - HOUR
    started = table.c.trigger_key.startswith(f"{agent_id}:watch:", autoescape=True)
    return list(connection.execute(sa.select(table.c.created_at).where(*recent, started)).scalars())


def next_start(store: Store, plan: OnArrival) -> Arrival | None:
    """When the messages that wait may start a run; None while none wait, or another cause must come first.

    Such causes: the agent is paused, a run for this watch is queued or at work, or just these messages had theirs.
    """
    with store.database.read() as connection:
        waits = waiting_messages(connection, plan.agent_id, plan.surface, plan.channel_id)
        if waits is None or _paused(connection, plan.agent_id) or is_working(connection, plan.watch_id):
            return None
        if is_known(connection, plan.agent_id, trigger_key(plan.watch_id, waits)):
            return None
        started = arrivals_started(connection, plan.agent_id, store.clock.now())
    return arrival(waits, started, plan.settle_seconds, plan.at_most_per_hour)


def _paused(connection: sa.Connection, agent_id: str) -> bool:
    table = schema.agents
    state = connection.execute(sa.select(table.c.state).where(table.c.agent_id == agent_id)).scalar()
    return state == AgentState.PAUSED.value
