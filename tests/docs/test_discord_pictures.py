"""The pictures of docs/discord-cards.md: one for every kind, drawn from what we send, nothing dropped or obeyed."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from blocks.elements import Card, FormButton
from blocks.render import discord
from docs.pictures.__main__ import ALBUMS, main
from docs.pictures.discord.gallery import APP, IN_LIGHT, NAMES, ON_A_PHONE, PARTS
from docs.pictures.discord.markdown import Reader, markdown, moment
from docs.pictures.discord.shapes import Message
from docs.pictures.discord.sheet import READER, card_part, form_part
from docs.pictures.png import MAX_BYTES, note_of
from store.records import CardKind
from tests.blocks.reading import Page, read_html
from tests.blocks.samples import HOSTILE, VIEW, all_cards, worst_cards

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "discord-cards.md").read_text("utf-8")
ALBUM = ALBUMS["discord"]
OURS = ("https://console.test", "attachment://", str(VIEW.console_url))
COMPARED = (
    *("charts", "tables", "what is too long", "buttons", "menus", "a question before a press", "feedback", "forms"),
    *("choices in a form", "files in a form", "threads", "the team at a glance", "whom a card calls", "pinned cards"),
    *("edits after an hour", "moments", "who speaks", "free text and mentions", "watched channels", "who may act"),
)


def _classed(page: Page, name: str) -> int:
    return sum(attributes.get("class") == name for _, attributes in page.elements)


def test_every_kind_of_card_is_shown_as_it_is_and_at_its_worst() -> None:
    kinds = {*(kind.value for kind in CardKind), "notice"}
    assert {f"{kind}{case}" for kind in kinds for case in ("", "-worst")} <= set(PARTS)
    assert set(ON_A_PHONE) >= {"approval", "alert", "digest", "fleet"}
    assert len(IN_LIGHT) == 2


def test_every_picture_is_a_small_file_and_there_is_no_other() -> None:
    assert sorted(path.stem for path in ALBUM.folder.glob("*")) == sorted(NAMES)
    for path in ALBUM.folder.glob("*.png"):
        png = path.read_bytes()
        assert len(png) <= MAX_BYTES, path.name
        assert re.fullmatch("[0-9a-f]{64}", note_of(png) or ""), path.name


def test_the_page_shows_every_picture_once_with_a_line_about_it() -> None:
    shown = re.findall(r"^(\S.*)\n\n!\[([^\]]+)\]\(images/discord/([\w-]+)\.png\)$", PAGE, re.MULTILINE)
    assert sorted(name for _, _, name in shown) == sorted(NAMES)
    assert all(line.endswith((".", ":")) and alternative for line, alternative, _ in shown)
    assert "drawn by us" in PAGE
    assert "python -m docs.pictures" in PAGE


def test_the_page_says_what_each_surface_shows_differently_and_why() -> None:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("|")]
    assert rows[0] == ["", "console", "Slack", "Discord", "why"]
    assert tuple(row[0] for row in rows[2:]) == COMPARED
    assert all(len(row) == len(rows[0]) and all(row) for row in rows[2:])


@pytest.mark.parametrize(("name", "card"), [*all_cards()])
def test_every_card_is_understood_with_its_files_and_without(name: str, card: Card) -> None:
    for attached in (True, False):
        assert read_html(str(card_part(card, APP, attached=attached).body)).faults == [], name
    for button in (action for action in card.actions if isinstance(action, FormButton)):
        assert read_html(str(form_part(button.form, APP).body)).faults == [], name


@pytest.mark.parametrize(("name", "card"), [*worst_cards()])
def test_hostile_text_is_only_text(name: str, card: Card) -> None:
    page = read_html(str(card_part(card, APP).body))
    assert _classed(page, "mention") == _classed(page, "spoiler") == 0
    assert [url for one in page.named("a") if not (url := one["href"]).startswith(OURS)] == []
    assert page.tags.isdisjoint({"script", "article", "s", "u", "i", "h1", "h2", "code", "style"})
    assert "onerror" not in page.attributes
    assert "\u202e" not in page.text
    assert page.named("time") == [], "a simulated card counts no time of this world"


def test_the_same_text_that_nobody_escaped_would_ping_and_deceive() -> None:
    page = read_html(str(markdown(HOSTILE, READER)))
    assert _classed(page, "mention") >= 3
    assert "https://evil.test" in [one["href"] for one in page.named("a")]
    assert _classed(page, "spoiler") == 1
    assert {"i", "blockquote", "pre", "time", "li"} <= page.tags
    assert "script" not in page.tags


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**b** *i* __u__ ~~s~~ _e_", "<b>b</b> <i>i</i> <u>u</u> <s>s</s> <i>e</i>"),
        (r"\*\*b\*\* \_e\_ \[a\](b)", "**b** _e_ [a](b)"),
        ("[**a**](https://a.test/x)", '<a href="https://a.test/x"><b>a</b></a>'),
        ("<@&7> <@1> @here", None),
        ("`a *b*`", "<code>a *b*</code>"),
        ('<b onclick="x">', "&lt;b onclick=&#34;x&#34;&gt;"),
    ],
)
def test_markdown_reads_as_discord_reads_it(text: str, shown: str | None) -> None:
    read = str(markdown(text, READER))
    assert read.count("mention") == 3 if shown is None else read == f'<p dir="auto">{shown}</p>'


@pytest.mark.parametrize(("ahead", "said"), [(14_400, "in 4 hours"), (-60, "a minute ago"), (-3600, "an hour ago")])
def test_a_moment_is_counted_from_the_readers_own(ahead: int, said: str) -> None:
    now = int(READER.now.timestamp())
    assert moment(now + ahead, "R", READER) == said
    with pytest.raises(ValueError, match="style X"):
        moment(now, "X", Reader(READER.now))


@pytest.mark.parametrize("part", [{"type": 99}, {"type": 14, "width": 3}, {"type": 10, "content": ""}, {"type": 4}])
def test_what_is_not_understood_is_an_error_and_never_left_out(part: dict[str, object]) -> None:
    container = {"type": 17, "accent_color": 1, "components": [part]}
    with pytest.raises(ValidationError):
        Message.model_validate({"flags": 32768, "components": [container], "allowed_mentions": {"parse": []}})


def test_a_picture_that_nobody_attached_is_an_error() -> None:
    card = next(card for name, card in all_cards() if name == "alert/open")
    message = discord.render(card, files=["alert_dddddddddddddddd.png"])
    from docs.pictures.discord.components import Window, shown

    with pytest.raises(ValueError, match="is not attached"):
        shown(Message.model_validate(message).components[0], Window(READER))


def test_a_name_that_is_none_is_told_the_names(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["rum"])
    assert "discord/approval-worst" in capsys.readouterr().err
