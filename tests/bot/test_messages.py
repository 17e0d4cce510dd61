"""Free text to the app: each kind of it does one thing, once, and none of it begins a chat."""

import itertools
import random
from datetime import timedelta

import pytest

from agents.roster import AgentSpec, Lane, RoutineMind
from blocks.elements import Form, FormButton, Menu, pressables
from blocks.render import text
from blocks.tokens import Verb, decode
from bot.inbound.desk import Desk
from bot.inbound.intake import Intake
from bot.inbound.messages import agent_addressed, is_order
from bot.inbound.origins import Origin
from bot.inbound.presses import press as handle_press
from bot.inbound.request_forms import ask_form
from bot.surfaces.base import (
    ADDRESSED,
    DIRECT,
    MENTIONED,
    QUOTED,
    THREAD,
    Answer,
    InboundEvent,
    InboundFile,
    InboundKind,
)
from store.actions import Store
from store.actions.outbox import begin_post, mark_shown, refresh_fleet, remember_channel
from store.actions.runs import begin_segment, finish_run, request_run
from store.kernel.canonical import Json, JsonObject
from store.kernel.clock import ManualClock
from store.queries import audit, cards, runs, tasks
from store.queries.messages import messages
from store.records import SYSTEM, Request, Run, RunState, Trigger, TriggerKind
from tests.store.samples import LIMITS, asked, running

ANA, STRANGER = "U000000001", "U000000099"
MINUTE = timedelta(minutes=1)
_keys = itertools.count()


def written(text: str, *, account: str = ANA, account_class: str = "member", **payload: Json) -> InboundEvent:
    where: JsonObject = {"channel": "C1", "message": "9.1", **payload}
    return InboundEvent(
        surface="slack",
        key=f"slack_{next(_keys):016d}",
        kind=InboundKind.MESSAGE,
        account=account,
        account_class=account_class,
        text=text,
        payload=where,
    )


async def do(intake: Intake, event: InboundEvent) -> Answer:
    return await intake.act(await intake.accept(event))


async def press(intake: Intake, token: str, **fields: str) -> Answer:
    kind = InboundKind.SUBMIT if fields else InboundKind.PRESS
    return await do(
        intake,
        InboundEvent(
            surface="slack", key=f"slack_{next(_keys):016d}", kind=kind, account=ANA, token=token, fields=fields
        ),
    )


@pytest.fixture
def agents_channel(store: Store) -> None:
    """The channel C1 is the agent's."""
    remember_channel(store, surface="slack", name="watch", channel_id="C1", since=store.clock.now())


def shown(store: Store, key: str, message_id: str) -> None:
    begin_post(store, key, surface="slack", channel_id="C1")
    mark_shown(store, key, surface="slack", message_id=message_id, revision=1)


@pytest.fixture
def run(store: Store) -> Run:
    """A run under way, whose card stands in Slack as message 1.1."""
    started = running(store)
    shown(store, f"run:{started.id}", "1.1")
    return started


@pytest.mark.parametrize(
    ("said", "order"),
    [
        ("status", True),
        ("STATUS", True),
        ("status of the site?", False),
        ("help", True),
        ("help me understand this", False),
        ("run watch", True),
        ("run wach", True),
        ("run GA Engagement", True),
        ("run the numbers again", False),
        ("why run_aaaaaaaaaaaaaaaa", True),
        ("why approval:approval_aaaaaaaaaaaaaaaa", True),
        ("why is the site slow", False),
        ("tasks mine", True),
        ("", True),
        ("please look", False),
    ],
)
def test_a_command_is_told_from_a_sentence_that_begins_like_one(said: str, order: bool) -> None:
    assert is_order(said, ("watch", "ga-engagement", "GA Engagement")) is order


def agent(agent_id: str, name: str) -> AgentSpec:
    return AgentSpec(
        id=agent_id,
        name=name,
        purpose="Works.",
        channel=agent_id,
        mind=RoutineMind(file="x.py"),
        lane=Lane(),
        tools=(),
        limits=LIMITS,
    )


@pytest.mark.parametrize(
    ("text", "who", "words"),
    [
        ("GA, look at this", "ga", "look at this"),
        ("ga engagement: look", "ga-engagement", "look"),
        ("ga-engagement look", "ga-engagement", "look"),
        ("GA", "ga", ""),
        ("Gather the files", None, "Gather the files"),
        ("look at ga", None, "look at ga"),
    ],
)
def test_whoever_a_text_begins_with_is_meant_and_the_longest_name_wins(text: str, who: str | None, words: str) -> None:
    found, said = agent_addressed([agent("ga", "GA"), agent("ga-engagement", "GA Engagement")], text)
    assert (found.id if found else None, said) == (who, words)


async def test_a_command_in_a_message_does_what_the_command_does(intake: Intake) -> None:
    answer = await do(intake, written("status", **{ADDRESSED: DIRECT}))
    assert answer.card is not None
    assert answer.card.kind == "fleet"


@pytest.mark.usefixtures("agents_channel")
@pytest.mark.parametrize(
    ("text", "addressed", "words"),
    [("please look again", MENTIONED, "please look again"), ("Watch: please look again", DIRECT, "please look again")],
)
async def test_a_request_becomes_one_visible_run_with_the_words_as_its_request(
    intake: Intake, store: Store, text: str, addressed: str, words: str
) -> None:
    event = written(text, **{ADDRESSED: addressed})
    answer = await do(intake, event)
    for _ in range(4):
        await do(intake, event)
    [started] = runs.recent_runs(store, "watch")
    assert (started.trigger.kind, started.tainted) == (TriggerKind.MESSAGE, True)
    assert started.trigger.input == {"task": "watch", "request": {"text": words}}
    assert started.trigger.initiator.id == "ana"
    assert answer.card is not None
    assert started.id in str(answer.card.actions[0])


async def test_what_names_nobody_is_offered_a_form_and_starts_nothing(intake: Intake, store: Store) -> None:
    event = written("somebody should look at the disk", **{ADDRESSED: DIRECT})
    answer = await do(intake, event)
    assert answer.card is not None
    assert runs.recent_runs(store) == []
    assert [type(action) for action in answer.card.actions] == [Menu, FormButton, FormButton]
    pick = next(one for one in pressables(answer.card) if decode(one.token).verb is Verb.ASK)
    opened = await press(intake, pick.token)
    assert opened.form is not None
    assert [field.initial for field in opened.form.fields] == ["watch", "somebody should look at the disk", None]
    sent = await press(intake, opened.form.token, agent="watch", words="look at the disk")
    assert sent.ok
    [started] = runs.recent_runs(store)
    assert (started.trigger.kind, started.tainted) == (TriggerKind.FORM, False)
    assert started.trigger.input["request"] == {"text": "look at the disk"}


async def test_talk_in_other_threads_is_none_of_our_business(intake: Intake, store: Store) -> None:
    for account, account_class in ((ANA, "member"), (STRANGER, "member"), (STRANGER, "guest")):
        said = await do(intake, written("hello", account=account, account_class=account_class, **{THREAD: "8.8"}))
        assert said == Answer()
    assert runs.recent_runs(store) == []


async def test_a_reply_reaches_the_run_once_however_often_it_is_delivered(
    intake: Intake, store: Store, run: Run
) -> None:
    events = [written(f"word {number}", **{THREAD: "1.1"}) for number in range(4)]
    answers = [await do(intake, event) for event in events]
    assert all(answer.ok for answer in answers)
    again = events * 3
    random.Random(7).shuffle(again)  # noqa: S311 - an order, not a secret
    for event in again:
        await do(intake, event)
    kept = messages(store, run.id)
    assert [(one.position, one.text) for one in kept] == [(n + 1, f"word {n}") for n in range(4)]
    assert {one.author.person_id for one in kept} == {"ana"}
    assert [event.kind for event in audit.events_for(store, "run", run.id)].count("run.message") == 4
    assert len(runs.recent_runs(store)) == 1


async def test_a_reply_accepted_before_a_crash_reaches_the_run_after_it(
    intake: Intake, store: Store, clock: ManualClock, run: Run
) -> None:
    event = written("wait for me", **{THREAD: "1.1"})
    await intake.accept(event)
    assert messages(store, run.id) == []
    clock.move_to(clock.now() + MINUTE)
    await intake.recover()
    await intake.recover()
    assert [one.text for one in messages(store, run.id)] == ["wait for me"]


async def test_who_is_not_of_the_team_may_answer_a_run_but_is_not_trusted(
    intake: Intake, store: Store, run: Run
) -> None:
    assert (await do(intake, written("try this", account=STRANGER, **{THREAD: "1.1"}))).ok
    [kept] = messages(store, run.id)
    assert (kept.author.trusted, kept.author.account) == (False, STRANGER)


@pytest.mark.parametrize("account_class", ["guest", "external", "unknown"])
@pytest.mark.parametrize("account", [ANA, STRANGER])
async def test_guests_and_outsiders_are_refused_and_told(
    intake: Intake, store: Store, run: Run, account: str, account_class: str
) -> None:
    event = written("try this", account=account, account_class=account_class, **{THREAD: "1.1"})
    answer = await do(intake, event)
    assert (answer.ok, messages(store, run.id)) == (False, [])
    assert "Guests and people from outside" in str(answer.text)
    [refused] = audit.events_for(store, "event", f"slack:{event.key}")
    assert refused.kind == "inbound.refused"


@pytest.mark.usefixtures("agents_channel")
async def test_a_stranger_who_mentions_the_app_is_told_so(intake: Intake, store: Store) -> None:
    answer = await do(intake, written("please look", account=STRANGER, **{ADDRESSED: MENTIONED}))
    assert not answer.ok
    assert runs.recent_runs(store) == []


@pytest.mark.parametrize("ended", [False, True])
async def test_where_runs_share_a_card_the_newest_unfinished_one_is_meant(
    intake: Intake, store: Store, clock: ManualClock, ended: bool
) -> None:
    made = []
    for number in range(3):
        clock.move_to(clock.now() + MINUTE)
        made.append(of_schedule(store, number))
    shown(store, "run:watch.often", "1.1")
    finish_run(store, made[2].id, state=RunState.DONE)
    if ended:
        finish_run(store, made[1].id, state=RunState.DONE)
        finish_run(store, made[0].id, state=RunState.DONE)
    answer = await do(intake, written("which one?", **{THREAD: "1.1"}))
    assert [len(messages(store, run.id)) for run in made] == ([0, 0, 0] if ended else [0, 1, 0])
    if ended:
        assert answer.card is not None
        assert made[2].id in pressables(answer.card)[0].token


def of_schedule(store: Store, number: int) -> Run:
    trigger = Trigger(kind=TriggerKind.SCHEDULE, key=f"due {number}", initiator=SYSTEM, schedule_id="watch.often")
    run = request_run(store, agent_id="watch", trigger=trigger, limits=LIMITS, workspace_digest="w1")
    begun = begin_segment(store, run.id, 0)
    assert begun is not None
    return begun


async def test_a_reply_under_an_approval_reaches_its_run(intake: Intake, store: Store, run: Run) -> None:
    approval = asked(store, run)
    shown(store, f"approval:{approval.id}", "2.2")
    assert (await do(intake, written("not today", **{THREAD: "2.2"}))).ok
    assert [one.text for one in messages(store, run.id)] == ["not today"]


async def test_a_run_that_has_ended_says_so_and_can_be_run_again_with_the_reply(
    intake: Intake, store: Store, run: Run
) -> None:
    finish_run(store, run.id, state=RunState.DONE)
    answer = await do(intake, written("one more thing", **{THREAD: "1.1"}))
    assert answer.card is not None
    assert "has ended" in answer.card.title
    assert messages(store, run.id) == []
    [again] = pressables(answer.card)
    for _ in range(2):
        assert (await press(intake, again.token)).ok
    [new] = [one for one in runs.recent_runs(store) if one.id != run.id]
    assert new.trigger.input["request"] == {"text": "one more thing", "previous_run": run.id}
    assert new.tainted


async def test_an_undo_is_not_repeated_by_a_late_reply(intake: Intake, store: Store) -> None:
    trigger = Trigger(kind=TriggerKind.BUTTON, key="u", initiator=SYSTEM, input={"undo_of": "approval_1", "n": 1})
    undone = request_run(store, agent_id="watch", trigger=trigger, limits=LIMITS, workspace_digest="w1")
    begin_segment(store, undone.id, 0)
    finish_run(store, undone.id, state=RunState.DONE)
    shown(store, f"run:{undone.id}", "4.4")
    answer = await do(intake, written("again", **{THREAD: "4.4"}))
    assert answer.card is not None
    await press(intake, pressables(answer.card)[0].token)
    [new] = [one for one in runs.recent_runs(store) if one.id != undone.id]
    assert new.trigger.input == {"n": 1, "request": {"text": "again", "previous_run": undone.id}}


async def test_under_a_card_without_a_run_nobody_listens_and_that_is_said(
    desk: Desk, intake: Intake, store: Store
) -> None:
    refresh_fleet(store)
    shown(store, "fleet:team", "3.3")
    answer = await do(intake, written("hello", **{THREAD: "3.3"}))
    assert not answer.ok
    assert "nobody reads this thread" in str(answer.text)


async def form_of(intake: Intake, shortcut: str, quoted: JsonObject | None = None) -> Form:
    event = written(shortcut).model_copy(update={"kind": InboundKind.SHORTCUT})
    event = event.model_copy(update={"payload": {QUOTED: quoted} if quoted else {}})
    answer = await do(intake, event)
    assert answer.form is not None
    return answer.form


MESSAGE: JsonObject = {
    "author": "U7",
    "text": "404s are rising\nsince noon",
    "url": "https://acme.slack.com/archives/C1/p1",
}


async def test_a_message_becomes_a_task_with_its_words_as_somebody_elses(intake: Intake, store: Store) -> None:
    form = await form_of(intake, "make_task", MESSAGE)
    assert form.fields[0].initial == "404s are rising since noon"
    assert "U7 wrote" in str(form.intro)
    answer = await press(intake, form.token, title="Look at the 404s", owner="a/watch", due="1", notes="urgent")
    assert answer.ok
    [task] = tasks.tasks(store)
    assert (task.title, task.agent_id, task.details) == ("Look at the 404s", "watch", "urgent")
    assert task.due_at is not None
    assert task.due_at.isoformat() == "2026-01-06T23:59:00+00:00"
    assert task.source is not None
    assert (task.source.author, task.source.text, task.source.url) == ("U7", MESSAGE["text"], MESSAGE["url"])


async def test_a_message_given_to_an_agent_goes_in_as_a_quotation_and_taints_the_run(
    intake: Intake, store: Store
) -> None:
    form = await form_of(intake, "give_to_agent", MESSAGE)
    assert (await press(intake, form.token, agent="watch", words="")).ok
    [started] = runs.recent_runs(store)
    assert started.tainted
    assert started.trigger.input["request"] == {"text": "", "quoted": {"surface": "slack", **MESSAGE}}


async def test_a_form_that_lost_its_origin_still_works_and_an_empty_one_is_a_mistake(
    intake: Intake, store: Store
) -> None:
    form = await form_of(intake, "ask_agent")
    empty = await press(intake, form.token, agent="watch", words=" ")
    assert (empty.ok, empty.text) == (False, "Say what the agent is to do.")
    assert (await press(intake, "q1:ask:slack_forgotten:0", agent="watch", words="look")).ok
    assert len(runs.recent_runs(store)) == 1
    late = await press(intake, "q1:make_task:new:0", title="x", owner="p/ana", due="900")
    assert not late.ok
    assert tasks.tasks(store) == []


async def test_what_a_run_never_read_is_said_on_its_card_and_given_to_the_next_run(
    desk: Desk, intake: Intake, store: Store, run: Run
) -> None:
    for number in range(2):
        assert (await do(intake, written(f"word {number}", **{THREAD: "1.1"}))).ok
    finish_run(store, run.id, state=RunState.DONE)
    row = cards.card(store, f"run:{run.id}")
    assert row is not None
    card = desk.presenter.draw(row)
    assert "ended without reading 2 replies" in text.render(card)
    again = next(one for one in pressables(card) if decode(one.token).verb is Verb.RERUN)
    for _ in range(2):
        assert (await press(intake, again.token)).ok
    [new] = [one for one in runs.recent_runs(store) if one.id != run.id]
    assert new.trigger.request == Request(text="word 0\n\nword 1", previous_run=run.id)


async def test_a_run_that_was_asked_for_shows_what_was_asked(desk: Desk, intake: Intake, store: Store) -> None:
    form = await form_of(intake, "give_to_agent", MESSAGE)
    assert (await press(intake, form.token, agent="watch", words="find out why")).ok
    [started] = runs.recent_runs(store)
    row = cards.card(store, f"run:{started.id}")
    assert row is not None
    said = text.render(desk.presenter.draw(row))
    assert "Asked by Ana:\n> find out why" in said
    assert "Message by U7, not checked:\n> 404s are rising" in said


async def test_files_of_a_request_go_in_by_name_and_digest_and_taint_the_run(desk: Desk, store: Store) -> None:
    form = ask_form(desk, Origin())
    given = InboundFile(
        field="files", id="F1", name="export.csv", type="text/csv", bytes=5, url="https://x", sha256="9f86"
    )
    sent = {"surface": "slack", "key": "slack_f", "kind": InboundKind.SUBMIT, "account": ANA, "token": form.token}
    fields = {"agent": "watch", "words": "read this", "files": ""}
    event = InboundEvent.model_validate({**sent, "fields": fields, "files": (given,)})
    assert handle_press(desk, event, desk.team.people["ana"]).ok
    [started] = runs.recent_runs(store)
    assert started.tainted
    file = {"name": "export.csv", "sha256": "9f86", "bytes": 5, "type": "text/csv"}
    assert started.trigger.input["request"] == {"text": "read this", "files": [file]}
    assert started.trigger.request is not None
    assert started.trigger.request.files[0].name == "export.csv"


async def test_where_files_cannot_be_given_what_is_said_of_them_goes_along(desk: Desk, store: Store) -> None:
    fields = {"agent": "watch", "words": "read this", "files": "in the inbox folder"}
    sent = {"surface": "cli", "key": "f", "kind": InboundKind.SUBMIT, "account": "ana", "token": "q1:ask:new:0"}
    event = InboundEvent.model_validate({**sent, "fields": fields})
    assert handle_press(desk, event, desk.team.people["ana"]).ok
    [started] = runs.recent_runs(store)
    assert (started.trigger.request, started.tainted) == (Request(text="read this\nin the inbox folder"), False)
