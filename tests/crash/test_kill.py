"""kill -9 at every crash point that a living team passes, then a restart: nothing lost, nothing done twice."""

from pathlib import Path

import pytest

import store.actions  # noqa: F401 - declares the crash points
from store.kernel.crash import all_points
from store.records import RunState
from tests.crash.checks import check_all
from tests.crash.drill import WAIT_SECONDS, drill
from tests.crash.restarting import kill_and_restart, settled
from tests.crash.thinking import TURNS

PASSED = (
    "model.complete",
    "surface.answer",
    "surface.channel",
    "surface.edit",
    "surface.post",
    "tool.execute",
    "tx.approvals.claim",
    "tx.approvals.decide",
    "tx.approvals.request",
    "tx.inbox.close",
    "tx.inbox.receive",
    "tx.outbox.begin_post",
    "tx.outbox.channel",
    "tx.outbox.fleet",
    "tx.outbox.join",
    "tx.outbox.settle",
    "tx.outbox.shown",
    "tx.outbox.snapshot",
    "tx.runs.begin_segment",
    "tx.runs.finish",
    "tx.runs.request",
    "tx.runs.save_receipt",
    "tx.schedules.fire",
    "tx.steps.begin",
    "tx.steps.record_read",
    "tx.steps.settle",
    "tx.workspace.adopt",
)
"""Stems of the crash points the drill passes every time; `test_transactions` proves the others one by one."""

POINTS = [f"{stem}.{when}" for stem in PASSED for when in ("before", "after")]
AGAIN = [
    *(f"model.complete.{when}:2" for when in ("before", "after")),
    # The console shows each card first; later ones are Slack's, some of them with the post still on its way.
    *(f"surface.post.{when}:{count}" for when in ("before", "after") for count in (2, 3, 4, 5, 6)),
    *(f"tool.execute.{when}:{count}" for when in ("before", "after") for count in (2, 3, 4, 5)),
]
QUICK = (
    "tool.execute.after",
    "tx.approvals.decide.after",
)


@pytest.mark.timeout(WAIT_SECONDS * 3)
@pytest.mark.parametrize("point", QUICK)
async def test_killed_at_a_telling_point(tmp_path: Path, point: str) -> None:
    async with drill(tmp_path / "team") as exercise:
        await kill_and_restart(exercise, point)
        check_all(exercise)


@pytest.mark.slow
@pytest.mark.timeout(WAIT_SECONDS * 3)
@pytest.mark.parametrize("point", [point for point in (*POINTS, *AGAIN) if point not in QUICK])
async def test_killed_at_every_point(tmp_path: Path, point: str) -> None:
    async with drill(tmp_path / "team") as exercise:
        await kill_and_restart(exercise, point)
        check_all(exercise)


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(WAIT_SECONDS * 3)
@pytest.mark.parametrize("point", POINTS)
async def test_killing_one_of_two(tmp_path: Path, postgres_database_url: str, point: str) -> None:
    async with drill(tmp_path / "team", postgres_database_url) as exercise:
        victim = await exercise.start(crash_at=point)
        if victim.returncode is None:
            await exercise.start()
        await exercise.until(
            f"it dies at {point}, or all is done without it",
            lambda: victim.returncode is not None or settled(exercise),
            act=exercise.order_and_approve,
        )
        if len(exercise.processes) == 1:
            await exercise.start()
        await exercise.until(f"all is done after {point}", lambda: settled(exercise), act=exercise.order_and_approve)
        check_all(exercise)


async def test_the_drill_passes_these_points(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    async with drill(tmp_path / "team") as exercise:
        await exercise.start(trace=trace)
        await exercise.until("all is done", lambda: settled(exercise), act=exercise.order_and_approve)
        check_all(exercise)
        assert set(exercise.ledger().values()) == {1}
        assert exercise.ordered_run("worker").state is RunState.DONE
        assert len(exercise.thinking.provider.seen) == TURNS
    passed = {name.rpartition(".")[0] for name in trace.read_text().split()}
    assert set(PASSED) <= passed <= {point.rpartition(".")[0] for point in all_points()}
    assert {point.partition(":")[0] for point in (*POINTS, *AGAIN)} <= set(all_points())
