"""What Discord sends, read as what a person did."""

from typing import Any

import pytest

from blocks.elements import Button, Confirm
from blocks.render.discord_confirm import BACK, asking_first, read_mark, render_question
from blocks.tokens import MAX_TOKEN_CHARS, Verb, encode
from bot.surfaces.base import InboundFile, InboundKind
from bot.surfaces.discord.inbound import AskFirst, NotOurs, TakenBack, read_interaction
from bot.surfaces.discord.items import BUTTONS, MENUS
from bot.surfaces.discord.payload import Heard, key_of, made_at
from tests.bot.discord.payloads import (
    ANA,
    CHANNEL,
    MESSAGE,
    ROLE,
    SERVER,
    confirmed,
    interaction,
    member,
    picked,
    pressed,
    submitted,
    without,
)

STOP = encode(Verb.STOP, "run_aaaaaaaaaaaaaaaa", 6)
LONGEST = encode(Verb.DECISION_SUPERSEDE, "x" * 64, 9_999_999_999)


def heard(body: dict[str, Any]) -> Heard:
    reading = read_interaction(body, SERVER)
    assert isinstance(reading, Heard)
    return reading


def test_a_press_is_the_token_the_place_the_account_and_the_roles() -> None:
    event = heard(pressed(STOP)).event
    assert (event.surface, event.kind, event.token, event.account) == ("discord", InboundKind.PRESS, STOP, ANA)
    assert event.account_class == "member"
    assert event.payload == {"channel": CHANNEL, "message": MESSAGE, "roles": [ROLE]}


def test_what_was_picked_in_a_menu_is_the_press() -> None:
    event = heard(picked("q1menu:0", STOP)).event
    assert (event.kind, event.token) == (InboundKind.PRESS, STOP)


def test_a_command_is_one_line() -> None:
    option = {"type": 1, "name": "run", "options": [{"type": 3, "name": "agent", "value": "machine watch"}]}
    reading = heard(interaction(2, {"id": "1", "name": "deck", "type": 1, "options": [option]}))
    assert (reading.event.kind, reading.event.text) == (InboundKind.COMMAND, "run machine watch")
    assert reading.reply_to.handle["on_message"] is False


def test_a_form_gives_back_texts_choices_numbers_and_files() -> None:
    body = submitted(
        STOP,
        {"type": 4, "custom_id": "why", "value": "because"},
        {"type": 3, "custom_id": "which", "values": ["two"]},
        {"type": 21, "custom_id": "then", "value": "approve"},
        {"type": 4, "custom_id": "count", "value": "12"},
        {"type": 19, "custom_id": "files", "values": ["55"]},
        {"type": 3, "custom_id": "none", "values": []},
    )
    url = "https://cdn.discordapp.com/attachments/1/55/a.csv?ex=1&hm=2"
    attachment = {"id": "55", "filename": "a.csv", "size": 12, "url": url, "content_type": "text/csv"}
    body["data"]["resolved"] = {"attachments": {"55": attachment}}
    event = heard(body).event
    answered = {"why": "because", "which": "two", "then": "approve", "count": "12", "files": "", "none": ""}
    assert (event.kind, event.fields) == (InboundKind.SUBMIT, answered)
    assert event.files == (InboundFile(field="files", id="55", name="a.csv", type="text/csv", bytes=12, url=url),)


def test_a_file_that_was_named_and_not_sent_is_no_file() -> None:
    body = submitted(STOP, {"type": 19, "custom_id": "files", "values": ["55"]})
    assert heard(body).event.files == ()


def test_one_interaction_has_one_key_which_a_token_can_hold() -> None:
    first, again, other = heard(pressed(STOP)), heard(pressed(STOP)), heard(pressed(STOP, number=2))
    assert first.event.key == again.event.key != other.event.key
    assert encode(Verb.ASK, f"{key_of('1' * 20)}/machine-watch", 0)


@pytest.mark.parametrize(
    ("changes", "account_class"),
    [
        ({}, "member"),
        ({"guild_id": "700000000000000002"}, "external"),
        ({"member": member(pending=True)}, "unknown"),
        ({"member": without(member(), "pending")}, "unknown"),
        ({"member": member() | {"user": {"id": ANA, "bot": True}}}, "unknown"),
        ({"member": member() | {"user": {"id": ANA, "system": True}}}, "unknown"),
    ],
)
def test_only_a_member_of_the_server_who_was_let_in_is_a_member(changes: dict[str, Any], account_class: str) -> None:
    assert heard(pressed(STOP, **changes)).event.account_class == account_class


def test_somebody_in_a_direct_message_is_from_outside() -> None:
    body = without(pressed(STOP), "member", "guild_id") | {"user": {"id": ANA}}
    event = heard(body).event
    assert (event.account, event.account_class, "roles" in event.payload) == (ANA, "external", False)


def test_a_button_with_a_question_never_counts_by_itself() -> None:
    reading = read_interaction(pressed(asking_first(STOP)), SERVER)
    assert isinstance(reading, AskFirst)
    assert (reading.token, reading.channel_id, reading.message_id) == (STOP, CHANNEL, MESSAGE)


def test_the_button_under_the_question_counts_and_its_answer_replaces_the_question() -> None:
    confirm = Confirm(title="Stop?", text="It ends.", verb="Stop run")
    [container] = render_question(Button(label="Stop", token=STOP, confirm=confirm))
    assert isinstance(container, dict)
    rows: Any = container["components"]
    goes_on, back = rows[-1]["components"]
    reading = heard(confirmed(goes_on["custom_id"]))
    assert (reading.event.kind, reading.event.token) == (InboundKind.PRESS, STOP)
    assert reading.reply_to.handle["in_place"] is True
    assert isinstance(read_interaction(confirmed(back["custom_id"]), SERVER), TakenBack)
    on_a_card = read_interaction(pressed(goes_on["custom_id"]), SERVER)
    assert isinstance(on_a_card, AskFirst)


def test_the_question_of_a_button_that_asks_none_is_a_bug() -> None:
    with pytest.raises(ValueError, match="asks no question"):
        render_question(Button(label="Stop", token=STOP))


@pytest.mark.parametrize("custom_id", ["q2:stop:run_a:1", "q1:dance:run_a:1", "someone-elses", "??q1:stop:run_a:1"])
def test_what_another_version_made_is_told_apart(custom_id: str) -> None:
    assert isinstance(read_interaction(pressed(custom_id), SERVER), NotOurs)
    assert isinstance(read_interaction(submitted(custom_id), SERVER), NotOurs)
    assert isinstance(read_interaction(picked("q1menu:0", custom_id), SERVER), NotOurs)


@pytest.mark.parametrize("kind", [1, 4, 99])
def test_what_asks_nothing_is_let_go(kind: int) -> None:
    assert read_interaction(interaction(kind, {}), SERVER) is None


@pytest.mark.parametrize("name", ["id", "token", "application_id", "data"])
def test_what_discord_always_sends_is_missed(name: str) -> None:
    with pytest.raises(ValueError, match="Discord's"):
        read_interaction(without(pressed(STOP), name), SERVER)
    with pytest.raises(ValueError, match="names no user"):
        read_interaction(without(pressed(STOP), "member"), SERVER)


@pytest.mark.parametrize("custom_id", [STOP, asking_first(STOP), f"!{STOP}", BACK, LONGEST, f"!{LONGEST}"])
def test_every_button_is_one_class_of_item(custom_id: str) -> None:
    assert BUTTONS.fullmatch(custom_id)
    assert not MENUS.fullmatch(custom_id)
    assert len(custom_id) <= MAX_TOKEN_CHARS
    assert read_mark(custom_id).token in (STOP, LONGEST, BACK)


def test_a_menu_is_the_other_class_of_item() -> None:
    assert MENUS.fullmatch("q1menu:3")
    assert not BUTTONS.fullmatch("q1menu:3")


def test_an_id_says_when_it_was_made() -> None:
    assert made_at("175928847299117063").isoformat() == "2016-04-30T11:18:25.796000+00:00"
