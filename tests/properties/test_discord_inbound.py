"""Whatever arrives in place of an interaction is read or refused as such, and nothing makes a stranger a member."""

from copy import deepcopy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.surfaces.discord.inbound import AskFirst, read_interaction
from bot.surfaces.discord.payload import Heard
from tests.bot.discord.payloads import SERVER, confirmed, interaction, picked, pressed, submitted

STOP = "q1:stop:run_aaaaaaaaaaaaaaaa:6"
OPTION = {"type": 1, "name": "ask", "options": [{"type": 3, "name": "words", "value": "look"}]}
UPLOAD = {"type": 19, "custom_id": "files", "values": ["55"]}
MESSAGE = {"id": "5", "content": "hello", "author": {"id": "6", "username": "kim"}, "channel_id": "7"}
MENU = {"id": "1", "name": "Make this a task", "type": 3, "target_id": "5", "resolved": {"messages": {"5": MESSAGE}}}
BODIES = [
    pressed(STOP),
    pressed(f"?{STOP}"),
    confirmed(f"!{STOP}"),
    picked("q1menu:0", STOP),
    submitted(STOP, {"type": 4, "custom_id": "why", "value": "because"}, UPLOAD),
    interaction(2, {"id": "1", "name": "deck", "type": 1, "options": [OPTION]}),
    interaction(2, MENU),
]
SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from([SERVER, STOP, f"!{STOP}"])
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a payload, by its path."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [*([path] if path else []), *(found for key, one in inner for found in places(one, (*path, key)))]


@st.composite
def damaged(draw: st.DrawFn) -> tuple[dict[str, Any], tuple[Any, ...]]:
    body = deepcopy(draw(st.sampled_from(BODIES)))
    path = draw(st.sampled_from(places(body)))
    inside: Any = body
    for key in path[:-1]:
        inside = inside[key]
    if draw(st.booleans()) and isinstance(inside, dict):
        del inside[path[-1]]
    else:
        inside[path[-1]] = draw(JSON)
    return body, path


@given(damaged())
def test_a_damaged_interaction_is_read_or_refused(damage: tuple[dict[str, Any], tuple[Any, ...]]) -> None:
    body, _ = damage
    try:
        reading = read_interaction(body, SERVER)
    except ValueError:
        return
    if not isinstance(reading, Heard):
        return
    event = reading.event
    member = body.get("member")
    if event.account_class == "member":
        assert isinstance(member, dict)
        assert (body["guild_id"], member["pending"]) == (SERVER, False)
        assert not member["user"].get("bot")
        assert event.account == member["user"]["id"]
    assert all(isinstance(role, str) for role in event.held_roles)


@given(damaged())
def test_no_damage_makes_a_press_count_that_asks_first(damage: tuple[dict[str, Any], tuple[Any, ...]]) -> None:
    body, path = damage
    data = body.get("data")
    if path[:1] == ("data",) or not isinstance(data, dict) or data.get("custom_id") != f"?{STOP}":
        return
    try:
        reading = read_interaction(body, SERVER)
    except ValueError:
        return
    assert reading is None or isinstance(reading, AskFirst)
