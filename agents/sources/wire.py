"""What the bot and the process that reads sources say to each other: one JSON object a line, one answer each."""

from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import Field

from agents.sources.port import Point, SourceState, Table, Window
from agents.sources.spec import Per, SourceSpec
from store.kernel.canonical import JsonObject
from store.records import Record

LINE_MAX_BYTES = 16 * 1024 * 1024


class Errand(Record):
    """What the process is there for, its first line: which folder, which sources."""

    folder: Path
    specs: tuple[SourceSpec, ...]


class Op(StrEnum):
    """What can be asked."""

    CHECK = "check"
    QUERY = "query"
    SERIES = "series"


class Ask(Record):
    """One question; what its operation does not need is left as it is."""

    op: Op
    scope: tuple[str, ...] = ()
    window: Window | None = None
    now: str
    sql: str = ""
    parameters: JsonObject = Field(default_factory=dict)
    value: str = ""
    where: str | None = None
    per: Per = "day"


class Reply(Record):
    """One answer: what was asked for, or why not. `hint` belongs to `mistake`; `unusable`: a source holds nothing."""

    kind: Literal["answer", "mistake", "unusable"]
    states: tuple[SourceState, ...] = ()
    table: Table | None = None
    points: tuple[Point, ...] = ()
    mistake: str = ""
    hint: str | None = None
