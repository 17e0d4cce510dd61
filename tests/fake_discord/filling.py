"""A form as it comes back: every field of the modal with what was given, refused where it may not be left so.

https://docs.discord.com/developers/components/reference, 2026-11-21.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.fake_discord.calls import Upload

ROW, TEXT_INPUT, TEXT_DISPLAY, LABEL = 1, 4, 10, 18
FILE_UPLOAD, RADIO_GROUP, CHECKBOX = 19, 21, 23
_ONE_VALUE = {TEXT_INPUT, RADIO_GROUP, CHECKBOX}


def filled(part: Mapping[str, Any], values: Mapping[str, Any], shelve: Callable[[Upload], str]) -> dict[str, Any]:
    """One part of the modal as it is sent back."""
    if part["type"] == TEXT_DISPLAY:
        return {"type": TEXT_DISPLAY, "id": part.get("id", 0)}
    if part["type"] == ROW:
        return {"type": ROW, "id": 0, "components": [_given(each, values, shelve) for each in part["components"]]}
    return {"type": LABEL, "id": part.get("id", 0), "component": _given(part["component"], values, shelve)}


def _given(field: Mapping[str, Any], values: Mapping[str, Any], shelve: Callable[[Upload], str]) -> dict[str, Any]:
    about = {"type": field["type"], "id": field.get("id", 0), "custom_id": field["custom_id"]}
    value = values.get(field["custom_id"], field.get("value", field.get("default")))
    if field["type"] in _ONE_VALUE:
        return {**about, "value": _single(field, value)}
    return {**about, "values": _several(field, value, shelve)}


def _single(field: Mapping[str, Any], value: Any) -> Any:
    if field["type"] == CHECKBOX:
        return bool(value)
    text = value or ("" if field["type"] == TEXT_INPUT else None)
    if field["type"] == RADIO_GROUP and text is None:
        text = next((each["value"] for each in field["options"] if each.get("default")), None)
    assert text or field.get("required", True) is False, f"{field['custom_id']} must be given"
    assert len(text or "") <= field.get("max_length", 4000), f"{field['custom_id']} is too long"
    return text


def _several(field: Mapping[str, Any], value: Any, shelve: Callable[[Upload], str]) -> list[str]:
    chosen = _chosen(field, value)
    required = field.get("required", True)
    least = field.get("min_values", 1 if required else 0)
    assert len(chosen) >= (least if required or chosen else 0), f"{field['custom_id']} must be given"
    assert len(chosen) <= field.get("max_values", 1 if "options" in field else 10)
    if field["type"] == FILE_UPLOAD:
        return [shelve(each) for each in chosen]
    offered = {each["value"] for each in field.get("options", [])}
    assert not offered or set(chosen) <= offered, f"{chosen} of {offered}"
    return list(chosen)


def _chosen(field: Mapping[str, Any], value: Any) -> Sequence[Any]:
    if value is None:
        return [each["value"] for each in field.get("options", []) if each.get("default")]
    return [value] if isinstance(value, str | Upload) else list(value)
