"""A press is one event, on record before it is answered, and its answer is shown."""

import asyncio
import json

from blocks.cards import notice_card
from blocks.elements import Form, FormField, Tone
from bot.surfaces.base import Answer, InboundKind
from tests.bot.console.conftest import Console

APPROVE = "q1:approve:approval_bbbbbbbbbbbbbbbb:1"
REJECT = "q1:reject:approval_bbbbbbbbbbbbbbbb:1"


async def test_a_press_becomes_one_event_of_its_person(console: Console) -> None:
    answer = json.loads((await console.press(APPROVE)).text)
    assert answer["ok"]
    assert answer["text"] == "Done."
    (event,) = console.inbound.acted
    assert (event.surface, event.kind, event.account, event.token) == ("console", InboundKind.PRESS, "ana", APPROVE)
    assert event.fields == {}


async def test_a_double_click_is_one_event_even_at_the_same_instant(console: Console) -> None:
    ticket = await console.ticket()
    console.inbound.gate.clear()
    presses = [asyncio.create_task(console.press(APPROVE, ticket=ticket)) for _ in range(5)]
    while len(console.inbound.accepted) < 5:
        await asyncio.sleep(0.005)
    console.inbound.gate.set()
    answers = [json.loads((await press).text)["text"] for press in presses]
    assert len(console.inbound.acted) == 1
    assert sorted(answers) == ["Done.", *["This is already being done."] * 4]


async def test_a_repeat_is_told_what_the_first_was_told(console: Console) -> None:
    ticket = await console.ticket()
    await console.press(APPROVE, ticket=ticket)
    console.inbound.answer = Answer(text="Something else.")
    assert json.loads((await console.press(APPROVE, ticket=ticket)).text)["text"] == "Done."
    assert len(console.inbound.acted) == 1


async def test_another_drawing_of_the_page_and_another_person_are_other_events(console: Console) -> None:
    await console.press(APPROVE)
    await console.press(APPROVE)
    await console.log_in("bo")
    await console.press(APPROVE)
    assert [event.account for event in console.inbound.acted] == ["ana", "ana", "bo"]
    assert len({event.key for event in console.inbound.acted}) == 3


async def test_a_form_comes_with_its_answers_and_unix_line_ends(console: Console) -> None:
    await console.press(REJECT, reason="Keep October.\r\nPlease.")
    (event,) = console.inbound.acted
    assert event.kind is InboundKind.SUBMIT
    assert event.fields == {"reason": "Keep October.\nPlease."}


async def test_corrected_answers_on_the_same_page_are_a_new_event(console: Console) -> None:
    ticket = await console.ticket()
    for reason in ("first", "second", "second"):
        await console.press(REJECT, ticket=ticket, reason=reason)
    assert [event.fields["reason"] for event in console.inbound.acted] == ["first", "second"]


async def test_without_script_the_answer_waits_on_the_page_it_came_from(console: Console) -> None:
    ticket = await console.ticket("/runs?agent=note-taker")
    reply = await console.send("POST", "/act", data={"ticket": ticket, "token": APPROVE}, allow_redirects=False)
    assert reply.status == 303
    assert reply.headers["Location"].startswith("/runs?agent=note-taker&note=")
    assert "Done." in (await console.get(reply.headers["Location"])).text
    assert "Done." not in (await console.get(reply.headers["Location"])).text


async def test_a_note_is_for_its_person_alone(console: Console) -> None:
    ticket = await console.ticket()
    reply = await console.send("POST", "/act", data={"ticket": ticket, "token": APPROVE}, allow_redirects=False)
    await console.log_in("bo")
    assert "Done." not in (await console.get(reply.headers["Location"])).text


async def test_an_answer_that_is_a_form_is_shown_and_can_be_sent(console: Console) -> None:
    form = Form(title="Why?", submit="Send", token=REJECT, fields=(FormField(name="reason", label="Reason"),))
    console.inbound.answer = Answer(form=form)
    answer = json.loads((await console.press(REJECT)).text)
    assert 'name="field.reason"' in answer["html"]
    assert answer["ticket"] in answer["html"]
    page = await console.send("POST", "/act", data={"ticket": await console.ticket(), "token": REJECT})
    assert 'name="field.reason"' in page.text
    assert "First Light" in page.text


async def test_an_answer_that_is_a_card_is_shown(console: Console) -> None:
    console.inbound.answer = Answer(card=notice_card("What you can say", "help", Tone.NEUTRAL))
    answer = json.loads((await console.press("help", path="/command", ticket=await console.ticket())).text)
    assert answer["ok"] is False  # no text was sent, so nothing was asked
    data = {"ticket": await console.ticket(), "text": " help "}
    reply = await console.send("POST", "/command", data=data, headers={"Accept": "application/json"})
    assert "What you can say" in json.loads(reply.text)["html"]
    (event,) = console.inbound.acted
    assert (event.kind, event.text) == (InboundKind.COMMAND, "help")


async def test_a_refusal_is_said_as_one(console: Console) -> None:
    console.inbound.answer = Answer(text="Bo decided this already.", ok=False)
    answer = json.loads((await console.press(APPROVE)).text)
    assert (answer["ok"], answer["text"]) == (False, "Bo decided this already.")


async def test_links_in_an_answer_stay_on_the_name_the_visitor_came_by(console: Console) -> None:
    page = await console.get("/approvals")
    assert 'href="/approvals/approval_bbbbbbbbbbbbbbbb"' in page.text
    assert console.url not in page.text
