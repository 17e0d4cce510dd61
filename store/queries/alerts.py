"""Alerts, what people said to them, and which of them wake when."""

from collections import defaultdict
from datetime import datetime

import sqlalchemy as sa

from store import rows, schema
from store.handle import Store
from store.records.alert import Alert, AlertAnswer, AlertAnswers, AlertState, AnsweredAlert
from store.rules.alerts import outcome

_BATCH = 500


def alert_answers(store: Store, since: datetime, until: datetime) -> AlertAnswers:
    """What became of the alerts that first asked for a person from `since` on and before `until`."""
    table = schema.alerts
    asked_at = sa.func.coalesce(table.c.raised_at, table.c.since, type_=schema.Moment())
    query = sa.select(table).where(asked_at >= since, asked_at < until).order_by(asked_at, table.c.id)
    with store.database.read() as connection:
        alerts = [rows.read_body(Alert, row) for row in connection.execute(query)]
    answers = _answers_to(store, [alert.id for alert in alerts], until)
    asked = [alert for alert in alerts if alert.resembles is None]
    return AlertAnswers(
        alerts=tuple(
            AnsweredAlert(alert=alert, answers=answers[alert.id], outcome=outcome(answers[alert.id])) for alert in asked
        ),
        quiet=len(alerts) - len(asked),
    )


def answers_to(store: Store, alert_id: str) -> tuple[AlertAnswer, ...]:
    """Everything people said to an alert, oldest first."""
    return _answers_to(store, [alert_id], None)[alert_id]


def ended_snoozes(store: Store, now: datetime) -> list[str]:
    """Ids of snoozed alerts whose time is over, at most 500."""
    return [one.id for one in _snoozed(store) if one.snoozed_until is not None and one.snoozed_until <= now]


def next_snooze_end(store: Store) -> datetime | None:
    """The earliest moment at which a snoozed alert asks again; None when none is snoozed."""
    return min((one.snoozed_until for one in _snoozed(store) if one.snoozed_until is not None), default=None)


def _snoozed(store: Store) -> list[Alert]:
    query = sa.select(schema.alerts).where(schema.alerts.c.state == AlertState.SNOOZED.value).limit(_BATCH)
    with store.database.read() as connection:
        return [rows.read_body(Alert, row) for row in connection.execute(query)]


def _answers_to(store: Store, alert_ids: list[str], until: datetime | None) -> dict[str, tuple[AlertAnswer, ...]]:
    table = schema.alert_answers
    found: dict[str, list[AlertAnswer]] = defaultdict(list)
    with store.database.read() as connection:
        for start in range(0, len(alert_ids), _BATCH):
            query = sa.select(table).where(table.c.alert_id.in_(alert_ids[start : start + _BATCH]))
            query = query if until is None else query.where(table.c.at < until)
            for row in connection.execute(query.order_by(table.c.at, table.c.id)):
                answer = rows.read_body(AlertAnswer, row)
                found[answer.alert_id].append(answer)
    return {one: tuple(found[one]) for one in alert_ids}
