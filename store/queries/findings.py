"""Readings, alerts and digests."""

from datetime import datetime

import sqlalchemy as sa

from store import rows, schema
from store.handle import Store
from store.kernel.errors import NotFound
from store.records.alert import Alert, AlertState
from store.records.digest import Digest
from store.records.finding import Reading


def readings(
    store: Store, metric: str, since: datetime, agent_id: str | None = None, limit: int = 5000
) -> list[Reading]:
    """Readings of a metric from `since` on, oldest first; the latest `limit` of them."""
    table = schema.readings
    query = sa.select(table).where(table.c.metric == metric, table.c.at >= since)
    query = query.where(table.c.agent_id == agent_id) if agent_id else query
    with store.database.read() as connection:
        found = connection.execute(query.order_by(table.c.at.desc()).limit(limit)).all()
    return [rows.read(Reading, row) for row in reversed(found)]


def open_alert(store: Store, agent_id: str, metric: str) -> Alert | None:
    """The alert of this metric that is not cleared; None when there is none."""
    table = schema.alerts
    query = sa.select(table).where(
        table.c.agent_id == agent_id, table.c.metric == metric, table.c.state != AlertState.CLEARED.value
    )
    with store.database.read() as connection:
        row = connection.execute(query).first()
    return rows.read_body(Alert, row) if row else None


def open_alerts(store: Store) -> list[Alert]:
    """Every alert that is not cleared, the longest standing first."""
    table = schema.alerts
    query = sa.select(table).where(table.c.state != AlertState.CLEARED.value).order_by(table.c.since, table.c.id)
    with store.database.read() as connection:
        return [rows.read_body(Alert, row) for row in connection.execute(query)]


def alert(store: Store, alert_id: str) -> Alert:
    """The alert. Raises NotFound."""
    with store.database.read() as connection:
        row = connection.execute(sa.select(schema.alerts).where(schema.alerts.c.id == alert_id)).first()
    if row is None:
        raise NotFound(f"There is no alert {alert_id}.")
    return rows.read_body(Alert, row)


def digest(store: Store, digest_id: str) -> Digest:
    """The digest. Raises NotFound."""
    with store.database.read() as connection:
        row = connection.execute(sa.select(schema.digests).where(schema.digests.c.id == digest_id)).first()
    if row is None:
        raise NotFound(f"There is no digest {digest_id}.")
    return rows.read_body(Digest, row)


def digests_of_run(store: Store, run_id: str, agent_id: str, since: datetime) -> list[Digest]:
    """Digests a run published; `since` (the run's start) keeps the search short."""
    table = schema.digests
    query = sa.select(table).where(table.c.agent_id == agent_id, table.c.published_at >= since)
    with store.database.read() as connection:
        found = [rows.read_body(Digest, row) for row in connection.execute(query.order_by(table.c.published_at))]
    return [item for item in found if item.run_id == run_id]


def recent_digests(store: Store, agent_id: str | None = None, limit: int = 50) -> list[Digest]:
    """The latest digests, of one agent where one is named, newest first."""
    table = schema.digests
    query = sa.select(table).where(table.c.agent_id == agent_id) if agent_id else sa.select(table)
    order = (table.c.published_at.desc(), table.c.id)
    with store.database.read() as connection:
        return [rows.read_body(Digest, row) for row in connection.execute(query.order_by(*order).limit(limit))]


def last_digest(store: Store, agent_id: str, name: str, before: datetime) -> Digest | None:
    """The agent's latest digest of this name published before a moment; None when there is none."""
    table = schema.digests
    query = sa.select(table).where(table.c.agent_id == agent_id, table.c.name == name, table.c.published_at < before)
    with store.database.read() as connection:
        row = connection.execute(query.order_by(table.c.published_at.desc()).limit(1)).first()
    return rows.read_body(Digest, row) if row else None
