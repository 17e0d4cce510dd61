"""Rows to records and back: the only place that knows both shapes."""

from collections.abc import Mapping
from typing import TypeVar

import sqlalchemy as sa

from store.records.card import CardRow
from store.records.record import Record
from store.records.run import Run

RecordType = TypeVar("RecordType", bound=Record)

_NOT_IN_RECORD: Mapping[type[Record], frozenset[str]] = {
    Run: frozenset({"trigger_key", "schedule_id", "forgotten"}),
    CardRow: frozenset({"pending"}),
}


def values(record: Record) -> dict[str, object]:
    """Column values of a record: nested records and tuples as JSON, enumerations as text, moments as they are."""
    return {name: _column_value(getattr(record, name)) for name in type(record).model_fields}


def columns(row: sa.Row[tuple[object, ...]]) -> dict[str, object]:
    """The row's values by column name."""
    return dict(zip(row._fields, row, strict=True))


def read(kind: type[RecordType], row: sa.Row[tuple[object, ...]]) -> RecordType:
    """The record of `kind` that this row holds."""
    hidden = _NOT_IN_RECORD.get(kind, frozenset())
    return kind.model_validate({key: value for key, value in columns(row).items() if key not in hidden})


def read_body(kind: type[RecordType], row: sa.Row[tuple[object, ...]]) -> RecordType:
    """The record kept whole in the row's `body`."""
    return kind.model_validate(columns(row)["body"])


def _column_value(value: object) -> object:
    if isinstance(value, Record):
        return value.model_dump(mode="json")
    if isinstance(value, tuple):
        return [_column_value(item) for item in value]
    return str(value) if isinstance(value, str) else value
