"""Every card of every kind, ordinary and worst, on every surface: drawn, within limits, accepted by who can judge."""

import json
import logging
from math import isfinite
from typing import Any

import pytest

from blocks.elements import Card, chart_of
from blocks.fit import fit
from blocks.limits import READABLE
from blocks.render import discord, html, slack, text
from blocks.render.discord_check import problems as discord_problems
from blocks.render.slack_check import problems as slack_problems
from blocks.words import TONE_SIGN
from store.records import CardKind
from tests.blocks.reading import OUR_ATTRIBUTES, OUR_TAGS, read_html
from tests.blocks.samples import all_cards, ordinary_cards, worst_cards
from tests.blocks.schemas import discord_schema

_CARDS = [pytest.param(card, id=name) for name, card in all_cards()]
_CHARTED = [pytest.param(card, id=name) for name, card in all_cards() if chart_of(card) is not None]


def _blocks(message: Any) -> list[dict[str, Any]]:
    return list(message["blocks"])


_ORDINARY = {card.kind for _, card in ordinary_cards()}
_WORST = {card.kind for _, card in worst_cards()}
_FILES = {"alert_dddddddddddddddd.png": "F0CHART5501"}


@pytest.mark.parametrize("kind", CardKind)
def test_every_kind_has_an_ordinary_and_a_worst_sample(kind: CardKind) -> None:
    assert kind in _ORDINARY
    assert kind in _WORST


@pytest.mark.parametrize(("name", "card"), list(ordinary_cards()))
def test_what_slack_reads_aloud_is_a_sentence(name: str, card: Card) -> None:
    said = slack.render(card)["text"]
    assert isinstance(said, str)
    assert len(said.split()) >= 3, name
    assert said.rstrip()[-1] in ".?!…”", name


@pytest.mark.parametrize("card", _CARDS)
def test_no_block_id_is_used_again_by_the_next_revision(card: Card) -> None:
    ids = [
        block["block_id"]
        for number in (1, 2)
        for block in _blocks(slack.render(card.model_copy(update={"revision": card.revision + number})))
    ]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("card", _CHARTED)
def test_a_chart_that_slack_draws_is_within_its_limits(card: Card) -> None:
    message = slack.render(card, native_charts=True)
    assert slack_problems(message) == []
    [chart] = [block for block in _blocks(message) if block["type"] == "data_visualization"]
    numbers = [point["value"] for series in chart["chart"]["series"] for point in series["data"]]
    assert numbers
    assert all(isinstance(number, float) and isfinite(number) for number in numbers)


@pytest.mark.parametrize("card", _CARDS)
@pytest.mark.parametrize("agent_features", [True, False])
def test_slack_sdk_reads_every_block(card: Card, agent_features: bool, caplog: pytest.LogCaptureFixture) -> None:
    from slack_sdk.models.blocks import Block

    message: Any = slack.render(card, files=_FILES, agent_features=agent_features)
    assert slack_problems(message) == []
    with caplog.at_level(logging.WARNING):
        for block in message["blocks"]:
            parsed = Block.parse(block)
            assert parsed is not None
            parsed.validate_json()
    assert [record.getMessage() for record in caplog.records] == []  # an unknown key is only a warning there


@pytest.mark.parametrize("card", _CARDS)
def test_discord_is_within_its_rules(card: Card) -> None:
    assert discord_problems(discord.render(card, files=_FILES)) == []


@pytest.mark.parametrize("card", _CARDS)
def test_discords_own_description_accepts_every_card(card: Card) -> None:
    validator = discord_schema("MessageCreateRequest")
    assert [error.message for error in validator.iter_errors(discord.render(card, files=_FILES))] == []


def test_discords_own_description_would_refuse_a_bad_card() -> None:
    message: Any = discord.render(next(card for _, card in all_cards()))
    message["components"][0]["components"].append({"type": 1, "components": []})
    assert list(discord_schema("MessageCreateRequest").iter_errors(message))


@pytest.mark.parametrize("card", _CARDS)
def test_html_is_whole_and_made_of_known_parts(card: Card) -> None:
    page = read_html(html.render(card, csrf="token"))
    assert page.faults == []
    assert page.tags <= OUR_TAGS
    assert page.attributes <= OUR_ATTRIBUTES
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("card", _CARDS)
def test_the_terminal_shows_state_object_and_every_action(card: Card) -> None:
    shown = fit(card, READABLE)
    words = text.render(card)
    assert words.split("\n")[0].startswith(TONE_SIGN[card.tone])
    assert shown.state[:20].split(" ")[0] in words
    for action in shown.actions:
        assert action.label.split("⟨")[0] in words


@pytest.mark.parametrize("card", _CARDS)
def test_a_card_survives_being_stored(card: Card) -> None:
    stored = json.loads(json.dumps(card.model_dump(mode="json")))
    assert Card.model_validate(stored) == card
