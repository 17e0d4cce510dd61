"""What the runtime adds to a digest: the week before, who needs what, who did not run, and where figures came from."""

from datetime import timedelta
from typing import Any

import pytest

from blocks.cards import digest_card
from blocks.cards.view import CardView
from blocks.digest_check import check_digest
from store.actions.schedules import fire_schedule, install_schedules
from store.actions.tasks import create_task, move_task
from store.queries import findings
from store.records import (
    Digest,
    FirePlan,
    Misfire,
    Outcome,
    Overlap,
    PlannedDue,
    Run,
    RunState,
    Schedule,
    Task,
    TaskState,
)
from tests.agents.rig import AGENT, ASK_FOR_PUSH, LIMITS, START, Rig, person
from tests.blocks.reading import in_words

FIGURES = '[{"label": "Users", "value": "71", "lower": "90", "upper": "110", "status": "low"}]'


@pytest.fixture
def team(rig: Rig) -> Rig:
    worker = rig.team.agents[AGENT]
    rig.change_team(
        agents={AGENT: worker, "scribe": worker.model_copy(update={"id": "scribe", "name": "Scribe"})},
        policy=rig.policy_for("scribe"),
    )
    return rig


def published(rig: Rig, run: Run) -> Digest:
    assert run.state is RunState.DONE, run.reason
    [found] = findings.digests_of_run(rig.store, run.id, run.agent_id, run.created_at)
    return found


def digest_of(rig: Rig, arguments: str = "", key: str = "k", before: str = "") -> Digest:
    rig.routine(f'{before}\nawait ctx.call("digest.publish", name="daily", headline="As it was."{arguments})')
    return published(rig, rig.run(key=key))


def task(rig: Rig, name: str, state: TaskState, **changes: object) -> None:
    made = Task(
        id=f"task_{name}", title=name, agent_id=AGENT, created_by=person("ana"), created_at=START, changed_at=START
    )
    create_task(rig.store, made.model_copy(update=changes))
    if state is not TaskState.OPEN:
        move_task(rig.store, made.id, person("ana"), to=state, reason="so it is")


def test_counts_are_those_of_the_task_store(team: Rig) -> None:
    for number, state in enumerate((TaskState.DONE, TaskState.DONE, TaskState.IN_PROGRESS, TaskState.BLOCKED)):
        task(team, f"a{number}", state)
    task(team, "theirs", TaskState.BLOCKED, agent_id="scribe")
    frame = digest_of(team).frame
    assert frame is not None
    assert (frame.work.finished, frame.work.running, frame.work.blocked) == (2, 1, 1)
    everybody = digest_of(team, ', scope="team"', key="all").frame
    assert everybody is not None
    assert everybody.work.blocked == 2


def test_what_waits_for_people_is_named_with_its_owner(team: Rig) -> None:
    team.govern(*ASK_FOR_PUSH)
    team.routine('await ctx.call("push", n=1)')
    team.run(key="asks")
    task(team, "late", TaskState.OPEN, agent_id=None, person_id="cat", due_at=START - timedelta(hours=1))
    team.change_team(policy=team.policy_for("scribe"))
    frame = digest_of(team, ', scope="team"').frame
    assert frame is not None
    assert [(one.text, one.owner) for one in frame.needs] == [
        ("Overdue task: late", "cat"),
        ("Decide: push 1", "the role approver"),
    ]
    own = digest_of(team, key="own").frame
    assert own is not None
    assert [one.owner for one in own.needs] == ["the role approver"]


def test_what_was_decided_is_told_with_who_decided_and_what_came_of_it(team: Rig) -> None:
    team.govern(*ASK_FOR_PUSH)
    team.routine('await ctx.call("push", n=1)')
    team.run(key="asks")
    team.decide("ana")
    team.drive()
    team.routine('await ctx.call("push", n=2)')
    team.run(key="asks-again")
    team.decide("ben", approve=False, reason="not today")
    team.drive()
    digest = digest_of(team)
    frame = digest.frame
    assert frame is not None
    assert {(one.text, one.state, one.by) for one in frame.decided} == {
        ("push 1", "executed", ("ana",)),
        ("push 2", "rejected", ("ben",)),
    }
    assert "rejected, by ben" in in_words(digest_card(digest, CardView())).lower()


def test_an_agent_that_did_not_run_is_named_with_its_last_data(team: Rig) -> None:
    team.run_as("scribe", "return {}")
    at = START + timedelta(days=2, hours=12)
    often = Schedule(
        id="scribe.often",
        agent_id="scribe",
        every_seconds=3600,
        timezone="UTC",
        misfire=Misfire.SKIP,
        overlap=Overlap.SKIP,
        lateness_seconds=60,
        limits=LIMITS,
        workspace_digest="w",
        next_fire_at=at,
    )
    install_schedules(team.store, [often])
    missed = PlannedDue(due_at=at, outcome=Outcome.MISSED, reason="nobody was there")
    until = at + timedelta(hours=1)
    fire_schedule(team.store, FirePlan(schedule_id=often.id, from_fire_at=at, until_fire_at=until, dues=(missed,)))
    team.later(days=3)
    frame = digest_of(team, ', scope="team"').frame
    assert frame is not None
    assert [(one.agent_id, one.reason, one.last_at) for one in frame.missing] == [
        ("scribe", "was missed: nobody was there", START)
    ]


def test_a_figure_is_compared_with_the_week_before(team: Rig) -> None:
    first = digest_of(team, f", figures={FIGURES}", key="first")
    assert first.figures[0].change == "first on record"
    team.later(days=7)
    second = digest_of(team, f", figures={FIGURES}".replace('"71"', '"100"'), key="second")
    assert (second.figures[0].same_weekday, second.figures[0].change) == ("71", "+29 (+41 %)")
    team.later(days=3)
    assert digest_of(team, f", figures={FIGURES}", key="third").figures[0].change == "first on record"


def test_figures_are_traced_to_the_steps_they_came_from(team: Rig) -> None:
    reads = """
reading = {"metric": "users", "at": "2026-01-05T07:00:00Z", "value": "71", "unit": ""}
await ctx.call("metrics.record", readings=[reading])
await ctx.call("metrics.read", metrics=["users"], since="2026-01-05T00:00:00Z")
"""
    found = digest_of(team, f", figures={FIGURES}", before=reads)
    traced = {origin.place: (origin.tool, origin.path) for origin in found.origins}
    assert traced["/figures/0/value"][0] == "metrics.read"
    assert traced["/figures/0/lower"] == (None, None)


def test_a_published_digest_passes_the_checker(team: Rig) -> None:
    task(team, "a", TaskState.BLOCKED)
    arguments: Any = (
        f', figures={FIGURES}, scope="team", cannot_see=["the ads account"], late=["search console"], '
        'recommendations=[{"text": "Put the tag back", "effect": "users are counted", "evidence": ["ga4: users"]}]'
    )
    found = digest_of(team, arguments)
    view = CardView(console_url="http://127.0.0.1:8420")
    assert check_digest(digest_card(found, view), found, view) == ()
