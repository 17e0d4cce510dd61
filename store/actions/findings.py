"""Findings: readings kept, alerts opened and cleared, digests published; each once."""

import sqlalchemy as sa

from store import rows, schema
from store.actions.action import action
from store.actions.insert import insert_once
from store.actions.marks import note_uses
from store.kernel.errors import NotFound
from store.records.actor import Actor, ActorKind
from store.records.card import CardKind
from store.records.digest import Digest
from store.records.finding import Alert, AlertState, Reading
from store.records.mark import OutputKind
from store.transaction import Tx


@action("findings.readings")
def record_readings(tx: Tx, readings: list[Reading]) -> int:
    """Keeps readings, once per (metric, agent, moment); returns how many were new."""
    return sum(insert_once(tx, schema.readings, rows.values(reading)) for reading in readings)


@action("findings.digest")
def publish_digest(tx: Tx, digest: Digest) -> bool:
    """Puts a digest on record and on its card; False when this digest (by id) was published before."""
    row = {
        "id": digest.id,
        "agent_id": digest.agent_id,
        "name": digest.name,
        "published_at": digest.published_at,
        "body": digest.model_dump(mode="json"),
    }
    if not insert_once(tx, schema.digests, row):
        return False
    note_uses(tx, OutputKind.DIGEST, digest.id, digest.origins)
    tx.audit("digest.published", _agent(digest.agent_id), ("digest", digest.id), run=digest.run_id, name=digest.name)
    tx.show(CardKind.DIGEST, digest.id, digest.agent_id)
    return True


@action("findings.alert")
def raise_alert(tx: Tx, alert: Alert) -> Alert:
    """Opens the one alert of this metric, or brings the open one up to date: since and acknowledgement stay."""
    known = _open_alert(tx, alert.agent_id, alert.metric)
    if known is None:
        row = {
            "id": alert.id,
            "agent_id": alert.agent_id,
            "metric": alert.metric,
            "state": alert.state.value,
            "since": alert.since,
            "body": alert.model_dump(mode="json"),
        }
        tx.connection.execute(schema.alerts.insert().values(row))
        tx.audit(
            "alert.raised",
            _agent(alert.agent_id),
            ("alert", alert.id),
            metric=alert.metric,
            value=alert.value,
            run=alert.run_id,
        )
        tx.show(CardKind.ALERT, alert.id, alert.agent_id)
        return alert
    kept = {"id": known.id, "since": known.since, "state": known.state, "acknowledged_by": known.acknowledged_by}
    return _save(tx, alert.model_copy(update=kept))


@action("findings.clear_alert")
def clear_alert(tx: Tx, agent_id: str, metric: str) -> bool:
    """Clears the open alert of a metric; False when none is open."""
    known = _open_alert(tx, agent_id, metric)
    if known is None:
        return False
    _save(tx, known.model_copy(update={"state": AlertState.CLEARED, "cleared_at": tx.now}))
    tx.audit("alert.cleared", _agent(agent_id), ("alert", known.id), metric=metric)
    return True


@action("findings.acknowledge")
def acknowledge_alert(tx: Tx, alert_id: str, actor: Actor) -> Alert:
    """Marks an open alert as seen by a person; one already acknowledged or cleared is returned as it is."""
    row = tx.connection.execute(
        sa.select(schema.alerts).where(schema.alerts.c.id == alert_id).with_for_update()
    ).first()
    if row is None:
        raise NotFound(f"There is no alert {alert_id}.")
    alert = rows.read_body(Alert, row)
    if alert.state is not AlertState.OPEN:
        return alert
    tx.audit("alert.acknowledged", actor, ("alert", alert_id))
    return _save(tx, alert.model_copy(update={"state": AlertState.ACKNOWLEDGED, "acknowledged_by": actor.id}))


def _open_alert(tx: Tx, agent_id: str, metric: str) -> Alert | None:
    table = schema.alerts
    query = sa.select(table).where(
        table.c.agent_id == agent_id, table.c.metric == metric, table.c.state != AlertState.CLEARED.value
    )
    row = tx.connection.execute(query.with_for_update()).first()
    return rows.read_body(Alert, row) if row else None


def _save(tx: Tx, alert: Alert) -> Alert:
    values = {"state": alert.state.value, "body": alert.model_dump(mode="json")}
    tx.connection.execute(schema.alerts.update().where(schema.alerts.c.id == alert.id).values(values))
    tx.show(CardKind.ALERT, alert.id, alert.agent_id)
    return alert


def _agent(agent_id: str) -> Actor:
    return Actor(kind=ActorKind.AGENT, id=agent_id)
