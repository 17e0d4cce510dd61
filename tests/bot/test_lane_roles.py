"""Lane roles: who acts on an agent from a surface that has roles holds that agent's, or is told which it takes."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from agents.roster import SurfaceSpec, Team
from blocks.tokens import Press, Verb, encode
from bot.foundation import workspace_schedules
from bot.inbound.desk import Desk, Pressed
from bot.inbound.intake import Intake
from bot.inbound.lane_roles import ACTS_ON, OPEN, acted_on
from bot.inbound.lane_roles import LANE as LANE_RULE
from bot.inbound.request_forms import AGENT, OWNER, TITLE, WORDS
from bot.surfaces.base import ADDRESSED, THREAD, Answer, InboundEvent, InboundKind
from store.actions import Store
from store.actions.incidents import record_incident
from store.actions.marks import mark_wrong
from store.actions.notes import send_note
from store.actions.outbox import begin_post, mark_shown
from store.actions.runs import request_run
from store.actions.schedules import install_schedules
from store.actions.tasks import create_task
from store.kernel.clock import ManualClock
from store.queries import approvals, audit, runs, schedules, tasks
from store.records import UNDO_OF, Alert, ApprovalState, Mark, Note, OutputKind, Task, Trigger, TriggerKind
from tests.bot.test_alerts import alert
from tests.bot.test_intake import do
from tests.bot.test_work import decided, proposed, with_topic
from tests.store.samples import asked, person, running

__all__ = ["alert"]

ACCOUNTS = {"ana": "100000000000000001", "eve": "100000000000000002"}
BOUND, LANE, OTHER = "200000000000000001", "300000000000000001", "400000000000000001"
TURNED_AWAY = (
    f"Watch answers on Discord only to holders of the role with the ID {LANE}, or one that a role of yours in the team "
    "is bound to. Nothing was done."
)
PRESSES: dict[Verb, Callable[[str], str]] = {
    Verb.STOP: lambda run_id: run_id,
    Verb.RETRY: lambda run_id: run_id,
    Verb.RERUN: lambda run_id: f"unread/{run_id}",
    Verb.RUN_NOW: lambda _: "watch",
    Verb.PAUSE: lambda _: "watch",
    Verb.RESUME: lambda _: "watch",
    Verb.ASK: lambda _: "new/watch",
    Verb.USEFUL: lambda run_id: f"run/{run_id}",
    Verb.NOT_USEFUL: lambda run_id: f"run/{run_id}",
    Verb.ACKNOWLEDGE: lambda _: "alert_a",
    Verb.SNOOZE: lambda _: "alert_a/4h",
    Verb.FALSE_ALARM: lambda _: "alert_a",
    Verb.INVESTIGATE: lambda _: "alert_a",
    Verb.WRONG: lambda _: "alert/alert_a/0",
    Verb.TASK_START: lambda _: "task_a",
    Verb.TASK_ASSIGN: lambda _: "task_a/p/eve",
}


@pytest.fixture
def team(team: Team) -> Team:
    people = {
        name: one.model_copy(update={"accounts": {**one.accounts, "discord": ACCOUNTS[name]}})
        for name, one in team.people.items()
        if name in ACCOUNTS
    }
    discord = SurfaceSpec(name="discord", roles={"approver": BOUND}, lanes={"watch": LANE})
    notes = team.agents["watch"].model_copy(update={"id": "notes", "name": "Notes", "channel": "notes"})
    update = {
        "agents": {**team.agents, "notes": notes},
        "people": {**team.people, **people},
        "surfaces": {**team.surfaces, "discord": discord},
    }
    return team.model_copy(update=update)


def acts(who: str, held: Any, kind: InboundKind, surface: str = "discord", **more: Any) -> InboundEvent:
    account = ACCOUNTS.get(who, who) if surface == "discord" else who
    payload = {**more.pop("payload", {}), **({} if held is None else {"roles": held})}
    key = f"{who}-{len(held or ())}-{more.get('token') or more.get('text')}"[:60]
    return InboundEvent(surface=surface, key=key, kind=kind, account=account, payload=payload, **more)


def pressing(verb: Verb, subject: str, who: str, held: Any, surface: str = "discord", **fields: str) -> InboundEvent:
    return acts(who, held, InboundKind.PRESS, surface, token=encode(verb, subject, 1), fields=fields)


def ordering(text: str, who: str, held: Any, surface: str = "discord") -> InboundEvent:
    return acts(who, held, InboundKind.COMMAND, surface, text=text)


def saying(text: str, who: str, held: Any, **payload: str) -> InboundEvent:
    return acts(who, held, InboundKind.MESSAGE, text=text, payload={ADDRESSED: "direct", **payload})


def turned_away(answer: Answer) -> bool:
    return (answer.ok, answer.text) == (False, TURNED_AWAY)


@pytest.fixture
def task(store: Store, clock: ManualClock) -> Task:
    now = clock.now()
    made = Task(id="task_a", title="Look", agent_id="watch", created_by=person("ana"), created_at=now, changed_at=now)
    return create_task(store, made)


def test_of_every_verb_it_is_said_whether_it_acts_on_an_agent() -> None:
    assert ACTS_ON.keys() | OPEN == {*Verb}
    assert not ACTS_ON.keys() & OPEN


@pytest.mark.parametrize("verb", PRESSES)
@pytest.mark.usefixtures("alert", "task")
async def test_a_press_on_the_agent_without_its_role_is_refused(store: Store, intake: Intake, verb: Verb) -> None:
    run = running(store)
    event = pressing(verb, PRESSES[verb](run.id), "eve", [OTHER])
    assert turned_away(await do(intake, event))
    assert runs.run(store, run.id).stop_requested_by is None
    assert len(runs.recent_runs(store)) == 1
    assert tasks.task(store, "task_a").revision == 1
    [refused] = audit.events_for(store, "event", f"discord:{event.key}")
    assert refused.data["rule"] == LANE_RULE


@pytest.mark.parametrize("verb", PRESSES)
@pytest.mark.usefixtures("alert", "task")
async def test_with_its_role_the_press_is_let_through(store: Store, intake: Intake, verb: Verb) -> None:
    event = pressing(verb, PRESSES[verb](running(store).id), "eve", [OTHER, LANE])
    assert not turned_away(await do(intake, event))


@pytest.mark.parametrize("held", [None, [], [OTHER], LANE, {LANE: True}, [int(LANE)], [BOUND]])
async def test_nothing_but_the_role_itself_lets_in(store: Store, intake: Intake, held: object) -> None:
    run = running(store)  # eve has no role of the team's, so what the approver's is bound to gives her nothing
    assert turned_away(await do(intake, pressing(Verb.STOP, run.id, "eve", held)))
    assert runs.run(store, run.id).stop_requested_by is None


@pytest.mark.parametrize("held", [[LANE], [OTHER, LANE]])
async def test_who_holds_it_stops_the_run(store: Store, intake: Intake, held: list[str]) -> None:
    run = running(store)
    assert (await do(intake, pressing(Verb.STOP, run.id, "eve", held))).ok
    assert runs.run(store, run.id).stop_requested_by == "eve"


async def test_a_bound_role_lets_those_in_who_have_it_in_the_team(store: Store, intake: Intake) -> None:
    run = running(store)
    assert turned_away(await do(intake, pressing(Verb.STOP, run.id, "ana", [])))
    assert (await do(intake, pressing(Verb.STOP, run.id, "ana", [BOUND]))).ok
    assert runs.run(store, run.id).stop_requested_by == "ana"


async def test_a_decision_asks_for_the_role_that_decides_and_for_no_lane(store: Store, intake: Intake) -> None:
    approval = asked(store, running(store))
    refused = await do(intake, pressing(Verb.APPROVE, approval.id, "eve", [LANE]))
    assert (refused.ok, refused.text) == (False, "You are not in the role that decides this.")
    assert (await do(intake, pressing(Verb.APPROVE, approval.id, "ana", [BOUND]))).ok
    assert approvals.approval(store, approval.id).state is ApprovalState.APPROVED


@pytest.mark.parametrize("text", ["run watch", "run watch.often", "pause watch", "resume Watch", "pause watch.often"])
async def test_commands_ask_for_it(store: Store, desk: Desk, intake: Intake, text: str) -> None:
    install_schedules(store, workspace_schedules(store, desk.team))
    assert turned_away(await do(intake, ordering(text, "eve", [OTHER])))
    assert runs.recent_runs(store) == []
    assert all(not one.paused for one in schedules.live_schedules(store))
    assert (await do(intake, ordering(text, "eve", [LANE]))).ok


@pytest.mark.parametrize("by_agent", [True, False])
async def test_stopping_by_a_command_asks_for_it(store: Store, intake: Intake, by_agent: bool) -> None:
    run = running(store)
    text = f"stop {'watch' if by_agent else run.id}"
    assert turned_away(await do(intake, ordering(text, "eve", [])))
    assert runs.run(store, run.id).stop_requested_by is None
    assert (await do(intake, ordering(text, "eve", [LANE]))).ok
    assert runs.run(store, run.id).stop_requested_by == "eve"


async def test_words_to_the_agent_or_to_its_run_ask_for_it(store: Store, intake: Intake) -> None:
    run = running(store)
    begin_post(store, f"run:{run.id}", surface="discord", channel_id="C1")
    mark_shown(store, f"run:{run.id}", surface="discord", message_id="17", revision=1)
    assert turned_away(await do(intake, saying("watch: look again", "eve", [])))
    thread = {"channel": "C1", THREAD: "17"}
    assert turned_away(await do(intake, saying("and there?", "eve", [], **thread)))
    assert turned_away(await do(intake, saying("said a stranger", "999999999999999999", [], **thread)))
    assert len(runs.recent_runs(store)) == 1
    assert (await do(intake, saying("and here?", "eve", [LANE], **thread))).ok
    assert (await do(intake, saying("watch: look", "eve", [LANE]))).ok
    assert len(runs.recent_runs(store)) == 2


@pytest.mark.parametrize("held", [[], [LANE]])
async def test_work_given_by_a_form_asks_for_it(store: Store, intake: Intake, task: Task, held: Sequence[str]) -> None:
    asked_of = pressing(Verb.ASK, "new", "eve", list(held), **{AGENT: "watch", WORDS: "Look."})
    made = pressing(Verb.MAKE_TASK, "new", "eve", list(held), **{TITLE: "Look", OWNER: "a/watch"})
    mine = pressing(Verb.MAKE_TASK, "new/x", "eve", list(held), **{TITLE: "Mine", OWNER: "p/eve"})
    assert turned_away(await do(intake, asked_of)) is not bool(held)
    assert turned_away(await do(intake, made)) is not bool(held)
    assert (await do(intake, mine)).ok
    assert len(runs.recent_runs(store)) == len(held)
    assert len(tasks.tasks(store, agent_id="watch")) == 1 + len(held)


async def test_giving_a_task_to_the_agent_asks_for_it(store: Store, intake: Intake, clock: ManualClock) -> None:
    now = clock.now()
    whose = Task(id="task_b", title="Look", person_id="eve", created_by=person("eve"), created_at=now, changed_at=now)
    create_task(store, whose)
    assert turned_away(await do(intake, pressing(Verb.TASK_ASSIGN, "task_b/a/watch", "eve", [OTHER])))
    assert tasks.task(store, "task_b").person_id == "eve"
    assert (await do(intake, pressing(Verb.TASK_ASSIGN, "task_b/a/watch", "eve", [LANE]))).ok


async def test_closing_its_incident_asks_for_it(store: Store, intake: Intake) -> None:
    made = record_incident(
        store, cause="c", kind="bug", title="T", detail="D", next_step="N", agent_id="watch", example={}
    )
    assert turned_away(await do(intake, pressing(Verb.CLOSE_INCIDENT, made.id, "eve", [])))
    assert (await do(intake, pressing(Verb.CLOSE_INCIDENT, made.id, "eve", [LANE]))).ok


@pytest.mark.parametrize("text", ["status", "agents", "runs watch", "why watch", "tasks watch", "alerts watch"])
async def test_looking_asks_for_none(store: Store, intake: Intake, text: str) -> None:
    running(store)
    assert (await do(intake, ordering(text, "eve", []))).ok


async def test_other_agents_and_other_surfaces_ask_for_none(store: Store, intake: Intake) -> None:
    assert (await do(intake, pressing(Verb.RUN_NOW, "notes", "eve", []))).ok
    assert (await do(intake, pressing(Verb.RUN_NOW, "watch", "eve", None, "console"))).ok
    assert len(runs.recent_runs(store)) == 2


def test_taking_a_call_back_once_more_asks_for_the_role_that_decides_it(store: Store, desk: Desk) -> None:
    approval_id, limits = "approval_x", desk.team.agents["watch"].limits
    trigger = Trigger(kind=TriggerKind.BUTTON, key="u", initiator=person("ana"), input={UNDO_OF: approval_id})
    again = request_run(store, agent_id="watch", trigger=trigger, limits=limits, workspace_digest="w1")
    for verb, subject, agent in (
        (Verb.RETRY, running(store).id, "watch"),
        (Verb.RETRY, again.id, None),
        (Verb.UNDO, approval_id, None),
    ):
        event = pressing(verb, subject, "eve", [])
        assert acted_on(desk, Pressed(Press(verb, subject, 1), desk.team.people["eve"], event)) == agent


def test_of_shared_work_the_agent_is_its_records(desk: Desk, alert: Alert) -> None:
    now = desk.store.clock.now()
    decided(desk, "mine", agent_id="watch")
    decided(desk, "persons", subject="Else")
    proposed(with_topic(desk))
    note = Note(id="note_a", sender=person("ana"), to_agent="watch", text="Look.", created_at=now)
    send_note(desk.store, note)
    mark = Mark(
        id="mark_a",
        output_kind=OutputKind.ALERT,
        output_id=alert.id,
        place="value",
        figure="70 users",
        by="eve",
        surface="discord",
        reason="No.",
        at=now,
    )
    mark_wrong(desk.store, mark, person("eve"))
    for verb, subject, agent in (
        (Verb.DECISION_UPHOLD, "decision_mine", "watch"),
        (Verb.DECISION_ACKNOWLEDGE, "decision_persons", None),
        (Verb.PROPOSAL_ACCEPT, "proposal_a", "watch"),
        (Verb.NOTE_ACKNOWLEDGE, "note_a", "watch"),
        (Verb.WITHDRAW_WRONG, "mark_a", "watch"),
    ):
        event = pressing(verb, subject, "eve", [])
        assert acted_on(desk, Pressed(Press(verb, subject, 1), desk.team.people["eve"], event)) == agent
