"""The command table: what is said is done, and what cannot be done is said."""

from datetime import UTC, datetime, timedelta

import pytest

from agents.roster import Team
from blocks.elements import FormButton
from blocks.render import text
from bot.inbound.commands import COMMANDS, command
from bot.inbound.desk import Desk
from bot.inbound.intake import Intake
from bot.inbound.listings import SHOWN
from bot.surfaces.base import Answer, InboundEvent, InboundKind
from store.actions.approvals import decide_approval
from store.actions.runs import finish_run
from store.actions.steps import begin_step, settle_step
from store.kernel.clock import ManualClock
from store.kernel.errors import NotFound, UserMistake
from store.queries import runs, tasks
from store.queries.spending import spending
from store.records import RunState, Spending, StepState
from tests.store.samples import asked, intent, person, requested, running


@pytest.fixture
def say(desk: Desk, team: Team) -> "Say":
    return Say(desk, team)


class Say:
    """Ana at a command line."""

    def __init__(self, desk: Desk, team: Team) -> None:
        self._desk, self._ana = desk, team.people["ana"]

    def __call__(self, text: str) -> Answer:
        event = InboundEvent(surface="cli", key=text, kind=InboundKind.COMMAND, account="ana", text=text)
        return command(self._desk, event, self._ana)


def test_stopping_an_agent_stops_every_unfinished_run_however_old(desk: Desk, clock: ManualClock, say: Say) -> None:
    waits = running(desk.store, "waits")
    asked(desk.store, waits)
    for number in range(SHOWN + 5):
        clock.move_to(clock.now() + timedelta(minutes=10))
        finish_run(desk.store, running(desk.store, f"later {number}").id, state=RunState.DONE)
    queued = requested(desk.store, "queued")
    answer = say("stop watch")
    assert {waits.id, queued.id} == {word.strip(".,") for word in str(answer.text).split() if word.startswith("run_")}
    assert {runs.run(desk.store, one.id).state for one in (waits, queued)} == {RunState.CANCELLED}


def test_stopping_many_names_some_and_counts_the_rest(desk: Desk, say: Say) -> None:
    for number in range(SHOWN + 3):
        requested(desk.store, f"queued {number}")
    assert str(say("stop watch").text).endswith(" and 3 more.")
    assert {run.state for run in runs.recent_runs(desk.store, limit=100)} == {RunState.CANCELLED}


def test_what_has_ended_is_not_stopped_again(desk: Desk, say: Say) -> None:
    done = running(desk.store)
    finish_run(desk.store, done.id, state=RunState.DONE)
    assert say(f"stop {done.id}").text == "Nothing is running there."
    assert say("stop watch").text == "Nothing is running there."
    with pytest.raises(NotFound):
        say("stop run_nobody")


def test_agents_says_who_there_is_what_each_does_and_what_is_next(desk: Desk, say: Say) -> None:
    running(desk.store, "now")
    card = say("agents").card
    assert card is not None
    assert "Watch: Running" in text.render(card)
    assert "next due" in text.render(card) or "nothing scheduled" in text.render(card)


def test_budget_adds_up_by_agent_and_together(desk: Desk, clock: ManualClock, say: Say) -> None:
    clock.move_to(datetime(2026, 1, 6, 8, tzinfo=UTC))
    _spend(desk, "yesterday", 400)
    clock.move_to(datetime(2026, 1, 7, 8, tzinfo=UTC))
    _spend(desk, "today", 250)
    held = running(desk.store, "held")
    begin_step(desk.store, intent(held, hold_micros=100))
    assert spending(desk.store, desk.presenter.facts) == (
        Spending(
            agent_id="watch",
            today_spent_micros=250,
            today_held_micros=100,
            week_spent_micros=650,
            week_held_micros=100,
            day_cap_micros=desk.team.agents["watch"].limits.max_day_cost_micros,
        ),
    )
    clock.move_to(datetime(2026, 1, 12, 0, 1, tzinfo=UTC))
    assert [one.week_spent_micros for one in spending(desk.store, desk.presenter.facts)] == [0]
    card = say("budget").card
    assert card is not None
    assert "The team" in text.render(card)


def _spend(desk: Desk, key: str, micros: int) -> None:
    run = running(desk.store, key)
    begin_step(desk.store, intent(run, hold_micros=micros))
    settle_step(desk.store, run.id, "t0", state=StepState.DONE, spent_micros=micros)
    finish_run(desk.store, run.id, state=RunState.DONE)


def test_why_names_the_trigger_the_authority_and_the_cost_of_each_subject(desk: Desk, team: Team, say: Say) -> None:
    run = running(desk.store, "asks", by=person("ben"))
    approval = asked(desk.store, run)
    decide_approval(
        desk.store,
        approval.id,
        person_id="ana",
        account="U1",
        surface="slack",
        approve=True,
        eligible=frozenset({"ana"}),
    )
    answers = [say(f"why {subject}").card for subject in (run.id, approval.id, f"approval:{approval.id}", "Watch")]
    for card in answers:
        assert card is not None
        said = text.render(card)
        for part in ("Ben (manual)", "Approved by Ana on Slack", "rule R1", "At what cost", run.id):
            assert part in said
    assert answers[1] == answers[2]


def test_why_says_so_when_there_is_nothing_to_explain(say: Say) -> None:
    for subject, words in (
        ("", "Say what to explain"),
        ("watch", "has not run yet"),
        ("run_nobody", "Nothing is known"),
    ):
        with pytest.raises(UserMistake, match=words):
            say(f"why {subject}")


def test_every_command_is_one_of_those_promised() -> None:
    promised = ["status", "agents", "run", "pause", "resume", "stop", "tasks", "approvals", "runs", "budget"]
    promised += ["schedules", "why", "help"]
    assert [name for name in promised if name not in COMMANDS] == []


@pytest.mark.parametrize("name", [name for name in COMMANDS if not COMMANDS[name].usage])
async def test_a_command_says_the_same_wherever_it_is_given(desk: Desk, intake: Intake, name: str) -> None:
    running(desk.store, "now")
    told = []
    for surface, account in (("slack", "U000000001"), ("console", "ana"), ("cli", "ana")):
        event = InboundEvent(surface=surface, key=name, kind=InboundKind.COMMAND, account=account, text=name)
        told.append(await intake.act(await intake.accept(event)))
    assert told[0].ok is (name != "reload")  # the workspace of this desk does not change
    assert told[0] == told[1] == told[2]


@pytest.mark.parametrize("surface", ["console", "cli"])
async def test_a_task_and_a_request_can_be_made_without_slack(desk: Desk, intake: Intake, surface: str) -> None:
    async def do(kind: InboundKind, **given: object) -> Answer:
        event = {"surface": surface, "key": str(given), "kind": kind, "account": "ana", **given}
        return await intake.act(await intake.accept(InboundEvent.model_validate(event)))

    listed = (await do(InboundKind.COMMAND, text="tasks")).card
    assert listed is not None
    new_task, new_request = (action for action in listed.actions if isinstance(action, FormButton))
    opened = (await do(InboundKind.PRESS, token=new_task.token)).form
    assert opened == new_task.form
    made = {"title": "Sweep", "owner": "p/ben", "due": "7", "notes": ""}
    assert (await do(InboundKind.SUBMIT, token=new_task.token, fields=made)).ok
    assert [task.title for task in tasks.tasks(desk.store, person_id="ben")] == ["Sweep"]
    asked = {"agent": "watch", "words": "look again"}
    assert (await do(InboundKind.SUBMIT, token=new_request.token, fields=asked)).ok
    assert [run.trigger.input["request"] for run in runs.recent_runs(desk.store)] == [{"text": "look again"}]
