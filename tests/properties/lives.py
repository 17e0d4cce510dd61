"""What may happen to a few runs of one agent, as rules; which of them are played together is for the tests to say."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from store.actions import Store
from store.actions.approvals import (
    Verdict,
    claim_approved,
    decide_approval,
    edit_approval,
    expire_approval,
    refuse_approved,
    request_approval,
)
from store.actions.deadlines import enforce_deadlines
from store.actions.runs import begin_segment, finish_run, request_stop, retry_run, time_out_run
from store.actions.schedules import fire_schedule, install_schedules
from store.actions.steps import begin_step, record_read, refuse_step, settle_step
from store.database import Database
from store.kernel.canonical import JsonObject
from store.kernel.clock import ManualClock
from store.kernel.errors import IllegalTransition, Refused
from store.kernel.ports import Segment, Transaction
from store.records import (
    Approval,
    ApprovalRequest,
    ApprovalState,
    EditedCall,
    FirePlan,
    Misfire,
    Outcome,
    Overlap,
    PlannedDue,
    Requirement,
    Run,
    RunLimits,
    RunState,
    Schedule,
    Step,
    StepState,
)
from tests.properties.promises import START, TEN, check, check_move
from tests.properties.seen import Seen, see
from tests.store.samples import intent, person, requested

ROLE = frozenset({"ana", "ben", "cat"})
LIMITS = RunLimits(max_steps=4, max_cost_micros=1_000, max_day_cost_micros=1_200, wall_seconds=60, retries=2)
SCHEDULE = Schedule(
    id="watch-often",
    agent_id="watch",
    every_seconds=10,
    timezone="UTC",
    misfire=Misfire.RUN_ALL,
    overlap=Overlap.QUEUE,
    lateness_seconds=5,
    limits=LIMITS,
    workspace_digest="w1",
    next_fire_at=START,
)

COUNTS = (Verdict.DECIDED, Verdict.COUNTED)

T = TypeVar("T")

picks = st.integers(0, 7)
places = st.integers(0, 3)
holds = st.sampled_from([0, 300, 500, 700, 1_001])
ends = st.sampled_from([state for state in RunState if state.is_final])
outcomes = st.sampled_from([StepState.DONE, StepState.FAILED, StepState.REFUSED, StepState.UNKNOWN])
planned = st.lists(st.sampled_from([Outcome.PENDING, Outcome.MISSED, Outcome.SKIPPED]), min_size=1, max_size=3)
people = st.sampled_from(["ana", "ben", "cat", "eve"])
seldom = st.sampled_from([False, False, False, True])
roles = st.sampled_from([ROLE, ROLE, ROLE, frozenset({"ben"})])


class Life(RuleBasedStateMachine):
    """Two runs that Ana asked for are under way, and a schedule. After every rule everything is looked at."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.clock = ManualClock(START)
        self.enqueued: list[str] = []
        self.over: Counter[str] = Counter()
        """How much the bills of a run, or of a day, went over what was held for them."""
        database = Database(url)
        sa.event.listen(database.engine, "connect", _without_flushing)
        self.store = Store(database, self.clock, self._enqueue)
        install_schedules(self.store, [SCHEDULE])
        for key in ("a", "b"):
            begin_segment(self.store, requested(self.store, key, by=person("ana"), limits=LIMITS).id, 0)
        self.seen: Seen = see(self.store)

    def teardown(self) -> None:
        self.store.database.close()

    def _enqueue(self, tx: Transaction, segment: Segment) -> None:
        self.enqueued.append(segment.key)

    def attempt(self, act: Callable[[], T]) -> T | None:
        """What the action returns; None when it refuses, and then it must not have changed anything."""
        before = len(self.enqueued)
        try:
            return act()
        except (Refused, IllegalTransition):
            del self.enqueued[before:]
            assert see(self.store) == self.seen
            return None

    def runs(self, *states: RunState) -> list[Run]:
        """The runs in these states, or all, in a fixed order."""
        found = sorted(self.seen.runs.values(), key=lambda run: run.id)
        return [run for run in found if run.state in states or not states]

    def steps(self, *states: StepState) -> list[Step]:
        """The steps in these states."""
        return [step for _, step in sorted(self.seen.steps.items()) if step.state in states]

    def approvals(self, *states: ApprovalState) -> list[Approval]:
        """The approvals in these states, or all."""
        return [one for _, one in sorted(self.seen.approvals.items()) if one.state in states or not states]

    @rule(seconds=st.sampled_from([1, 1, 9, 31, 95, 60_000]))
    def time_passes(self, seconds: int) -> None:
        self.clock.move_to(self.clock.now() + timedelta(seconds=seconds))

    @precondition(lambda self: self.runs(RunState.QUEUED))
    @rule(pick=picks, late=seldom)
    def a_segment_begins(self, pick: int, late: bool) -> None:
        run = one(self.runs(RunState.QUEUED), pick)
        assert (begin_segment(self.store, run.id, run.segment - late) is None) == late

    @rule(pick=picks, what=st.sampled_from(["retry", "retry", "stop", "end", "time out"]), state=ends, late=seldom)
    def a_run_is_interrupted(self, pick: int, what: str, state: RunState, late: bool) -> None:
        run = one(self.runs(RunState.RUNNING) or self.runs(), pick)
        if what == "retry":
            may = run.state is RunState.RUNNING and run.attempt <= LIMITS.retries
            assert retry_run(self.store, run.id, "it broke") == may
        elif what == "stop":
            stopped = request_stop(self.store, run.id, person("ben"))
            assert stopped.state.is_final or (run.state is RunState.RUNNING and stopped.stop_requested_by)
        elif what == "end":
            ended = finish_run(self.store, run.id, state=state, reason="so it ends", segment=run.segment - late)
            assert (ended != run) == (run.state is RunState.RUNNING and not late)
        else:
            time_out_run(self.store, run.id)

    @precondition(lambda self: self.steps(StepState.STARTED))
    @rule(pick=picks, state=outcomes, spent=holds, taint=st.booleans())
    def a_call_is_settled(self, pick: int, state: StepState, spent: int, taint: bool) -> None:
        step = one(self.steps(StepState.STARTED), pick)
        settled = settle_step(self.store, step.run_id, step.key, state=state, spent_micros=spent, taint=taint)
        over = max(0, spent - step.held_micros)
        self.over.update({step.run_id: over, step.started_at.date().isoformat(): over})
        after = see(self.store)
        assert settle_step(self.store, step.run_id, step.key, state=StepState.DONE, spent_micros=9) == settled
        assert see(self.store) == after

    @invariant()
    def the_record_holds(self) -> None:
        now = see(self.store)
        check(now)
        check_move(self.seen, now)
        self._check_caps(now)
        self._check_queue(now)
        self.seen = now

    def _check_caps(self, now: Seen) -> None:
        for run in now.runs.values():
            assert run.spent_micros + run.held_micros <= LIMITS.max_cost_micros + self.over[run.id]
        for day, (held, spent) in now.days.items():
            assert held + spent <= (LIMITS.max_day_cost_micros or 0) + self.over[day]

    def _check_queue(self, now: Seen) -> None:
        """What is queued was enqueued with it, and no segment ever twice."""
        assert set(Counter(self.enqueued).values()) <= {1}
        queued = {f"{run.id}/{run.segment}" for run in now.runs.values() if run.state is RunState.QUEUED}
        assert queued <= set(self.enqueued)


class Calling(Life):
    """Calls are made and cost money."""

    @precondition(lambda self: self.runs(RunState.RUNNING))
    @rule(pick=picks, place=places, hold=holds, other=seldom, late=seldom)
    def a_call_is_begun(self, pick: int, place: int, hold: int, other: bool, late: bool) -> None:
        run = one(self.runs(RunState.RUNNING), pick)
        caller = run.model_copy(update={"segment": run.segment - late})
        arguments: JsonObject | None = {"other": True} if other else None
        begun = self.attempt(lambda: begin_step(self.store, intent(caller, place, hold, arguments=arguments)))
        assert not (begun and late)

    @precondition(lambda self: self.runs(RunState.RUNNING))
    @rule(pick=picks, place=places, taint=st.booleans())
    def a_read_is_recorded(self, pick: int, place: int, taint: bool) -> None:
        run = one(self.runs(RunState.RUNNING), pick)
        self.attempt(lambda: record_read(self.store, intent(run, place), result=place, taint=taint))

    @precondition(lambda self: self.runs(RunState.RUNNING))
    @rule(pick=picks, place=places)
    def a_call_is_refused(self, pick: int, place: int) -> None:
        run = one(self.runs(RunState.RUNNING), pick)
        self.attempt(lambda: refuse_step(self.store, intent(run, place), reason="no", rule_id="R2"))


class Asking(Life):
    """People are asked, and answer from one account or another."""

    @precondition(lambda self: self.runs(RunState.RUNNING))
    @rule(pick=picks, place=places, quorum=st.integers(1, 2), within=st.sampled_from([None, 30]))
    def people_are_asked(self, pick: int, place: int, quorum: int, within: int | None) -> None:
        self.ask(one(self.runs(RunState.RUNNING), pick), place, _required(quorum, within))

    def ask(self, run: Run, place: int, required: Requirement) -> Approval | None:
        """The approval asked for; None when nobody may be asked."""
        request = ApprovalRequest(
            intent=intent(run, place),
            agent_id=run.agent_id,
            tool="files.move",
            arguments={"n": place},
            summary="Moves one file",
            undo=None,
            claim=None,
            rule_reason=None,
            requirement=required,
        )
        return self.attempt(lambda: request_approval(self.store, request))

    @precondition(lambda self: self.approvals(ApprovalState.OPEN))
    @rule(pick=picks, who=people, phone=st.booleans(), approve=st.sampled_from([True, True, False]), eligible=roles)
    def a_person_clicks_twice(self, pick: int, who: str, phone: bool, approve: bool, eligible: frozenset[str]) -> None:
        asked = one(self.approvals(ApprovalState.OPEN), pick)
        verdict = self.click(asked, who, phone=phone, approve=approve, eligible=eligible)
        voted = {vote.person_id for vote in self.seen.votes.get(asked.id, set())}
        in_time = asked.expires_at > self.clock.now()
        counts = in_time and who in eligible and who not in voted and who != asked.requested_by.id
        assert (verdict in COUNTS) == counts
        assert (verdict is Verdict.TOO_LATE) == (not in_time)
        self.the_record_holds()
        assert self.click(asked, who, phone=not phone, approve=approve, eligible=eligible) not in COUNTS

    def click(self, asked: Approval, who: str, *, phone: bool, approve: bool, eligible: frozenset[str]) -> Verdict:
        """What becomes of one click; everybody has two accounts."""
        account, surface = (f"{who}-phone", "slack") if phone else (who, "console")
        decision = decide_approval(
            self.store,
            asked.id,
            person_id=who,
            account=account,
            surface=surface,
            approve=approve,
            eligible=eligible,
        )
        return decision.verdict

    @precondition(lambda self: self.approvals(ApprovalState.OPEN))
    @rule(pick=picks)
    def everybody_approves_and_the_run_goes_on(self, pick: int) -> None:
        asked = one(self.approvals(ApprovalState.OPEN), pick)
        for who in sorted(ROLE):
            self.click(asked, who, phone=False, approve=True, eligible=ROLE)
            self.the_record_holds()
        run = self.seen.runs[asked.run_id]
        assert run.state is RunState.QUEUED
        assert begin_segment(self.store, run.id, run.segment) is not None

    @precondition(lambda self: self.approvals(ApprovalState.OPEN))
    @rule(pick=picks, who=st.sampled_from(sorted(ROLE)), number=st.integers(0, 1))
    def people_edit_the_same_call(self, pick: int, who: str, number: int) -> None:
        asked = one(self.approvals(ApprovalState.OPEN), pick)
        assert self.edit(asked, "eve", number) is None
        assert (self.edit(asked, who, number) is not None) == (asked.expires_at > self.clock.now())
        self.the_record_holds()
        assert self.edit(asked, "ben", number + 1) is None

    def edit(self, asked: Approval, who: str, number: int) -> Approval | None:
        """The successor; None when the person may not edit, or nobody any more."""
        edited = EditedCall(
            arguments={"n": number},
            request={"agent": "watch", "tool": "files.move", "arguments": {"n": number}},
            summary="Moves another file",
            rule_id="R1",
            rule_reason=None,
            requirement=_required(1, None),
        )
        return self.attempt(
            lambda: edit_approval(self.store, asked.id, person_id=who, surface="slack", edited=edited, eligible=ROLE)
        )

    @precondition(lambda self: self.approvals(ApprovalState.OPEN))
    @rule(pick=picks, in_time=st.booleans())
    def an_approval_may_expire(self, pick: int, in_time: bool) -> None:
        asked = one(self.approvals(ApprovalState.OPEN), pick)
        if not in_time:
            self.clock.move_to(asked.expires_at)
        assert expire_approval(self.store, asked.id) == (asked.expires_at <= self.clock.now())
        self.the_record_holds()
        assert not expire_approval(self.store, asked.id)

    @precondition(lambda self: self.approvals(ApprovalState.APPROVED, ApprovalState.OPEN))
    @rule(pick=picks, other=seldom, eligible=roles)
    def a_call_is_claimed_twice(self, pick: int, other: bool, eligible: frozenset[str]) -> None:
        asked = one(self.approvals(ApprovalState.APPROVED, ApprovalState.OPEN), pick)
        in_time = asked.execute_before is None or asked.execute_before > self.clock.now()
        claimed = claim_approved(self.store, asked.id, "other" if other else asked.call_hash, eligible=eligible)
        assert not claimed or (asked.state is ApprovalState.APPROVED and in_time and not other)
        self.the_record_holds()
        assert not claim_approved(self.store, asked.id, asked.call_hash, eligible=ROLE)

    @precondition(lambda self: any(one.state is not ApprovalState.OPEN for one in self.seen.approvals.values()))
    @rule(pick=picks)
    def a_call_that_was_asked_about_is_begun_without_its_approval(self, pick: int) -> None:
        asked = one(self.approvals(), pick)
        step = self.seen.steps[asked.run_id, asked.step_key]
        begun = self.attempt(lambda: begin_step(self.store, intent(self.seen.runs[asked.run_id], step.position)))
        assert begun is None or step.state is StepState.STARTED

    @precondition(lambda self: self.approvals(ApprovalState.APPROVED))
    @rule(pick=picks, given_up=seldom)
    def an_approved_call_may_be_given_up(self, pick: int, given_up: bool) -> None:
        if given_up:
            refuse_approved(self.store, one(self.approvals(ApprovalState.APPROVED), pick).id, "the policy changed")


class Coming(Life):
    """Due times come, and so does Ana."""

    @rule(key=st.sampled_from(["a", "b", "c"]))
    def ana_asks_for_a_run(self, key: str) -> None:
        run = requested(self.store, key, by=person("ana"), limits=LIMITS)
        assert self.seen.runs.get(run.id, run) == run

    @rule(outcomes=planned, replaces=st.booleans())
    def due_times_come(self, outcomes: list[Outcome], replaces: bool) -> None:
        start = self.seen.schedule.next_fire_at
        assert start is not None
        active = [run.id for run in self.runs(RunState.QUEUED, RunState.RUNNING) if run.trigger.schedule_id]
        plan = FirePlan(
            schedule_id=SCHEDULE.id,
            from_fire_at=start,
            until_fire_at=start + TEN * len(outcomes),
            dues=tuple(PlannedDue(due_at=start + TEN * n, outcome=what) for n, what in enumerate(outcomes)),
            cancel_run_ids=tuple(active) if replaces else (),
        )
        assert fire_schedule(self.store, plan)
        after = see(self.store)
        assert not fire_schedule(self.store, plan)
        assert see(self.store) == after

    @rule()
    def the_deadlines_are_swept(self) -> None:
        enforce_deadlines(self.store)


def one(found: Sequence[T], pick: int) -> T:
    """One of them."""
    return found[pick % len(found)]


def _required(quorum: int, within: int | None) -> Requirement:
    return Requirement(role="approver", quorum=quorum, expires_seconds=90, execute_within_seconds=within)


def _without_flushing(connection: Any, _: object) -> None:
    """Nobody pulls the plug here."""
    connection.execute("PRAGMA synchronous=OFF")
