"""A digest: what an agent publishes for people to read in a minute, and the frame the runtime puts around it.

The agent says what its figures are and what they mean; what needs somebody, what stands, who did not run, how the work
stands and what was spent are read from the record when the digest is published, never from the agent.
"""

from datetime import datetime

from pydantic import Field

from store.records.handoff import Origin
from store.records.record import Record


class Figure(Record):
    """One number on a digest and what it is compared to; `baseline` and `change` are None when there is nothing.

    `lower` and `upper` are the expected range, `expected` the same in words where it is no range, `formed` how it came
    about ("median of the last 12 Tuesdays"). `change` is against the same weekday a week earlier, whose value is
    `same_weekday`. `as_of` is the moment the value is of; None: the digest's own. `source` is its author's word for
    where it came from; where it was found stands in the digest's `origins`.
    """

    label: str
    value: str
    unit: str = ""
    baseline: str | None = None
    lower: str | None = None
    upper: str | None = None
    expected: str | None = None
    formed: str | None = None
    same_weekday: str | None = None
    change: str | None = None
    as_of: datetime | None = None
    status: str = "ok"
    source: str | None = None

    @property
    def is_compared(self) -> bool:
        """True when a reader can tell whether it is as expected."""
        return any(one is not None for one in (self.baseline, self.lower, self.upper, self.expected))


class Section(Record):
    """A headed group of lines; each line is plain text."""

    heading: str
    lines: tuple[str, ...] = ()


class Recommendation(Record):
    """What should be done, what it is expected to change, and the rows that say so; never without evidence."""

    text: str
    effect: str
    evidence: tuple[str, ...] = Field(min_length=1)


class Need(Record):
    """Something that waits for a person. `owner` is a person's id, or a role where anybody in it will do.

    `card` is the key of the card that asks; None where a person's own task is due.
    """

    text: str
    since: datetime
    owner: str
    card: str


class Standing(Record):
    """An alert that has not cleared, as a line: what, how far out of what range, since when, whose, and what next."""

    alert_id: str
    title: str
    value: str
    unit: str
    expected: str
    since: datetime
    owner: str
    next_step: str
    state: str


class Decided(Record):
    """An approval that ended in the window: what it was about, what it came to, who decided (nobody: it expired)."""

    text: str
    state: str
    by: tuple[str, ...]
    at: datetime
    card: str


class Missing(Record):
    """An agent that was due and got nothing done in the window. `last_at` is when its last done run ended, if any."""

    agent_id: str
    reason: str
    last_at: datetime | None = None


class WorkCounts(Record):
    """How the tasks stand: done within the window, being worked on and blocked at its end."""

    finished: int = 0
    running: int = 0
    blocked: int = 0


class Answers(Record):
    """Of the alerts that asked in a window, how many somebody acted on or dismissed with a reason."""

    answered: int
    total: int


class Frame(Record):
    """What is on record at `as_of` for the agents a digest speaks for; `scope` is their ids.

    `cap_micros` is what their day caps allow for the window's whole days; None when one of them has none. `answers` is
    None where nobody counted.
    """

    as_of: datetime
    scope: tuple[str, ...]
    needs: tuple[Need, ...] = ()
    standing: tuple[Standing, ...] = ()
    missing: tuple[Missing, ...] = ()
    decided: tuple[Decided, ...] = ()
    work: WorkCounts = WorkCounts()
    spent_micros: int = 0
    cap_micros: int | None = None
    answers: Answers | None = None
    sees: tuple[str, ...] = ()


class Digest(Record):
    """A typed report by one agent over one window; the window's end is exclusive.

    `cannot_see` names what was expected and is missing: absence is said, never left out; `late` names data that came
    after the window closed. `due_at` is when it was due by its schedule; None for one nobody scheduled. `frame` is None
    only for digests from before there were frames. `origins` are pointers into this record (`/figures/0/value`).
    """

    id: str
    agent_id: str
    run_id: str
    name: str
    title: str
    window_from: datetime
    window_until: datetime
    headline: str
    figures: tuple[Figure, ...] = ()
    sections: tuple[Section, ...] = ()
    recommendations: tuple[Recommendation, ...] = ()
    cannot_see: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    written_by: str
    due_at: datetime | None = None
    frame: Frame | None = None
    origins: tuple[Origin, ...] = ()
    published_at: datetime = Field(description="when the digest was put on record")
