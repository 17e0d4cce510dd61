"""Runs for what arrives in watched channels: one for each batch, at the pace the workspace allows."""

from datetime import datetime

import sqlalchemy as sa

from store import rows, schema
from store.actions.action import action
from store.actions.runs import is_paused, show_run, start_run
from store.queries.watching import arrivals_started, is_known, is_working, of_watch, trigger_key, waiting_messages
from store.records.actor import Actor, ActorKind
from store.records.run import Run, Trigger, TriggerKind
from store.records.watch import OnArrival, Reader, Waiting
from store.rules.watching import arrival
from store.transaction import Tx


@action("arrivals.start")
def start_on_arrival(tx: Tx, plan: OnArrival) -> Run | None:
    """Starts the one run for the messages that wait, if it is time for it; None when it is not.

    It is time when they have settled, the agent's rate has room, the agent is not paused, and no other run that
    arrivals of this watch started is queued or at work. The same messages never start two runs: after one that failed
    they wait for the next message, or for another run. A run held back by the rate is said on the card of the last one.
    """
    reader = _locked_reader(tx, plan)
    waiting = waiting_messages(tx.connection, plan.agent_id, plan.surface, plan.channel_id)
    if reader is None or waiting is None or is_paused(tx, plan.agent_id) or is_working(tx.connection, plan.watch_id):
        return None
    if is_known(tx.connection, plan.agent_id, trigger_key(plan.watch_id, waiting)):
        return None
    started = arrivals_started(tx.connection, plan.agent_id, tx.now)
    next_run = arrival(waiting, started, plan.settle_seconds, plan.at_most_per_hour)
    _hold(tx, reader, plan, next_run.at if next_run.held and next_run.at > tx.now else None)
    if next_run.at > tx.now:
        return None
    return start_run(
        tx,
        agent_id=plan.agent_id,
        trigger=_trigger(plan, waiting),
        limits=plan.limits,
        workspace_digest=plan.workspace_digest,
    )


def _locked_reader(tx: Tx, plan: OnArrival) -> Reader | None:
    """The reader; the rows of all readers of the agent are locked, for they share its rate."""
    table = schema.watch_readers
    query = sa.select(table).where(table.c.agent_id == plan.agent_id).order_by(table.c.surface, table.c.channel_id)
    mine = [rows.read(Reader, row) for row in tx.connection.execute(query.with_for_update())]
    return next((one for one in mine if (one.surface, one.channel_id) == (plan.surface, plan.channel_id)), None)


def _trigger(plan: OnArrival, waiting: Waiting) -> Trigger:
    return Trigger(
        kind=TriggerKind.WATCH,
        key=trigger_key(plan.watch_id, waiting),
        initiator=Actor(kind=ActorKind.SYSTEM, id=f"watch {plan.watch_id}", surface=plan.surface),
        input=plan.input,
        watch_id=plan.watch_id,
    )


def _hold(tx: Tx, reader: Reader, plan: OnArrival, until: datetime | None) -> None:
    """Puts on record, and on the card of the watch's last run, until when the rate holds the next one back."""
    if reader.held_until == until:
        return
    table = schema.watch_readers
    mine = table.c.agent_id == reader.agent_id, table.c.surface == reader.surface
    held = table.update().where(*mine, table.c.channel_id == reader.channel_id).values(held_until=until)
    tx.connection.execute(held)
    run = _last_run(tx, plan)
    if run is not None:
        show_run(tx, run)


def _last_run(tx: Tx, plan: OnArrival) -> Run | None:
    table = schema.runs
    query = sa.select(table).where(of_watch(plan.watch_id)).order_by(table.c.created_at.desc(), table.c.id).limit(1)
    row = tx.connection.execute(query).first()
    return rows.read(Run, row) if row else None
