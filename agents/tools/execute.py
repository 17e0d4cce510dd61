"""Executing one authorised call: bounded in time, retried only where that can do no harm, its result checked."""

import asyncio
from typing import NamedTuple

from agents.tools.fitness import objection_to_result
from agents.tools.spec import Means, Tool, ToolCall
from store.kernel.canonical import JsonObject
from store.kernel.crash import outside
from store.kernel.errors import OutcomeUnknown, QuarterdeckError, Refused, Retryable, UserMistake
from store.records import StepState

MAX_PAUSE_SECONDS = 30.0
"""A tool that asks for a longer pause than this fails instead: its run may be retried later."""

NOBODY_KNOWS = "The call ended without an answer, and nothing tells whether it took effect."


class Executed(NamedTuple):
    """How an execution ended. `retry_after_seconds` is set when the same call may succeed later."""

    state: StepState
    result: JsonObject | None = None
    error: str | None = None
    retry_after_seconds: float | None = None


async def execute(tool: Tool, call: ToolCall, means: Means, pauses_seconds: tuple[float, ...]) -> Executed:
    """Executes the call once; again after each pause while it fails in a way that may pass and repeating is harmless.

    An exception that is not one of ours is a bug of the tool and propagates; the caller records the step first.
    """
    for pause in pauses_seconds if tool.spec.may_repeat else ():
        executed = await _attempt(tool, call, means)
        asked = executed.retry_after_seconds
        if asked is None or asked > MAX_PAUSE_SECONDS:
            return executed
        await asyncio.sleep(max(pause, asked))
    return await _attempt(tool, call, means)


async def look_up(tool: Tool, call: ToolCall, means: Means) -> Executed | None:
    """What an earlier attempt with the same key came to; None when it certainly did not take effect as a whole.

    Unknown when the tool cannot look, or its look fails: then nothing may be repeated.
    """
    if tool.lookup is None:
        return Executed(StepState.UNKNOWN, error=NOBODY_KNOWS)
    try:
        with outside("tool.lookup"):
            async with asyncio.timeout(tool.spec.timeout_seconds):
                found = await tool.lookup(call, means)
    except (QuarterdeckError, TimeoutError) as error:
        return Executed(StepState.UNKNOWN, error=f"{NOBODY_KNOWS} Looking failed: {error}")
    if found is None:
        return None
    objection = objection_to_result(tool.spec, found)
    return Executed(StepState.DONE, found) if objection is None else Executed(StepState.UNKNOWN, error=objection)


async def _attempt(tool: Tool, call: ToolCall, means: Means) -> Executed:
    try:
        with outside("tool.execute"):
            async with asyncio.timeout(tool.spec.timeout_seconds):
                result = await tool.run(call, means)
    except Retryable as error:
        return Executed(StepState.FAILED, error=error.message, retry_after_seconds=error.delay_seconds)
    except UserMistake as error:
        return Executed(StepState.FAILED, error=str(error))
    except Refused as error:
        return Executed(StepState.REFUSED, error=error.message)
    except OutcomeUnknown as error:
        return _in_doubt(tool, error.message)
    except TimeoutError:
        return _in_doubt(tool, f"It did not end within {tool.spec.timeout_seconds} s.")
    objection = objection_to_result(tool.spec, result)
    return Executed(StepState.DONE, result) if objection is None else _in_doubt(tool, objection)


def _in_doubt(tool: Tool, reason: str) -> Executed:
    """What may be repeated has failed; what may not may have happened."""
    return Executed(StepState.FAILED if tool.spec.may_repeat else StepState.UNKNOWN, error=reason)
