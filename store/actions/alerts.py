"""Alerts: opened and brought up to date by agents, answered by people, woken by the clock. One open one per metric."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from store import rows, schema
from store.actions.action import action
from store.actions.insert import insert_once
from store.kernel.errors import NotFound
from store.kernel.ids import derive
from store.records.actor import Actor, ActorKind
from store.records.alert import Alert, AlertAnswer, AlertState, AnswerKind
from store.records.card import CardKind
from store.rules import alerts as rules
from store.transaction import Tx


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says to an alert: `reason` with a false alarm, `until` with a snooze."""

    answer: AnswerKind
    reason: str | None = None
    until: datetime | None = None


@action("alerts.raise")
def raise_alert(tx: Tx, alert: Alert) -> Alert:
    """Opens the one alert of this metric, or brings the open one up to date.

    Since when, and what people said to it, stay, unless it is now another kind of trouble. A new one that is like one
    called false is opened quietly.
    """
    known = _open_alert(tx, alert.agent_id, alert.metric)
    like = _like(tx, alert)
    if known is not None:
        return _save(tx, rules.renewed(known, alert, like))
    begun = rules.opened(alert, like)
    row = {
        "id": begun.id,
        "agent_id": begun.agent_id,
        "metric": begun.metric,
        "state": begun.state.value,
        "since": begun.since,
        "raised_at": begun.raised_at,
        "body": begun.model_dump(mode="json"),
    }
    tx.connection.execute(schema.alerts.insert().values(row))
    quiet = {"like": begun.resembles.id} if begun.resembles else {}
    tx.audit(
        "alert.raised",
        Actor(kind=ActorKind.AGENT, id=begun.agent_id),
        ("alert", begun.id),
        metric=begun.metric,
        value=begun.value,
        run=begun.run_id,
        **quiet,
    )
    tx.show(CardKind.ALERT, begun.id, begun.agent_id)
    return begun


@action("alerts.clear")
def clear_alert(tx: Tx, agent_id: str, metric: str) -> bool:
    """Clears the open alert of a metric; False when none is open."""
    known = _open_alert(tx, agent_id, metric)
    if known is None:
        return False
    _save(tx, known.model_copy(update={"state": AlertState.CLEARED, "snoozed_until": None, "cleared_at": tx.now}))
    tx.audit("alert.cleared", Actor(kind=ActorKind.AGENT, id=agent_id), ("alert", known.id), metric=metric)
    return True


@action("alerts.answer")
def answer_alert(tx: Tx, alert_id: str, actor: Actor, said: Said) -> Alert:
    """Puts a person's answer on record and does what it says; repeated in the same moment it counts once.

    An acknowledged alert is acknowledged once: the first to see it stays. Raises NotFound, and UserMistake for an alert
    that is over or a snooze that is none.
    """
    alert = _locked(tx, alert_id)
    if said.answer is AnswerKind.ACKNOWLEDGED and alert.state in (AlertState.ACKNOWLEDGED, AlertState.CLEARED):
        return alert
    answer = _answer(tx, alert, actor, said)
    changed = rules.answered(alert, answer)
    row = {
        **{name: getattr(answer, name) for name in ("id", "alert_id", "agent_id", "metric", "person_id", "at")},
        "answer": answer.answer.value,
        "body": answer.model_dump(mode="json"),
    }
    if not insert_once(tx, schema.alert_answers, row):
        return alert
    tx.audit(f"alert.{answer.answer.value}", actor, ("alert", alert_id), metric=alert.metric)
    return _save(tx, changed)


@action("alerts.wake")
def wake_alert(tx: Tx, alert_id: str) -> bool:
    """Lets a snoozed alert ask again once its time is over; False when it is not snoozed, or not over yet."""
    alert = _locked(tx, alert_id)
    if alert.snoozed_until is None or alert.snoozed_until > tx.now:
        return False
    _save(tx, rules.woken(alert))
    tx.audit("alert.woken", Actor(kind=ActorKind.SYSTEM, id="clock"), ("alert", alert_id), metric=alert.metric)
    return True


def _answer(tx: Tx, alert: Alert, actor: Actor, said: Said) -> AlertAnswer:
    return AlertAnswer(
        id=derive("answer", alert.id, said.answer.value, actor.id, tx.now.isoformat()),
        alert_id=alert.id,
        agent_id=alert.agent_id,
        metric=alert.metric,
        kind=alert.kind,
        answer=said.answer,
        person_id=actor.id,
        surface=actor.surface or "",
        at=tx.now,
        reason=said.reason,
        until=said.until,
        since=alert.since,
        value=alert.value,
        lower=alert.lower,
        upper=alert.upper,
    )


def _like(tx: Tx, alert: Alert) -> AlertAnswer | None:
    """The latest false alarm this one is like."""
    table = schema.alert_answers
    query = sa.select(table).where(
        table.c.agent_id == alert.agent_id,
        table.c.metric == alert.metric,
        table.c.answer == AnswerKind.FALSE_ALARM.value,
        table.c.at >= alert.last_at - timedelta(days=rules.REMEMBERED_DAYS),
    )
    found = tx.connection.execute(query.order_by(table.c.at.desc())).all()
    return next((one for row in found if rules.is_like(one := rows.read_body(AlertAnswer, row), alert)), None)


def _locked(tx: Tx, alert_id: str) -> Alert:
    query = sa.select(schema.alerts).where(schema.alerts.c.id == alert_id).with_for_update()
    row = tx.connection.execute(query).first()
    if row is None:
        raise NotFound(f"There is no alert {alert_id}.")
    return rows.read_body(Alert, row)


def _open_alert(tx: Tx, agent_id: str, metric: str) -> Alert | None:
    table = schema.alerts
    query = sa.select(table).where(
        table.c.agent_id == agent_id, table.c.metric == metric, table.c.state != AlertState.CLEARED.value
    )
    row = tx.connection.execute(query.with_for_update()).first()
    return rows.read_body(Alert, row) if row else None


def _save(tx: Tx, alert: Alert) -> Alert:
    values = {
        "state": alert.state.value,
        "since": alert.since,
        "raised_at": alert.raised_at,
        "body": alert.model_dump(mode="json"),
    }
    tx.connection.execute(schema.alerts.update().where(schema.alerts.c.id == alert.id).values(values))
    tx.show(CardKind.ALERT, alert.id, alert.agent_id)
    return alert
