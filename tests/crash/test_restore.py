"""Back to a backup after kill -9: what the world saw since is not done again, and no card is there twice."""

import asyncio
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.backup.making import make_backup
from bot.backup.restoring import restore_backup
from bot.foundation import Foundation, lay_foundation
from bot.settings import Settings
from store.database import Database
from store.kernel.clock import WallClock
from store.kernel.errors import UserMistake
from store.queries import approvals, runs
from store.queries.audit import verify_audit
from store.records import ApprovalState, RunState, StepState
from tests.crash.checks import check_messages
from tests.crash.drill import WAIT_SECONDS, Drill, drill, press_of
from tests.crash.tools import counted_tools

pytestmark = [pytest.mark.timeout(WAIT_SECONDS * 4)]


def foundation(exercise: Drill) -> Foundation:
    url = None if exercise.database_url is None else SecretStr(exercise.database_url)
    return lay_foundation(exercise.folder, Settings(database_url=url, keeper_ttl_seconds=3), tools=counted_tools())


def back_up(exercise: Drill) -> Path:
    base = foundation(exercise)
    database = Database(base.database_url)
    try:
        return make_backup(base, database, exercise.folder.parent, WallClock()).archive
    finally:
        database.close()


async def restore(exercise: Drill, archive: Path) -> None:
    if exercise._store is not None:
        exercise._store.database.close()
        exercise._store = None
    async with asyncio.timeout(WAIT_SECONDS):
        while not restored(exercise, archive):  # on PostgreSQL a killed process counts as alive for a moment
            await asyncio.sleep(0.2)


def restored(exercise: Drill, archive: Path) -> bool:
    try:
        return bool(restore_backup(foundation(exercise), archive, WallClock(), replace=True))
    except UserMistake as refusal:
        if "is running" not in str(refusal):
            raise
        return False


async def kill(exercise: Drill) -> None:
    process = exercise.processes[-1]
    process.send_signal(signal.SIGKILL)
    await process.wait()


def worker_ended(exercise: Drill) -> bool:
    found = runs.recent_runs(exercise.store, "worker")
    return bool(found) and found[0].state.is_final


def pressing(exercise: Drill, life: str) -> Callable[[], object]:
    """Ana orders the worker, once; Ben approves whatever is asked, once in each life of the record."""

    async def act() -> None:
        if not exercise.slack.sockets:
            return
        await exercise.order()
        waiting = {f"approval:{one.id}" for one in await asyncio.to_thread(approvals.open_approvals, exercise.store)}
        for key, message in exercise.questions().items():
            # A button that was left standing at the kill may be there before the question is asked again.
            if key in waiting and not exercise.slack.acknowledged(f"{life} {key}"):
                await exercise.slack.deliver(f"{life} {key}", "interactive", press_of(message))

    return act


def appended(exercise: Drill) -> Counter[str]:
    """How often each tool took effect."""
    counts: Counter[str] = Counter()
    for (tool, _), times in exercise.ledger().items():
        counts[tool] += times
    return counts


async def test_what_was_asked_done_and_shown_since_the_backup_is_not_doubled(tmp_path: Path) -> None:
    await back_and_forth(tmp_path / "team", None)


@pytest.mark.slow
@pytest.mark.postgres
async def test_nor_is_it_on_postgresql(tmp_path: Path, postgres_database_url: str) -> None:
    await back_and_forth(tmp_path / "team", postgres_database_url)


async def back_and_forth(folder: Path, url: str | None) -> None:
    """A team lives on after a backup, goes back to it, and lives on again."""
    async with drill(folder, url) as exercise:
        await exercise.until_dead(await exercise.start(crash_at="tx.approvals.request.before"))
        archive = back_up(exercise)
        await exercise.start()
        await exercise.until("it is done", lambda: worker_ended(exercise), act=pressing(exercise, "first"))
        assert appended(exercise)["ledger.append"] == 1
        await kill(exercise)

        await restore(exercise, archive)
        [before] = runs.recent_runs(exercise.store, "worker")
        assert before.state is RunState.QUEUED
        assert approvals.approvals_of_run(exercise.store, before.id) == []
        await exercise.start()
        await exercise.until("it is done again", lambda: worker_ended(exercise), act=pressing(exercise, "second"))

        assert appended(exercise)["ledger.append"] == 1
        assert appended(exercise)["ledger.launch"] == 1
        [approval] = approvals.approvals_of_run(exercise.store, before.id)
        assert approval.state is ApprovalState.EXECUTED
        check_messages(exercise)
        assert verify_audit(exercise.store)[1] is None


@pytest.mark.slow
async def test_a_final_call_that_may_have_been_made_since_the_backup_is_not_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with drill(tmp_path / "team") as exercise:
        monkeypatch.setattr("tests.crash.drill.ORDERED", ("worker",))
        await exercise.until_dead(await exercise.start(crash_at="tx.steps.begin.before"))
        archive = back_up(exercise)
        await exercise.start()
        await exercise.until("the call is made", lambda: appended(exercise)["ledger.launch"] == 1)
        await kill(exercise)

        await restore(exercise, archive)
        await exercise.start()
        await exercise.until("it ends", lambda: worker_ended(exercise))
        [run] = runs.recent_runs(exercise.store, "worker")
        assert run.state is RunState.NEEDS_ATTENTION
        assert [step.name for step in runs.steps(exercise.store, run.id) if step.state is StepState.UNKNOWN] == [
            "ledger.launch"
        ]
        assert appended(exercise)["ledger.launch"] == 1
        check_messages(exercise)
        assert verify_audit(exercise.store)[1] is None


@pytest.mark.slow
async def test_a_backup_of_a_team_at_work_is_whole(tmp_path: Path) -> None:
    async with drill(tmp_path / "team") as exercise:
        await exercise.start()
        await exercise.until("it asks", lambda: exercise.open_approvals() > 0, act=exercise.order)
        archive = back_up(exercise)
        await exercise.until("it is done", lambda: worker_ended(exercise), act=pressing(exercise, "first"))
        await kill(exercise)

        await restore(exercise, archive)
        assert exercise.open_approvals() == 1
        await exercise.start()
        await exercise.until("it is done again", lambda: worker_ended(exercise), act=pressing(exercise, "second"))
        assert appended(exercise)["ledger.append"] == 1
        check_messages(exercise)
        assert verify_audit(exercise.store)[1] is None
