"""Whatever agents send, accept and return, and whoever closes breakers: handoffs keep their promises."""

import shutil
from collections import Counter
from itertools import count
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from store.actions import Store
from store.actions.handoffs import accept_handoff, held_route, release_route, return_handoff
from store.actions.runs import begin_segment, finish_run
from store.database import Database
from store.kernel.clock import ManualClock
from store.kernel.errors import NotFound, Refused, UserMistake
from store.kernel.ports import Segment, Transaction
from store.migrate import migrate
from store.queries import handoffs, incidents, runs
from store.records import Handoff, HandoffState, Run, Rung, RunState, TriggerKind
from store.rules.handoffs import HOPS_MAX, Terms
from tests.properties.promises import START
from tests.store import handed
from tests.store.samples import person, requested

AGENTS = ("watch", "chief", "other")
EVERYBODY = (*AGENTS, "scribe")
WAYS_REFUSED = ("handoff.self", "handoff.cycle", "handoff.hops")
TERMS = Terms(failures_max=2, otherwise="scribe")
MAY_FOLLOW = {
    HandoffState.SENT: {HandoffState.ACCEPTED, HandoffState.RETURNED},
    HandoffState.ACCEPTED: {HandoffState.RETURNED},
    HandoffState.HELD: {HandoffState.SENT, HandoffState.ACCEPTED, HandoffState.RETURNED, HandoffState.DROPPED},
}


def _remember_nothing(tx: Transaction, segment: Segment) -> None:
    """The engine is no part of this."""


class Passing(RuleBasedStateMachine):
    """A few agents who hand work about, each in runs of its own, woken or not."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.database = Database(url)
        self.store = Store(self.database, ManualClock(START), _remember_nothing)
        self.numbers = count()
        self.seen: dict[str, Handoff] = {}

    def teardown(self) -> None:
        self.database.close()

    @initialize()
    def somebody_runs(self) -> None:
        self.begin("watch")

    def running(self) -> list[Run]:
        return [run for agent in EVERYBODY for run in runs.recent_runs(self.store, agent, 20, RunState.RUNNING)]

    def delivered(self) -> list[Handoff]:
        return handoffs.handoffs(self.store, states={HandoffState.SENT, HandoffState.ACCEPTED})

    @rule(agent=st.sampled_from(EVERYBODY))
    def begin(self, agent: str) -> None:
        """A run of its own, or one that was woken and waits."""
        queued = runs.recent_runs(self.store, agent, 20, RunState.QUEUED)
        run = queued[-1] if queued else requested(self.store, f"k{next(self.numbers)}", agent_id=agent)
        begin_segment(self.store, run.id, 0)

    @precondition(lambda self: self.running())
    @rule(data=st.data(), to=st.sampled_from(AGENTS), sound=st.booleans(), sure=st.booleans(), wakes=st.booleans())
    def send(self, data: st.DataObject, to: str, sound: bool, sure: bool, wakes: bool) -> None:
        run, key = data.draw(st.sampled_from(self.running())), f"h{next(self.numbers)}"
        waking = handed.WAKING if wakes else None
        objection = None if sound else handed.UNSOUND
        try:
            one = handed.sent(self.store, run, key, to=to, objection=objection, sure=sure, terms=TERMS, waking=waking)
        except Refused as refused:
            if refused.rule not in WAYS_REFUSED:
                raise
            return
        again = handed.sent(self.store, run, key, to=to, objection=objection, sure=sure, terms=TERMS, waking=waking)
        assert again == one, "an attempt repeated is the same attempt"
        assert one.sender == run.agent_id
        assert one.state is not HandoffState.SENT or (sound and sure) or one.receiver == TERMS.otherwise

    @precondition(lambda self: self.running() and self.delivered())
    @rule(data=st.data(), back=st.booleans())
    def answer(self, data: st.DataObject, back: bool) -> None:
        run, one = data.draw(st.sampled_from(self.running())), data.draw(st.sampled_from(self.delivered()))
        try:
            if back:
                return_handoff(self.store, one.id, run.id, "not mine", TERMS)
            else:
                accept_handoff(self.store, one.id, run.id)
        except NotFound:
            assert one.receiver != run.agent_id
        except UserMistake:
            assert one.state is not HandoffState.SENT
        else:
            assert one.receiver == run.agent_id

    @precondition(lambda self: self.running())
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        finish_run(self.store, data.draw(st.sampled_from(self.running())).id, state=RunState.DONE)

    @rule()
    def a_person_closes_what_asks(self) -> None:
        for incident in incidents.open_incidents(self.store):
            if route := held_route(incident.cause):
                release_route(self.store, route, person("ana"), handed.WAKING)
                assert not handed.breaker(self.store, route).is_open

    @invariant()
    def moves_are_legal_and_nothing_returns_to_where_it_was(self) -> None:
        for one in handoffs.handoffs(self.store, limit=500):
            before = self.seen.get(one.id, one)
            assert one.state is before.state or one.state in MAY_FOLLOW.get(before.state, set())
            assert len(set(one.path)) == len(one.path) <= HOPS_MAX
            assert one.receiver not in one.path
            assert one.hops <= HOPS_MAX
            assert (one.payload, one.sender, one.run_id) == (before.payload, before.sender, before.run_id)
            self.seen[one.id] = one

    @invariant()
    def each_handoff_wakes_at_most_one_run(self) -> None:
        found = [run for agent in EVERYBODY for run in runs.recent_runs(self.store, agent, 200)]
        woken = Counter(run.trigger.key for run in found if run.trigger.kind is TriggerKind.HANDOFF)
        assert all(number == 1 for number in woken.values())

    @invariant()
    def whatever_is_held_asks_a_person(self) -> None:
        asking = {held_route(one.cause) for one in incidents.open_incidents(self.store)}
        held = handoffs.handoffs(self.store, states={HandoffState.HELD}, limit=500)
        assert {one.route for one in held} <= asking
        for route in {one.route for one in held}:
            assert handed.breaker(self.store, route).rung is Rung.PERSON


def test_handoffs_keep_their_promises(tmp_path: Path) -> None:
    template = tmp_path / "template.db"
    database = Database(f"sqlite:///{template}")
    migrate(database)
    database.close()
    numbers = count()

    def begin() -> Passing:
        return Passing(f"sqlite:///{shutil.copy(template, tmp_path / f'{next(numbers)}.db')}")

    run_state_machine_as_test(
        begin,  # type: ignore[arg-type]  # it takes anything that returns a machine, and says so in its documentation
        settings=settings(
            max_examples=40,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
