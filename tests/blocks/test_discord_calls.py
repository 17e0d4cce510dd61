"""Whom a message on Discord pings: the roles it is told to call, when it is told to, and nobody by anything it says."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from blocks.elements import Card
from blocks.render import discord
from tests.blocks.samples import all_cards, worst_cards

CALLED, OTHER, PERSON = "200000000000000001", "200000000000000002", "100000000000000001"
PINGS = f"@everyone @here <@&{CALLED}> <@&{OTHER}> <@{PERSON}> <@!{PERSON}> `<@&{OTHER}>` @\u200beveryone "
ALL: Mapping[str, Any] = {"parse": ["everyone", "roles", "users"]}


def texts(part: Any) -> Iterator[str]:
    """Everything that can be read on the message, labels and options included."""
    if isinstance(part, list):
        for each in part:
            yield from texts(each)
    elif isinstance(part, Mapping):
        for name, value in part.items():
            if isinstance(value, str) and name in ("content", "label", "placeholder", "description"):
                yield value
            else:
                yield from texts(value)


def pinged(message: Mapping[str, Any], allowed: Mapping[str, Any]) -> set[str]:
    """Who hears of it: what the words mention, as far as `allowed_mentions` lets them.

    https://docs.discord.com/developers/resources/message#allowed-mentions-object, checked 2026-11-21.
    """
    words, parse = "\n".join(texts(message["components"])), allowed.get("parse", [])
    roles, users = set(re.findall(r"<@&(\d+)>", words)), set(re.findall(r"<@!?(\d+)>", words))
    everyone = {"everyone"} if re.search(r"@(everyone|here)", words) and "everyone" in parse else set()
    roles = roles if "roles" in parse else roles & set(allowed.get("roles", []))
    users = users if "users" in parse else users & set(allowed.get("users", []))
    return everyone | roles | users


HOSTILE = list(worst_cards(PINGS))


def test_the_model_of_who_is_pinged_hears_a_ping() -> None:
    message = {"components": [{"type": 10, "content": PINGS}]}
    assert pinged(message, ALL) == {"everyone", CALLED, OTHER, PERSON}
    assert pinged(message, {"parse": [], "roles": [CALLED]}) == {CALLED}
    assert pinged(message, {"parse": []}) == set()


@pytest.mark.parametrize(("name", "card"), HOSTILE, ids=[name for name, _ in HOSTILE])
def test_nothing_a_card_says_pings_whatever_were_allowed(name: str, card: Card) -> None:
    message = discord.render(card)
    assert message["allowed_mentions"] == {"parse": []}
    assert pinged(message, ALL) == set()


@pytest.mark.parametrize(("name", "card"), HOSTILE, ids=[name for name, _ in HOSTILE])
def test_a_card_that_calls_a_role_pings_it_once_and_nobody_else(name: str, card: Card) -> None:
    message: Any = discord.render(card, roles=[CALLED])
    assert message["allowed_mentions"] == {"parse": [], "roles": [CALLED]}
    assert pinged(message, message["allowed_mentions"]) == pinged(message, ALL) == {CALLED}
    assert "\n".join(texts(message["components"])).count(f"<@&{CALLED}>") == 1


def test_every_card_has_room_to_call_as_many_roles_as_may_be_called() -> None:
    roles = [f"20000000000000{number:04d}00" for number in range(discord.MAX_ROLES)]
    for _, card in all_cards():
        message: Any = discord.render(card, roles=roles)
        assert pinged(message, message["allowed_mentions"]) == set(roles)
