"""The files that go with a card on Discord: which, with what in them, and where the message shows them."""

import csv
import hashlib
from io import StringIO
from typing import Any

import pytest

from blocks.cards import alert_card, approval_card, notice_card
from blocks.columns import display_width, layout, narrow
from blocks.elements import Align, Card, Column, Element, Payload, Quoted, Table, Tone
from blocks.render import discord
from blocks.render.discord_files import MAX_TEXTS, as_csv
from blocks.render.tabulate import written
from store.kernel.canonical import JsonObject, call_hash, canonical_bytes
from tests.blocks.samples import VIEW, alert, all_cards, approval

FIGURES = Table(
    columns=(Column(name="Figure"), Column(name="Against the week before", align=Align.RIGHT)),
    rows=tuple((f"figure {number}", f"+{number}.1") for number in range(60)),
    total_rows=60,
    caption="Figures & more",
)


def _card(*elements: Element) -> Card:
    return notice_card("Title", "", Tone.NEUTRAL).model_copy(update={"elements": elements})


def _shown_files(message: Any) -> list[str]:
    parts = message["components"][0]["components"]
    return [part["file"]["url"].removeprefix("attachment://") for part in parts if part["type"] == 13]


def _drawn(card: Card) -> Any:
    return discord.render(card, files=[file.name for file in discord.files_of(card)])


def test_what_is_said_whole_brings_no_file() -> None:
    short = FIGURES.model_copy(update={"rows": FIGURES.rows[:3], "total_rows": 3})
    assert discord.files_of(_card(short, Payload(label="Exact call", text="{}"))) == ()


def test_a_table_that_is_cut_comes_along_as_csv_with_every_row() -> None:
    [file] = discord.files_of(_card(FIGURES))
    assert (file.name, file.chart) == ("figures-more.csv", None)
    rows = list(csv.reader(StringIO((file.content or b"").decode("utf-8-sig"))))
    assert rows == [["Figure", "Against the week before"], *map(list, FIGURES.rows)]
    message = _drawn(_card(FIGURES))
    assert _shown_files(message) == ["figures-more.csv"]
    assert "… 35 more" in str(message)


def test_a_file_that_is_not_attached_is_not_spoken_of() -> None:
    assert _shown_files(discord.render(_card(FIGURES))) == []


@pytest.mark.parametrize("cell", ["=1+1", "+A1", "-A1", "@SUM(A1)", "=cmd|' /C calc'!A0", "-2+3+cmd", "\t=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    table = Table(columns=(Column(name="a"),), rows=((cell,),))
    [_, [read]] = csv.reader(StringIO(as_csv(table).decode("utf-8-sig")))
    assert read == f"'{cell}"


@pytest.mark.parametrize("cell", ["+11.1", "-3", "-3.5 %", "+1,204 files", "-$0.21", "plain", "2=2"])
def test_a_number_stays_a_number(cell: str) -> None:
    table = Table(columns=(Column(name="a"),), rows=((cell,),))
    [_, [read]] = csv.reader(StringIO(as_csv(table).decode("utf-8-sig")))
    assert read == cell


def test_an_exact_call_too_long_to_show_comes_along_byte_for_byte_under_its_hash() -> None:
    call: JsonObject = {"tool": "mail.send", "arguments": {"text": "Dear customer, \u202e…\n" * 400}}
    record = approval(tool="mail.send", payload=canonical_bytes(call).decode(), call_hash=call_hash(call))
    card = approval_card(record, (), VIEW)
    [file] = discord.files_of(card)
    assert file.name == "exact-call-of-mail-send.txt"
    assert hashlib.sha256(file.content or b"").hexdigest() == record.call_hash
    message = _drawn(card)
    assert _shown_files(message) == [file.name]
    assert "The hash covers all of them." in str(message)
    assert record.call_hash in str(message)


def test_a_chart_is_asked_for_and_drawn_by_whoever_attaches_it() -> None:
    [file] = discord.files_of(alert_card(alert(), VIEW))
    assert (file.name, file.content) == ("alert_dddddddddddddddd.png", None)
    assert file.chart
    assert file.description.startswith("Disk use of /")


def test_what_there_is_no_room_for_at_all_still_comes_along() -> None:
    texts = tuple(Payload(label="Part", text=f"{number}" * 3000, note="SHA-256 …") for number in range(12))
    files = discord.files_of(_card(*texts))
    assert [file.name for file in files] == ["part.txt", "part-2.txt", "part-3.txt"]
    assert len(files) == MAX_TEXTS
    assert _shown_files(_drawn(_card(*texts))) == [file.name for file in files]


def test_a_quotation_that_is_cut_comes_along_whole_under_a_name_of_its_own() -> None:
    text = "Long *words*.\n" * 400
    card = _card(Payload(label="The words", text=text), Quoted(source="The words", text=text))
    named = [(file.name, file.content) for file in discord.files_of(card)]
    assert named == [("the-words.txt", text.encode()), ("the-words-2.txt", text.encode())]
    assert _shown_files(_drawn(card)) == ["the-words.txt", "the-words-2.txt"]


@pytest.mark.parametrize(("name", "card"), [*all_cards()])
def test_every_card_shows_the_files_it_asks_for(name: str, card: Card) -> None:
    files = discord.files_of(card)
    assert discord.files_of(card) == files
    assert len({file.name for file in files}) == len(files), name
    assert all((file.content is None) != (file.chart is None) for file in files)
    texts = [file.name for file in files if file.content is not None]
    assert sorted(_shown_files(_drawn(card))) == sorted(texts)


@pytest.mark.parametrize(
    ("text", "width"),
    [("abc", 3), ("日本", 4), ("é", 1), ("e\u0301", 1), ("✅", 2), ("⚠️", 2), ("👩\u200d👧", 2), ("한글a", 5), ("", 0)],
)
def test_a_width_is_counted_as_a_screen_counts_it(text: str, width: int) -> None:
    assert display_width(text) == width


def test_wide_characters_stand_in_their_columns() -> None:
    columns = (Column(name="Name"), Column(name="n", align=Align.RIGHT))
    table = Table(columns=columns, rows=(("日本", "1"), ("ab", "✅")))
    lines = written(table, layout(table)).split("\n")
    assert {display_width(line) for line in lines} == {8}


def test_a_heading_takes_as_few_lines_as_make_its_table_narrow() -> None:
    laid = [narrow(FIGURES, width) for width in (40, 26, 20, 12)]
    assert [one and one.heads[1] for one in laid] == [
        ("Against the week before",),
        ("Against the", "week before"),
        ("Against", "the week", "before"),
        None,
    ]


def test_a_table_that_a_phone_can_show_is_aligned() -> None:
    short = FIGURES.model_copy(update={"rows": FIGURES.rows[8:11], "total_rows": 3})
    message: Any = discord.render(_card(short))
    [_, shown] = message["components"][0]["components"]
    assert shown["content"].split("\n") == [
        "**Figures & more**",
        "```",
        "Figure     Against the week before",
        "─────────  ───────────────────────",
        "figure 8                      +8.1",
        "figure 9                      +9.1",
        "figure 10                    +10.1",
        "```",
    ]


def test_a_table_too_wide_for_a_phone_is_read_row_by_row() -> None:
    columns = ("Agent", "Now", "Next due", "Last run")
    row = ("Machine Watch", "Waiting for a decision", "Sun 08:00", "Done, 14:10 by itself")
    table = Table(columns=tuple(Column(name=name) for name in columns), rows=(row,), caption="Agents")
    message: Any = discord.render(_card(table))
    [_, shown] = message["components"][0]["components"]
    assert shown["content"] == (
        "**Agents**\n-# Agent · Now\n**Machine Watch** Waiting for a decision\n"
        "-# Next due Sun 08:00 · Last run Done, 14:10 by itself"
    )
