"""Incidents."""

import sqlalchemy as sa

from store import rows, schema
from store.handle import Store
from store.kernel.errors import NotFound
from store.records.incident import Incident, IncidentState


def open_incidents(store: Store) -> list[Incident]:
    """Every open incident, oldest first."""
    table = schema.incidents
    query = sa.select(table).where(table.c.state == IncidentState.OPEN.value).order_by(table.c.first_at, table.c.id)
    with store.database.read() as connection:
        return [rows.read(Incident, row) for row in connection.execute(query)]


def incident(store: Store, incident_id: str) -> Incident:
    """The incident. Raises NotFound."""
    with store.database.read() as connection:
        row = connection.execute(sa.select(schema.incidents).where(schema.incidents.c.id == incident_id)).first()
    if row is None:
        raise NotFound(f"There is no incident {incident_id}.")
    return rows.read(Incident, row)
