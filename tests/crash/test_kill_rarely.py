"""kill -9 at the points a team passes only on a bad day: looking for a lost post, looking for a lost effect, a form."""

import asyncio
import signal
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest

from store.queries import cards
from tests.crash.checks import check_all
from tests.crash.drill import WAIT_SECONDS, Drill, drill, press_of
from tests.crash.restarting import settled
from tests.emulator.fake_slack import Fault

pytestmark = [pytest.mark.slow, pytest.mark.timeout(WAIT_SECONDS * 4)]


async def finish(exercise: Drill) -> None:
    await exercise.start()
    await exercise.until("all is done", lambda: settled(exercise), act=exercise.order_and_approve)
    check_all(exercise)


def confirmed(exercise: Drill, message: dict[str, Any]) -> bool:
    """True when this message is on record as its card."""
    shown = cards.delivery(exercise.store, message["metadata"]["event_payload"]["key"], "slack")
    return shown is not None and shown.message_id == message["ts"]


@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_while_looking_for_a_post_that_may_have_arrived(tmp_path: Path, when: str) -> None:
    async with drill(tmp_path / "team") as exercise:
        exercise.slack.faults["chat.postMessage"].append(Fault.LOST_AFTER)
        await exercise.until_dead(await exercise.start(crash_at=f"surface.find.{when}"))
        lost = min((message for posted in exercise.slack.messages.values() for message in posted), key=itemgetter("ts"))
        await exercise.start()
        await exercise.until("the lost post is found", lambda: confirmed(exercise, lost))
        await exercise.until("all is done", lambda: settled(exercise), act=exercise.order_and_approve)
        check_all(exercise)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_while_looking_for_an_effect_that_may_have_happened(tmp_path: Path, when: str) -> None:
    async with drill(tmp_path / "team") as exercise:
        await exercise.until_dead(await exercise.start(crash_at="tx.approvals.claim.after"))
        await exercise.until_dead(await exercise.start(crash_at=f"tool.lookup.{when}"))
        await finish(exercise)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_while_a_form_is_opened(tmp_path: Path, when: str) -> None:
    async with drill(tmp_path / "team") as exercise:
        process = await exercise.start(crash_at=f"surface.form.{when}")
        await exercise.until("a question is asked", lambda: bool(exercise.questions()), act=exercise.order)
        [(_, message)] = exercise.questions().items()
        await exercise.slack.deliver("form", "interactive", press_of(message, button=1))
        assert await asyncio.wait_for(process.wait(), WAIT_SECONDS) == -signal.SIGKILL
        await finish(exercise)
