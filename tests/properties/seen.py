"""All that can be seen of a record at one moment."""

from collections import defaultdict
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from store import rows, schema
from store.actions import Store
from store.audit import Head
from store.queries.audit import verify_audit
from store.records import Approval, Occurrence, Run, Schedule, Step, Vote


class Event(NamedTuple):
    """An event of the trail, by what it is filed under; verifying the trail has shown that it says the same."""

    seq: int
    kind: str
    subject_id: str
    hash: str


class Seen(NamedTuple):
    """The record at one moment, by the keys of its rows; `days` holds (held, spent), `cards` the revisions."""

    runs: dict[str, Run]
    steps: dict[tuple[str, str], Step]
    approvals: dict[str, Approval]
    votes: dict[str, set[Vote]]
    schedule: Schedule
    occurrences: dict[datetime, Occurrence]
    cards: dict[str, int]
    days: dict[str, tuple[int, int]]
    trail: list[Event]
    head: Head

    def steps_of(self, run: Run) -> list[Step]:
        """The steps of one run."""
        return [step for step in self.steps.values() if step.run_id == run.id]

    def approvals_of(self, run: Run) -> list[Approval]:
        """The approvals one run asked for."""
        return [approval for approval in self.approvals.values() if approval.run_id == run.id]


def see(store: Store) -> Seen:
    """Reads everything, and has the trail verified on the way."""
    head, broken = verify_audit(store)
    assert broken is None, broken
    with store.database.read() as connection:
        [schedule] = [rows.read(Schedule, row) for row in _rows(connection, schema.schedules)]
        return Seen(
            runs={row.id: rows.read(Run, row) for row in _rows(connection, schema.runs)},
            steps={(row.run_id, row.key): rows.read(Step, row) for row in _rows(connection, schema.steps)},
            approvals={row.id: rows.read(Approval, row) for row in _rows(connection, schema.approvals)},
            votes=_votes(connection),
            schedule=schedule,
            occurrences={row.due_at: rows.read(Occurrence, row) for row in _rows(connection, schema.occurrences)},
            cards={row.key: row.revision for row in _rows(connection, schema.cards)},
            days={row.day: (row.held_micros, row.spent_micros) for row in _rows(connection, schema.day_spend)},
            trail=[Event(row.seq, row.kind, row.subject_id, row.hash) for row in _rows(connection, schema.audit)],
            head=head,
        )


def _rows(connection: sa.Connection, table: sa.Table) -> sa.CursorResult[tuple[object, ...]]:
    return connection.execute(sa.select(table).order_by(*table.primary_key.columns))


def _votes(connection: sa.Connection) -> dict[str, set[Vote]]:
    found: defaultdict[str, set[Vote]] = defaultdict(set)
    for row in _rows(connection, schema.votes):
        found[row.approval_id].add(rows.read(Vote, row))
    return found
