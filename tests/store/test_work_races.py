"""Two at once on shared work: one claims, no circle closes between them, one version, and a contradiction is seen."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from store.actions import Store
from store.actions.decisions import record_decision
from store.actions.runs import begin_segment
from store.actions.task_claims import claim_task
from store.actions.tasks import create_task, move_task, update_task
from store.actions.topics import write_topic
from store.kernel.errors import UserMistake
from store.queries import incidents, tasks
from store.queries.audit import events_for, verify_audit
from store.queries.decisions import decisions
from store.queries.topics import versions
from store.records import Actor, ActorKind, Decision, DecisionStanding, Run, Task, TaskState, TopicVersion
from tests.store import samples
from tests.store.conftest import START
from tests.store.samples import person
from tests.store.test_races import body, postgres_store, while_uncommitted

__all__ = ["postgres_store"]

ANA = person("ana")
WATCH = Actor(kind=ActorKind.AGENT, id="watch")
CLAIMANTS = 6


def made(store: Store, name: str, *blocked_by: str) -> Task:
    task = Task(id=f"task_{name}", title=name, agent_id="watch", created_by=ANA, created_at=START, changed_at=START)
    return create_task(store, task.model_copy(update={"blocked_by": tuple(f"task_{one}" for one in blocked_by)}))


def running(store: Store, key: str) -> Run:
    run = begin_segment(store, samples.requested(store, key).id, 0)
    assert run is not None
    return run


def at_once(*attempts: Callable[[], object]) -> list[object]:
    """What became of each: its result, or the mistake it was told."""
    together = Barrier(len(attempts))

    def attempt(one: Callable[[], object]) -> object:
        together.wait(20)
        try:
            return one()
        except UserMistake as told:
            return told

    with ThreadPoolExecutor(len(attempts)) as pool:
        return list(pool.map(attempt, attempts))


def test_of_many_that_claim_at_once_one_wins_and_all_others_are_told_who(store: Store) -> None:
    made(store, "a")
    claimants = [running(store, f"k{number}") for number in range(CLAIMANTS)]
    outcomes = at_once(*(lambda run=run: claim_task(store, "task_a", run.id) for run in claimants))
    [won] = [one for one in outcomes if isinstance(one, Task)]
    lost = [str(one) for one in outcomes if isinstance(one, UserMistake)]
    assert len(lost) == CLAIMANTS - 1
    assert all(str(won.held_by) in said for said in lost)
    assert [event.kind for event in events_for(store, "task", "task_a")] == ["task.created", "task.claimed"]
    assert verify_audit(store)[1] is None


@pytest.mark.postgres
def test_a_claim_that_is_not_committed_yet_is_not_overlooked(postgres_store: Store) -> None:
    made(postgres_store, "a")
    first, second = running(postgres_store, "one"), running(postgres_store, "two")
    told: list[str] = []

    def late() -> None:
        try:
            claim_task(postgres_store, "task_a", second.id)
        except UserMistake as mistake:
            told.append(str(mistake))

    while_uncommitted(postgres_store, lambda tx: body(claim_task)(tx, "task_a", first.id), late)
    assert tasks.task(postgres_store, "task_a").held_by == first.id
    assert first.id in told[0]


@pytest.mark.postgres
def test_links_that_would_close_a_circle_only_together_do_not(postgres_store: Store) -> None:
    made(postgres_store, "a")
    made(postgres_store, "b")
    made(postgres_store, "c", "b")
    made(postgres_store, "d", "a")
    told: list[str] = []

    def late() -> None:
        try:
            update_task(postgres_store, "task_b", ANA, changes={"blocked_by": ("task_d",)})
        except UserMistake as mistake:
            told.append(str(mistake))

    while_uncommitted(
        postgres_store,
        lambda tx: body(update_task)(tx, "task_a", ANA, changes={"blocked_by": ("task_c",)}),
        late,
    )
    assert "task_b → task_d → task_a → task_c → task_b" in told[0]
    assert tasks.task(postgres_store, "task_b").blocked_by == ()


@pytest.mark.postgres
def test_what_comes_to_wait_for_a_task_that_is_being_closed_does_not_wait_for_ever(postgres_store: Store) -> None:
    made(postgres_store, "a")
    while_uncommitted(
        postgres_store,
        lambda tx: body(move_task)(tx, "task_a", ANA, to=TaskState.DONE),
        lambda: made(postgres_store, "b", "a"),
    )
    assert tasks.task(postgres_store, "task_b").state is TaskState.OPEN


@pytest.mark.postgres
def test_the_last_two_it_waits_for_are_closed_at_once_and_it_is_workable(postgres_store: Store) -> None:
    for name in ("a", "b"):
        made(postgres_store, name)
    made(postgres_store, "c", "a", "b")
    while_uncommitted(
        postgres_store,
        lambda tx: body(move_task)(tx, "task_a", ANA, to=TaskState.DONE),
        lambda: move_task(postgres_store, "task_b", ANA, to=TaskState.DONE),
    )
    assert tasks.task(postgres_store, "task_c").state is TaskState.OPEN


@pytest.mark.postgres
def test_two_decisions_at_once_that_contradict_each_other_are_seen(postgres_store: Store) -> None:
    def one(name: str, choice: str) -> Decision:
        return Decision(
            id=f"decision_{name}",
            subject="Deploys",
            subject_key="",
            choice=choice,
            decided_by=ANA,
            decided_at=START,
        )

    while_uncommitted(
        postgres_store,
        lambda tx: body(record_decision)(tx, one("a", "yes")),
        lambda: record_decision(postgres_store, one("b", "no")),
    )
    assert {found.standing for found in decisions(postgres_store)} == {DecisionStanding.CONTESTED}
    assert len(incidents.open_incidents(postgres_store)) == 1


@pytest.mark.postgres
def test_two_that_write_a_topic_at_once_make_two_versions_and_who_read_an_older_one_is_told(
    postgres_store: Store,
) -> None:
    def version(text: str, by: Actor) -> TopicVersion:
        return TopicVersion(topic="site", number=0, text=text, written_by=by, written_at=START)

    told: list[str] = []

    def late() -> None:
        write_topic(postgres_store, version("two", ANA), writer="watch")
        try:
            write_topic(postgres_store, version("three", WATCH), writer="watch", based_on=0)
        except UserMistake as mistake:
            told.append(str(mistake))

    while_uncommitted(postgres_store, lambda tx: body(write_topic)(tx, version("one", WATCH), writer="watch"), late)
    assert [one.text for one in versions(postgres_store, "site")] == ["two", "one"]
    assert "at version 2 now, not 0" in told[0]
