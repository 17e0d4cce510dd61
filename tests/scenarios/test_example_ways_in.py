"""The example team asked in words, told by a webhook, and its redirects taken back: on the day after the deploy."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.foundation import lay_foundation
from bot.settings import Settings
from bot.simulation.scenario import Scenario
from bot.simulation.simulate import Simulation, close_simulation, make_simulation
from bot.starts import start_run
from scheduler.speed import MAX
from store.actions.tasks import create_task
from store.kernel.canonical import JsonObject
from store.queries import approvals, runs, tasks
from store.records import Actor, ActorKind, ApprovalState, Run, RunState, Task, TaskState, TriggerKind

EXAMPLE = Path(__file__).parents[2] / "examples" / "web-analytics"
START = datetime(2021, 9, 15, 6, tzinfo=UTC)
NOON = START + timedelta(hours=6)
ANA = Actor(kind=ActorKind.PERSON, id="ana")
ASKED: JsonObject = {"request": {"text": "How was 2021-09-14?"}}


@pytest.fixture(scope="module")
def simulation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulation]:
    """A morning on which redirects were proposed, approved and written."""
    settings = Settings(state_dir=tmp_path_factory.mktemp("state"))
    foundation = lay_foundation(EXAMPLE, settings, simulated=True)
    people = EXAMPLE / "people-script.yaml"
    simulation = make_simulation(foundation, Scenario(start=START, until=NOON, speed=MAX, people=people), None)
    simulation.pass_time()
    yield simulation
    close_simulation(simulation)


def run_of(simulation: Simulation, agent: str, kind: TriggerKind, what: JsonObject) -> Run:
    """A run that somebody or something asked for, once it has ended."""
    store, team = simulation.crew.store, simulation.foundation.team
    run = start_run(store, team, team.agents[agent], kind=kind, key=f"{agent}:{kind}:{what}", by=ANA, what=what)
    simulation.time.run(store.clock.now() + timedelta(minutes=1))
    return runs.run(store, run.id)


def published(simulation: Simulation, run: Run) -> list[dict[str, Any]]:
    with sqlite3.connect(simulation.foundation.folder / "quarterdeck.db") as connection:
        found = [json.loads(body) for (body,) in connection.execute("SELECT body FROM qd_digests")]
    return [one for one in found if one["run_id"] == run.id]


@pytest.mark.parametrize(
    ("agent", "figure"),
    [
        ("ga-engagement", "Engaged sessions"),
        ("clarity-sessions", "Sessions that went straight back"),
        ("webflow-bandwidth", "Bandwidth"),
        ("ahrefs-audit", "Visits that met an error"),
        ("content-pipeline", "Clicks in search"),
    ],
)
def test_a_worker_asked_in_words_answers_for_the_day_that_was_named(
    simulation: Simulation, agent: str, figure: str
) -> None:
    run = run_of(simulation, agent, TriggerKind.FORM, ASKED)
    assert run.state is RunState.DONE, run.reason
    [answer] = published(simulation, run)
    assert answer["name"] == "answer"
    assert answer["title"] == "Tuesday, 2021-09-14"
    assert figure in [one["label"] for one in answer["figures"]]


def test_the_chief_asked_in_words_says_what_happened_and_makes_nothing_twice(simulation: Simulation) -> None:
    run = run_of(simulation, "chief-of-staff", TriggerKind.FORM, {"request": {"text": "How do things stand?"}})
    assert run.state is RunState.DONE, run.reason
    assert run.result is not None
    assert run.result["summary"] == "A deploy broke pages."
    with sqlite3.connect(simulation.foundation.folder / "quarterdeck.db") as connection:
        assert connection.execute("SELECT count(*) FROM qd_tasks").fetchone() == (1,)


def test_what_a_person_asked_of_a_worker_is_not_closed_by_its_figures(simulation: Simulation) -> None:
    store = simulation.crew.store
    now = store.clock.now()
    mine = Task(
        id="task_mine", title="Write", agent_id="content-pipeline", created_by=ANA, created_at=now, changed_at=now
    )
    create_task(store, mine)
    run = run_of(simulation, "content-pipeline", TriggerKind.MANUAL, {"task": "morning"})
    assert run.state is RunState.DONE, run.reason
    assert run.result is not None
    assert run.result["summary"] == "Every figure is as expected."
    assert tasks.task(store, "task_mine").state is TaskState.OPEN


def test_the_host_says_that_the_site_was_published_and_the_audit_looks(simulation: Simulation) -> None:
    run = run_of(
        simulation, "ahrefs-audit", TriggerKind.WEBHOOK, {"task": "morning", "webhook": {"event": "site_publish"}}
    )
    assert run.state is RunState.DONE, run.reason
    assert run.result is not None
    assert "The redirects are written." in str(run.result["summary"])


def test_a_person_who_presses_undo_has_the_redirects_taken_back(simulation: Simulation) -> None:
    store, written = simulation.crew.store, simulation.foundation.folder / "files" / "out" / "_redirects"
    [approval] = [one for one in approvals.recent_approvals(store) if one.tool == "redirects.write"]
    assert approval.state is ApprovalState.EXECUTED
    assert written.exists()
    run = run_of(simulation, "ahrefs-audit", TriggerKind.BUTTON, {"undo_of": approval.id})
    assert run.state is RunState.DONE, run.reason
    assert not written.exists()
