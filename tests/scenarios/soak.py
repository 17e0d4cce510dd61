"""A team on the wall clock whose processes are started, stopped, frozen and killed at random; and what must be true."""

import random
import signal
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import sqlalchemy as sa

from scheduler.keeper import FENCED_EXIT_CODE
from scheduler.plan import PAUSED
from store import schema
from store.database import Database
from store.handle import Store
from store.kernel.clock import WallClock
from store.queries import findings, runs, schedules
from store.queries.audit import verify_audit
from store.records import Occurrence, Outcome, RunState
from tests.scenarios.commands import TeamProcess, launch, quarterdeck, until
from tests.scenarios.workspaces import write_team

ALL, LATEST = "ticker.all", "pulse.latest"
METRIC = "tick"
RAN = (Outcome.RAN, Outcome.LATE)
MANY = 1_000_000

TEAM = """
name: Soak
timezone: UTC
agents:
  ticker:
    purpose: Keeps one reading for every due time, however late.
    routine: tick.py
    tools: [metrics.record]
    schedules:
      all: {every: EVERY, misfire: run_all, misfire_max: 100, overlap: queue, lateness: 1h, retries: 3}
  pulse:
    purpose: Runs for the latest due time and lets older ones go.
    routine: tick.py
    tools: [metrics.record]
    schedules:
      latest: {every: EVERY, retries: 3}
people:
  ana: {roles: [approver]}
policy: trusted
"""
TICK = """
async def run(ctx):
    reading = {"metric": "tick", "value": "1", "unit": "", "at": ctx.due_at.isoformat()}
    await ctx.call("metrics.record", readings=[reading])
"""


@dataclass(frozen=True)
class Plan:
    """How often, how roughly, and how long: until `rough_things` were done or `soak_seconds` have passed.

    `slots` is how many processes run side by side; `env` are the settings of all of them.
    """

    every_seconds: int
    rough_things: int
    soak_seconds: float
    pause_seconds: tuple[float, float]
    freeze_seconds: tuple[float, float]
    seed: int
    slots: int = 1
    env: dict[str, str] = field(default_factory=dict)


class Soak:
    """Runs a plan. `did` counts what was done to the processes."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self._folder = write_team(folder, TEAM.replace("EVERY", f"{plan.every_seconds}s"), tick=TICK)
        self._plan = plan
        self._random = random.Random(plan.seed)  # noqa: S311  # chooses when to kill a process
        self._slots: list[TeamProcess | None] = [None] * plan.slots
        self.did: Counter[str] = Counter()
        url = plan.env.get("QUARTERDECK_DATABASE_URL", f"sqlite:///{self._state(0) / 'quarterdeck.db'}")
        self.store = Store(Database(url), WallClock(), lambda tx, segment: None)

    def run(self) -> None:
        """Keeps at it as planned, then lets what is left catch up and stops it."""
        deadline = time.monotonic() + self._plan.soak_seconds
        left = self._rough_things()
        try:
            for slot in range(self._plan.slots):
                self._start(slot)
            while left and time.monotonic() < deadline:
                slot = self._random.randrange(self._plan.slots)
                if self._runs(slot):
                    self._do(left.pop(), slot)
                else:
                    self._start(slot)
                time.sleep(self._random.uniform(*self._plan.pause_seconds))
            self._catch_up()
        finally:
            for team in self._slots:
                if team is not None:
                    team.kill()

    def close(self) -> None:
        self.store.database.close()

    def _rough_things(self) -> list[str]:
        """Each kind in turn, in an order that the seed chooses."""
        kinds, order = ["stop", "kill", "freeze", "kill"], list[str]()
        while len(order) < self._plan.rough_things:
            order += self._random.sample(kinds, len(kinds))
        return order

    def _do(self, what: str, slot: int) -> None:
        team = self._slots[slot]
        assert team is not None
        self.did[what] += 1
        if what == "kill":
            team.kill()
        elif what == "stop":
            self._end_well(team)
        else:
            team.signal(signal.SIGSTOP)
            time.sleep(self._random.uniform(*self._plan.freeze_seconds))
            team.signal(signal.SIGCONT)
            return
        self._slots[slot] = None

    def _end_well(self, team: TeamProcess) -> None:
        code = team.stop()
        assert code in (0, FENCED_EXIT_CODE), f"it ended with {code}\n{team.log}"

    def _runs(self, slot: int) -> bool:
        """Whether the slot's process runs; one that ended by itself could not say in time that it lives."""
        team = self._slots[slot]
        if team is not None and not team.running():
            assert team.ended() == FENCED_EXIT_CODE, team.log
            self.did["fenced"] += 1
            self._slots[slot] = None
        return self._slots[slot] is not None

    def _start(self, slot: int) -> None:
        self.did["start"] += 1
        team = launch(self._folder, env=self._env(slot), name=f"slot{slot}")
        self._slots[slot] = team
        team.ready()

    def _env(self, slot: int) -> dict[str, str]:
        own = {"QUARTERDECK_STATE_DIR": str(self._state(slot)), "QUARTERDECK_LOG_LEVEL": "warning"}
        return {**self._plan.env, **own}

    def _state(self, slot: int) -> Path:
        return self._folder.with_name(f"state{slot}")

    def _catch_up(self) -> None:
        if not any(map(self._runs, range(self._plan.slots))):
            self._start(0)
        slot = next(slot for slot in range(self._plan.slots) if self._runs(slot))
        for agent in ("ticker", "pulse"):
            said = quarterdeck("pause", agent, "-w", self._folder, env=self._env(slot))
            assert said.returncode == 0, said.stderr
        until("every due time that has come has ended", self._caught_up, within_seconds=120)
        for slot, team in enumerate(self._slots):
            if team is not None:
                self._end_well(team)
                self._slots[slot] = None

    def _caught_up(self) -> bool:
        rows = schedules.occurrences(self.store, limit=MANY)
        paused = {row.schedule_id for row in rows if row.reason == PAUSED}
        return paused == {ALL, LATEST} and all(row.outcome is not Outcome.PENDING for row in rows)


def check(soak: Soak, every_seconds: int) -> dict[str, object]:
    """Raises AssertionError at the first due time that was lost or doubled; returns the figures of the soak."""
    store = soak.store
    rows = {name: schedules.occurrences(store, name, limit=MANY) for name in (ALL, LATEST)}
    for found in rows.values():
        _check_due_times(found, timedelta(seconds=every_seconds))
    _check_runs(store, rows)
    _check_each_has_its_reading(store, rows[ALL])
    said = _check_evidence(store, rows)
    head, broken = verify_audit(store)
    assert broken is None
    assert head.seq > 0
    outcomes = {name: dict(Counter(row.outcome.value for row in found)) for name, found in rows.items()}
    return {"did": dict(soak.did), "outcomes": outcomes, "evidence": said, "audit_events": head.seq}


def _check_due_times(found: Sequence[Occurrence], step: timedelta) -> None:
    """Every due time from the first to the last is one row, which ran, or has a reason why it did not."""
    dues = sorted(row.due_at for row in found)
    assert [(now, then) for now, then in pairwise(dues) if then - now != step] == []
    for row in found:
        ran = row.outcome in RAN
        assert ran or row.outcome in (Outcome.SKIPPED, Outcome.MISSED), row
        assert (row.run_id is not None) == ran, row
        assert ran or row.reason, row


def _check_runs(store: Store, rows: dict[str, list[Occurrence]]) -> None:
    """One run for each due time that ran, done, and no run beside them."""
    wanted = sorted(row.run_id for found in rows.values() for row in found if row.run_id)
    every = runs.recent_runs(store, limit=MANY)
    assert sorted(run.id for run in every) == wanted
    assert [run for run in every if run.state is not RunState.DONE] == []


def _check_each_has_its_reading(store: Store, found: Sequence[Occurrence]) -> None:
    """The effect of every run, once, however often its process was killed; `run_all` lets no due time go."""
    assert {row.reason for row in found if row.outcome not in RAN} == {PAUSED}
    kept = findings.readings(store, METRIC, min(row.due_at for row in found), "ticker", limit=MANY)
    assert sorted(one.at for one in kept) == sorted(row.due_at for row in found if row.outcome in RAN)


def _check_evidence(store: Store, rows: dict[str, list[Occurrence]]) -> dict[str, int]:
    """What APScheduler said is kept beside the due times it spoke of, all of it."""
    said = [each for found in rows.values() for row in found for each in row.evidence]
    with store.database.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(schema.evidence)).scalar() == len(said)
    assert said
    return dict(Counter(str(each["event"]) for each in said))
