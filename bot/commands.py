"""The one command table: what `/deck …`, the console's command line and `quarterdeck …` can say."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType

from agents.roster import Person
from blocks.cards import notice_card
from blocks.elements import Card, Item, Items, Tone
from bot.presses import Desk
from bot.starts import agent_named, start_run, work_named
from bot.surfaces.base import Answer, InboundEvent
from store.actions import agents as agent_actions
from store.actions import runs as run_actions
from store.actions.schedules import pause_schedule
from store.kernel.errors import UserMistake
from store.queries import approvals, runs, schedules
from store.records import Actor, ActorKind, AgentState, Run, RunState, TriggerKind

SHOWN = 20
MOST_STOPPED = 1_000
"""Runs of each state that one order stops."""
UNFINISHED = (RunState.QUEUED, RunState.RUNNING, RunState.WAITING)


@dataclass(frozen=True)
class Order:
    """One command as given: its arguments, who gave it, and the event it came with."""

    argument: str
    person: Person
    event: InboundEvent

    @property
    def actor(self) -> Actor:
        """The person acting here."""
        return Actor(kind=ActorKind.PERSON, id=self.person.id, surface=self.event.surface)


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
    key = f"{order.event.surface}:{order.event.key}"
    run = start_run(desk.store, desk.team, agent, kind=TriggerKind.COMMAND, key=key, by=order.actor, what=what)
    return Answer(text=f"{agent.name} starts now ({run.id}).")


def _stop(desk: Desk, order: Order) -> Answer:
    stopped = [run_actions.request_stop(desk.store, run.id, order.actor) for run in _runs_to_stop(desk, order.argument)]
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
    if schedules.schedule(desk.store, order.argument) is not None:
        pause_schedule(desk.store, order.argument, order.actor, paused=paused)
        return Answer(text=f"Schedule {order.argument} is {word}.")
    agent = agent_named(desk.team, order.argument)
    state = AgentState.PAUSED if paused else AgentState.ACTIVE
    agent_actions.switch_agent(desk.store, agent.id, order.actor, state=state)
    return Answer(text=f"{agent.name} is {word}.")


def _approvals(desk: Desk, order: Order) -> Answer:
    view = desk.presenter.view
    found = approvals.open_approvals(desk.store)
    rows = tuple(
        Item(
            text=approval.summary,
            detail=f"{view.agent(approval.agent_id)}, decide by {view.when(approval.expires_at)}",
            url=view.link("approvals", approval.id),
        )
        for approval in found[:SHOWN]
    )
    return Answer(card=_list_card("Waiting for a decision", rows, len(found), "Nothing waits for a decision."))


def _runs(desk: Desk, order: Order) -> Answer:
    view = desk.presenter.view
    agent_id = agent_named(desk.team, order.argument).id if order.argument else None
    rows = tuple(
        Item(
            text=f"{view.agent(run.agent_id)}: {run.state.value.replace('_', ' ')}",
            detail=f"{view.when(run.created_at)}, {run.id}",
            url=view.link("runs", run.id),
        )
        for run in runs.recent_runs(desk.store, agent_id, limit=SHOWN)
    )
    return Answer(card=_list_card("Latest runs", rows, len(rows), "No runs yet."))


def _schedules(desk: Desk, order: Order) -> Answer:
    view = desk.presenter.view
    found = schedules.live_schedules(desk.store)
    rows = tuple(
        Item(
            text=schedule.id + (" (paused)" if schedule.paused else ""),
            detail=f"next {view.when(schedule.next_fire_at) if schedule.next_fire_at else 'never'}",
        )
        for schedule in found[:SHOWN]
    )
    return Answer(card=_list_card("Schedules", rows, len(found), "This team has no schedules."))


def _help(desk: Desk, order: Order) -> Answer:
    rows = tuple(Item(text=f"{entry.name} {entry.usage}".strip(), detail=entry.help) for entry in COMMANDS.values())
    return Answer(card=_list_card("What you can say", rows, len(rows), ""))


def _list_card(title: str, rows: tuple[Item, ...], total: int, empty: str) -> Card:
    card = notice_card(title, "", Tone.NEUTRAL)
    summary = f"{title}: {total}." if rows else f"{title}: {empty}"
    return card.model_copy(update={"elements": (Items(rows=rows, total=total, empty=empty),), "summary": summary})


_TABLE = (
    Command("status", "", "the fleet at a glance: what needs you, who does what, what got done", _status),
    Command("run", "AGENT or SCHEDULE", "run an agent now, or what one of its schedules does", _run),
    Command("stop", "AGENT or RUN", "stop a run at its next step", _stop),
    Command("pause", "AGENT or SCHEDULE", "no new runs; due times are recorded as skipped", _pause),
    Command("resume", "AGENT or SCHEDULE", "back to work", _resume),
    Command("approvals", "", "what waits for a decision", _approvals),
    Command("runs", "[AGENT]", "the latest runs", _runs),
    Command("schedules", "", "what runs when, and what is next", _schedules),
    Command("help", "", "this list", _help),
)

COMMANDS: Mapping[str, Command] = MappingProxyType({entry.name: entry for entry in _TABLE})
"""Every command by name, in the order help shows them."""
