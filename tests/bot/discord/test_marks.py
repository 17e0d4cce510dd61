"""A card is known in its channel by numbers that only its own key gives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.elements import Text
from bot.surfaces.discord import marks
from bot.surfaces.discord.marks import is_card, marked, shows_the_same
from bot.surfaces.discord.rendering import card_message, nonce_of
from bot.surfaces.discord.web import Attached
from store.kernel.canonical import JsonObject
from tests.emulator.surfaces import a_card

KEYS = st.text(min_size=1, max_size=40)


@given(KEYS, KEYS)
def test_a_message_is_the_card_of_its_own_key_and_of_no_other(key: str, other: str) -> None:
    message = card_message(a_card(key))
    assert is_card(message, key)
    assert is_card(message, other) == (key == other)


def test_a_decided_card_without_buttons_is_known_too() -> None:
    assert is_card(card_message(a_card("approval:a1", revision=9, actions=())), "approval:a1")


def test_one_equal_number_makes_no_card() -> None:
    [container] = _list(card_message(a_card("approval:a1"))["components"])
    [heading, *rest] = _list(container["components"])
    other = {**container, "components": [{**heading, "id": 5}, *rest]}
    assert not is_card({"components": [other]}, "approval:a1")
    assert not is_card({"components": [{**container, "id": 5}]}, "approval:a1")
    assert not is_card({"components": []}, "approval:a1")
    assert not is_card({"content": "no components at all"}, "approval:a1")


def test_what_it_shows_is_compared_whole() -> None:
    sent = card_message(a_card("approval:a1"))
    assert shows_the_same(card_message(a_card("approval:a1")), sent)
    assert not shows_the_same(card_message(a_card("approval:a1", state="Approved")), sent)
    assert not shows_the_same(card_message(a_card("approval:a1", pressed="q1:approve:a1:2")), sent)
    assert not shows_the_same(card_message(a_card("approval:a1"), [Attached(file_name="a.csv", content=b"1")]), sent)
    other = card_message(a_card("approval:a1"), [Attached(file_name="a.csv", content=b"2")])
    assert not shows_the_same(card_message(a_card("approval:a1"), [Attached(file_name="a.csv", content=b"1")]), other)


def test_a_card_of_one_line_is_known_though_what_it_shows_is_not() -> None:
    line = card_message(a_card("approval:a1", elements=(), actions=()))
    assert is_card(line, "approval:a1")
    assert not shows_the_same(line, line)


@given(st.lists(KEYS, min_size=1, max_size=20))
def test_numbers_are_what_discord_takes_and_never_twice_in_a_message(keys: list[str]) -> None:
    for key in keys:
        [container] = _list(card_message(a_card(key))["components"])
        numbers = [container["id"], *(part["id"] for part in _list(container["components"])[:2])]
        assert all(isinstance(each, int) and 1 <= each < 2**31 for each in numbers)
        assert len(set(numbers)) == 3


@pytest.mark.parametrize("numbers", [(7, 7, 7), (7, 8, 7), (7, 7, 8), (2**31 - 1, 2**31 - 1, 1)])
def test_equal_numbers_are_told_apart_and_the_card_is_still_known(
    monkeypatch: pytest.MonkeyPatch, numbers: tuple[int, int, int]
) -> None:
    given = dict(zip(("container", "heading", "shown"), numbers, strict=True))
    monkeypatch.setattr(marks, "_number", lambda part, _about: given[part])
    message = marked({"components": [{"type": 17, "components": [{"type": 10}, {"type": 10}]}]}, "approval:a1")
    [container] = _list(message["components"])
    assert len({container["id"], *(part["id"] for part in _list(container["components"]))}) == 3
    assert is_card(message, "approval:a1")


def test_other_parts_keep_their_place_and_content() -> None:
    card = a_card(elements=tuple(Text(text=f"Line {number}.") for number in range(6)))
    [container] = _list(card_message(card)["components"])
    texts = [part.get("content") for part in _list(container["components"])]
    assert [text for text in texts if str(text).startswith("Line")] == [f"Line {number}." for number in range(6)]


def test_a_nonce_is_short_and_differs_by_card_channel_and_purpose() -> None:
    nonces = {
        nonce_of(key, channel, purpose)
        for key in ("approval:a1", "approval:a2")
        for channel in ("1", "2")
        for purpose in ("post", "after 5")
    }
    assert len(nonces) == 8
    assert {len(nonce) for nonce in nonces} == {25}
    assert nonce_of("approval:a1", "1") == "c826e193e67b176d76692701b"


def _list(value: object) -> list[JsonObject]:
    assert isinstance(value, list)
    return value
