"""The pictures of docs/slack-cards.md: one for every kind, drawn from what we send, with nothing dropped or obeyed."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from blocks.elements import Card, FormButton
from blocks.render.slack import render
from bot.surfaces.slack.rendering import Manner
from docs.pictures.__main__ import ALBUMS, main
from docs.pictures.block_kit.blocks import Message
from docs.pictures.gallery import AGENT, IN_DARK, NAMES, ORDINARY, PARTS, WORST, sheet
from docs.pictures.html.frames import message_html
from docs.pictures.html.markup import Page
from docs.pictures.html.mrkdwn import mrkdwn
from docs.pictures.png import MAX_BYTES, note_of, palette_png, size_of
from docs.pictures.sheet import PICTURED, card_part, form_part
from store.records import CardKind
from tests.blocks.reading import Page as Reading
from tests.blocks.reading import read_html
from tests.blocks.samples import VIEW, all_cards, worst_cards

ALBUM = ALBUMS["slack"]
PAGE = (Path(__file__).parents[2] / "docs" / "slack-cards.md").read_text("utf-8")
PALETTE = 3
OURS = ("https://console.test", f"{VIEW.console_url}/", str(VIEW.console_url))
WORST_CARDS = list(worst_cards())


def _blocks(*blocks: dict[str, Any]) -> Reading:
    message = Message.model_validate({"text": "A sentence.", "blocks": blocks})
    return read_html(message_html(message, AGENT, Page(names={"U1": "Ana", "C1": "ops"})))


def _mentions(page: Reading) -> list[dict[str, str]]:
    return [attributes for _, attributes in page.elements if attributes.get("class") == "mention"]


def _links(page: Reading) -> list[str]:
    return [attributes["href"] for attributes in page.named("a")]


def _forms(card: Card) -> Iterator[FormButton]:
    return (action for action in card.actions if isinstance(action, FormButton))


def test_every_kind_of_card_is_shown_as_it_is_and_at_its_worst() -> None:
    kinds = {*(kind.value for kind in CardKind), "notice"}
    assert set(ORDINARY) == set(WORST) == kinds
    assert {f"{kind}{case}" for kind in kinds for case in ("", "-worst")} <= set(PARTS)
    assert len(IN_DARK) == 3


def test_every_picture_is_a_small_file_and_there_is_no_other() -> None:
    assert sorted(path.stem for path in ALBUM.folder.glob("*")) == sorted(NAMES)
    for path in ALBUM.folder.glob("*.png"):
        png = path.read_bytes()
        assert len(png) <= MAX_BYTES, path.name
        assert png[25] == PALETTE, path.name
        assert re.fullmatch("[0-9a-f]{64}", note_of(png) or ""), path.name


def test_the_page_shows_every_picture_once_with_a_line_about_it() -> None:
    shown = re.findall(r"^(\S.*)\n\n!\[([^\]]+)\]\(images/slack/([\w-]+)\.png\)$", PAGE, re.MULTILINE)
    assert sorted(name for _, _, name in shown) == sorted(NAMES)
    assert all(line.endswith((".", ":")) and alternative for line, alternative, _ in shown)
    assert "drawn by us" in PAGE
    assert "python -m docs.pictures" in PAGE


@pytest.mark.parametrize(("name", "card"), [*all_cards()])
def test_every_card_is_understood_in_every_form_we_send(name: str, card: Card) -> None:
    manner: Manner | None = PICTURED
    while manner is not None:
        assert read_html(str(card_part(card, AGENT, manner).body)).faults == []
        manner = manner.plainer
    for button in _forms(card):
        assert read_html(str(form_part(button.form).body)).faults == []


@pytest.mark.parametrize(("name", "card"), WORST_CARDS)
def test_hostile_text_is_only_text(name: str, card: Card) -> None:
    page = read_html(str(card_part(card, AGENT).body))
    assert _mentions(page) == []
    assert [url for url in _links(page) if not url.startswith(OURS)] == []
    assert page.tags.isdisjoint({"script", "article", "s", "style"})
    assert "onerror" not in page.attributes
    assert "<script>alert(1)</script>" in page.text.replace("\u2060", "") or name.startswith(
        ("worst/digest", "worst/log")
    )
    assert "\u202e" not in page.text


def test_a_home_full_of_hostile_text_pings_nobody_and_links_only_to_us() -> None:
    page = read_html(str(PARTS["home-worst"]().body))
    assert page.faults == []
    assert _mentions(page) == []
    assert [url for url in _links(page) if not url.startswith(OURS)] == []
    assert "script" not in page.tags


@pytest.mark.parametrize(("name", "card"), WORST_CARDS)
def test_what_a_notification_says_pings_nobody_and_hides_no_address(name: str, card: Card) -> None:
    said = read_html(str(mrkdwn(str(render(card)["text"]), Page())))
    assert _mentions(said) == []
    # Slack makes links of bare addresses, which hide nothing: the text is the address.
    assert {url for url in _links(said) if url not in said.text} == set()
    assert said.tags <= {"a", "blockquote"}


def test_a_picture_keeps_its_pixels_and_its_note() -> None:
    red, blue = b"\xff\0\0\xff", b"\0\0\xff\xff"
    png = palette_png(red * 3 + blue, 2, 2, "note")
    assert (size_of(png), note_of(png)) == ((2, 2), "note")
    assert palette_png(red * 3 + blue, 2, 2, "note") == png
    assert b"PLTE" + red[:3] + blue[:3] in png


def test_more_colours_than_a_palette_has_become_the_nearest_and_a_little_red_stays_red() -> None:
    greys = b"".join(bytes((shade, shade, shade, 255)) * 4 for shade in range(256))
    others = bytes((80, 80, 81, 255)) + bytes((255, 0, 0, 255)) * 2 + bytes((81, 81, 80, 255))
    png = palette_png(greys + others, 257, 4, "")
    palette = png[png.index(b"PLTE") + 4 :][: 256 * 3]
    colours = {palette[place : place + 3] for place in range(0, len(palette), 3)}
    assert bytes((255, 0, 0)) in colours
    assert colours.isdisjoint({bytes((80, 80, 81)), bytes((81, 81, 80))})


def test_a_picture_of_something_else_is_out_of_date(tmp_path: Path) -> None:
    pixel = b"\xff\xff\xff\xff"
    (tmp_path / "run.png").write_bytes(palette_png(pixel, 1, 1, sheet("run").stamp))
    (tmp_path / "run-dark.png").write_bytes(palette_png(pixel, 1, 1, sheet("run").stamp))
    album = ALBUM._replace(names=("run", "run-dark", "alert"), folder=tmp_path)
    assert list(album.out_of_date()) == ["run-dark", "alert"]


def test_a_name_that_is_none_is_told_the_names(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["rum"])
    assert "approval-worst" in capsys.readouterr().err
