"""Shared work at one moment: what waits for somebody, and how much there is of everything."""

from datetime import datetime

from store.records.decision import Decision
from store.records.note import Note
from store.records.record import Record
from store.records.task import Task
from store.records.topic import Proposal


class Unacknowledged(Record):
    """A standing decision, and those it affects who have not acknowledged it."""

    decision: Decision
    missing: tuple[str, ...]


class Outstanding(Record):
    """What nobody has seen to as of a moment, each the oldest first; one task may stand under several heads.

    `overdue` is unfinished past its due time; `stuck` has been blocked for longer than asked about; `unowned` belongs
    to nobody. `notes` are past their due time and not acknowledged.
    """

    as_of: datetime
    overdue: tuple[Task, ...] = ()
    stuck: tuple[Task, ...] = ()
    unowned: tuple[Task, ...] = ()
    notes: tuple[Note, ...] = ()
    decisions: tuple[Unacknowledged, ...] = ()
    contested: tuple[Decision, ...] = ()
    proposals: tuple[Proposal, ...] = ()

    @property
    def count(self) -> int:
        """How many lines that makes."""
        tasks = {task.id for task in (*self.overdue, *self.stuck, *self.unowned)}
        return len(tasks) + sum(map(len, (self.notes, self.decisions, self.contested, self.proposals)))


class TaskCounts(Record):
    """Tasks by where they stood at `as_of`; `finished` and `dropped` count those closed after `since` and still so."""

    since: datetime
    as_of: datetime
    open: int = 0
    in_progress: int = 0
    blocked: int = 0
    finished: int = 0
    dropped: int = 0
