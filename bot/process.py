"""The running team: what `quarterdeck up` starts, keeps going and stops in order."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import structlog

from bot.address import forget_address, write_address
from bot.delivery.role_cards import refresh_roles
from bot.foundation import Foundation
from bot.knowledge import install_topics
from bot.reload.bench import NEXT_STEP
from bot.reload.changes import Change, Changes
from bot.reload.version import version_of
from bot.shift import Base, Relay, Shift, background, close_shift, open_shift
from bot.starts import start_at_boot
from bot.stopping import listen_for_stop, until_stopped
from scheduler.clock import AlarmClock
from scheduler.engine.dbos_engine import DbosEngine
from scheduler.keeper import Keeper, Limits
from store.actions.restores import begin_after_restore
from store.actions.workspaces import adopt_workspace, dismiss_run, note_unsound
from store.handle import Store
from store.kernel.clock import WallClock
from store.kernel.errors import QuarterdeckError
from store.queries.minds import unfinished_runs_of_others
from store.records import SYSTEM, Actor

log = structlog.get_logger()

STOP_SECONDS = 20.0
"""How long running segments may take to reach a safe place when the process is asked to stop; the rest resume later."""

WORK_THREADS = 32
"""For everything that blocks. Python's own pool has four more than the machine has cores: on a small one the cards that
are drawn and sent take them all, and a press waits for a thread before it can be stored."""


@dataclass(frozen=True)
class Running:
    """A team that has started: what runs on whatever its workspace says, and the shift that is on."""

    base: Base
    shift: Shift
    earlier: tuple[Shift, ...] = ()
    """Shifts whose segments may still be at work."""


async def start(foundation: Foundation, port: int) -> Running:
    """Starts everything, the console first; raises UserMistake when the port or the database is taken by another."""
    clock = WallClock()
    database = await asyncio.to_thread(foundation.open_database)
    engine = DbosEngine(database, clock)
    await asyncio.to_thread(engine.prepare)
    store = Store(database, clock, engine.enqueue)
    await asyncio.to_thread(begin_after_restore, store)
    await asyncio.to_thread(_adopt, store, foundation, SYSTEM, None)
    keeper, alarm = _keeper(foundation, store, engine), AlarmClock(store, engine, foundation.settings.sweep_seconds)
    base = Base(database, engine, keeper, alarm, store, port, Relay(), Changes())
    shift = await open_shift(base, foundation)
    await asyncio.to_thread(_begin_work, base, shift)
    write_address(foundation.folder, shift.console.url)
    return Running(base, replace(shift, tasks=background(base, shift)))


async def take_up(running: Running, change: Change) -> Running:
    """The same team by its changed workspace: schedules, watches and minds in one transaction, then a new shift.

    Segments at work go on as they began, and waiting runs do so when they are woken. When the new shift cannot be
    opened, the old workspace is gone by again, and a card says why. A crash on the way costs nothing: the next start
    goes by the workspace as it is then.
    """
    base, before = running.base, running.shift
    await asyncio.to_thread(base.alarm.pause)
    try:
        await asyncio.to_thread(_adopt, base.store, change.foundation, change.actor, before.foundation.team.digest)
    except QuarterdeckError as error:
        log.warning("workspace_not_taken_up", why=error.message)
        base.alarm.resume()
        return running
    await close_shift(before)
    shift = await _open_either(base, change, before)
    await asyncio.to_thread(_settle, base, shift)
    base.alarm.resume()
    # Not waited for: a question under way is answered first, and a segment at work that asks again starts another one.
    asyncio.get_running_loop().run_in_executor(None, before.crew.sources.close)
    log.info("workspace_taken_up", digest=shift.foundation.team.digest)
    return Running(base, replace(shift, tasks=background(base, shift)), (*running.earlier, before))


async def stop(running: Running) -> bool:
    """Stops taking work, lets what runs reach a safe place, and closes everything; nothing on record is lost.

    False: a step is still at work after STOP_SECONDS. What it uses stays open, so that nothing is recorded as failed;
    end the process at once, and the next start continues it as after a crash.
    """
    base, shift = running.base, running.shift
    forget_address(shift.foundation.folder, shift.console.url)
    await asyncio.to_thread(base.alarm.stop)
    await close_shift(shift)
    drained = await asyncio.to_thread(base.engine.stop, STOP_SECONDS)
    if drained:
        base.keeper.stop()
        for model in {each.model for each in (shift, *running.earlier) if each.model is not None}:
            await asyncio.to_thread(model.close)
        for each in (shift, *running.earlier):
            await asyncio.to_thread(each.crew.sources.close)
        base.database.close()
    log.info("stopped", drained=drained)
    return drained


async def serve(foundation: Foundation, port: int, on_ready: Callable[[Shift], None]) -> bool:
    """Runs the team until SIGINT or SIGTERM, taking up every change of its workspace that is in order.

    `on_ready` learns of the first shift, and of one that has people who can log in now. False: end the process at once,
    as `stop` says.
    """
    asyncio.get_running_loop().set_default_executor(work_threads())
    running = await start(foundation, port)
    told = listen_for_stop()
    on_ready(running.shift)
    while True:
        failed = await until_stopped(told, running.shift.tasks, running.base.changes.wait)
        change = None if failed or told.is_set() else running.base.changes.take()
        if change is None:
            break
        people = running.shift.foundation.team.people.keys()
        running = await take_up(running, change)
        if running.shift.foundation.team.people.keys() - people:
            on_ready(running.shift)
    drained = await stop(running)
    for task in failed:
        task.result()  # a background task ends only by failing: say so
    return drained


def work_threads() -> ThreadPoolExecutor:
    """The threads a running team's event loop has for what blocks; the loop's end is theirs."""
    return ThreadPoolExecutor(WORK_THREADS, thread_name_prefix="work")


def _adopt(store: Store, foundation: Foundation, actor: Actor, previous: str | None) -> None:
    adopt_workspace(store, version_of(store, foundation.team), actor, previous=previous)
    install_topics(store, foundation.team)


async def _open_either(base: Base, change: Change, before: Shift) -> Shift:
    """The shift of the changed workspace, or the one before it when that cannot be opened."""
    try:
        return await open_shift(base, change.foundation, before)
    except QuarterdeckError as error:
        log.warning("workspace_not_opened", why=error.message)
        digest = change.foundation.team.digest
        await asyncio.to_thread(_adopt, base.store, before.foundation, SYSTEM, digest)
        note_unsound(base.store, said=str(error), next_step=NEXT_STEP)
        return await open_shift(base, before.foundation, before)


def _begin_work(base: Base, shift: Shift) -> None:
    base.keeper.start()
    base.engine.start(base.relay)
    base.alarm.start()
    _dismiss_departed(base, shift)
    refresh_roles(base.store, shift.foundation.team, shift.crew.presenter)
    start_at_boot(base.store, shift.foundation.team)


def _settle(base: Base, shift: Shift) -> None:
    """What follows for the record from the new team: alarms, runs of agents that are gone, role cards."""
    base.alarm.reload()
    _dismiss_departed(base, shift)
    refresh_roles(base.store, shift.foundation.team, shift.crew.presenter)


def _dismiss_departed(base: Base, shift: Shift) -> None:
    for run in unfinished_runs_of_others(base.store, frozenset(shift.foundation.team.agents)):
        dismiss_run(base.store, run.id)


def _keeper(foundation: Foundation, store: Store, engine: DbosEngine) -> Keeper:
    dead = float(foundation.settings.keeper_ttl_seconds)
    return Keeper(store, engine, Limits(beat_seconds=dead / 6, fence_seconds=dead * 2 / 3, dead_seconds=dead))
