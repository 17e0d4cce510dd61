"""How a message says whose card it is, in numbers nobody sees: Discord's messages carry no metadata of ours.

Every component may be given an `id`, unique in its message, which Discord keeps and shows in history:
https://docs.discord.com/developers/components/reference#anatomy-of-a-component, checked 2026-11-21. The container and
its first component are numbered from the card's key, the second one from all that the message shows.
"""

import hashlib
from collections.abc import Mapping, Sequence

from blocks.limits import DISCORD_COMPONENT_NUMBER
from blocks.render.discord import CONTAINER
from store.kernel.canonical import Json, JsonObject, fingerprint

_MARKS = 3
_PURPOSE = "quarterdeck card"


def marked(message: JsonObject, card_key: str, contents: Sequence[str] = ()) -> JsonObject:
    """The message with the marks of the card and of what it shows; `contents` are its files' digests.

    Equal messages get equal marks.
    """
    components = _list(message.get("components"))
    place = next((at for at, part in enumerate(components) if _is_container(part)), None)
    if place is None:
        raise ValueError(f"card {card_key} has no container to be known by")
    shown = _number("shown", fingerprint([components, message.get("attachments"), contents]))
    numbers = _distinct(*_key_marks(card_key), shown)
    container = components[place]
    whole = _numbered(container, numbers) if isinstance(container, dict) else container
    return {**message, "components": [*components[:place], whole, *components[place + 1 :]]}


def is_card(message: Mapping[str, object], card_key: str) -> bool:
    """True when the message shows the card of this key, whatever its revision.

    Two numbers of 31 bits must agree: among a million messages of ours, one in 10**12 look-ups errs.
    """
    return _marks(message)[:2] == _distinct(*_key_marks(card_key), 0)[:2]


def shows_the_same(message: Mapping[str, object], sent: Mapping[str, object]) -> bool:
    """True when the message certainly shows what was sent; False where it cannot be told."""
    here, there = _marks(message), _marks(sent)
    return len(there) == _MARKS and here == there


def _key_marks(card_key: str) -> tuple[int, int]:
    return _number("container", card_key), _number("heading", card_key)


def _number(part: str, about: str) -> int:
    digest = hashlib.sha256(f"{_PURPOSE}:{part}:{about}".encode()).digest()
    return 1 + int.from_bytes(digest[:8], "big") % DISCORD_COMPONENT_NUMBER


def _distinct(first: int, second: int, third: int) -> tuple[int, int, int]:
    """The numbers, told apart: Discord takes no number twice in one message. Only a later one gives way."""
    if second == first:
        second = _next(second)
    while third in (first, second):
        third = _next(third)
    return first, second, third


def _next(number: int) -> int:
    return number % DISCORD_COMPONENT_NUMBER + 1


def _numbered(container: JsonObject, numbers: tuple[int, int, int]) -> JsonObject:
    parts = _list(container.get("components"))
    given: list[Json] = [
        {**part, "id": number} if isinstance(part, dict) else part
        for part, number in zip(parts, numbers[1:], strict=False)
    ]
    return {**container, "id": numbers[0], "components": [*given, *parts[len(given) :]]}


def _marks(message: Mapping[str, object]) -> tuple[int, ...]:
    """The marks the message bears: of the container, of its first and of its second component."""
    container = next((part for part in _list(message.get("components")) if _is_container(part)), None)
    if not isinstance(container, dict):
        return ()
    bearers = [container, *_list(container.get("components"))[:2]]
    found = [part.get("id") if isinstance(part, dict) else None for part in bearers]
    return tuple(number for number in found if isinstance(number, int))


def _is_container(part: Json) -> bool:
    return isinstance(part, dict) and part.get("type") == CONTAINER


def _list(value: object) -> Sequence[Json]:
    return value if isinstance(value, list) else []
