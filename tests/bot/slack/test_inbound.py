"""What Slack sends becomes what a person did; the same payload always has the same key, another act another one."""

from typing import Any

import pytest

from bot.surfaces.base import ADDRESSED, DIRECT, MENTIONED, THREAD, InboundKind
from bot.surfaces.slack.inbound import read_inbound

PRESS: dict[str, Any] = {
    "type": "block_actions",
    "team": {"id": "T1"},
    "user": {"id": "U1", "team_id": "T1"},
    "channel": {"id": "C1"},
    "container": {"type": "message", "message_ts": "1.000100", "channel_id": "C1"},
    "trigger_id": "1.2.abc",
    "response_url": "https://hooks.example.test/1",
    "actions": [{"type": "button", "action_id": "press:0", "value": "q1:approve:a1:1", "action_ts": "2.000001"}],
}
SUBMIT: dict[str, Any] = {
    "type": "view_submission",
    "team": {"id": "T1"},
    "user": {"id": "U1"},
    "view": {
        "id": "V1",
        "callback_id": "q1:edit:a1:1",
        "private_metadata": '{"channel":"C1"}',
        "state": {
            "values": {
                "days": {"answer": {"type": "number_input", "value": "30"}},
                "mode": {"answer": {"type": "static_select", "selected_option": {"value": "copy"}}},
                "note": {"answer": {"type": "plain_text_input", "value": None}},
            }
        },
    },
}
COMMAND: dict[str, Any] = {
    "command": "/deck",
    "text": " run machine-watch &lt;now&gt; ",
    "team_id": "T1",
    "user_id": "U1",
    "channel_id": "C1",
    "trigger_id": "9.9.f",
    "response_url": "https://hooks.example.test/2",
}
MENTION: dict[str, Any] = {
    "type": "event_callback",
    "team_id": "T1",
    "event_id": "Ev1",
    "event": {
        "type": "app_mention",
        "user": "U1",
        "channel": "C1",
        "ts": "3.000001",
        "event_ts": "3.000001",
        "text": "<@U0BOT|deck> status",
    },
}


SHORTCUT: dict[str, Any] = {
    "type": "message_action",
    "callback_id": "make_task",
    "team": {"id": "T1", "domain": "acme"},
    "user": {"id": "U1", "team_id": "T1"},
    "channel": {"id": "C1"},
    "trigger_id": "7.7.g",
    "response_url": "https://hooks.example.test/3",
    "action_ts": "6.000001",
    "message": {"user": "U7", "ts": "5.000001", "thread_ts": "4.1", "text": "Pages are slow <@U9>"},
}


def test_a_press_carries_the_token_and_the_way_back() -> None:
    heard = read_inbound(PRESS)
    assert heard is not None
    assert (heard.event.kind, heard.event.token, heard.event.account) == (InboundKind.PRESS, "q1:approve:a1:1", "U1")
    assert heard.event.payload == {"channel": "C1", "message": "1.000100"}
    assert heard.reply_to.handle["response_url"] == "https://hooks.example.test/1"
    assert heard.reply_to.handle["trigger_id"] == "1.2.abc"


def test_nothing_short_lived_is_part_of_what_is_stored() -> None:
    for body in (PRESS, COMMAND):
        heard = read_inbound(body)
        assert heard is not None
        stored = heard.event.model_dump_json()
        assert "hooks.example.test" not in stored
        assert body["trigger_id"] not in stored


def test_until_somebody_looked_the_account_is_unknown() -> None:
    for body in (PRESS, SUBMIT, COMMAND, MENTION):
        heard = read_inbound(body)
        assert heard is not None
        assert heard.event.account_class == "unknown"


def test_picking_from_a_menu_is_a_press() -> None:
    action = {"action_id": "menu:1", "selected_option": {"value": "q1:stop:r1:2"}, "action_ts": "2.1"}
    heard = read_inbound({**PRESS, "actions": [action]})
    assert heard is not None
    assert heard.event.token == "q1:stop:r1:2"


def test_a_submission_carries_every_field_as_text() -> None:
    heard = read_inbound(SUBMIT)
    assert heard is not None
    assert (heard.event.kind, heard.event.token) == (InboundKind.SUBMIT, "q1:edit:a1:1")
    assert heard.event.fields == {"days": "30", "mode": "copy", "note": ""}
    assert heard.reply_to.handle["channel"] == "C1"


def test_a_command_keeps_its_words_as_typed() -> None:
    heard = read_inbound(COMMAND)
    assert heard is not None
    assert (heard.event.kind, heard.event.text) == (InboundKind.COMMAND, "run machine-watch <now>")


def test_a_mention_is_a_message_without_the_name() -> None:
    heard = read_inbound(MENTION)
    assert heard is not None
    assert (heard.event.kind, heard.event.text, heard.event.account) == (InboundKind.MESSAGE, "status", "U1")
    assert heard.event.payload == {"channel": "C1", "message": "3.000001", ADDRESSED: MENTIONED}


@pytest.mark.parametrize(
    ("inner", "payload"),
    [
        ({"channel": "D1", "channel_type": "im"}, {ADDRESSED: DIRECT}),
        ({"thread_ts": "1.1"}, {THREAD: "1.1"}),
        ({"thread_ts": "1.1", "parent_user_id": "U0BOT"}, {THREAD: "1.1"}),
        ({"thread_ts": "1.1", "subtype": "thread_broadcast"}, {THREAD: "1.1"}),
        ({"thread_ts": "1.1", "subtype": "file_share"}, {THREAD: "1.1"}),
        ({"thread_ts": "1.1", "parent_user_id": "U2"}, None),
        ({"thread_ts": "3.000001"}, None),
        ({}, None),
        ({"thread_ts": "1.1", "text": "<@U0BOT> stop"}, None),
        ({"thread_ts": "1.1", "bot_id": "B1"}, None),
        ({"channel": "D1", "channel_type": "im", "bot_id": "B1"}, None),
        ({"thread_ts": "1.1", "subtype": "message_changed", "hidden": True}, None),
        ({"thread_ts": "1.1", "subtype": "message_deleted"}, None),
        ({"thread_ts": "1.1", "subtype": "bot_message"}, None),
        ({"channel": "D1", "channel_type": "im", "subtype": "message_changed"}, None),
    ],
)
def test_of_all_that_is_written_only_what_is_said_to_us_is_taken_in(
    inner: dict[str, Any], payload: dict[str, Any] | None
) -> None:
    said = {**MENTION["event"], "type": "message", "text": "and &lt;now&gt; <https://a.test|this>", **inner}
    heard = read_inbound({**MENTION, "event": said, "authorizations": [{"user_id": "U0BOT", "is_bot": True}]})
    assert (heard is None) == (payload is None)
    if heard is not None and payload is not None:
        assert heard.event.kind is InboundKind.MESSAGE
        assert heard.event.text == "and <now> this (https://a.test)"
        assert {name: heard.event.payload.get(name) for name in (ADDRESSED, THREAD)} == {
            ADDRESSED: None,
            THREAD: None,
            **payload,
        }


def test_a_mention_and_the_message_it_stands_in_are_one_act() -> None:
    message = {**MENTION["event"], "type": "message", "thread_ts": "1.1"}
    assert key_of(MENTION) == key_of({**MENTION, "event": message})


@pytest.mark.parametrize("callback", ["ask_agent", "make_task", "give_to_agent"])
def test_a_shortcut_names_its_menu_entry_and_carries_the_message_with_its_address(callback: str) -> None:
    heard = read_inbound({**SHORTCUT, "callback_id": callback})
    assert heard is not None
    assert (heard.event.kind, heard.event.text) == (InboundKind.SHORTCUT, callback)
    assert heard.event.payload["quoted"] == {
        "author": "U7",
        "text": "Pages are slow @U9",
        "url": "https://acme.slack.com/archives/C1/p5000001?thread_ts=4.1&cid=C1",
    }
    assert heard.reply_to.handle["trigger_id"] == "7.7.g"
    assert SHORTCUT["trigger_id"] not in heard.event.model_dump_json()


def test_a_shortcut_without_a_message_carries_none_and_a_foreign_one_is_let_go() -> None:
    everywhere = {name: part for name, part in SHORTCUT.items() if name not in ("message", "channel")}
    heard = read_inbound({**everywhere, "type": "shortcut", "callback_id": "ask_agent"})
    assert heard is not None
    assert heard.event.payload == {}
    assert read_inbound({**SHORTCUT, "callback_id": "somebody_elses"}) is None


def test_an_apps_message_is_quoted_by_what_its_attachments_say() -> None:
    message = {"bot_id": "B1", "username": "Audit", "text": "", "ts": "5.1", "attachments": [{"fallback": "404 rises"}]}
    heard = read_inbound({**SHORTCUT, "message": message})
    assert heard is not None
    quoted = heard.event.payload["quoted"]
    assert quoted == {"author": "Audit", "text": "404 rises", "url": "https://acme.slack.com/archives/C1/p51"}


@pytest.mark.parametrize(
    "body",
    [
        {"type": "view_closed", "view": {}},
        {**PRESS, "actions": [{"action_id": "link:0", "action_ts": "2.2"}]},
        {**MENTION, "event": {**MENTION["event"], "bot_id": "B1"}},
        {**MENTION, "event": {"type": "message", "user": "U1", "channel": "C1", "event_ts": "3.1"}},
        {"type": "something_new"},
        {},
    ],
)
def test_what_asks_nothing_of_us_is_let_go(body: dict[str, Any]) -> None:
    assert read_inbound(body) is None


def key_of(body: dict[str, Any]) -> str:
    heard = read_inbound(body)
    assert heard is not None
    return heard.event.key


def test_one_event_under_two_event_ids_has_one_key() -> None:
    assert key_of(MENTION) == key_of({**MENTION, "event_id": "Ev2"})
    other = {**MENTION, "event": {**MENTION["event"], "event_ts": "3.000002"}}
    assert key_of(MENTION) != key_of(other)


@pytest.mark.parametrize(
    ("body", "changed"),
    [
        (PRESS, {"user": {"id": "U2"}}),
        (PRESS, {"team": {"id": "T2"}}),
        (PRESS, {"container": {"message_ts": "1.000200", "channel_id": "C1"}}),
        (PRESS, {"actions": [{**PRESS["actions"][0], "action_ts": "2.000002"}]}),
        (SUBMIT, {"view": {**SUBMIT["view"], "id": "V2"}}),
        (SUBMIT, {"user": {"id": "U2"}}),
        (COMMAND, {"trigger_id": "9.9.g"}),
        (SHORTCUT, {"action_ts": "6.000002"}),
        (SHORTCUT, {"user": {"id": "U2"}}),
    ],
)
def test_a_redelivery_has_the_same_key_and_another_act_another_one(
    body: dict[str, Any], changed: dict[str, Any]
) -> None:
    again = {**body, "trigger_id": body.get("trigger_id"), "response_url": "https://hooks.example.test/other"}
    assert key_of(body) == key_of(again)
    assert key_of(body) != key_of({**body, **changed})


def test_a_payload_without_its_identity_is_not_taken_in() -> None:
    with pytest.raises(ValueError, match="trigger_id"):
        read_inbound({**COMMAND, "trigger_id": ""})


HOME: dict[str, Any] = {
    "type": "event_callback",
    "team_id": "T1",
    "event_id": "Ev2",
    "event": {"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home", "event_ts": "4.000001"},
}


def test_looking_at_ones_home_is_an_event_of_its_own_and_says_what_is_shown() -> None:
    shown = {**HOME["event"], "view": {"id": "V1", "type": "home", "hash": "7.abc"}}
    first, again = read_inbound(HOME), read_inbound({**HOME, "event_id": "Ev3", "event": shown})
    assert first is not None
    assert again is not None
    assert (first.event.kind, first.event.account, first.event.payload) == (InboundKind.HOME, "U1", {})
    assert again.event.payload == {"view_hash": "7.abc"}
    assert first.event.key == again.event.key, "one look, however often it is delivered"


def test_the_messages_tab_of_the_app_is_no_home() -> None:
    assert read_inbound({**HOME, "event": {**HOME["event"], "tab": "messages"}}) is None


def test_a_press_at_home_and_the_form_it_opens_are_answered_at_home() -> None:
    at_home = {name: value for name, value in PRESS.items() if name not in ("channel", "response_url", "container")}
    heard = read_inbound(
        {**at_home, "view": {"id": "V1", "type": "home"}, "container": {"type": "view", "view_id": "V1"}}
    )
    assert heard is not None
    assert heard.event.payload == {"home": True}
    assert heard.reply_to.handle["home"] is True
    sent = read_inbound({**SUBMIT, "view": {**SUBMIT["view"], "private_metadata": '{"channel":null,"home":true}'}})
    assert sent is not None
    assert sent.event.payload == {"home": True}


def test_a_press_on_a_message_is_not_at_home() -> None:
    heard = read_inbound(PRESS)
    assert heard is not None
    assert "home" not in heard.event.payload
    assert "home" not in heard.reply_to.handle


def test_a_thumb_is_a_press_with_its_verdict() -> None:
    thumb = {
        "type": "feedback_buttons",
        "action_id": "feedback:0",
        "value": "q1:useful:digest/d1:0",
        "action_ts": "2.1",
    }
    heard = read_inbound({**PRESS, "actions": [thumb]})
    assert heard is not None
    assert (heard.event.kind, heard.event.token) == (InboundKind.PRESS, "q1:useful:digest/d1:0")
