"""Shared work in any order: one run holds a task at a time, no circle forms, one writer, no stranger's words let in."""

import shutil
from datetime import timedelta
from itertools import combinations, count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test

from store.actions import Store
from store.actions.approvals import expire_approval
from store.actions.deadlines import enforce_deadlines
from store.actions.decisions import acknowledge_decision, record_decision, uphold_decision
from store.actions.notes import acknowledge_note, send_note
from store.actions.runs import begin_segment, finish_run, request_stop
from store.actions.task_claims import claim_task, release_task, renew_task
from store.actions.tasks import assign_task, create_task, move_task, update_task
from store.actions.topics import propose_topic, review_proposal, write_topic
from store.database import Database
from store.kernel.clock import ManualClock
from store.kernel.errors import IllegalTransition, Refused, UserMistake
from store.migrate import migrate
from store.queries import runs, tasks
from store.queries.approvals import approvals_of_run
from store.queries.audit import verify_audit
from store.queries.decisions import acknowledged_by, decisions
from store.queries.incidents import open_incidents
from store.queries.notes import unread_notes
from store.queries.topics import versions
from store.queries.work import task_counts
from store.records import (
    Actor,
    ActorKind,
    Decision,
    DecisionStanding,
    Note,
    Owner,
    Proposal,
    RunLimits,
    RunState,
    Task,
    TaskState,
    TopicVersion,
)
from store.rules.decisions import contradict
from store.rules.tasks import circle
from tests.store import samples
from tests.store.conftest import START, Queue
from tests.store.samples import person

AGENTS = ("watch", "scribe")
ANA = person("ana")
LIMITS = RunLimits(max_steps=100, max_cost_micros=1_000, wall_seconds=86_400)
STRANGER = "a stranger's words"
TOLD = (UserMistake, Refused, IllegalTransition)
"""What anybody may be told in place of having their way."""

agent_ids = st.sampled_from(AGENTS)
actors = st.sampled_from([ANA, *(Actor(kind=ActorKind.AGENT, id=name) for name in AGENTS)])


class Work(RuleBasedStateMachine):
    """One record; every rule may be refused, and no invariant may break."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.clock = ManualClock(START)
        self.store = Store(Database(url), self.clock, Queue())
        self.numbers = count()

    def teardown(self) -> None:
        assert verify_audit(self.store)[1] is None
        self.store.database.close()

    def _try(self, action: object, *args: object, **options: object) -> None:
        """Has it done, or be told why not."""
        try:
            action(self.store, *args, **options)  # type: ignore[operator]  # any action
        except TOLD:
            return


class Doing(Work):
    """Agents' runs take up tasks that wait for one another; people move them about; time passes."""

    task_ids = Bundle("task_ids")
    run_ids = Bundle("run_ids")

    @rule(target=run_ids, agent_id=agent_ids)
    def begins(self, agent_id: str) -> str:
        run = samples.requested(self.store, f"k{next(self.numbers)}", agent_id=agent_id, limits=LIMITS)
        begin_segment(self.store, run.id, 0)
        return run.id

    @rule(run_id=run_ids)
    def waits(self, run_id: str) -> None:
        run = runs.run(self.store, run_id)
        if run.state is RunState.RUNNING and not approvals_of_run(self.store, run_id):
            samples.asked(self.store, run, expires_seconds=30)

    @rule(run_id=run_ids)
    def goes_on(self, run_id: str) -> None:
        for approval in approvals_of_run(self.store, run_id):
            expire_approval(self.store, approval.id)
        begin_segment(self.store, run_id, runs.run(self.store, run_id).segment)

    @rule(run_id=consumes(run_ids), stopped=st.booleans())
    def ends(self, run_id: str, *, stopped: bool) -> None:
        if stopped:
            request_stop(self.store, run_id, ANA)
        finish_run(self.store, run_id, state=RunState.DONE)

    @rule(target=task_ids, agent_id=st.one_of(st.none(), agent_ids), blockers=st.lists(task_ids, max_size=3))
    def makes(self, agent_id: str | None, blockers: list[str]) -> str:
        now = self.clock.now()
        task = Task(
            id=f"task_{next(self.numbers)}",
            title="Look",
            agent_id=agent_id,
            created_by=ANA,
            created_at=now,
            changed_at=now,
            blocked_by=tuple(dict.fromkeys(blockers)),
            due_at=now + timedelta(seconds=90),
        )
        return create_task(self.store, task).id

    @rule(task_id=task_ids, blockers=st.lists(task_ids, max_size=3))
    def links(self, task_id: str, blockers: list[str]) -> None:
        self._try(update_task, task_id, ANA, changes={"blocked_by": tuple(dict.fromkeys(blockers))})

    @rule(task_id=task_ids, first=run_ids, second=run_ids)
    def two_claim(self, task_id: str, first: str, second: str) -> None:
        self.claims(task_id, first, 60)
        self.claims(task_id, second, 60)

    @rule(task_id=task_ids, run_id=run_ids)
    def claims_and_waits(self, task_id: str, run_id: str) -> None:
        self.claims(task_id, run_id, 60)
        self.waits(run_id)

    @rule(task_id=task_ids, run_id=run_ids, seconds=st.sampled_from([20, 60, 200]))
    def claims(self, task_id: str, run_id: str, seconds: int) -> None:
        before = tasks.task(self.store, task_id).held_by
        self._try(claim_task, task_id, run_id, lease_seconds=seconds)
        assert before is None or tasks.task(self.store, task_id).held_by == before, "a hold is never taken away"

    @rule(task_id=task_ids, run_id=run_ids, returns=st.booleans())
    def renews_or_returns(self, task_id: str, run_id: str, *, returns: bool) -> None:
        if returns:
            self._try(release_task, task_id, run_id, "no")
        else:
            self._try(renew_task, task_id, run_id)

    @rule(task_id=task_ids, to=st.sampled_from(list(TaskState)))
    def moves(self, task_id: str, to: TaskState) -> None:
        self._try(move_task, task_id, ANA, to=to, reason=None if to is TaskState.OPEN else "so it is")

    @rule(task_id=task_ids, agent_id=st.one_of(st.none(), agent_ids))
    def hands_over(self, task_id: str, agent_id: str | None) -> None:
        self._try(assign_task, task_id, ANA, to=Owner(agent_id=agent_id))

    @rule(seconds=st.sampled_from([10, 45, 120]))
    def passes(self, seconds: int) -> None:
        self.clock.move_to(self.clock.now() + timedelta(seconds=seconds))
        enforce_deadlines(self.store)
        now = self.clock.now()
        assert all(task.held_until is None or task.held_until > now for task in self._tasks())
        assert all(task.escalated_at is not None for task in self._tasks() if task.is_overdue(now))

    @invariant()
    def one_living_run_holds_a_task(self) -> None:
        for task in self._tasks():
            assert (task.held_by is None) or (task.state is TaskState.IN_PROGRESS)
            if task.held_by is not None:
                run = runs.run(self.store, task.held_by)
                assert not run.state.is_final
                assert run.agent_id == task.agent_id
                assert (task.held_until is None) is (run.state is not RunState.RUNNING)

    @invariant()
    def no_task_waits_for_itself_and_only_what_waits_is_blocked_by_others(self) -> None:
        by_id = {task.id: task for task in self._tasks()}
        links = {task.id: task.blocked_by for task in by_id.values()}
        for task in by_id.values():
            assert circle({**links, task.id: ()}, task.id, task.blocked_by) is None
            waits = any(not by_id[one].state.is_closed for one in task.blocked_by)
            assert not (waits and task.state is TaskState.OPEN)
            assert waits or task.state is not TaskState.BLOCKED or task.reason is not None

    @invariant()
    def the_trail_tells_where_every_task_stands(self) -> None:
        now, found = self.clock.now(), self._tasks()
        told = task_counts(self.store, since=START - timedelta(days=1), as_of=now)
        states = [task.state for task in found]
        counted = (told.open, told.in_progress, told.blocked, told.finished, told.dropped)
        assert counted == tuple(states.count(state) for state in TaskState)

    def _tasks(self) -> list[Task]:
        return tasks.tasks(self.store, states=tuple(TaskState), limit=1_000)


class Saying(Work):
    """Notes, decisions and topics: told, chosen, written, let in and turned away."""

    note_ids = Bundle("note_ids")
    decision_ids = Bundle("decision_ids")
    proposal_ids = Bundle("proposal_ids")

    @rule(target=note_ids, to_agent=agent_ids)
    def tells(self, to_agent: str) -> str:
        now = self.clock.now()
        due_at = now + timedelta(seconds=30)
        note = Note(
            id=f"note_{next(self.numbers)}", to_agent=to_agent, sender=ANA, text="Look", created_at=now, due_at=due_at
        )
        return send_note(self.store, note).id

    @rule(note_id=note_ids, actor=actors)
    def acknowledges(self, note_id: str, actor: Actor) -> None:
        self._try(acknowledge_note, note_id, actor)

    @rule(target=decision_ids, choice=st.sampled_from(["yes", "no", "Yes."]), subject=st.sampled_from(["a", "b"]))
    def decides(self, choice: str, subject: str) -> str:
        return record_decision(self.store, self._decision(choice, subject)).id

    @rule(target=decision_ids, old=decision_ids, choice=st.sampled_from(["yes", "no"]))
    def supersedes(self, old: str, choice: str) -> str:
        made = self._decision(choice, "a").model_copy(update={"supersedes": old})
        self._try(record_decision, made)
        return old

    @rule(decision_id=decision_ids, actor=actors)
    def upholds_or_takes_note(self, decision_id: str, actor: Actor) -> None:
        self._try(uphold_decision if actor == ANA else acknowledge_decision, decision_id, actor)

    @rule(by=actors, tainted=st.booleans())
    def writes(self, by: Actor, *, tainted: bool) -> None:
        tainted = tainted and not by.is_person
        words = f"{STRANGER if tainted else 'ours'} {next(self.numbers)}"
        version = TopicVersion(topic="site", number=0, text=words, written_by=by, written_at=self.clock.now())
        self._try(write_topic, version, writer="watch", tainted=tainted)

    @rule(target=proposal_ids, tainted=st.booleans())
    def proposes(self, *, tainted: bool) -> str:
        number = next(self.numbers)
        proposal = Proposal(
            id=f"proposal_{number}",
            topic="site",
            agent_id="watch",
            text=f"{STRANGER if tainted else 'theirs'} {number}",
            why="so",
            proposed_by=Actor(kind=ActorKind.AGENT, id="scribe"),
            proposed_at=self.clock.now(),
            based_on=0,
        )
        return propose_topic(self.store, proposal, tainted=tainted).id

    @rule(proposal_id=proposal_ids, by=actors, accept=st.booleans(), tainted=st.booleans())
    def reviews(self, proposal_id: str, by: Actor, *, accept: bool, tainted: bool) -> None:
        self._try(review_proposal, proposal_id, by, accept=accept, reason="so", tainted=tainted)

    @invariant()
    def only_its_writer_and_people_wrote_the_topic_and_no_stranger(self) -> None:
        for version in versions(self.store, "site", limit=1_000):
            assert version.written_by.is_person or version.written_by.id == "watch"
            assert version.written_by.is_person or STRANGER not in version.text

    @invariant()
    def what_contradicts_is_contested_and_said(self) -> None:
        found = decisions(self.store, limit=1_000)
        against = {one.id for pair in combinations(found, 2) if contradict(*pair) for one in pair}
        assert {one.id for one in found if one.standing is DecisionStanding.CONTESTED} == against
        said = {one.cause for one in open_incidents(self.store) if one.kind == "contradiction"}
        assert said == {f"decisions.contradict:{one.subject_key}" for one in found if one.id in against}

    @invariant()
    def nobody_takes_note_for_another(self) -> None:
        found = decisions(self.store, limit=1_000)
        taken = acknowledged_by(self.store, [one.id for one in found])
        assert all(taken[one.id] <= set(one.affects) for one in found)
        assert all(note.acknowledged_by is None for note in unread_notes(self.store, limit=1_000))

    def _decision(self, choice: str, subject: str) -> Decision:
        return Decision(
            id=f"decision_{next(self.numbers)}",
            subject=subject,
            subject_key="",
            choice=choice,
            decided_by=ANA,
            decided_at=self.clock.now(),
            affects=("watch",),
        )


@pytest.mark.parametrize("life", [Doing, Saying])
def test_shared_work_keeps_its_promises(tmp_path: Path, life: type[Work]) -> None:
    template = tmp_path / "template.db"
    database = Database(f"sqlite:///{template}")
    migrate(database)
    database.close()
    numbers = count()

    def begin() -> Work:
        return life(f"sqlite:///{shutil.copy(template, tmp_path / f'{next(numbers)}.db')}")

    run_state_machine_as_test(
        begin,  # type: ignore[arg-type]  # it takes anything that returns a machine, and says so in its documentation
        settings=settings(
            max_examples=30,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
