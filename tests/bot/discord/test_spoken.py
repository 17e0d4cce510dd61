"""What a command interaction says: the same words that `/deck` sends on Slack, a message to an agent, a shortcut."""

from typing import Any

import pytest

from blocks.tokens import Verb, encode
from bot.inbound.commands import COMMANDS
from bot.surfaces.base import ADDRESSED, DIRECT, MENTIONED, QUOTED, THREAD, InboundKind, Shortcut
from bot.surfaces.discord.payload import key_of
from bot.surfaces.discord.spoken import Spoken, read_command
from bot.surfaces.discord.written import QUOTED_CHARS
from bot.workspace.values import NAME_MAX_CHARACTERS
from tests.bot.discord.interactions import CHANNEL, SERVER, in_thread, interaction, on_message, slash


def heard(body: dict[str, Any]) -> Spoken | None:
    return read_command(body["data"], body)


def said(body: dict[str, Any]) -> Spoken:
    found = heard(body)
    assert found is not None
    return found


def quoted(**message: Any) -> Any:
    return said(on_message("Make this a task", **message)).payload[QUOTED]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_its_name_and_what_follows(command: str) -> None:
    assert said(slash(command)) == Spoken(kind=InboundKind.COMMAND, text=command, payload={"channel": CHANNEL})
    assert said(slash(command, what="  machine-watch ")).text == f"{command} machine-watch"


def test_an_empty_argument_is_none() -> None:
    assert said(slash("alerts", agent="")).text == "alerts"


@pytest.mark.parametrize("data", [{"name": "deck", "type": 1}, {"name": "ops", "type": 1, "options": []}, {}])
def test_what_is_no_command_of_ours_says_nothing(data: dict[str, Any]) -> None:
    assert heard(interaction(2, data)) is None


def test_a_menu_that_is_not_ours_says_nothing() -> None:
    assert heard(on_message("Report to the moderators")) is None


def test_words_for_a_named_agent_are_meant_for_that_one_alone() -> None:
    one = said(slash("ask", agent="watch", words="look at /"))
    assert (one.kind, one.text) == (InboundKind.MESSAGE, "watch: look at /")
    assert one.payload == {"channel": CHANNEL, ADDRESSED: DIRECT}


def test_words_without_an_agent_are_meant_for_who_is_at_home_in_the_channel() -> None:
    one = said(slash("ask", words="look at /"))
    assert (one.kind, one.text, one.payload) == (
        InboundKind.MESSAGE,
        "look at /",
        {"channel": CHANNEL, ADDRESSED: MENTIONED},
    )


def test_words_in_a_thread_answer_the_message_it_was_started_from() -> None:
    one = said(in_thread(slash("ask", words="use port 8080"), "700000000000000007"))
    assert one.payload == {"channel": CHANNEL, ADDRESSED: MENTIONED, THREAD: "700000000000000007"}


def test_words_for_a_named_agent_answer_no_thread() -> None:
    one = said(in_thread(slash("ask", agent="watch", words="now"), "700000000000000007"))
    assert THREAD not in one.payload


def test_without_words_the_form_is_asked_for_with_the_agent_chosen() -> None:
    assert said(slash("ask")) == Spoken(
        kind=InboundKind.SHORTCUT, text=Shortcut.ASK.value, payload={"channel": CHANNEL}
    )
    assert said(slash("ask", agent="watch")).fields == {"agent": "watch"}


@pytest.mark.parametrize(
    ("menu", "shortcut"), [("Make this a task", Shortcut.MAKE_TASK), ("Give this to an agent", Shortcut.GIVE)]
)
def test_a_menu_on_a_message_is_a_shortcut_that_quotes_it(menu: str, shortcut: Shortcut) -> None:
    one = said(on_message(menu, content="the disk is full"))
    assert (one.kind, one.text) == (InboundKind.SHORTCUT, shortcut.value)
    assert one.payload[QUOTED] == {
        "author": "7",
        "author_name": "@mallory",
        "text": "the disk is full",
        "url": f"https://discord.com/channels/{SERVER}/{CHANNEL}/600000000000000006",
    }


def test_mentions_and_emoji_are_written_out() -> None:
    text = "<@8> and <@!9>, see <#10> <@&11> <a:party:12>"
    people = [{"id": "8", "username": "ben"}]
    assert quoted(content=text, mentions=people)["text"] == "@ben and @9, see #10 @11 :party:"


def test_an_app_may_say_it_in_embeds_or_components_only() -> None:
    assert quoted(content="", embeds=[{"title": "Build", "description": "failed"}])["text"] == "Build\nfailed"
    display = {"type": 17, "components": [{"type": 10, "content": "Down"}, {"type": 14}]}
    assert quoted(content="", components=[display])["text"] == "Down"


def test_a_long_message_ends_in_an_ellipsis() -> None:
    text = quoted(content="x" * 4_000)["text"]
    assert (len(text), text[-1]) == (QUOTED_CHARS, "…")


@pytest.mark.parametrize(
    "message",
    [{"content": None}, {"author": None}, {"mentions": "x", "embeds": 3, "components": [4]}, {"id": "x/../y"}],
)
def test_a_message_in_an_odd_form_is_quoted_as_far_as_it_can_be(message: dict[str, Any]) -> None:
    assert set(quoted(**message)) <= {"author", "author_name", "text", "url"}
    assert "url" not in quoted(id="x/../y")


def test_a_token_has_room_for_the_key_and_the_longest_id_of_an_agent() -> None:
    encode(Verb.ASK, f"{key_of('9' * 20)}/{'a' * NAME_MAX_CHARACTERS}", 0)
