"""What a reader is given of other people's and other apps' messages, from payloads shaped like the real ones."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.surfaces.slack.identity import Home
from bot.surfaces.slack.legible import read_legibly
from bot.surfaces.slack.overheard import SERVICE, moment_of, overhear, overhear_event, ts_of
from bot.surfaces.slack.plaintext import from_mrkdwn
from store.records import AuthorKind, MessageField, SeenMessage
from tests.bot.slack import payloads
from tests.bot.slack.payloads import changed, deleted, event
from tests.emulator.fake_slack import BOT, TEAM

HOME = Home(team_id=TEAM, enterprise_id=None, bot_user_id=BOT, bot_id="B0DECK001")


def seen(message: dict[str, Any]) -> SeenMessage:
    found = overhear("C0ALERTS1", message, HOME)
    assert found is not None
    return found.message


def fields(*pairs: tuple[str, str]) -> tuple[MessageField, ...]:
    return tuple(MessageField(name=name, value=value) for name, value in pairs)


@pytest.mark.parametrize(
    ("message", "author", "text", "labelled", "link"),
    [
        (
            payloads.GITHUB,
            "GitHub",
            (
                "Pull request opened by dana (https://github.com/dana)\n"
                "#42 Fix <title> on the start page (https://github.com/acme/site/pull/42)\n"
                "The title was cut off."
            ),
            fields(("Reviewers", "ben (https://github.com/ben)"), ("Labels", "bug, seo")),
            "https://github.com/acme/site/pull/42",
        ),
        (
            payloads.GRAFANA,
            "Grafana",
            (
                "[FIRING:1] DiskFull (web-1)\n"
                "**Firing**\n\nValue: B=93.2\nLabels:\n - alertname = DiskFull\n - host = web-1"
            ),
            (),
            "https://grafana.example/alerting/list",
        ),
        (
            payloads.PAGER,
            "PagerDuty",
            ":red_circle: *#4711 (https://acme.pagerduty.com/i/4711)* Checkout is slow\nEscalates in 15 min",
            fields(("Service", "Checkout API"), ("Urgency", "High"), ("Assigned to", "@U0DANA")),
            "https://acme.pagerduty.com/incidents/4711",
        ),
        (
            payloads.AUDIT_TOOL,
            "Site Audit",
            (
                "Crawl of acme.example finished\nIssue | Pages\nBroken links | 17\n"
                "Health score 81\nHealth score over 30 days"
            ),
            (),
            None,
        ),
        (
            payloads.PERSON,
            "U0DANA",
            "@ben please look at the page (https://acme.example/a?b=1&c=2), @ops: 3 < 4 @here",
            (),
            "https://acme.example/a?b=1&c=2",
        ),
        (payloads.WITH_FILES, "U0DANA", "", (), None),
        (
            payloads.RICH_ONLY,
            "U0DANA",
            "See our site (https://acme.example) @U0BEN:wave:\n- one\n- two\nx = 1",
            (),
            "https://acme.example",
        ),
    ],
    ids=["github", "grafana", "pager", "audit", "person", "files", "rich"],
)
def test_a_message_is_read_whole(
    message: dict[str, Any], author: str, text: str, labelled: tuple[MessageField, ...], link: str | None
) -> None:
    found = seen(message)
    assert (found.author, found.text, found.fields, found.link) == (author, text, labelled, link)
    assert (found.author_kind is AuthorKind.APP) == bool(message.get("bot_id"))
    assert (found.message_id, found.as_of, found.deleted) == (message["ts"], None, False)


def test_files_are_named_and_never_fetched() -> None:
    assert seen(payloads.WITH_FILES).files == ("report.csv", "a file without a name")


def test_an_attachment_that_says_nothing_else_says_its_fallback() -> None:
    bare = {"ts": "1.000001", "bot_id": "B1", "text": "", "attachments": [{"fallback": "Backup done", "color": "good"}]}
    assert seen(bare).text == "Backup done"


def test_an_app_that_writes_text_beside_attachments_is_read_whole() -> None:
    both = {**payloads.GRAFANA, "text": "Please look:"}
    assert seen(both).text.startswith("Please look:\n[FIRING:1]")


def test_a_reply_knows_its_thread_and_one_shown_in_the_channel_stands_by_itself() -> None:
    assert seen(payloads.REPLY).thread_id == payloads.PERSON["ts"]
    assert seen(payloads.BROADCAST).thread_id is None
    assert seen({**payloads.PERSON, "thread_ts": payloads.PERSON["ts"]}).thread_id is None


@pytest.mark.parametrize(
    "own",
    [
        {"user": BOT},
        {"user": BOT, "bot_id": "B0DECK001"},
        {"subtype": "bot_message", "bot_id": "B0DECK001", "username": "Machine Watch"},
    ],
)
def test_what_we_posted_ourselves_is_never_read_back(own: dict[str, Any]) -> None:
    message = {"type": "message", "ts": "1795000001.000001", "text": "Digest", **own}
    assert overhear("C1", message, HOME) is None
    for body in (event(message), changed(message, "1795000002.000001"), deleted(message, "1795000002.000001")):
        assert overhear_event(body["event"], HOME) is None


@pytest.mark.parametrize("subtype", sorted(SERVICE))
def test_what_nobody_wrote_is_not_read(subtype: str) -> None:
    message = {"ts": "1795000001.000001", "user": "U1", "text": "joined", "subtype": subtype}
    assert overhear("C1", message, HOME) is None


def test_a_subtype_nobody_knows_yet_is_read() -> None:
    assert seen({**payloads.PERSON, "subtype": "hologram"}).text


def test_an_edit_is_as_of_the_event_and_a_history_of_the_mark() -> None:
    told = overhear_event(changed(payloads.PERSON, "1795000100.000000", text="corrected")["event"], HOME)
    assert told is not None
    assert (told.message.message_id, told.message.text) == (payloads.PERSON["ts"], "corrected")
    assert told.message.as_of == moment_of("1795000100.000000")
    marked = {**payloads.PERSON, "edited": {"user": "U0DANA", "ts": "1795000099.000000"}}
    assert seen(marked).as_of == moment_of("1795000099.000000")
    silent = overhear_event(changed({**marked, "bot_id": "B1"}, "1795000200.000000", text="updated")["event"], HOME)
    assert silent is not None
    assert silent.message.as_of == moment_of("1795000200.000000")


def test_a_deletion_and_a_tombstone_leave_no_text() -> None:
    gone = overhear_event(deleted(payloads.PERSON, "1795000100.000000")["event"], HOME)
    tomb = overhear_event(
        changed(payloads.PERSON, "1795000100.000000", subtype="tombstone", text="This message was deleted.")["event"],
        HOME,
    )
    assert gone is not None
    assert gone == tomb
    assert (gone.message.message_id, gone.message.deleted, gone.message.text) == (payloads.PERSON["ts"], True, "")


def test_a_deletion_that_names_no_previous_message_is_understood() -> None:
    body = deleted(payloads.PERSON, "1795000100.000000")
    del body["event"]["previous_message"]
    gone = overhear_event(body["event"], HOME)
    assert gone is not None
    assert gone.message.message_id == payloads.PERSON["ts"]


def test_the_previews_slack_adds_change_nothing() -> None:
    without = {key: value for key, value in payloads.PERSON.items() if key != "attachments"}
    assert seen(payloads.PERSON) == seen(without)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<https://a.example>", "https://a.example"),
        ("<mailto:a@b.c|a@b.c>", "a@b.c"),
        ("<#C1|general> <#C2>", "#general #C2"),
        ("<!date^1795000000^{date_num}|21 Nov>", "21 Nov"),
        ("<!channel> <!everyone>", "@channel @everyone"),
        ("a &amp;lt; b", "a &lt; b"),
        ("<not closed", "<not closed"),
    ],
)
def test_slacks_text_forms_are_written_out(written: str, read: str) -> None:
    assert from_mrkdwn(written) == read


def test_whatever_is_too_long_ends_in_an_ellipsis() -> None:
    many = [{"title": f"f{number}" * 60, "value": "v" * 900} for number in range(40)]
    said = read_legibly({"bot_id": "B1", "text": "x" * 9000, "attachments": [{"fields": many}]})
    assert (len(said.text), said.text[-1], len(said.fields)) == (6000, "…", 25)
    assert {(len(one.name), len(one.value), one.value[-1]) for one in said.fields} == {(80, 500, "…")}


def test_moments_are_exact_and_rubbish_is_none() -> None:
    assert moment_of("1795000000.123456") == datetime(2026, 11, 18, 11, 6, 40, 123456, tzinfo=UTC)
    assert ts_of(datetime(2026, 11, 18, 11, 6, 40, 123456, tzinfo=UTC)) == "1795000000.123456"
    assert [moment_of(text) for text in ("", "x", "9" * 40, "NaN")] == [None] * 4
    assert overhear("C1", {"ts": "x", "text": "y"}, HOME) is None


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "text", "elements", "fields", "blocks", "rows", "title"]), inner)
    ),
    max_leaves=12,
)
KINDS = st.sampled_from(["section", "rich_text", "context", "actions", "table", "header", "image", "x"])


BLOCK = st.fixed_dictionaries({"type": KINDS}, optional={"text": JUNK, "elements": JUNK, "fields": JUNK, "rows": JUNK})


@given(st.lists(BLOCK), JUNK)
def test_no_shape_of_a_message_breaks_the_reading(blocks: list[Any], attachments: Any) -> None:
    message = {"ts": "1795000001.000001", "bot_id": "B1", "blocks": blocks, "attachments": attachments}
    assert overhear("C1", message, HOME) is not None
