"""The property of money: at every commit, spent and held together stay within the cap, whatever the model does."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.models.faults import FaultKind
from store.database import Database
from store.handle import Store
from store.kernel.clock import ManualClock
from store.migrate import migrate
from store.records import RunLimits, RunState
from tests.agents.rig import START, Queue, Rig
from tests.agents.test_model import MODEL, REPORT, Spy, calls

WATCH = """
CREATE TRIGGER within_cap BEFORE UPDATE ON qd_runs
WHEN new.spent_micros + new.held_micros > json_extract(new.limits, '$.max_cost_micros')
  OR new.held_micros < 0 OR new.spent_micros < 0
BEGIN SELECT RAISE(ABORT, 'over the cap'); END
"""
"""The database itself refuses to commit a run that is over its cap: no moment can escape it."""

FAULTS = st.sampled_from([FaultKind.RATE_LIMITED, FaultKind.TIMEOUT, FaultKind.CONNECTION_LOST, FaultKind.OVERLOADED])
REPLIES = st.one_of(
    st.just(calls(("see", {"n": 1}), ("put", {"n": 2}))),
    st.integers(0, 50).map(lambda n: calls(("see", {"n": n}))),
    FAULTS.map(lambda kind: {"error": {"kind": kind.value}}),
    st.just({"text": "prose"}),
    st.just(REPORT),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    replies=st.lists(REPLIES, max_size=8),
    cap=st.integers(0, 60_000),
    dies_at=st.one_of(st.none(), st.integers(1, 6)),
    retries=st.integers(0, 2),
)
def test_spent_and_held_never_pass_the_cap(
    replies: list[dict[str, Any]], cap: int, dies_at: int | None, retries: int
) -> None:
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'quarterdeck.db'}")
        migrate(database)
        with database.write() as connection:
            connection.exec_driver_sql(WATCH)
        queue = Queue()
        rig = Rig(Store(database, ManualClock(START), queue), queue, Path(folder))
        spy = Spy(*replies)
        rig.think_with(spy, MODEL)
        run = rig.start(limits=RunLimits(max_steps=20, max_cost_micros=cap, wall_seconds=60, retries=retries))
        if dies_at is not None:
            spy.before[dies_at] = rig.process.die
        rig.drive_through_deaths()
        ended = rig.now(run)
        database.close()
    assert ended.state.is_final
    assert ended.state is not RunState.TIMED_OUT
    assert ended.held_micros == 0
    assert ended.spent_micros <= cap
