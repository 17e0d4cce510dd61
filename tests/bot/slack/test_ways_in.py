"""Every way in from Slack, signed by Slack's own signer, through the real app, intake and record."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any

import pytest

from agents.roster import Team
from bot.delivery.outbox import Outbox
from bot.delivery.present import Presenter
from bot.inbound.commands import COMMANDS
from bot.inbound.intake import Intake
from bot.surfaces.slack import SlackSurface
from store.actions import Store
from store.actions.runs import finish_run
from store.kernel.clock import ManualClock
from store.queries import runs, tasks
from store.queries.messages import messages
from store.records import Run, RunState, TaskState, TriggerKind
from tests.bot.slack.conftest import member
from tests.bot.slack.test_http import port_of
from tests.emulator.fake_slack import TEAM, FakeSlack
from tests.emulator.person import Person
from tests.emulator.surfaces import BOT, QUICK, fast_pacer, settings, until
from tests.store.samples import running

OURS = ({"user_id": BOT, "is_bot": True},)
ANA, KIM = "U000000001", "U000000077"


@pytest.fixture
async def deck(fake: FakeSlack, intake: Intake, clock: ManualClock) -> AsyncIterator[SlackSurface]:
    """The app in a workspace with Ana, who is of the team, and Kim, who is not."""
    for account in (ANA, KIM):
        fake.users[account] = member(account)
    surface = SlackSurface(settings(fake.api_url), clock, (ANA,), pacer=fast_pacer(), timing=QUICK)
    await surface.start(intake)
    yield surface
    await surface.stop()


@pytest.fixture
def ana(deck: SlackSurface) -> Person:
    return Person(ANA, TEAM, port_of(deck))


@pytest.fixture
def kim(deck: SlackSurface) -> Person:
    return Person(KIM, TEAM, port_of(deck))


@pytest.fixture
def deliver(store: Store, team: Team, presenter: Presenter, deck: SlackSurface) -> Callable[[], Awaitable[int]]:
    """Posts what is to be posted."""
    outbox = Outbox(store, team, presenter, (deck,))
    return lambda: outbox.deliver(deck)


@pytest.fixture
async def run(store: Store, deliver: Callable[[], Awaitable[int]]) -> Run:
    """A run under way whose card is visible."""
    started = running(store)
    await deliver()
    return started


def card_of(fake: FakeSlack, key: str) -> tuple[str, dict[str, Any]]:
    """The channel and message of a visible card."""
    [found] = [
        (channel, message)
        for channel, messages in fake.messages.items()
        for message in messages
        if message["metadata"]["event_payload"]["key"] == key
    ]
    return found


def said(fake: FakeSlack) -> list[str]:
    return [answer["text"] for answer in fake.said_privately]


def opened(fake: FakeSlack) -> dict[str, Any]:
    """The form that was opened last."""
    form = fake.called("views.open")[-1]
    return {"id": f"V{len(fake.called('views.open'))}", **json.loads(form["view"])}


def mention(text: str, channel: str, ts: str = "50.1", **more: str) -> dict[str, str]:
    said_to = f"<@{BOT}> {text}"
    return {"type": "app_mention", "user": ANA, "channel": channel, "ts": ts, "event_ts": ts, "text": said_to, **more}


def reply(text: str, channel: str, thread: str, ts: str, user: str = ANA) -> dict[str, str]:
    where = {"channel": channel, "channel_type": "channel", "thread_ts": thread, "parent_user_id": BOT}
    return {"type": "message", "user": user, "text": text, "ts": ts, "event_ts": ts, **where}


LINES = {
    "run": "run watch",
    "pause": "pause watch",
    "resume": "resume watch",
    "stop": "stop watch",
    "why": "why watch",
    "tasks": "tasks mine",
    "runs": "runs watch",
}


@pytest.mark.parametrize("name", COMMANDS)
async def test_every_command_is_carried_out_and_answered_to_one_person(
    fake: FakeSlack, run: Run, ana: Person, name: str
) -> None:
    channel, _ = card_of(fake, f"run:{run.id}")
    assert await ana.command(LINES.get(name, name), channel) == 200
    await until(lambda: fake.said_privately)
    [answer] = fake.said_privately
    assert answer["user"] == ANA
    assert "There is no" not in answer["text"]
    assert "failed inside" not in answer["text"]


@pytest.mark.parametrize("authorizations", [OURS, ()])
async def test_a_mention_in_an_agents_channel_starts_one_run_with_a_card(
    fake: FakeSlack, store: Store, ana: Person, run: Run, authorizations: Sequence[Mapping[str, Any]]
) -> None:
    channel, _ = card_of(fake, f"run:{run.id}")
    inner = mention("please count the orphans", channel)
    for delivery in range(4):
        retry = {"X-Slack-Retry-Num": str(delivery)}
        assert await ana.event(inner, f"Ev{delivery}", authorizations, retry) == 200
    await until(lambda: fake.said_privately)
    [started] = [one for one in runs.recent_runs(store) if one.id != run.id]
    assert started.trigger.kind is TriggerKind.MESSAGE
    assert started.trigger.input["request"] == {"text": "please count the orphans"}
    assert f"/runs/{started.id}" in str(fake.said_privately[0]["blocks"])


async def test_a_direct_message_leads_to_a_form_and_the_form_to_a_run(
    fake: FakeSlack, store: Store, run: Run, ana: Person
) -> None:
    inner = {"type": "message", "channel_type": "im", "user": ANA, "channel": "D1", "ts": "60.1", "event_ts": "60.1"}
    assert await ana.event({**inner, "text": "somebody look at the &lt;disk&gt;"}) == 200
    await until(lambda: fake.said_privately)
    [offer] = fake.said_privately
    assert offer["channel"] == "D1"
    assert offer["unfurl_links"] in (False, "false", "False", "0")
    blocks = json.loads(offer["blocks"])
    menu = next(one for block in blocks if block["type"] == "actions" for one in block["elements"])
    assert menu["type"] == "static_select"
    assert await ana.pick({"blocks": blocks}, "D1", menu["options"][0]["value"]) == 200
    await until(lambda: fake.called("views.open"))
    form = opened(fake)
    assert form["blocks"][-1]["element"]["type"] == "file_input"
    assert form["blocks"][-2]["element"]["initial_value"] == "somebody look at the <disk>"
    assert await ana.submit(form, {"agent": "watch", "words": "look at the disk", "files": ""}) == 200
    await until(lambda: len(fake.said_privately) == 2)
    [started] = [one for one in runs.recent_runs(store) if one.id != run.id]
    assert started.trigger.input["request"] == {"text": "look at the disk"}


async def test_a_message_becomes_a_task_whose_card_works(
    fake: FakeSlack, store: Store, run: Run, ana: Person, deliver: Callable[[], Awaitable[int]]
) -> None:
    channel, _ = card_of(fake, f"run:{run.id}")
    message = {"user": KIM, "ts": "70.000001", "text": "The <https://x.test|page> is <!channel> slow"}
    assert await ana.shortcut("make_task", message, channel) == 200
    await until(lambda: fake.called("views.open"))
    answers = {"title": "Find out why", "owner": "a/watch", "due": "1", "notes": ""}
    form = opened(fake)
    assert await ana.submit(form, answers) == 200
    await until(lambda: fake.said_privately)
    [task] = tasks.tasks(store)
    assert task.source is not None
    assert task.source.url == f"https://acme.slack.com/archives/{channel}/p70000001"
    await deliver()
    where, card = card_of(fake, f"task:{task.slot}")
    assert where == channel
    assert "<!channel>" not in json.dumps(card)
    assert await ana.press(card, channel) == 200
    await until(lambda: tasks.task(store, task.id).state is TaskState.IN_PROGRESS)


@pytest.mark.parametrize("callback", ["ask_agent", "give_to_agent"])
async def test_both_shortcuts_to_an_agent_open_their_form_and_start_its_run(
    fake: FakeSlack, store: Store, run: Run, ana: Person, callback: str
) -> None:
    about = callback == "give_to_agent"
    message = {"user": KIM, "ts": "70.000001", "text": "Pages are slow"} if about else None
    assert await ana.shortcut(callback, message, "C1") == 200
    await until(lambda: fake.called("views.open"))
    assert await ana.submit(opened(fake), {"agent": "watch", "words": "look at this", "files": ""}) == 200
    await until(lambda: fake.said_privately)
    [started] = [one for one in runs.recent_runs(store) if one.id != run.id]
    assert (started.trigger.kind, started.tainted) == (TriggerKind.FORM, about)
    assert ("Pages are slow" in str(started.trigger.input)) is about
    assert fake.said_privately[0]["channel"] == ("C1" if about else ANA)


async def test_replies_reach_the_run_once_each_in_whatever_order_they_are_delivered(
    fake: FakeSlack, store: Store, run: Run, ana: Person, kim: Person
) -> None:
    channel, card = card_of(fake, f"run:{run.id}")
    events = [(person, f"word {number}", number) for number, person in enumerate((ana, kim, ana, kim))]
    deliveries = [one for one in events for _ in range(4)]
    random.Random(3).shuffle(deliveries)  # noqa: S311 - an order, not a secret
    for number, (person, text, moment) in enumerate(deliveries):
        inner = reply(text, channel, card["ts"], f"80.{moment}", person.account)
        assert await person.event(inner, f"Ev{number}", OURS) == 200
    await until(lambda: len(messages(store, run.id)) == 4)
    await until(lambda: len(fake.said_privately) == 4)
    kept = messages(store, run.id)
    assert sorted(one.text for one in kept) == [f"word {number}" for number in range(4)]
    assert [one.position for one in kept] == [1, 2, 3, 4]
    assert {one.author.account: one.author.trusted for one in kept} == {ANA: True, KIM: False}
    assert {answer["thread_ts"] for answer in fake.said_privately} == {card["ts"]}
    assert len(runs.recent_runs(store)) == 1


async def test_a_guests_reply_is_refused_and_said_so_and_other_threads_are_left_alone(
    fake: FakeSlack, store: Store, run: Run, kim: Person
) -> None:
    fake.users[KIM] = member(KIM, is_restricted=True)
    channel, card = card_of(fake, f"run:{run.id}")
    assert await kim.event(reply("let me in", channel, card["ts"], "81.1", KIM), "Ev1", OURS) == 200
    await until(lambda: fake.said_privately)
    assert "Guests" in said(fake)[0]
    elsewhere = {**reply("hello all", channel, "9.9", "82.1", KIM), "parent_user_id": ANA}
    assert await kim.event(elsewhere, "Ev2", OURS) == 200
    assert (
        await kim.event({**elsewhere, "thread_ts": "9.8", "parent_user_id": BOT, "event_ts": "83.1"}, "Ev3", OURS)
        == 200
    )
    await asyncio.sleep(0)
    assert messages(store, run.id) == []
    assert len(fake.said_privately) == 1


async def test_an_ended_run_is_run_again_with_the_reply_by_the_button_that_says_so(
    fake: FakeSlack, store: Store, run: Run, ana: Person
) -> None:
    finish_run(store, run.id, state=RunState.DONE)
    channel, card = card_of(fake, f"run:{run.id}")
    assert await ana.event(reply("and the rest?", channel, card["ts"], "84.1"), "Ev1", OURS) == 200
    await until(lambda: fake.said_privately)
    blocks = json.loads(fake.said_privately[0]["blocks"])
    assert await ana.press({"ts": "0.0", "blocks": blocks}, channel) == 200
    await until(lambda: len(runs.recent_runs(store)) == 2)
    [again] = [one for one in runs.recent_runs(store) if one.id != run.id]
    assert again.trigger.input["request"] == {"text": "and the rest?", "previous_run": run.id}
