"""What a person says is wrong: one figure of one output, and through it everything that used the same value."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from store.records.record import Record


class OutputKind(StrEnum):
    """What can use a value. A handoff has no card of its own; what used it has."""

    DIGEST = "digest"
    ALERT = "alert"
    TASK = "task"
    DECISION = "decision"
    APPROVAL = "approval"
    HANDOFF = "handoff"


STEP = "step"
"""The kind of source that is the result of a step; its id is RUN/STEP."""


class Value(NamedTuple):
    """One value: `place` is its JSON pointer in an output, a handoff's payload or a step's result."""

    kind: str
    id: str
    place: str


class Mark(Record):
    """A person's word that a figure is wrong, with the reason. `place` is its pointer in the output; "" is all of it.

    `figure` is how the figure read when it was marked. A withdrawn mark says by whom and when, and marks nothing.
    """

    id: str
    output_kind: OutputKind
    output_id: str
    place: str
    figure: str
    by: str
    surface: str
    reason: str
    at: datetime
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None
