"""An audition: one agent works through the past on simulated time, in a record of its own, and nothing real happens."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from agents.authority.rules import Policy, Rule
from agents.authority.starters import OWN_RECORD_TOOLS
from agents.roster import AgentSpec, ScheduleSpec, Team
from agents.sources.port import Window
from bot.compose import make_sources
from bot.foundation import Foundation
from bot.simulation.folder import FILES_FOLDER
from bot.simulation.scenario import Scenario
from bot.simulation.simulate import Simulation, make_simulation
from scheduler.speed import MAX
from store.actions.agents import switch_agent
from store.kernel.errors import UserMistake
from store.records import SYSTEM, Access, AgentState

FOLDER = "audition"
"""Of the state folder: emptied by each audition, and never the real record."""
RULE = "~audition"
"""Decides what the policy would let the agent do alone: in an audition it is asked, and nobody answers. Its id comes
after those of the workspace, so that a call is put down to it only where no rule of the team asks as well."""
DAYS = 28
RUNS_AT_MOST = 600
"""More runs are not looked through; an agent that looks every ten minutes auditions over fewer days."""
NO_SCHEDULE_CRON = "0 8 * * *"
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Span:
    """The past that is replayed. `why` says where the ends come from, for a person."""

    start: datetime
    until: datetime
    why: str


def span_of(
    foundation: Foundation, agent: AgentSpec, now: datetime, start: datetime | None, until: datetime | None
) -> Span:
    """What is replayed: as asked, else the last four weeks of the agent's exports, or before now.

    Raises UserMistake when the beginning does not come before the end, or the end has not come yet.
    """
    newest = _newest(foundation, agent, now)
    end = min(now, until or (_midnight_after(newest, foundation.team.timezone) if newest else now))
    begin = start or end - timedelta(days=_days(foundation.team, agent))
    if begin >= end:
        raise UserMistake(f"{begin:%Y-%m-%d} does not come before {end:%Y-%m-%d}.", "Give --from an earlier day.")
    why = "as asked" if start or until else "up to the newest row of its exports" if newest else "up to now"
    return Span(begin, end, why)


def stage(foundation: Foundation, agent_id: str, span: Span, readings: Path | None, script: Path | None) -> Simulation:
    """Everything for the audition: the agent alone works, what it would do is asked and answered by nobody.

    Raises UserMistake for files that cannot be copied, and while another audition of the workspace is going on.
    """
    folder = foundation.folder / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    scratch = replace(
        foundation,
        team=_rehearsing(foundation.team, agent_id),
        folder=folder,
        database_url=f"sqlite:///{folder / 'quarterdeck.db'}",
    )
    copied = (folder / FILES_FOLDER, foundation.team.root)
    scenario = Scenario(span.start, span.until, MAX, readings=readings, model_script=script, copied=copied)
    simulation = make_simulation(scratch, scenario, None)
    for other in foundation.team.agents:
        if other != agent_id:
            switch_agent(simulation.crew.store, other, SYSTEM, state=AgentState.PAUSED)
    return simulation


def _rehearsing(team: Team, agent_id: str) -> Team:
    """The team in which only this agent runs by itself, at its own times, and acts on nothing."""
    own = [schedule.model_copy(update={"on_start": False}) for schedule in team.schedules_of(agent_id)]
    return team.model_copy(
        update={
            "schedules": tuple(own) or (_daily(team, agent_id),),
            "policy": _asking(team, team.agents[agent_id]),
            "webhooks": (),
        }
    )


def _daily(team: Team, agent_id: str) -> ScheduleSpec:
    return ScheduleSpec(
        id=f"{agent_id}.audition",
        name="audition",
        agent=agent_id,
        cron=NO_SCHEDULE_CRON,
        timezone=team.timezone,
        lateness_seconds=300,
    )


def _asking(team: Team, agent: AgentSpec) -> Policy:
    """The team's policy, under which every change of the world is asked; what it refuses stays refused."""
    changing = frozenset(changing_tools(team, agent))
    if not changing:
        return team.policy
    rule = Rule(
        id=RULE,
        effect="human",
        agents=frozenset({agent.id}),
        tools=changing,
        reason="It would do this by itself; in an audition nothing is done.",
        require=team.approvals,
    )
    return replace(team.policy, rules=(*team.policy.rules, rule))


def changing_tools(team: Team, agent: AgentSpec) -> Iterable[str]:
    """The agent's tools that change anything beside the team's own record."""
    known = team.policy.registry.tools
    return (
        name
        for name in agent.tools
        if name in known and known[name].access is not Access.READ and name not in OWN_RECORD_TOOLS
    )


def _days(team: Team, agent: AgentSpec) -> int:
    """How many days are looked through: four weeks, or as many as make no more than RUNS_AT_MOST runs."""
    intervals = [one.every_seconds for one in team.schedules_of(agent.id) if one.every_seconds]
    per_day = sum(86_400 // seconds for seconds in intervals)
    return max(1, min(DAYS, RUNS_AT_MOST // per_day)) if per_day else DAYS


def _newest(foundation: Foundation, agent: AgentSpec, now: datetime) -> datetime | None:
    """When the newest row of the agent's exports begins; None when it reads none, or there is none."""
    if not agent.sources:
        return None
    sources = make_sources(foundation)
    try:
        states = sources.check(agent.sources, Window(since=_EVER, until=now), now)
    finally:
        sources.close()
    return max((state.newest for state in states if state.newest is not None), default=None)


def _midnight_after(moment: datetime, timezone: str) -> datetime:
    """The moment just before the second midnight after it: the next morning's digest is in."""
    zone = ZoneInfo(timezone)
    day = moment.astimezone(zone).date() + timedelta(days=2)
    return datetime.combine(day, time(), zone)
