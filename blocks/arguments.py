"""A call's arguments as a form, and a form's answers as arguments again: the two directions of an edit."""

import json
from collections.abc import Mapping

from blocks.elements import MAX_FIELDS, Align, Choice, Column, FieldKind, FormField, Table
from blocks.limits import SLACK_INPUT_CHARS
from blocks.text import utf16_length
from store.kernel.canonical import Json, JsonObject
from store.kernel.errors import UserMistake

_YES_NO = (Choice(label="Yes", value="true"), Choice(label="No", value="false"))
_LONGEST_VALUE_CHARS = SLACK_INPUT_CHARS - 500
"""A longer value does not fit the smallest input field, and half of a value must not replace the whole."""
_ONE_LINE_CHARS = 80
_MOST_COLUMNS = 5
_LONGEST_NAME_CHARS = 100


def argument_fields(arguments: JsonObject) -> tuple[FormField, ...]:
    """At most five fields, one for each argument that can be edited as text, in the order of their names.

    A list or an object is edited as JSON. Arguments without a field stay as they are.
    """
    fields = [_field(name, value) for name, value in sorted(arguments.items()) if _editable(name, value)]
    return tuple(fields[:MAX_FIELDS])


def argument_table(arguments: JsonObject) -> Table | None:
    """The first argument that is a list of records alike, as rows to be read: words first, then numbers.

    None when there is none. It repeats what the exact call says, for whoever has to decide it.
    """
    return next((table for name, value in sorted(arguments.items()) if (table := _table(name, value))), None)


def _table(name: str, value: Json) -> Table | None:
    records = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
    if not records or not isinstance(value, list) or len(records) < len(value) or not _alike(records):
        return None
    numeric = {key for key in records[0] if all(_is_number(one[key]) for one in records)}
    keys = sorted(records[0], key=lambda key: (key in numeric, key))
    return Table(
        columns=tuple(Column(name=key, align=Align.RIGHT if key in numeric else Align.LEFT) for key in keys),
        rows=tuple(tuple(_written(one[key]) for key in keys) for one in records),
        total_rows=len(records),
        caption=name,
    )


def _alike(records: list[JsonObject]) -> bool:
    keys = records[0].keys()
    flat = not any(isinstance(value, list | dict) for one in records for value in one.values())
    named = all(key.strip() for key in keys)
    return 0 < len(keys) <= _MOST_COLUMNS and named and flat and all(one.keys() == keys for one in records)


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def edited_arguments(arguments: JsonObject, answers: Mapping[str, str]) -> JsonObject:
    """`arguments` with the answered ones replaced, each read back as the kind of value it was.

    An answer equal to what the form showed leaves its value untouched, whatever a browser made of its line breaks.
    Raises UserMistake naming the field when an answer is not such a value, or answers nothing that was asked.
    """
    shown = {field.name: field for field in argument_fields(arguments)}
    if unknown := sorted(set(answers) - set(shown)):
        raise UserMistake(f"This call has no argument {unknown[0]!r} to edit.")
    written = {name: _lines(text) for name, text in answers.items()}
    changed = {name: text for name, text in written.items() if text != _lines(shown[name].initial or "")}
    return {**arguments, **{name: _read(name, text, arguments[name]) for name, text in changed.items()}}


def _lines(text: str) -> str:
    # A browser sends every line break as CR LF.
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _editable(name: str, value: Json) -> bool:
    return 0 < len(name) <= _LONGEST_NAME_CHARS and utf16_length(_written(value)) <= _LONGEST_VALUE_CHARS


def _field(name: str, value: Json) -> FormField:
    text = _written(value)
    kind = _kind(value, text)
    options = _YES_NO if kind is FieldKind.CHOICE else ()
    hint = "JSON" if value is None or isinstance(value, list | dict) else None
    return FormField(name=name, label=name, kind=kind, required=text != "", initial=text, options=options, hint=hint)


def _kind(value: Json, text: str) -> FieldKind:
    if isinstance(value, bool):
        return FieldKind.CHOICE
    if isinstance(value, int):
        return FieldKind.NUMBER
    if isinstance(value, str):
        return FieldKind.MULTILINE if len(text) > _ONE_LINE_CHARS or "\n" in text else FieldKind.TEXT
    return FieldKind.MULTILINE


def _written(value: Json) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, indent=2 if isinstance(value, list | dict) else None, ensure_ascii=False, sort_keys=True)


def _read(name: str, text: str, before: Json) -> Json:
    if isinstance(before, str):
        return text
    value = _parsed(name, text)
    if before is not None and type(value) is not type(before):
        raise UserMistake(f"{name} must stay {_kind_in_words(before)}.", "Nothing was changed.")
    return value


def _parsed(name: str, text: str) -> Json:
    try:
        value: Json = json.loads(text, parse_float=_refuse_number, parse_constant=_refuse_number)
    except ValueError as problem:
        raise UserMistake(f"{name} cannot be read: {problem}.", "Nothing was changed.") from problem
    return value


def _refuse_number(text: str) -> Json:
    raise ValueError(f"{text} is not a whole number")


def _kind_in_words(value: Json) -> str:
    if isinstance(value, bool):
        return "yes or no"
    if isinstance(value, int):
        return "a whole number"
    return "a list" if isinstance(value, list) else "an object"
