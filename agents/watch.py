"""Watching a thinking mind: once somebody stops the run or its time is up, no call begins and the mind is ended."""

import asyncio
from collections.abc import Coroutine

import structlog

from agents.outcomes import Halt
from agents.parts import Session
from agents.present import live_run
from agents.tools.gate import Gate
from store.kernel.canonical import JsonObject
from store.kernel.errors import DatabaseUnavailable

log = structlog.get_logger()


async def watched(session: Session, gate: Gate, mind: Coroutine[object, object, JsonObject]) -> JsonObject:
    """The mind's result. Raises what the mind raises, or the Halt that ended it.

    A call on its way is left to finish and to be recorded; a mind that waits for anything else is cancelled at once.
    """
    thinking = asyncio.create_task(mind)
    watching = asyncio.create_task(_watch(session, gate, thinking))
    try:
        return await thinking
    except asyncio.CancelledError:
        raise gate.ended or asyncio.CancelledError from None
    finally:
        watching.cancel()


async def _watch(session: Session, gate: Gate, thinking: asyncio.Task[JsonObject]) -> None:
    while not thinking.done():
        await asyncio.sleep(session.parts.watch_seconds)
        try:
            live_run(session)
        except DatabaseUnavailable as error:
            log.warning("session.watch_blind", why=error.message)
        except Halt as halt:
            gate.end(halt)
            await gate.drained()
            thinking.cancel()
