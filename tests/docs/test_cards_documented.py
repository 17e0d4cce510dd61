"""docs/cards.md describes every kind of card, every verb and every element, with examples that are the real cards."""

import re
from pathlib import Path
from typing import get_args

import pytest

from blocks.cards import alert_card
from blocks.elements import Card, Element, pressables
from blocks.limits import DISCORD, READABLE, SLACK
from blocks.render import text
from blocks.tokens import Verb, decode
from blocks.words import (
    ALERT_WORD,
    APPROVAL_WORD,
    DECISION_WORD,
    INCIDENT_WORD,
    PROPOSAL_WORD,
    ROLE_WORD,
    RUN_WORD,
    STEP_SIGN,
    STEP_WORD,
    TASK_WORD,
    TONE_EMOJI,
    TONE_SIGN,
    UNDO_WORD,
)
from store.records import CardKind
from tests.blocks.samples import VIEW, alert, ordinary_cards

PAGE = (Path(__file__).parents[2] / "docs" / "cards.md").read_text("utf-8")
KINDS = [*(kind.value for kind in CardKind), "notice"]
CARDS = dict(ordinary_cards())
EXAMPLES = {
    "run": CARDS["run/running"],
    "approval": CARDS["approval/open"],
    "approval, decided": CARDS["approval/executed"],
    "digest": CARDS["digest"],
    "digest, team": CARDS["digest/team"],
    "digest, quiet": CARDS["digest/quiet"],
    "alert": alert_card(alert(series=alert().series[-4:]), VIEW),
    "incident": CARDS["incident/open"],
    "fleet": CARDS["fleet"],
    "log": CARDS["log"],
    "role": CARDS["role/active"],
    "task": CARDS["task/in_progress"],
    "decision": CARDS["decision/contested"],
    "proposal": CARDS["proposal/quarantined"],
    "notice": CARDS["notice"],
}
WORDS = {
    "run": [*RUN_WORD.values()],
    "approval": [*APPROVAL_WORD.values(), *UNDO_WORD.values()],
    "alert": [*ALERT_WORD.values()],
    "incident": [*INCIDENT_WORD.values()],
    "role": [*ROLE_WORD.values()],
    "task": [*TASK_WORD.values()],
    "decision": [*DECISION_WORD.values()],
    "proposal": [*PROPOSAL_WORD.values()],
}


def section(kind: str) -> str:
    """What stands under the kind's heading; empty when it has none."""
    _, found, rest = PAGE.partition(f"\n## `{kind}`")
    return rest.partition("\n## ")[0] if found else ""


def of_kind(kind: str) -> list[Card]:
    return [card for card in CARDS.values() if card.kind == kind]


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading, without its head."""
    table = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in table.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_no_kind_is_missing_and_none_is_invented() -> None:
    assert re.findall(r"^## `(\w+)`$", PAGE, re.MULTILINE) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_described_point_by_point(kind: str) -> None:
    points = re.findall(r"^\*\*([\w ]+)\.\*\* \S", section(kind), re.MULTILINE)
    assert points == ["What it is for", "First line", "Elements", "Actions", "When it changes"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_names_its_elements_and_what_can_be_pressed(kind: str) -> None:
    named = set(re.findall(r"`(\w+)`", section(kind)))
    shown = {element.type for card in of_kind(kind) for element in card.elements}
    offered = {decode(one.token).verb.value for card in of_kind(kind) for one in pressables(card)}
    assert shown | offered <= named
    assert named & set(Verb) == offered


@pytest.mark.parametrize("kind", WORDS)
def test_every_state_of_a_kind_is_said(kind: str) -> None:
    said = " ".join(section(kind).split())
    assert [word for word in WORDS[kind] if word not in said] == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_the_real_card(name: str) -> None:
    assert f"\n```text\n{text.render(EXAMPLES[name], width=100)}\n```\n" in section(name.split(",", maxsplit=1)[0])


def test_every_verb_is_explained() -> None:
    found = {cells[0].strip("`"): cells for cells in rows("Verbs")}
    assert list(found) == [verb.value for verb in Verb]
    for card in CARDS.values():
        for one in pressables(card):
            assert f"`{card.kind}`" in found[decode(one.token).verb.value][1]


def test_every_element_is_said_to_look_somehow_on_every_surface() -> None:
    types = [part.model_fields["type"].default for part in get_args(get_args(Element)[0])]
    assert [cells[0].strip("`") for cells in rows("What each surface shows differently")[: len(types)]] == types


def test_the_limits_are_those_of_the_code() -> None:
    names = {
        "title_chars": "title",
        "text_chars": "text",
        "facts": "facts",
        "items": "items",
        "steps": "steps",
        "table_rows": "table rows",
        "table_columns": "table columns",
        "payload_chars": "payload",
        "folded_chars": "folded payload",
        "total_chars": "whole card",
    }
    written = {cells[0]: [int(cell.replace(",", "")) for cell in cells[1:]] for cells in rows("How much fits")}
    expected = {said: [getattr(limits, name) for limits in (SLACK, DISCORD, READABLE)] for name, said in names.items()}
    assert written == expected


def test_every_sign_is_in_the_legend() -> None:
    said = [cells for cells in rows("Signs") if cells]
    for tone, sign in TONE_SIGN.items():
        assert any(sign in cells[0] and TONE_EMOJI[tone] in cells[0] for cells in said), tone
    for mark, sign in STEP_SIGN.items():
        assert any(cells[0] == sign for cells in said), mark
    assert all(word in " ".join(cells[1] for cells in said) for word in STEP_WORD.values())
