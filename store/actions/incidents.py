"""Incidents: one open card per cause, edited in place however often it strikes."""

import sqlalchemy as sa

from store import rows, schema
from store.actions.action import action
from store.actions.insert import insert_once
from store.kernel.canonical import JsonObject
from store.kernel.errors import NotFound
from store.kernel.ids import derive
from store.records.actor import SYSTEM, Actor
from store.records.card import CardKind
from store.records.incident import Incident, IncidentState
from store.transaction import Tx

MAX_EXAMPLES = 20


@action("incidents.record")
def record_incident(
    tx: Tx,
    *,
    cause: str,
    kind: str,
    title: str,
    detail: str,
    next_step: str,
    agent_id: str | None = None,
    run_id: str | None = None,
    example: JsonObject | None = None,
) -> Incident:
    """Counts one more strike of this cause: opens its incident, or edits the one that is open."""
    return strike(
        tx,
        cause=cause,
        kind=kind,
        title=title,
        detail=detail,
        next_step=next_step,
        agent_id=agent_id,
        run_id=run_id,
        example=example or {},
    )


@action("incidents.close")
def close_incident(tx: Tx, incident_id: str, actor: Actor) -> Incident:
    """Closes an incident; one already closed is returned as it is. Raises NotFound."""
    table = schema.incidents
    row = tx.connection.execute(sa.select(table).where(table.c.id == incident_id).with_for_update()).first()
    if row is None:
        raise NotFound(f"There is no incident {incident_id}.")
    incident = rows.read(Incident, row)
    return incident if incident.state is IncidentState.CLOSED else _close(tx, incident, actor)


def strike(
    tx: Tx,
    *,
    cause: str,
    kind: str,
    title: str,
    detail: str,
    next_step: str,
    agent_id: str | None,
    run_id: str | None,
    example: JsonObject,
    count: int = 1,
) -> Incident:
    """The shared part: `count` strikes of one cause in one card, also when two processes strike at once."""
    while (known := _open_incident(tx, cause)) is None:
        fresh = Incident(
            id=derive("inc", cause, _times_opened(tx, cause)),
            cause=cause,
            kind=kind,
            agent_id=agent_id,
            run_id=run_id,
            title=title,
            detail=detail,
            next_step=next_step,
            state=IncidentState.OPEN,
            count=count,
            first_at=tx.now,
            last_at=tx.now,
            examples=(example,),
        )
        if insert_once(tx, schema.incidents, rows.values(fresh)):
            tx.audit("incident.opened", SYSTEM, ("incident", fresh.id), cause=cause, detail=detail)
            tx.show(CardKind.INCIDENT, fresh.id, agent_id)
            return fresh
    examples = (*known.examples, example)[-MAX_EXAMPLES:]
    return _change(
        tx, known, count=known.count + count, last_at=tx.now, detail=detail, run_id=run_id, examples=examples
    )


def close_cause(tx: Tx, cause: str, closed_by: str | None) -> None:
    """Closes the open incident of a cause that is seen to have passed; nothing when none is open."""
    known = _open_incident(tx, cause)
    if known is not None:
        _close(tx, known, SYSTEM, closed_by)


def _close(tx: Tx, incident: Incident, actor: Actor, closed_by: str | None = None) -> Incident:
    tx.audit("incident.closed", actor, ("incident", incident.id), count=incident.count)
    by = closed_by or (actor.id if actor.is_person else None)
    return _change(tx, incident, state=IncidentState.CLOSED, closed_at=tx.now, closed_by=by)


def _open_incident(tx: Tx, cause: str) -> Incident | None:
    table = schema.incidents
    query = sa.select(table).where(table.c.cause == cause, table.c.state == IncidentState.OPEN.value).with_for_update()
    row = tx.connection.execute(query).first()
    return rows.read(Incident, row) if row else None


def _times_opened(tx: Tx, cause: str) -> int:
    table = schema.incidents
    counted = tx.connection.execute(sa.select(sa.func.count()).where(table.c.cause == cause))
    return counted.scalar_one()


def _change(tx: Tx, incident: Incident, **changes: object) -> Incident:
    changed = incident.model_copy(update=changes)
    columns = {name: value for name, value in rows.values(changed).items() if name in changes}
    tx.connection.execute(schema.incidents.update().where(schema.incidents.c.id == incident.id).values(columns))
    tx.show(CardKind.INCIDENT, incident.id, incident.agent_id)
    return changed
