"""The one command table: what `/deck …`, the console's command line and `quarterdeck …` can say."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType

from agents.roster import Person
from blocks.elements import Item
from bot.inbound.allowing import propose_by_name as allow
from bot.inbound.desk import Desk
from bot.inbound.handed_over import show_handoffs
from bot.inbound.hiring import show_candidates as hire
from bot.inbound.interrupted import show_interruptions
from bot.inbound.lane_roles import require_lane
from bot.inbound.listings import (
    SHOWN,
    list_card,
    show_agents,
    show_alerts,
    show_approvals,
    show_budget,
    show_found,
    show_runs,
    show_schedules,
    show_tasks,
    show_why,
)
from bot.inbound.ordering import Order
from bot.inbound.source_listing import show_sources
from bot.inbound.work_listings import show_decisions, show_notes, show_topics
from bot.reload.bench import bench_of
from bot.starts import agent_named, start_run, work_named
from bot.surfaces.base import Answer, InboundEvent
from bot.surfaces.commands import CommandEntry
from store.actions import agents as agent_actions
from store.actions import runs as run_actions
from store.actions.schedules import pause_schedule
from store.kernel.errors import UserMistake
from store.queries import runs, schedules
from store.records import AgentState, Run, RunState, TriggerKind

MOST_STOPPED = 1_000
"""Runs of each state that one order stops."""
UNFINISHED = (RunState.QUEUED, RunState.RUNNING, RunState.WAITING)


@dataclass(frozen=True)
class Command:
    """One entry of the table. `usage` is what follows the command's name."""

    name: str
    usage: str
    help: str
    run: Callable[[Desk, Order], Answer]


def command(desk: Desk, event: InboundEvent, person: Person) -> Answer:
    """Carries out one command line. Raises UserMistake that names the nearest command for an unknown one."""
    name, _, argument = event.text.strip().partition(" ")
    entry = COMMANDS.get(name.lower() or "help")
    if entry is None:
        near = get_close_matches(name.lower(), COMMANDS, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(COMMANDS)}."
        raise UserMistake(f"There is no command {name!r}.", hint)
    return entry.run(desk, Order(argument.strip(), person, event))


def _status(desk: Desk, order: Order) -> Answer:
    return Answer(card=desk.presenter.fleet_card())


def _run(desk: Desk, order: Order) -> Answer:
    if not order.argument:
        raise UserMistake("Say which agent to run.", f"The agents are {', '.join(desk.team.agents)}.")
    agent, what = work_named(desk.team, order.argument)
    require_lane(desk.team, order.person, order.event, agent.id)
    key = f"{order.event.surface}:{order.event.key}"
    run = start_run(desk.store, desk.team, agent, kind=TriggerKind.COMMAND, key=key, by=order.actor, what=what)
    return Answer(text=f"{agent.name} starts now ({run.id}).")


def _stop(desk: Desk, order: Order) -> Answer:
    found = _runs_to_stop(desk, order.argument)
    for agent_id in {run.agent_id for run in found}:
        require_lane(desk.team, order.person, order.event, agent_id)
    stopped = [run_actions.request_stop(desk.store, run.id, order.actor) for run in found]
    if not stopped:
        return Answer(text="Nothing is running there.")
    shown = ", ".join(run.id for run in stopped[:SHOWN]) + (
        f" and {len(stopped) - SHOWN} more" if stopped[SHOWN:] else ""
    )
    return Answer(text=f"Stopping {shown}.")


def _runs_to_stop(desk: Desk, argument: str) -> list[Run]:
    if not argument:
        raise UserMistake("Say which run or agent to stop.", "For example: stop machine-watch")
    if argument.startswith("run_"):
        one = runs.run(desk.store, argument)
        return [] if one.state.is_final else [one]
    agent = agent_named(desk.team, argument)
    return [run for state in UNFINISHED for run in runs.recent_runs(desk.store, agent.id, MOST_STOPPED, state)]


def _pause(desk: Desk, order: Order) -> Answer:
    return _switch(desk, order, paused=True)


def _resume(desk: Desk, order: Order) -> Answer:
    return _switch(desk, order, paused=False)


def _switch(desk: Desk, order: Order, *, paused: bool) -> Answer:
    word = "paused" if paused else "back at work"
    schedule = schedules.schedule(desk.store, order.argument)
    if schedule is not None:
        require_lane(desk.team, order.person, order.event, schedule.agent_id)
        pause_schedule(desk.store, order.argument, order.actor, paused=paused)
        return Answer(text=f"Schedule {order.argument} is {word}.")
    agent = agent_named(desk.team, order.argument)
    require_lane(desk.team, order.person, order.event, agent.id)
    state = AgentState.PAUSED if paused else AgentState.ACTIVE
    agent_actions.switch_agent(desk.store, agent.id, order.actor, state=state)
    return Answer(text=f"{agent.name} is {word}.")


def _reload(desk: Desk, order: Order) -> Answer:
    return Answer(text=bench_of(desk.bench).reload(order.actor))


def show_help(desk: Desk, order: Order) -> Answer:
    """Every command, and what it is for."""
    rows = tuple(Item(text=f"{entry.name} {entry.usage}".strip(), detail=entry.help) for entry in COMMANDS.values())
    return Answer(card=list_card("What you can say", rows, len(rows), ""))


_TABLE = (
    Command("status", "", "the fleet at a glance: what needs you, who does what, what got done", _status),
    Command("agents", "", "who there is, what each does and owns, and what is next", show_agents),
    Command("run", "AGENT or SCHEDULE", "run an agent now, or what one of its schedules does", _run),
    Command("pause", "AGENT or SCHEDULE", "no new runs; due times are recorded as skipped", _pause),
    Command("resume", "AGENT or SCHEDULE", "back to work", _resume),
    Command("stop", "AGENT or RUN", "stop a run at its next step", _stop),
    Command("alerts", "[AGENT]", "what is out of the ordinary and not over", show_alerts),
    Command("tasks", "[AGENT | mine | done | all]", "what is to be done, by whom and until when", show_tasks),
    Command("notes", "[AGENT]", "what agents told each other that nobody has acknowledged", show_notes),
    Command("decisions", "[SUBJECT]", "what was decided, and who has yet to acknowledge it", show_decisions),
    Command("topics", "[TOPIC]", "what is known, who keeps it, and what waits to be let in", show_topics),
    Command("approvals", "", "what waits for a decision", show_approvals),
    Command("runs", "[AGENT]", "the latest runs", show_runs),
    Command("budget", "", "what was spent and is held, against the caps", show_budget),
    Command("handoffs", "[AGENT]", "work agents handed each other, and what waits too long", show_handoffs),
    Command("interruptions", "[PERSON]", "what asked somebody to act lately, counted by day", show_interruptions),
    Command("schedules", "", "what runs when, and what is next", show_schedules),
    Command("sources", "", "how each export and log stands, and who reads it", show_sources),
    Command("why", "RUN, APPROVAL, CARD or AGENT", "what is behind it: trigger, knowledge, authority, cost", show_why),
    Command("allow", "APPROVAL or RUN", "the bounded rule that would allow calls like this, for an owner", allow),
    Command("hire", "[CANDIDATE]", "who could join the team; with a name, its audition and what hiring adds", hire),
    Command("reload", "", "take up the workspace as it was edited; what waits goes on as it began", _reload),
    Command("search", "WORDS", "runs, approvals, tasks, alerts and digests that hold all the words", show_found),
    Command("help", "", "this list", show_help),
)

COMMANDS: Mapping[str, Command] = MappingProxyType({entry.name: entry for entry in _TABLE})
"""Every command by name, in the order help shows them."""

OFFERED = tuple(CommandEntry(name=entry.name, usage=entry.usage, help=entry.help) for entry in _TABLE)
"""The table as a surface sees it."""
