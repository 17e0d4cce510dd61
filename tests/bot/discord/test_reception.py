"""Stored, acted on, answered: which call of Discord's answers what, and what becomes of it when that call fails."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from blocks.cards import notice_card
from blocks.elements import Button, Column, Confirm, FieldKind, Form, FormField, Table, Tone
from blocks.render.discord_confirm import BACK, asking_first
from blocks.tokens import Verb, encode
from bot.surfaces.base import Answer, InboundEvent
from bot.surfaces.discord.answers import Answers
from bot.surfaces.discord.confirming import Confirming
from bot.surfaces.discord.inbound import read_interaction
from bot.surfaces.discord.payload import EPHEMERAL, Heard, Kind, made_at, reply_handle
from bot.surfaces.discord.reception import Reception
from store.kernel.clock import ManualClock
from store.kernel.errors import Retryable, UserMistake
from tests.bot.discord.payloads import APPLICATION, SERVER, confirmed, interaction, picked, pressed, submitted
from tests.bot.discord.rest import QUICK, Given, Scripted, scripted_web
from tests.emulator.inbound import RecordingInbound

STOP = encode(Verb.STOP, "run_aaaaaaaaaaaaaaaa", 6)
FORM = Form(title="Reject", submit="Reject", token=STOP, fields=(FormField(name="why", label="Why?"),))
STOPPING = Button(label="Stop", token=STOP, confirm=Confirm(title="Stop?", text="It ends.", verb="Stop run"))
HELP: dict[str, Any] = {"id": "1", "name": "deck", "type": 1, "options": [{"type": 1, "name": "help"}]}
GIVEN = Given(204)
PRESS = pressed(STOP)
COMMAND = interaction(2, HELP)
SUBMISSION = submitted(STOP, {"type": 4, "custom_id": "why", "value": "because"})


def refused(code: int, status: int = 400) -> Given:
    return Given(status, {"code": code, "message": "No."})


@dataclass
class Desk:
    """The reception, whoever acts behind it, and what Discord was told."""

    reception: Reception
    inbound: RecordingInbound
    script: Scripted
    answers: Answers

    async def hear(self, body: dict[str, Any]) -> list[tuple[str, Any]]:
        """What Discord was told of this interaction: its type or the kind of message, and the message."""
        before = len(self.script.asked)
        await self.reception.receive(body)
        await self.reception.drain()
        return [told(*one) for one in self.script.asked[before:]]

    def answering(self, answer: Answer) -> None:
        self.inbound.answer = lambda _event: answer


def told(method: str, path: str, text: str) -> tuple[str, Any]:
    body = json.loads(text)
    if path.endswith("/callback"):
        return str(body["type"]), body.get("data")
    assert path.startswith(f"/api/v10/webhooks/{APPLICATION}/token-")
    return f"{method} {'original' if path.endswith('@original') else 'follow-up'}", body


def words(message: Any) -> str:
    assert message["flags"] == EPHEMERAL | 1 << 15
    assert message["allowed_mentions"] == {"parse": []}
    return str(message["components"][0]["content"])


def read_event(body: dict[str, Any]) -> InboundEvent:
    heard = read_interaction(body, SERVER)
    assert isinstance(heard, Heard)
    return heard.event


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    clock = ManualClock(datetime(2030, 1, 1, tzinfo=UTC))
    async with scripted_web() as (web, script):
        script.answers = [GIVEN]
        inbound, answers = RecordingInbound(), Answers(web)
        confirming = Confirming(answers, lambda token, _channel, _message: STOPPING if token == STOP else None)
        timing = QUICK.model_copy(update={"answer_by_seconds": 0.05})
        reception = Reception(inbound, answers, confirming, server_id=SERVER, clock=clock, timing=timing)
        yield Desk(reception, inbound, script, answers)


@pytest.mark.parametrize(
    ("body", "silent"), [(PRESS, "6"), (SUBMISSION, "6"), (COMMAND, "4")], ids=["press", "form", "command"]
)
async def test_what_is_ready_is_the_first_answer_and_nobody_else_reads_it(
    desk: Desk, body: dict[str, Any], silent: str
) -> None:
    desk.answering(Answer(text="Well *done*."))
    [(kind, message)] = await desk.hear(body)
    assert (kind, words(message)) == ("4", r"Well \*done\*.")
    desk.answering(Answer())
    [(kind, message)] = await desk.hear({**body, "id": "1300000000000000007"})
    assert kind == silent
    assert message is None or words(message) == "Done."


@pytest.mark.parametrize(
    ("body", "put_off", "then"),
    [
        (PRESS, "6", "POST follow-up"),
        (SUBMISSION, "6", "POST follow-up"),
        (COMMAND, "5", "PATCH original"),
        (confirmed(f"!{STOP}"), "6", "PATCH original"),
    ],
    ids=["press", "form", "command", "confirmed"],
)
async def test_what_takes_longer_is_put_off_and_told_later(
    desk: Desk, body: dict[str, Any], put_off: str, then: str
) -> None:
    desk.inbound.hold = asyncio.Event()
    desk.answering(Answer(text="At last."))
    await desk.reception.receive(body)
    async with asyncio.timeout(5):
        while not desk.script.asked:
            await asyncio.sleep(0.01)
    desk.inbound.hold.set()
    await desk.reception.drain()
    (kind, data), (later, message) = [told(*one) for one in desk.script.asked]
    assert (kind, later, words(message)) == (put_off, then, "At last.")
    assert data == ({"flags": EPHEMERAL} if put_off == "5" else None)


async def test_what_was_picked_in_a_menu_can_be_picked_again(desk: Desk) -> None:
    desk.answering(Answer(text="Starts now."))
    (first, nothing), (second, message) = await desk.hear(picked("q1menu:0", STOP))
    assert (first, nothing) == ("7", {})
    assert (second, words(message)) == ("POST follow-up", "Starts now.")
    desk.answering(Answer())
    assert await desk.hear(picked("q1menu:0", STOP, number=2)) == [("7", {})]
    desk.answering(Answer(form=FORM))
    assert [kind for kind, _ in await desk.hear(picked("q1menu:0", STOP, number=3))] == ["9"]


async def test_a_menu_that_cannot_be_cleared_is_answered_all_the_same(desk: Desk) -> None:
    desk.answering(Answer(text="Starts now."))
    desk.script.answers = [refused(50035), GIVEN]
    (first, _), (second, message) = await desk.hear(picked("q1menu:0", STOP))
    assert (first, second, words(message)) == ("7", "4", "Starts now.")
    desk.script.answers = [refused(10062, 404)]
    assert [kind for kind, _ in await desk.hear(picked("q1menu:0", STOP, number=2))] == ["7"]


async def test_what_was_picked_and_takes_longer_clears_the_menu_first(desk: Desk) -> None:
    desk.inbound.hold = asyncio.Event()
    desk.answering(Answer(text="At last."))
    await desk.reception.receive(picked("q1menu:0", STOP))
    async with asyncio.timeout(5):
        while not desk.script.asked:
            await asyncio.sleep(0.01)
    desk.inbound.hold.set()
    await desk.reception.drain()
    assert [told(*one)[0] for one in desk.script.asked] == ["7", "POST follow-up"]


async def test_what_took_longer_and_says_nothing_leaves_the_card_to_say_it(desk: Desk) -> None:
    desk.inbound.hold = asyncio.Event()
    await desk.reception.receive(PRESS)
    async with asyncio.timeout(5):
        while not desk.script.asked:
            await asyncio.sleep(0.01)
    desk.inbound.hold.set()
    await desk.reception.drain()
    assert [told(*one)[0] for one in desk.script.asked] == ["6"]


async def test_a_card_is_told_as_a_card(desk: Desk) -> None:
    desk.answering(Answer(card=notice_card("Paused", "Due times are skipped.", Tone.GOOD)))
    [(kind, message)] = await desk.hear(COMMAND)
    assert (kind, message["flags"]) == ("4", EPHEMERAL | 1 << 15)
    assert "Due times are skipped" in str(message["components"])


async def test_what_a_card_cannot_hold_comes_with_the_answer_as_a_file(desk: Desk) -> None:
    rows = tuple((f"row {number}", "x" * 30) for number in range(200))
    table = Table(columns=(Column(name="Name"), Column(name="What")), rows=rows, total_rows=200, caption="All of it")
    card = notice_card("Show all", "", Tone.NEUTRAL).model_copy(update={"elements": (table,)})
    desk.answering(Answer(card=card))
    await desk.reception.receive(COMMAND)
    await desk.reception.drain()
    [(_, path, sent)] = desk.script.asked
    assert path.endswith("/callback")
    assert 'filename="all-of-it.csv"' in sent
    assert '"type": 4' in sent
    assert "row 199" in sent


async def test_a_form_is_the_first_answer(desk: Desk) -> None:
    desk.answering(Answer(form=FORM))
    [(kind, modal)] = await desk.hear(PRESS)
    assert (kind, modal["custom_id"], modal["title"]) == ("9", STOP, "Reject")


@pytest.mark.parametrize("body", [SUBMISSION, PRESS], ids=["after a form", "too late"])
async def test_a_form_that_cannot_be_opened_any_more_is_offered(desk: Desk, body: dict[str, Any]) -> None:
    desk.answering(Answer(form=FORM))
    if body is PRESS:
        desk.script.answers = [refused(40060), refused(40060), GIVEN]
    told_all = await desk.hear(body)
    _, message = told_all[-1]
    assert "before it could be opened" in str(message["components"])
    button = message["components"][0]["components"][-1]["components"][0]
    assert (button["label"], button["custom_id"]) == ("Open the form", STOP)


async def test_a_form_that_would_be_cut_is_not_opened(desk: Desk) -> None:
    long = FormField(name="draft", label="Draft", kind=FieldKind.MULTILINE, initial="x" * 4001)
    desk.answering(Answer(form=FORM.model_copy(update={"fields": (long,)})))
    [(kind, message)] = await desk.hear(PRESS)
    assert kind == "4"
    assert "“Draft” is longer than the 4,000 characters" in words(message)
    fits = long.model_copy(update={"initial": "x" * 4000})
    desk.answering(Answer(form=FORM.model_copy(update={"fields": (fits,)})))
    [(kind, _)] = await desk.hear(pressed(STOP, number=2))
    assert kind == "9"


async def test_a_delivery_that_comes_again_acts_once_and_answers_nothing_twice(desk: Desk) -> None:
    desk.answering(Answer(text="Stopped."))
    await desk.hear(PRESS)
    desk.script.answers = [refused(40060)]
    assert [kind for kind, _ in await desk.hear(PRESS)] == ["4"]
    assert len(desk.inbound.acted) == 1


async def test_deliveries_at_once_act_once_and_only_what_came_of_it_is_said(desk: Desk) -> None:
    desk.answering(Answer(text="Stopped."))
    await asyncio.gather(*(desk.reception.receive(PRESS) for _ in range(5)))
    await desk.reception.drain()
    assert (desk.inbound.attempts, len(desk.inbound.acted)) == (5, 1)
    [(kind, message)] = [told(*one) for one in desk.script.asked]
    assert (kind, words(message)) == ("4", "Stopped.")
    assert not desk.reception._at_hand


async def test_a_delivery_after_a_crash_says_that_the_request_is_kept(desk: Desk) -> None:
    desk.inbound.stored.append(read_event(PRESS))
    [(kind, message)] = await desk.hear(PRESS)
    assert (kind, words(message)) == ("4", "Your request is on record.")
    assert desk.inbound.acted == []


async def test_what_could_not_be_stored_is_said_and_not_done(desk: Desk) -> None:
    desk.inbound.refusals = 1
    [(kind, message)] = await desk.hear(PRESS)
    assert kind == "4"
    assert "nothing was done" in words(message)
    assert desk.inbound.acted == []


async def test_a_failure_inside_is_told_and_goes_no_further(desk: Desk) -> None:
    def fails(_event: InboundEvent) -> Answer:
        raise RuntimeError("broken")

    desk.inbound.answer = fails
    [(kind, message)] = await desk.hear(PRESS)
    assert kind == "4"
    assert "Something went wrong" in words(message)


async def test_an_answer_that_cannot_be_shown_is_told_to_be_so(desk: Desk) -> None:
    broken = notice_card("Paused", "", Tone.GOOD).model_copy(update={"tone": "no tone there is"})
    desk.inbound.answer = lambda _event: Answer.model_construct(card=broken, text=None, form=None)
    [(kind, message)] = await desk.hear(PRESS)
    assert kind == "4"
    assert "Something went wrong" in words(message)


async def test_a_question_that_cannot_be_shown_does_nothing_and_says_so(desk: Desk) -> None:
    def broken(_token: str, _channel: str, _message: str) -> Button | None:
        raise RuntimeError("broken")

    desk.reception._confirming = Confirming(desk.answers, broken)
    [(_, message)] = await desk.hear(pressed(asking_first(STOP)))
    assert words(message) == "Something went wrong inside Quarterdeck. Nothing was done."
    assert desk.inbound.stored == []


async def test_an_answer_already_given_is_followed_by_ours(desk: Desk) -> None:
    desk.answering(Answer(text="Stopped."))
    desk.script.answers = [refused(40060), GIVEN]
    (first, _), (second, message) = await desk.hear(PRESS)
    assert (first, second, words(message)) == ("4", "POST follow-up", "Stopped.")


@pytest.mark.parametrize("lost", [refused(10062, 404), refused(50027, 401), Given(403, {"code": 0})])
async def test_a_lost_answer_disturbs_nobody(desk: Desk, lost: Given) -> None:
    desk.answering(Answer(text="Stopped."))
    desk.script.answers = [lost]
    await desk.hear(PRESS)
    assert len(desk.inbound.acted) == 1


async def test_a_first_answer_of_which_discord_said_nothing_is_tried_once_more(desk: Desk) -> None:
    desk.answering(Answer(text="Stopped."))
    desk.script.answers = [Given(0), refused(40060)]
    assert [kind for kind, _ in await desk.hear(PRESS)] == ["4", "4"]


async def test_a_later_message_of_which_discord_said_nothing_is_not_sent_again(desk: Desk) -> None:
    desk.answering(Answer(text="Stopped."))
    desk.script.answers = [refused(40060), Given(0), GIVEN]
    assert [kind for kind, _ in await desk.hear(PRESS)] == ["4", "POST follow-up"]


async def test_a_button_that_asks_does_nothing_but_ask(desk: Desk) -> None:
    [(kind, message)] = await desk.hear(pressed(asking_first(STOP)))
    row = message["components"][0]["components"][-1]["components"]
    assert (kind, message["flags"] & EPHEMERAL) == ("4", EPHEMERAL)
    assert [(one["label"], one["custom_id"]) for one in row] == [("Stop run", f"!{STOP}"), ("Go back", BACK)]
    assert desk.inbound.stored == []


async def test_a_question_nobody_knows_is_not_asked_and_nothing_is_done(desk: Desk) -> None:
    [(kind, message)] = await desk.hear(pressed(asking_first(encode(Verb.UNDO, "apv_a", 1))))
    assert kind == "4"
    assert "that button is gone" in words(message)
    assert desk.inbound.stored == []


async def test_a_record_that_cannot_be_read_asks_nothing(desk: Desk) -> None:
    def unreadable(_token: str, _channel: str, _message: str) -> Button | None:
        raise Retryable("The database is locked.")

    desk.reception._confirming = Confirming(desk.answers, unreadable)
    [(_, message)] = await desk.hear(pressed(asking_first(STOP)))
    assert "nothing was done" in words(message)


async def test_the_answer_to_a_question_replaces_it(desk: Desk) -> None:
    desk.answering(Answer(text="Stopped."))
    [(kind, message)] = await desk.hear(confirmed(f"!{STOP}"))
    assert (kind, words(message)) == ("7", "Stopped.")
    [event] = desk.inbound.acted
    assert event.token == STOP
    desk.answering(Answer())
    [(kind, message)] = await desk.hear(confirmed(f"!{STOP}", number=2))
    assert (kind, words(message)) == ("7", "Done.")
    [(kind, message)] = await desk.hear(confirmed(BACK, number=3))
    assert (kind, words(message)) == ("7", "Nothing was done.")
    assert len(desk.inbound.acted) == 2


async def test_what_is_not_ours_is_said_and_not_stored(desk: Desk) -> None:
    [(kind, message)] = await desk.hear(pressed("q9:stop:run_a:1"))
    assert kind == "4"
    assert "another version" in words(message)
    assert desk.inbound.stored == []


async def test_a_form_is_opened_from_a_button_or_a_command_only(desk: Desk) -> None:
    await desk.answers.open_form(reply_handle(COMMAND, Kind.COMMAND), FORM)
    with pytest.raises(UserMistake, match="first answer"):
        await desk.answers.open_form(reply_handle(SUBMISSION, Kind.MODAL), FORM)


TIMES: list[tuple[Callable[[float], float], float]] = [
    (lambda made: made, 1.8),
    (lambda made: made + 1.0, 0.8),
    (lambda made: made + 2.5, 0.3),
    (lambda made: made - 60.0, 1.8),
]


@pytest.mark.parametrize(("now", "left"), TIMES, ids=["at once", "late", "too late", "a clock behind"])
async def test_the_time_left_counts_from_the_press_and_bears_with_wrong_clocks(
    desk: Desk, now: Callable[[float], float], left: float
) -> None:
    made = made_at(str(PRESS["id"]))
    clock = ManualClock(datetime.fromtimestamp(now(made.timestamp()), UTC))
    confirming = desk.reception._confirming
    reception = Reception(desk.inbound, desk.answers, confirming, server_id=SERVER, clock=clock)
    assert reception._time_left_seconds(reply_handle(PRESS, Kind.COMPONENT)) == pytest.approx(left, abs=0.01)
