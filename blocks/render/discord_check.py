"""The rules of Discord's messages and modals that its own schema does not state, checked on the finished dictionary.

https://docs.discord.com/developers/components/reference, checked 2026-11-21.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from blocks import limits
from blocks.text import utf16_length

_ROW, _BUTTON, _SELECT, _INPUT, _SECTION, _TEXT = 1, 2, 3, 4, 9, 10
_GALLERY, _FILE, _SEPARATOR, _CONTAINER, _LABEL, _UPLOAD, _RADIO = 12, 13, 14, 17, 18, 19, 21
_LINK_STYLE = 5
_V2 = 1 << 15

_KEYS: Mapping[int, frozenset[str]] = MappingProxyType(
    {
        _ROW: frozenset({"components"}),
        _BUTTON: frozenset({"style", "label", "emoji", "custom_id", "url"}),
        _SELECT: frozenset({"custom_id", "placeholder", "options", "required"}),
        _INPUT: frozenset({"custom_id", "style", "required", "max_length", "value"}),
        _SECTION: frozenset({"components", "accessory"}),
        _TEXT: frozenset({"content"}),
        _GALLERY: frozenset({"items"}),
        _FILE: frozenset({"file"}),
        _SEPARATOR: frozenset({"divider", "spacing"}),
        _CONTAINER: frozenset({"accent_color", "components"}),
        _LABEL: frozenset({"label", "description", "component"}),
        _UPLOAD: frozenset({"custom_id", "min_values", "max_values", "required"}),
        _RADIO: frozenset({"custom_id", "required", "options"}),
    }
)
"""What we write, by the component's type: Discord passes over a key it does not know, and what it said is lost."""

_IN_A_CONTAINER = frozenset({_ROW, _SECTION, _TEXT, _GALLERY, _FILE, _SEPARATOR})
_IN_A_LABEL = frozenset({_SELECT, _INPUT, _UPLOAD, _RADIO})
_WORDS = frozenset({"content", "embeds", "poll", "sticker_ids"})


def problems(message: dict[str, Any]) -> list[str]:
    """What Discord would refuse or lose, one sentence each; empty for a message inside every limit."""
    every = list(_walk(message["components"]))
    return [*_of_message(message, every), *(problem for component in every for problem in _of_component(component))]


def modal_problems(modal: dict[str, Any]) -> list[str]:
    """The same of a modal's data."""
    every = list(_walk(modal["components"]))
    return [*_of_modal(modal), *_of_ids(every), *(problem for one in every for problem in _of_component(one))]


def text_chars(message: dict[str, Any]) -> int:
    """Characters over all TextDisplays, counted as UTF-16 units."""
    return sum(utf16_length(part["content"]) for part in _walk(message["components"]) if part["type"] == _TEXT)


def component_count(components: list[Any]) -> int:
    """How many components these are, with those inside them."""
    return sum(1 for _ in _walk(components))


def _walk(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for component in components:
        yield component
        yield from _walk(component.get("components", []))
        yield from _walk([component[key] for key in ("accessory", "component") if key in component])


def _of_message(message: dict[str, Any], every: list[dict[str, Any]]) -> Iterator[str]:
    if len(every) > limits.DISCORD_COMPONENTS:
        yield f"{len(every)} of {limits.DISCORD_COMPONENTS} components"
    if (chars := text_chars(message)) > limits.DISCORD_MESSAGE_CHARS:
        yield f"{chars} of {limits.DISCORD_MESSAGE_CHARS} characters"
    if not message.get("flags", 0) & _V2:
        yield "components without the flag that allows them"
    if beside := sorted(_WORDS & message.keys()):
        yield f"{', '.join(beside)} beside components"
    if any(part["type"] in (_INPUT, _LABEL, _UPLOAD, _RADIO) for part in every):
        yield "a part of a form stands in a message"
    yield from _of_ids(every)


def _of_ids(every: list[dict[str, Any]]) -> Iterator[str]:
    ids = [part["custom_id"] for part in every if "custom_id" in part]
    if len(set(ids)) != len(ids):
        yield "two components have one custom_id"
    numbers = [part["id"] for part in every if part.get("id")]
    if len(set(numbers)) != len(numbers):
        yield "two components have one number"
    if any(not 0 < number <= limits.DISCORD_COMPONENT_NUMBER for number in numbers):
        yield "a component's number is none that Discord takes"


def _of_modal(modal: dict[str, Any]) -> Iterator[str]:
    yield from _said("a modal's title", modal["title"], limits.DISCORD_MODAL_TITLE_CHARS)
    yield from _within("a modal's custom_id", modal["custom_id"], limits.DISCORD_CUSTOM_ID_CHARS)
    if not 0 < len(modal["components"]) <= limits.DISCORD_MODAL_ITEMS:
        yield f"{len(modal['components'])} of {limits.DISCORD_MODAL_ITEMS} parts of a modal"
    if any(part["type"] not in (_LABEL, _TEXT) for part in modal["components"]):
        yield "a modal holds something that is no label and no text"


def _of_component(component: dict[str, Any]) -> Iterator[str]:
    kind = component["type"]
    if kind not in _KEYS:
        yield f"a component of type {kind} is not one that we send"
        return
    if unknown := sorted(component.keys() - _KEYS[kind] - {"type", "id"}):
        yield f"a component of type {kind} has the unknown {', '.join(unknown)}"
    if "custom_id" in component:
        yield from _within("a custom_id", component["custom_id"], limits.DISCORD_CUSTOM_ID_CHARS)
    yield from _RULES.get(kind, _no_rule)(component)


def _no_rule(_component: dict[str, Any]) -> Iterator[str]:
    return iter(())


def _of_row(row: dict[str, Any]) -> Iterator[str]:
    parts = row["components"]
    if not 0 < len(parts) <= limits.DISCORD_ROW_BUTTONS:
        yield f"{len(parts)} of {limits.DISCORD_ROW_BUTTONS} buttons in a row"
    if len(parts) > 1 and any(part["type"] == _SELECT for part in parts):
        yield "a menu shares its row"
    if any(part["type"] not in (_BUTTON, _SELECT) for part in parts):
        yield "a row holds something that is neither a button nor a menu"


def _of_button(button: dict[str, Any]) -> Iterator[str]:
    if ("url" in button) == ("custom_id" in button) or ("url" in button) != (button["style"] == _LINK_STYLE):
        yield "a button needs either an address and the link style, or a custom_id"
    yield from _said("a button's label", button["label"], limits.DISCORD_BUTTON_CHARS)
    if "url" in button:
        yield from _within("a button's address", button["url"], limits.DISCORD_URL_CHARS)


def _of_select(select: dict[str, Any]) -> Iterator[str]:
    yield from _of_options(select, 1, limits.DISCORD_OPTIONS)
    if utf16_length(select.get("placeholder", "")) > limits.DISCORD_PLACEHOLDER_CHARS:
        yield "a menu's placeholder is too long"


def _of_radio(radio: dict[str, Any]) -> Iterator[str]:
    yield from _of_options(radio, 2, limits.DISCORD_RADIO_OPTIONS)


def _of_options(component: dict[str, Any], least: int, most: int) -> Iterator[str]:
    options = component["options"]
    if not least <= len(options) <= most:
        yield f"{len(options)} of {most} options"
    values = [option["value"] for option in options]
    if len(set(values)) != len(values):
        yield "two options have one value"
    if sum(bool(option.get("default")) for option in options) > 1:
        yield "two options are chosen beforehand"
    for option in options:
        yield from _said("an option's label", option["label"], limits.DISCORD_OPTION_CHARS)
        yield from _within("an option's value", option["value"], limits.DISCORD_OPTION_CHARS)


def _of_section(section: dict[str, Any]) -> Iterator[str]:
    texts = section["components"]
    if not 0 < len(texts) <= limits.DISCORD_SECTION_TEXTS or any(part["type"] != _TEXT for part in texts):
        yield "a section needs one to three texts"
    if section["accessory"]["type"] != _BUTTON:
        yield "a section has something beside it that is no button"


def _of_text(text: dict[str, Any]) -> Iterator[str]:
    yield from _said("a text", text["content"], limits.DISCORD_MESSAGE_CHARS)


def _of_gallery(gallery: dict[str, Any]) -> Iterator[str]:
    if not 0 < len(gallery["items"]) <= limits.DISCORD_GALLERY_ITEMS:
        yield f"{len(gallery['items'])} of {limits.DISCORD_GALLERY_ITEMS} pictures"
    for item in gallery["items"]:
        yield from _said("a picture's description", item["description"], limits.DISCORD_ALT_CHARS)
        yield from _of_attached(item["media"])


def _of_file(file: dict[str, Any]) -> Iterator[str]:
    yield from _of_attached(file["file"])


def _of_attached(media: dict[str, Any]) -> Iterator[str]:
    if not media["url"].startswith("attachment://"):
        yield "a file or picture is not one that is attached"


def _of_container(container: dict[str, Any]) -> Iterator[str]:
    if not container["components"] or any(part["type"] not in _IN_A_CONTAINER for part in container["components"]):
        yield "a container is empty, or holds what it cannot"


def _of_label(label: dict[str, Any]) -> Iterator[str]:
    yield from _said("a field's label", label["label"], limits.DISCORD_LABEL_CHARS)
    if "description" in label:
        yield from _said("a field's description", label["description"], limits.DISCORD_DESCRIPTION_CHARS)
    if label["component"]["type"] not in _IN_A_LABEL:
        yield "a label holds something that cannot be answered"


def _of_input(field: dict[str, Any]) -> Iterator[str]:
    if utf16_length(field.get("value", "")) > limits.DISCORD_INPUT_CHARS:
        yield "a field is filled with more than it takes"


def _said(what: str, text: str, most: int) -> Iterator[str]:
    if text and not text.strip():
        yield f"{what} is blank"
    yield from _within(what, text, most)


def _within(what: str, text: str, most: int) -> Iterator[str]:
    if not 0 < utf16_length(text) <= most:
        yield f"{what} has {utf16_length(text)} of {most} characters"


_RULES = {
    _ROW: _of_row,
    _BUTTON: _of_button,
    _SELECT: _of_select,
    _RADIO: _of_radio,
    _SECTION: _of_section,
    _TEXT: _of_text,
    _GALLERY: _of_gallery,
    _FILE: _of_file,
    _CONTAINER: _of_container,
    _LABEL: _of_label,
    _INPUT: _of_input,
}
