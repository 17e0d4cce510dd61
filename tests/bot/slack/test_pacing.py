"""No more than Slack's pace, decisions first, and nobody waits longer than is worth waiting."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.surfaces.base import Paced
from bot.surfaces.slack.manifest import SCOPES
from bot.surfaces.slack.pacing import PACES, PATIENCE_SECONDS, Bucket, Pace, Pacer, Urgency
from store.kernel.errors import Retryable

SLOW = Pace(per_minute=600, burst=1)


async def test_a_burst_passes_and_the_rest_keeps_the_pace() -> None:
    bucket, loop = Bucket(Pace(per_minute=1200, burst=3)), asyncio.get_running_loop()
    started = loop.time()
    for _ in range(3):
        await bucket.take(Urgency.PROGRESS)
    burst_seconds = loop.time() - started
    for _ in range(4):
        await bucket.take(Urgency.PROGRESS)
    assert burst_seconds < 0.05
    assert loop.time() - started >= 4 * 0.05 * 0.9


async def test_decisions_overtake_progress_and_equals_keep_their_order() -> None:
    bucket = Bucket(SLOW)
    await bucket.take(Urgency.DECISION)
    served: list[str] = []

    async def take(name: str, urgency: Urgency) -> None:
        await bucket.take(urgency)
        served.append(name)

    waiting = [("p1", Urgency.PROGRESS), ("p2", Urgency.PROGRESS), ("digest", Urgency.DELIVERABLE)]
    tasks = [asyncio.create_task(take(name, urgency)) for name, urgency in waiting]
    await asyncio.sleep(0)
    tasks.append(asyncio.create_task(take("approval", Urgency.DECISION)))
    await asyncio.gather(*tasks)
    assert served == ["approval", "digest", "p1", "p2"]


async def test_whoever_gives_up_waiting_costs_nobody_a_turn() -> None:
    bucket = Bucket(Pace(per_minute=60, burst=1))
    await bucket.take(Urgency.DELIVERABLE)
    impatient = asyncio.create_task(bucket.take(Urgency.DECISION))
    patient = asyncio.create_task(bucket.take(Urgency.DELIVERABLE))
    await asyncio.sleep(0)
    impatient.cancel()
    async with asyncio.timeout(1.9):  # one interval of a second, not two
        await patient


async def test_a_turn_too_far_away_is_not_waited_for() -> None:
    now = [0.0]
    bucket = Bucket(Pace(per_minute=6, burst=1), lambda: now[0])
    await bucket.take(Urgency.DECISION)
    with pytest.raises(Retryable) as raised:
        await bucket.take(Urgency.DECISION)
    assert raised.value.delay_seconds == pytest.approx(10.0)
    now[0] = 10.0
    await bucket.take(Urgency.DECISION)


async def test_progress_leaves_turns_for_decisions_and_hardly_waits() -> None:
    now = [0.0]
    bucket = Bucket(Pace(per_minute=60, burst=10), lambda: now[0])
    for _ in range(7):
        await bucket.take(Urgency.PROGRESS)
    with pytest.raises(Paced) as raised:
        await bucket.take(Urgency.PROGRESS)
    assert raised.value.delay_seconds == pytest.approx(1.0)
    for _ in range(3):
        await asyncio.wait_for(bucket.take(Urgency.DECISION), 0.05)
    now[0] = 1.0
    with pytest.raises(Paced):  # the turn that has come is kept for a decision
        await bucket.take(Urgency.PROGRESS)
    await bucket.take(Urgency.DECISION)


async def test_a_pause_slack_asked_for_holds_for_everybody() -> None:
    now = [0.0]
    bucket = Bucket(Pace(per_minute=60, burst=5), lambda: now[0])
    bucket.pause(30)
    bucket.pause(10)  # a shorter one does not end it early
    with pytest.raises(Retryable) as raised:
        await bucket.take(Urgency.DECISION)
    assert raised.value.delay_seconds == pytest.approx(30.0)
    now[0] = 30.0
    await bucket.take(Urgency.DECISION)


@given(st.lists(st.floats(0, 3), min_size=1, max_size=60), st.integers(1, 5))
def test_never_more_than_burst_plus_pace_in_any_stretch(pauses: list[float], burst: int) -> None:
    now = [0.0]
    served: list[float] = []

    async def knock() -> None:
        bucket = Bucket(Pace(per_minute=6, burst=burst), lambda: now[0])
        for pause in pauses:
            now[0] += pause
            try:
                await asyncio.wait_for(bucket.take(Urgency.PROGRESS), 0)
            except (Retryable, TimeoutError):
                continue
            served.append(now[0])

    asyncio.run(knock())
    for number, start in enumerate(served):
        for reach, end in enumerate(served[number:], start=1):
            assert reach <= burst + (end - start) * 0.1 + 1e-6


async def test_posting_keeps_each_channels_pace_and_the_workspaces() -> None:
    pacer = Pacer({"chat.postMessage": Pace(per_minute=60_000, burst=100)}, Pace(per_minute=6, burst=1))
    await pacer.turn("chat.postMessage", Urgency.DECISION, "C1")
    await pacer.turn("chat.postMessage", Urgency.DECISION, "C2")
    with pytest.raises(Retryable):
        await pacer.turn("chat.postMessage", Urgency.DECISION, "C1")


def test_every_pace_lets_a_single_caller_through_in_time() -> None:
    for method, pace in PACES.items():
        if method != "apps.connections.open":  # called at start, not in turns
            assert 60 / pace.per_minute <= PATIENCE_SECONDS[Urgency.DELIVERABLE]
    assert SCOPES
