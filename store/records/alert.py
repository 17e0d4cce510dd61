"""Alerts: a metric out of the ordinary, since when, and what people said to it."""

from datetime import datetime
from enum import StrEnum

from store.records.finding import Reading
from store.records.record import Record


class AlertKind(StrEnum):
    """What is wrong. `threshold` is a bound somebody wrote down; the others are judged by the metric's own past."""

    THRESHOLD = "threshold"
    HIGH = "high"
    LOW = "low"
    STUCK = "stuck"
    DRIFT_HIGH = "drift_high"
    DRIFT_LOW = "drift_low"
    MISSING = "missing"


class AlertState(StrEnum):
    """One open alert per agent and metric; every state but `cleared` is still open, and only `open` asks for a person.

    `snoozed` asks again when its time is over. `quiet` never asked: it is like one that a person called false.
    """

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    QUIET = "quiet"
    CLEARED = "cleared"


class AnswerKind(StrEnum):
    """What a person said to an alert."""

    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    FALSE_ALARM = "false_alarm"
    INVESTIGATED = "investigated"


class Band(Record):
    """What was expected at one moment of the chart, as decimal strings; a bound is None while too little was known."""

    at: datetime
    lower: str | None = None
    upper: str | None = None


class AlertSource(Record):
    """Where the value comes from: rows of a source, as they stood at a moment."""

    source: str
    rows: int
    as_of: datetime


class AlertAnswer(Record):
    """One answer of one person, and the alert as it stood then.

    `reason` is given with a false alarm, `until` with a snooze. `since`, `value`, `lower` and `upper` are the alert's.
    """

    id: str
    alert_id: str
    agent_id: str
    metric: str
    kind: AlertKind
    answer: AnswerKind
    person_id: str
    surface: str
    at: datetime
    reason: str | None = None
    until: datetime | None = None
    since: datetime
    value: str
    lower: str | None = None
    upper: str | None = None


class Alert(Record):
    """A metric out of what was expected of it, since when, and the readings that show it.

    `expected` says the allowed range in words ("at most 90 %"); `upper`/`lower` are its bounds as decimal strings, and
    `formed` says what they were formed from. `series` is oldest first and holds what the chart draws, `band` what was
    expected at each of its moments, where that changed. `raised_at` is when a person was first asked. `answer` is the
    last one given; `resembles` the false alarm it is like.
    """

    id: str
    agent_id: str
    run_id: str
    metric: str
    kind: AlertKind = AlertKind.THRESHOLD
    title: str
    value: str
    unit: str
    expected: str
    lower: str | None = None
    upper: str | None = None
    formed: str = ""
    since: datetime
    last_at: datetime
    raised_at: datetime | None = None
    state: AlertState
    owner: str | None = None
    next_step: str
    series: tuple[Reading, ...] = ()
    band: tuple[Band, ...] = ()
    source: AlertSource | None = None
    answer: AlertAnswer | None = None
    resembles: AlertAnswer | None = None
    snoozed_until: datetime | None = None
    acknowledged_by: str | None = None
    cleared_at: datetime | None = None

    @property
    def is_false(self) -> bool:
        """Whether a person closed it as a false alarm."""
        closed = self.state is AlertState.CLEARED and self.answer is not None
        return closed and self.answer is not None and self.answer.answer is AnswerKind.FALSE_ALARM


class AlertOutcome(StrEnum):
    """What became of an alert that asked for a person."""

    ACTED_ON = "acted_on"
    DISMISSED = "dismissed"
    UNANSWERED = "unanswered"


class AnsweredAlert(Record):
    """One alert that asked for a person, with the answers given before the end of the window, oldest first."""

    alert: Alert
    outcome: AlertOutcome
    answers: tuple[AlertAnswer, ...] = ()


class AlertAnswers(Record):
    """What became of the alerts that first asked for a person in a window, the earliest first.

    `quiet` counts those that were opened without asking, because a person had called one like them false.
    """

    alerts: tuple[AnsweredAlert, ...] = ()
    quiet: int = 0

    def counted(self, outcome: AlertOutcome) -> int:
        """How many came to this."""
        return sum(one.outcome is outcome for one in self.alerts)

    @property
    def answered_percent(self) -> int | None:
        """Share acted on or dismissed with a reason, in whole percent; None when none asked."""
        if not self.alerts:
            return None
        return 100 * (len(self.alerts) - self.counted(AlertOutcome.UNANSWERED)) // len(self.alerts)


ANSWERED_TARGET_PERCENT = 70
"""Below this share of answered alerts, alerts are noise. Source: docs/metrics.md."""
