"""The process dies at every crash point a whole run passes, one after the other; what it did is never done twice."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from agents.models.script import Line
from agents.models.scripted import ScriptedModel
from store.database import Database
from store.handle import Store
from store.kernel.clock import ManualClock
from store.migrate import migrate
from store.queries import approvals, audit, incidents
from store.records import Run, RunState, StepState
from tests.agents.rig import ASK_FOR_PUSH, START, Queue, Rig
from tests.agents.test_model import MODEL, REPORT, calls

ROUTINE = """
seen = await ctx.call("see", n=1)
await ctx.call("put", n=2)
await asyncio.gather(ctx.call("see.stranger", n=3), ctx.call("put", n=4))
pushed = await ctx.call("push", n=5)
try:
    await ctx.call("send", n=6)
except ToolFailed as error:
    return {"pushed": pushed["n"], "sent": not error.unknown}
return {"pushed": pushed["n"], "sent": True}
"""


@pytest.fixture(scope="module")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "quarterdeck.db"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    database.close()
    return path


@pytest.fixture
def fresh_rig(empty_database: Path, tmp_path: Path) -> Iterator[Callable[[], Rig]]:
    """Makes rigs, each on a copy of the empty database; the power does not fail here, so nothing waits for the disk."""
    opened: list[Database] = []

    def make() -> Rig:
        folder = tmp_path / str(len(opened))
        folder.mkdir()
        shutil.copy(empty_database, folder / "quarterdeck.db")
        database = Database(f"sqlite:///{folder / 'quarterdeck.db'}")
        sa.event.listen(database.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
        opened.append(database)
        queue = Queue()
        rig = Rig(Store(database, ManualClock(START), queue), queue, folder)
        rig.govern(*ASK_FOR_PUSH)
        return rig

    yield make
    for database in opened:
        database.close()


def lived_through(rig: Rig, dies_at: int | None) -> tuple[Run, list[str]]:
    """A run driven to its end by an engine that restarts what died, and people who approve what is asked."""
    run = rig.start()
    rig.process.dies_at = dies_at
    rig.drive_through_deaths()
    while approvals.open_approvals(rig.store):
        rig.decide()
        rig.drive_through_deaths()
    return rig.now(run), rig.process.reached


def sound(rig: Rig, run: Run, point: str) -> None:
    """What must hold whatever point the process died at."""
    assert run.state is RunState.DONE, point
    assert rig.ledger.numbers("push") == [5], f"{point}: looked up, so done exactly once"
    assert len(rig.ledger.numbers("send")) <= 1, f"{point}: irreversible, so never done twice"
    for name in ("put", "see", "see.stranger"):
        assert len(rig.ledger.calls) <= 7, f"{point}: at most the call in flight is repeated"
        assert len(set(rig.ledger.keys(name))) == len(set(map(str, rig.ledger.numbers(name)))), point
    steps = rig.steps(run)
    assert all(step.state.is_final for step in steps), point
    unknown = [step.name for step in steps if step.state is StepState.UNKNOWN]
    assert unknown in ([], ["send"]), point
    assert bool(unknown) == bool([one for one in incidents.open_incidents(rig.store) if one.kind == "unknown"]), point
    assert run.result == {"pushed": 5, "sent": not unknown}, point
    assert audit.verify_audit(rig.store)[1] is None, point


def test_a_routine_lives_through_a_crash_at_every_point(fresh_rig: Callable[[], Rig]) -> None:
    rig = fresh_rig()
    rig.routine(ROUTINE)
    run, points = lived_through(rig, None)
    sound(rig, run, "no crash")
    assert len(points) > 40
    for number, point in enumerate(points, start=1):
        rig = fresh_rig()
        rig.routine(ROUTINE)
        run, _ = lived_through(rig, number)
        sound(rig, run, f"{number} {point}")


def test_a_model_lives_through_a_crash_at_every_point(fresh_rig: Callable[[], Rig]) -> None:
    def thinking() -> tuple[Rig, ScriptedModel]:
        rig = fresh_rig()
        replies = (calls(("see", {"n": 1}), ("push", {"n": 5})), calls(("put", {"n": 2})), REPORT)
        lines = [Line.model_validate({"match": {"turn": turn}, "reply": reply}) for turn, reply in enumerate(replies)]
        scripted = ScriptedModel({MODEL.name: MODEL}, tuple(lines))
        rig.think_with(scripted, MODEL)
        return rig, scripted

    rig, scripted = thinking()
    run, points = lived_through(rig, None)
    assert (run.state, scripted.attempts) == (RunState.DONE, 3)
    for number, point in enumerate(points, start=1):
        rig, scripted = thinking()
        run, _ = lived_through(rig, number)
        assert run.state is RunState.DONE, f"{number} {point}"
        assert rig.ledger.numbers("push") == [5], f"{number} {point}"
        assert scripted.attempts <= 4, f"{number} {point}: at most the request in flight is repeated"
        assert run.held_micros == 0, f"{number} {point}"
        assert run.spent_micros <= run.limits.max_cost_micros, f"{number} {point}"
