"""Whatever anybody writes stays text: it never pings, links, formats, reorders or runs, on any surface."""

import re

import pytest
from hypothesis import given, settings

from blocks.elements import Button, Card, Confirm, Fact, Facts, Item, Items, Payload, Quoted, Style, Text, Tone
from blocks.render import discord, html, slack, text
from blocks.text import discord_code, discord_markdown, slack_fallback, slack_literal, visible
from blocks.tokens import Verb, encode
from docs.pictures.discord.gallery import APP
from docs.pictures.discord.sheet import card_part
from store.kernel.canonical import Json
from tests.blocks.reading import OUR_ATTRIBUTES, OUR_TAGS, read_html
from tests.blocks.samples import HOSTILE, worst_cards
from tests.blocks.strategies import any_text, hostile_text

_MANY = settings(max_examples=150, deadline=None)
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\U000e0000-\U000e007f]"
)
_BREAKERS = re.compile("[\u200b\u2060]")


def _card(said: str) -> Card:
    """One card that says `said` everywhere a record's text can end up."""
    confirm = Confirm(title=said, text=said, verb="Go")
    button = Button(label=said, token=encode(Verb.STOP, "run_a", 1), style=Style.DANGER, confirm=confirm, about=said)
    elements = (
        Text(text=said, heading=said),
        Facts(rows=(Fact(label=said, value=said, baseline=said),)),
        Items(heading=said, rows=(Item(text=said, detail=said), Item(text=said, url="https://console.test/a"))),
        Quoted(text=said, source=said),
        Payload(label=said, text=said, note=said),
    )
    return Card(
        key="run:run_a",
        revision=1,
        kind="run",
        tone=Tone.BAD,
        state=said,
        title=said,
        summary=said,
        elements=elements,
        actions=(button,),
    )


@_MANY
@given(hostile_text)
def test_slack_gets_nothing_it_could_take_for_markup(said: str) -> None:
    message = slack.render(_card(said))
    kinds = {item["type"] for item in _objects(message) if isinstance(item.get("text"), str) and "type" in item}
    assert kinds <= {"plain_text", "text", "link", "raw_text"}
    assert not re.search(r"[<>*_~`]", str(message["text"]))
    assert not re.search(r"&(?!amp;|lt;|gt;)", str(message["text"]))
    links = [item["url"] for item in _objects(message) if "url" in item]
    assert set(links) <= {"https://console.test/a"}


@_MANY
@given(hostile_text)
def test_slack_shows_no_mention(said: str) -> None:
    assert not re.search(r"<[@!#]|@(everyone|here|channel)", slack_literal(said), re.IGNORECASE)
    assert _BREAKERS.sub("", slack_literal(said)) == _BREAKERS.sub("", visible(said))


@_MANY
@given(hostile_text)
def test_discord_shows_the_letters_and_nothing_else(said: str) -> None:
    markdown = discord_markdown(said)
    unescaped = re.sub(r"\\([^A-Za-z0-9\s])", r"\1", _BREAKERS.sub("", markdown))
    assert unescaped == _BREAKERS.sub("", visible(said))
    bare = re.sub(r"\\[^A-Za-z0-9\s]", "", markdown)
    assert not re.search(r"[*_~`|\[\]()<>#\\]", bare)
    assert not re.search(r"^\s*(-|\+|\d+\.)\s", bare, re.MULTILINE)
    assert "://" not in bare


@_MANY
@given(hostile_text)
def test_discord_pings_nobody_and_no_text_ends_a_code_block(said: str) -> None:
    message = discord.render(_card(said))
    assert message["allowed_mentions"] == {"parse": []}
    for content in (str(item["content"]) for item in _objects(message) if "content" in item):
        assert not re.search(r"@(everyone|here)|<@[!&]?\d|<#\d", content)
        assert content.count("```") in (0, 2)
    assert "``" not in discord_code(said)


@_MANY
@given(hostile_text)
def test_discord_would_make_no_mention_link_or_format_of_it(said: str) -> None:
    # Read by the previewer of docs/discord-cards.md, which takes for markup all that Discord does.
    page = read_html(str(card_part(_card(said), APP).body))
    links = [one["href"] for one in page.named("a")]
    assert "mention" not in {attributes.get("class") for _, attributes in page.elements}
    assert [url for url in links if not url.startswith(("https://console.test", "attachment://"))] == []
    assert page.tags.isdisjoint({"script", "i", "u", "s", "code", "h1", "h2", "time", "img"})


@_MANY
@given(hostile_text)
def test_html_has_our_tags_and_the_text_as_it_was(said: str) -> None:
    page = read_html(html.render(_card(said), csrf="token"))
    assert page.tags <= OUR_TAGS
    assert page.attributes <= OUR_ATTRIBUTES
    assert visible(said).strip() in page.text.replace("\u0000", "")


@_MANY
@given(hostile_text)
def test_the_terminal_gets_no_control_character(said: str) -> None:
    assert not _HIDDEN.search(text.render(_card(said)))


@_MANY
@given(any_text | hostile_text)
def test_hidden_characters_are_written_out_once_and_for_all(said: str) -> None:
    shown = visible(said)
    assert visible(shown) == shown
    assert not _HIDDEN.search(shown)


@pytest.mark.parametrize(("name", "card"), [pytest.param(name, card, id=name) for name, card in worst_cards()])
def test_the_worst_cards_are_inert_everywhere(name: str, card: Card) -> None:
    page = read_html(html.render(card, csrf="token"))
    assert page.tags <= OUR_TAGS
    assert page.attributes <= OUR_ATTRIBUTES
    assert not _HIDDEN.search(text.render(card))
    assert not re.search(r"@(everyone|here)|<@[!&]?\d", str(discord.render(card)))
    assert not re.search(r"<[!@#]|@(everyone|here|channel)", _slack_prose(slack.render(card)))


def test_the_words_that_made_trouble_read_as_they_were_written() -> None:
    assert slack_fallback("*a* <b> & `c`") == "\u2217a\u2217 &lt;b&gt; &amp; \u02cbc\u02cb"
    assert discord_markdown("# **a** https://x.test") == r"\# \*\*a\*\* https\://x.test"
    assert visible("a\u202eb\x1b") == "a⟨U+202E⟩b⟨U+001B⟩"
    assert (
        visible("\U0001f469\u200d\U0001f467 \u2764\ufe0f 1\ufe0f") == "\U0001f469\u200d\U0001f467 \u2764\ufe0f 1\ufe0f"
    )
    assert "\u05e9\u05dc\u05d5\u05dd" in visible(HOSTILE)


def _slack_prose(value: Json) -> str:
    """All text of a message but exact payloads, which rich_text shows letter by letter."""
    if isinstance(value, list):
        return " ".join(_slack_prose(part) for part in value)
    if not isinstance(value, dict) or value.get("type") == "rich_text_preformatted":
        return ""
    own = [text for key in ("text", "title", "alt_text") if isinstance(text := value.get(key), str)]
    return " ".join([*own, *(_slack_prose(part) for part in value.values())])


def _objects(value: Json) -> list[dict[str, Json]]:
    if isinstance(value, list):
        return [item for part in value for item in _objects(part)]
    if isinstance(value, dict):
        return [value, *(item for part in value.values() for item in _objects(part))]
    return []
