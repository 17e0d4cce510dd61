"""The rules of a Discord message that its own schema does not state, checked on the finished dictionary."""

from collections.abc import Iterator
from typing import Any

from blocks import limits
from blocks.text import utf16_length

_ROW, _BUTTON, _SELECT, _TEXT = 1, 2, 3, 10
_LINK_STYLE = 5


def problems(message: dict[str, Any]) -> list[str]:
    """What Discord would refuse, one sentence each; empty for a message inside every limit."""
    every = list(_walk(message["components"]))
    return [*_of_message(every), *(problem for component in every for problem in _of_component(component))]


def text_chars(message: dict[str, Any]) -> int:
    """Characters over all TextDisplays, counted as UTF-16 units."""
    return sum(utf16_length(part["content"]) for part in _walk(message["components"]) if part["type"] == _TEXT)


def _walk(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for component in components:
        yield component
        yield from _walk(component.get("components", []))


def _of_message(every: list[dict[str, Any]]) -> Iterator[str]:
    if len(every) > limits.DISCORD_COMPONENTS:
        yield f"{len(every)} of {limits.DISCORD_COMPONENTS} components"
    chars = sum(utf16_length(part["content"]) for part in every if part["type"] == _TEXT)
    if chars > limits.DISCORD_MESSAGE_CHARS:
        yield f"{chars} of {limits.DISCORD_MESSAGE_CHARS} characters"
    ids = [part["custom_id"] for part in every if "custom_id" in part]
    if len(set(ids)) != len(ids):
        yield "two components have one custom_id"


def _of_component(component: dict[str, Any]) -> Iterator[str]:
    if component["type"] == _ROW:
        yield from _of_row(component["components"])
    if component["type"] == _BUTTON:
        yield from _of_button(component)
    if component["type"] == _SELECT:
        yield from _of_select(component)
    if len(component.get("custom_id", "")) > limits.DISCORD_CUSTOM_ID_CHARS:
        yield "a custom_id is too long"


def _of_row(parts: list[dict[str, Any]]) -> Iterator[str]:
    if not 0 < len(parts) <= limits.DISCORD_ROW_BUTTONS:
        yield f"{len(parts)} of {limits.DISCORD_ROW_BUTTONS} buttons in a row"
    if len(parts) > 1 and any(part["type"] == _SELECT for part in parts):
        yield "a menu shares its row"


def _of_button(button: dict[str, Any]) -> Iterator[str]:
    if ("url" in button) == ("custom_id" in button) or ("url" in button) != (button["style"] == _LINK_STYLE):
        yield "a button needs either an address and the link style, or a custom_id"
    if not 0 < utf16_length(button["label"]) <= limits.DISCORD_BUTTON_CHARS:
        yield f"a button's label has {utf16_length(button['label'])} of {limits.DISCORD_BUTTON_CHARS} characters"


def _of_select(select: dict[str, Any]) -> Iterator[str]:
    if not 0 < len(select["options"]) <= limits.DISCORD_OPTIONS:
        yield f"{len(select['options'])} of {limits.DISCORD_OPTIONS} options"
    if utf16_length(select.get("placeholder", "")) > limits.DISCORD_PLACEHOLDER_CHARS:
        yield "a menu's placeholder is too long"
    values = [option["value"] for option in select["options"]]
    if len(set(values)) != len(values):
        yield "two options have one value"
    if any(not 0 < utf16_length(option["label"]) <= limits.DISCORD_OPTION_CHARS for option in select["options"]):
        yield "an option's label is empty or too long"
