"""What becomes of an alert: when it asks, when it stays silent, and what counts as like a false one."""

from datetime import datetime, timedelta
from decimal import Decimal

from store.kernel.errors import UserMistake
from store.records.alert import (
    Alert,
    AlertAnswer,
    AlertKind,
    AlertOutcome,
    AlertState,
    AnswerKind,
)

REMEMBERED_DAYS = 28
"""How long a false alarm keeps those like it quiet: four of each weekday."""
LONGEST_SNOOZE = timedelta(days=31)
_SINGLE_POINTS = frozenset({AlertKind.HIGH, AlertKind.LOW})
"""Kinds that one day makes: for them the weekday is part of the likeness."""


def opened(alert: Alert, like: AlertAnswer | None) -> Alert:
    """A new alert as it begins: asking, or quiet because it is like one that was called false."""
    state = AlertState.QUIET if like else AlertState.OPEN
    return alert.model_copy(update={"state": state, "resembles": like, "raised_at": alert.last_at})


def renewed(known: Alert, alert: Alert, like: AlertAnswer | None) -> Alert:
    """The open alert brought up to date: since when, and what people said, stay. Another kind of trouble asks anew."""
    if known.kind is not alert.kind:
        return opened(alert, like).model_copy(update={"id": known.id})
    kept = ("id", "state", "answer", "resembles", "raised_at", "snoozed_until", "acknowledged_by")
    since = min(known.since, alert.since)
    renewed_alert = alert.model_copy(update={name: getattr(known, name) for name in kept} | {"since": since})
    outgrown = known.resembles is not None and known.state is AlertState.QUIET and not is_like(known.resembles, alert)
    return opened(renewed_alert, None) if outgrown else renewed_alert


def is_like(false: AlertAnswer, alert: Alert) -> bool:
    """Whether an alert is like the one a person called false: the same kind, no farther out, and of the same weekday.

    The same story going on began on the same day, so it is like itself until it grows.
    """
    if false.answer is not AnswerKind.FALSE_ALARM or false.kind is not alert.kind:
        return False
    if alert.last_at - false.at > timedelta(days=REMEMBERED_DAYS):
        return False
    if _reach(alert.value, alert.lower, alert.upper) > _reach(false.value, false.lower, false.upper):
        return False
    return alert.kind not in _SINGLE_POINTS or alert.since.weekday() == false.since.weekday()


def _reach(value: str, lower: str | None, upper: str | None) -> Decimal:
    """How far out of its range a value lies, in widths of the range; of the bound itself where there is only one."""
    try:
        here = Decimal(value)
    except ArithmeticError:
        return Decimal(0)
    low, high = (None if bound is None else Decimal(bound) for bound in (lower, upper))
    over = max(
        here - high if high is not None else Decimal(0), low - here if low is not None else Decimal(0), Decimal(0)
    )
    width = high - low if high is not None and low is not None else abs(high if high is not None else low or Decimal(0))
    return over / width if width else over


def answered(alert: Alert, answer: AlertAnswer) -> Alert:
    """The alert after an answer. Raises UserMistake for one that is over, and for a snooze that is none."""
    if alert.state is AlertState.CLEARED:
        raise UserMistake("This alert is over: its value is back in its range.", "Nothing needs to be done.")
    changes: dict[str, object] = {"answer": answer, "snoozed_until": None}
    if answer.answer is AnswerKind.FALSE_ALARM:
        return alert.model_copy(update=changes | {"state": AlertState.CLEARED, "cleared_at": answer.at})
    if answer.answer is AnswerKind.SNOOZED:
        return alert.model_copy(update=changes | {"state": AlertState.SNOOZED, "snoozed_until": _until(answer)})
    acknowledged = {"state": AlertState.ACKNOWLEDGED, "acknowledged_by": answer.person_id}
    return alert.model_copy(update=changes | acknowledged)


def _until(answer: AlertAnswer) -> datetime:
    if answer.until is None or not answer.at < answer.until <= answer.at + LONGEST_SNOOZE:
        raise UserMistake("An alert is snoozed for a while, at most a month.", "Choose for how long.")
    return answer.until


def woken(alert: Alert) -> Alert:
    """A snoozed alert whose time is over: it asks again."""
    return alert.model_copy(update={"state": AlertState.OPEN, "snoozed_until": None})


def outcome(answers: tuple[AlertAnswer, ...]) -> AlertOutcome:
    """What became of an alert, by the last answer that says so."""
    if not answers:
        return AlertOutcome.UNANSWERED
    dismissed = answers[-1].answer is AnswerKind.FALSE_ALARM
    return AlertOutcome.DISMISSED if dismissed else AlertOutcome.ACTED_ON
