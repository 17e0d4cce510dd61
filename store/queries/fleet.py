"""The fleet at a glance, read at one moment."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from store import rows, schema
from store.handle import Store
from store.queries import approvals, findings, incidents, runs
from store.records.agent import AgentState
from store.records.alert import AlertState
from store.records.fleet import AgentFacts, AgentView, Fleet, NeedsMe, TeamFacts
from store.records.incident import Incident
from store.records.run import FINAL_RUN_STATES, Run, RunState
from store.records.step import Step

_FINISHED_SHOWN = 100


def fleet(store: Store, team: TeamFacts) -> Fleet:
    """What needs a person, what each agent is doing, and what finished today in the team's zone."""
    now = store.clock.now()
    return Fleet(
        team=team.name,
        timezone=team.timezone,
        as_of=now,
        simulated=store.clock.simulated,
        held=store.clock.held,
        made_up=team.made_up,
        needs_me=needs_me(store),
        agents=tuple(_agent_view(store, agent, now) for agent in team.agents),
        finished_today=tuple(_finished_since(store, day_start(now, team.timezone))),
    )


def needs_me(store: Store) -> NeedsMe:
    """Everything a person must act on; a run that stopped for a person is listed as a run, not as its incident too."""
    open_incidents = incidents.open_incidents(store)
    stopped = [_stopped_run(store, incident) for incident in open_incidents]
    shown = {run.id for run in stopped if run is not None}
    return NeedsMe(
        approvals=tuple(approvals.open_approvals(store)),
        stopped=tuple(run for run in stopped if run is not None),
        incidents=tuple(item for item in open_incidents if item.run_id not in shown),
        alerts=tuple(item for item in findings.open_alerts(store) if item.state is AlertState.OPEN),
    )


def day_start(now: datetime, timezone: str) -> datetime:
    """Midnight of the present day in a zone, in UTC."""
    zone = ZoneInfo(timezone)
    return datetime.combine(now.astimezone(zone).date(), time(), zone).astimezone(UTC)


def _stopped_run(store: Store, incident: Incident) -> Run | None:
    if incident.kind != RunState.NEEDS_ATTENTION.value or incident.run_id is None:
        return None
    return runs.find_run(store, incident.run_id)


def _agent_view(store: Store, agent: AgentFacts, now: datetime) -> AgentView:
    current = _current(store, agent.agent_id)
    return AgentView(
        agent_id=agent.agent_id,
        name=agent.name,
        purpose=agent.purpose,
        state=_state(store, agent.agent_id),
        current=current,
        doing=_doing(store, current),
        last=runs.last_finished_run(store, agent.agent_id, now + timedelta(microseconds=1)),
        next_due_at=_next_due(store, agent.agent_id),
        spent_today_micros=_spent(store, agent.agent_id, now.date().isoformat()),
        day_cap_micros=agent.day_cap_micros,
        owns=agent.owns,
        never=agent.never,
    )


def _current(store: Store, agent_id: str) -> Run | None:
    table = schema.runs
    final = [state.value for state in FINAL_RUN_STATES]
    order = sa.case({"running": 0, "waiting": 1}, value=table.c.state, else_=2)
    query = sa.select(table).where(table.c.agent_id == agent_id, table.c.state.not_in(final))
    with store.database.read() as connection:
        row = connection.execute(query.order_by(order, table.c.created_at).limit(1)).first()
    return rows.read(Run, row) if row else None


def _doing(store: Store, current: Run | None) -> str | None:
    if current is None:
        return None
    if current.state is not RunState.RUNNING:
        return current.reason or current.state.value
    table = schema.steps
    query = sa.select(table).where(table.c.run_id == current.id).order_by(table.c.position.desc()).limit(1)
    with store.database.read() as connection:
        row = connection.execute(query).first()
    return rows.read(Step, row).name if row else "starting"


def _state(store: Store, agent_id: str) -> AgentState:
    query = sa.select(schema.agents.c.state).where(schema.agents.c.agent_id == agent_id)
    with store.database.read() as connection:
        return AgentState(connection.execute(query).scalar() or AgentState.ACTIVE)


def _next_due(store: Store, agent_id: str) -> datetime | None:
    table = schema.schedules
    query = sa.select(sa.func.min(table.c.next_fire_at, type_=schema.Moment())).where(
        table.c.agent_id == agent_id, table.c.retired.is_(False), table.c.paused.is_(False)
    )
    with store.database.read() as connection:
        return connection.execute(query).scalar()


def _spent(store: Store, agent_id: str, day: str) -> int:
    table = schema.day_spend
    query = sa.select(table.c.spent_micros + table.c.held_micros).where(
        table.c.agent_id == agent_id, table.c.day == day
    )
    with store.database.read() as connection:
        return connection.execute(query).scalar() or 0


def _finished_since(store: Store, since: datetime) -> list[Run]:
    table = schema.runs
    query = sa.select(table).where(table.c.finished_at >= since).order_by(table.c.finished_at.desc(), table.c.id)
    with store.database.read() as connection:
        return [rows.read(Run, row) for row in connection.execute(query.limit(_FINISHED_SHOWN))]
