"""Open pages hear what changed, in order, once, and catch up after an interruption."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from blocks.cards import approval_card
from blocks.elements import Form, FormField
from bot.surfaces.base import Answer, ReplyTo
from bot.surfaces.console import streams
from bot.surfaces.console.live import KEPT_MESSAGES, QUEUE_MESSAGES, Hub, Message, Page
from store.records import ApprovalState
from tests.blocks import samples
from tests.blocks.samples import NOW, VIEW
from tests.bot.console.conftest import Console


def heard(page: Page) -> list[Message | None]:
    return [page.get_nowait() for _ in range(page.qsize())]


def names(page: Page) -> list[str | None]:
    return [message and message.data.get("key", message.name) for message in heard(page)]


def test_a_page_hears_what_is_told_while_it_is_open() -> None:
    hub = Hub("e")
    hub.tell("card", key="before")
    with hub.joined("ana", None) as page:
        hub.tell("card", key="one")
        hub.tell("card", key="two")
        assert names(page) == ["one", "two"]
        assert hub.watching == 1
    assert hub.watching == 0


def test_a_page_that_rejoins_hears_exactly_what_it_missed() -> None:
    hub = Hub("e")
    for number in range(5):
        hub.tell("card", key=str(number))
    with hub.joined("ana", "e.3") as page:
        assert names(page) == ["3", "4"]
    with hub.joined("ana", hub.position) as page:
        assert names(page) == []


def test_a_page_that_missed_too_much_or_comes_from_another_process_loads_anew() -> None:
    hub = Hub("e")
    for number in range(KEPT_MESSAGES + 10):
        hub.tell("card", key=str(number))
    for last in ("e.1", "other.3", "e.999999", "e.x", "", "e.-1"):
        with hub.joined("ana", last) as page:
            assert names(page) == ["reset"]
    with hub.joined("ana", "e.10") as page:
        assert len(names(page)) == KEPT_MESSAGES


def test_an_answer_for_one_person_reaches_nobody_else() -> None:
    hub = Hub("e")
    with hub.joined("ana", None) as ana, hub.joined("bo", None) as bo:
        hub.tell("answer", person="ana", text="for Ana")
        assert (ana.qsize(), bo.qsize()) == (1, 0)
    with hub.joined("bo", "e.0") as bo:
        assert bo.qsize() == 0


def test_a_page_that_does_not_listen_is_cut_off_and_holds_nothing_back() -> None:
    hub = Hub("e")
    with hub.joined("ana", None) as page:
        for number in range(QUEUE_MESSAGES + 5):
            hub.tell("card", key=str(number))
        assert hub.watching == 0
        assert heard(page)[-1] is None
        assert page.qsize() == 0


async def test_a_posted_and_an_edited_card_reach_the_open_page(console: Console) -> None:
    card = approval_card(samples.approval(), (), VIEW)
    async with console.visitor.get(console.url + "/events") as stream:
        assert stream.content_type == "text/event-stream"
        assert (await console.surface.post("machine-watch", card)).message_id == card.key
        first = await _next_event(stream)
        await console.surface.edit(
            "machine-watch", card.key, approval_card(samples.approval(ApprovalState.REJECTED), (), VIEW)
        )
        second = await _next_event(stream)
    assert (first["event"], first["data"]["key"], first["data"]["channel"]) == ("card", card.key, "machine-watch")
    assert second["data"]["revision"] == "2"
    assert second["data"]["summary"].startswith("Rejected")


async def test_an_interrupted_page_catches_up_by_its_last_event(console: Console) -> None:
    cards = [approval_card(samples.approval(id=f"approval_{number}"), (), VIEW) for number in range(3)]
    async with console.visitor.get(console.url + "/events") as stream:
        await console.surface.post("machine-watch", cards[0])
        last = (await _next_event(stream))["id"]
    for card in cards[1:]:
        await console.surface.post("machine-watch", card)
    async with console.visitor.get(console.url + "/events", headers={"Last-Event-ID": last}) as stream:
        keys = [(await _next_event(stream))["data"]["key"] for _ in range(2)]
    assert keys == [card.key for card in cards[1:]]


async def test_a_page_misses_nothing_between_its_drawing_and_its_stream(console: Console) -> None:
    page = (await console.get("/")).text
    since = page.partition('data-position="')[2].partition('"')[0]
    card = approval_card(samples.approval(), (), VIEW)
    await console.surface.post("machine-watch", card)
    async with console.visitor.get(f"{console.url}/events?since={since}") as stream:
        assert (await _next_event(stream))["data"]["key"] == card.key


async def test_silence_is_broken_by_a_heartbeat_that_tells_the_teams_time(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT_SECONDS", 0.02)
    monkeypatch.setattr(streams, "LOOK_SECONDS", 0.01)
    async with console.visitor.get(console.url + "/events") as stream:
        event = await _next_of_all(stream)
    assert event["event"] == "heartbeat"
    assert event["data"] == {"now": NOW.isoformat(), "held": False}


async def test_simulated_time_is_told_with_every_message_and_so_is_its_standing_still(console: Console) -> None:
    console.team_clock.held = True
    async with console.visitor.get(console.url + "/events") as stream:
        await console.surface.answer_privately(
            ReplyTo(surface="console", handle={"person": "ana"}), Answer(text="Noted.")
        )
        told = [await _next_of_all(stream), await _next_of_all(stream)]
    assert {"now": NOW.isoformat(), "held": True} in [event["data"] for event in told]


async def test_private_answers_and_forms_reach_their_person(console: Console) -> None:
    to_ana = ReplyTo(surface="console", handle={"person": "ana"})
    form = Form(title="Why?", submit="Send", token="t", fields=(FormField(name="reason", label="Reason"),))
    async with console.visitor.get(console.url + "/events") as stream:
        await console.surface.answer_privately(to_ana, Answer(text="Only for you."))
        await console.surface.open_form(to_ana, form)
        first, second = await _next_event(stream), await _next_event(stream)
    assert first["data"]["text"] == "Only for you."
    assert 'name="ticket"' in second["data"]["html"]


async def test_a_closed_page_is_noticed(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "LOOK_SECONDS", 0.01)
    async with console.visitor.get(console.url + "/events"):
        assert "1 open page" in console.surface.health().detail
    async with asyncio.timeout(5):
        while "0 open pages" not in console.surface.health().detail:
            await asyncio.sleep(0.01)


async def test_stopping_ends_the_streams(console: Console) -> None:
    async with console.visitor.get(console.url + "/events") as stream:
        await console.surface.stop()
        assert await asyncio.wait_for(stream.content.read(), 5) is not None
    assert not console.surface.health().connected


async def _next_event(stream: aiohttp.ClientResponse) -> dict[str, Any]:
    """The next event of the stream that is no heartbeat; comments and the retry line are not events."""
    while (event := await _next_of_all(stream))["event"] == "heartbeat":
        pass
    return event


async def _next_of_all(stream: aiohttp.ClientResponse) -> dict[str, Any]:
    event: dict[str, Any] = {}
    while True:
        line = (await asyncio.wait_for(stream.content.readline(), 5)).decode().rstrip("\n")
        if not line and "event" in event:
            return event
        name, _, value = line.partition(": ")
        event[name] = json.loads(value) if name == "data" else value
