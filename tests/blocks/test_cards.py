"""What all cards share, and how they say times, ages and names."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from blocks.cards import CardView, digest_card, fleet_card, run_card
from blocks.cards.view import age, duration
from blocks.render import discord, html, slack, text
from tests.blocks import samples
from tests.blocks.reading import in_words
from tests.blocks.samples import NOW, VIEW, digest, fleet, run


def test_equal_records_give_equal_cards() -> None:
    assert list(samples.all_cards()) == list(samples.all_cards())


def test_a_simulated_card_says_so_on_every_kind() -> None:
    view = CardView(simulated=True)
    for card in (run_card(run(), (), view), digest_card(digest(), view), fleet_card(fleet(), view)):
        assert card.simulated
        assert "Simulated time" in in_words(card)


def test_made_up_data_are_named_on_every_surface() -> None:
    said = "Simulated time · Generated *data*, of a site that does not exist"
    for name, card in samples.ordinary_cards():
        marked = card.model_copy(update={"made_up": said.removeprefix("Simulated time · "), "simulated": True})
        assert said in text.render(marked), name
        assert said in html.render(marked), name
        for message in (slack.render(marked), discord.render(marked)):
            assert any(said in one.replace("\\", "") for one in _strings(message)), name


def _strings(value: object) -> list[str]:
    if isinstance(value, Mapping):
        value = tuple(value.values())
    if isinstance(value, list | tuple):
        return [found for item in value for found in _strings(item)]
    return [value] if isinstance(value, str) else []


def test_every_card_has_a_sentence_for_those_who_cannot_see_it() -> None:
    for name, card in samples.ordinary_cards():
        assert len(card.summary) > len(card.state), name


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "under 0.1 s"),
        (0, "under 0.1 s"),
        (0.04, "under 0.1 s"),
        (3.14, "3.1 s"),
        (9.99, "9.9 s"),
        (10, "10 s"),
        (60, "1 min"),
        (185, "3 min 5 s"),
        (3600, "1 h"),
        (11_100, "3 h 5 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_durations_read_as_people_say_them(seconds: float, said: str) -> None:
    assert duration(NOW, NOW + timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(("seconds", "said"), [(-5, "a moment"), (9.9, "a moment"), (10, "10 s"), (3600, "1 h")])
def test_an_age_does_not_count_seconds_nobody_needs(seconds: float, said: str) -> None:
    assert age(NOW, NOW + timedelta(seconds=seconds)) == said


def test_times_are_the_teams_own() -> None:
    assert CardView(timezone="America/New_York").when(NOW) == "Sat 21 Nov 2026, 08:30 EST"
    assert VIEW.at_time(NOW, NOW) == "14:30"
    assert VIEW.at_time(NOW + timedelta(days=1), NOW) == "Sun 14:30"
    assert VIEW.at_time(NOW - timedelta(days=6), NOW) == "Sun 14:30"
    assert VIEW.at_time(NOW + timedelta(days=7), NOW) == "Sat 28 Nov 2026, 14:30 CET"


def test_people_are_named_as_a_sentence_names_them() -> None:
    assert VIEW.people(()) == "nobody"
    assert VIEW.people(("ana",)) == "Ana Duarte"
    assert VIEW.people(("ana", "bo", "cy")) == "Ana Duarte, Bo Lindqvist and cy"
