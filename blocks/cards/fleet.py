"""The fleet card: what needs me, is anything wrong, what got done."""

from datetime import datetime

from blocks.cards.alert import finding
from blocks.cards.ended import ended_run
from blocks.cards.incident import incident_title
from blocks.cards.view import CardView, age
from blocks.elements import (
    MAX_OPTIONS,
    Action,
    Align,
    Card,
    Column,
    Context,
    Element,
    Item,
    Items,
    LinkButton,
    Menu,
    Option,
    Table,
    Text,
    Tone,
)
from blocks.text import clip, count, one_line
from blocks.tokens import Verb, encode
from blocks.words import RUN_WORD
from store.kernel.money import format_usd
from store.records import AgentState, AgentView, Alert, Approval, Fleet, Incident, Run, RunState

_FINISHED_SHOWN = 10
_DOING_CHARS = 40
"""What an agent is doing, in a cell of a table; what waits for a person is said whole above it."""
_NO_AGENTS = Text(heading="Agents", text="No agents yet. Describe one in the workspace, and it appears here.")


def fleet_card(fleet: Fleet, view: CardView, *, revision: int = 0) -> Card:
    """The team at one moment; ages are counted to `fleet.as_of`, so the same fleet gives the same card."""
    waiting = fleet.needs_me.count
    return Card(
        key=f"fleet:{fleet.team}",
        revision=revision,
        kind="fleet",
        tone=Tone.WAITING if waiting else Tone.GOOD,
        state=f"{count(waiting, 'thing needs', 'things need')} you" if waiting else "Nothing needs you",
        title=fleet.team,
        summary=_summary(fleet),
        simulated=fleet.simulated or view.simulated,
        live=True,
        elements=_elements(fleet, view),
        actions=_actions(fleet, view, revision),
    )


def _summary(fleet: Fleet) -> str:
    waiting = count(fleet.needs_me.count, "thing needs", "things need")
    active = sum(agent.current is not None for agent in fleet.agents)
    finished = count(len(fleet.finished_today), "run")
    agents = count(len(fleet.agents), "agent")
    return f"{fleet.team}: {waiting} you, {active} of {agents} at work, {finished} finished today."


def _elements(fleet: Fleet, view: CardView) -> tuple[Element, ...]:
    needs = _needs_me(fleet, view)
    return (
        Items(heading="Needs you", rows=needs, total=len(needs)),
        _agents(fleet, view) if fleet.agents else _NO_AGENTS,
        _finished(fleet, view),
        Context(parts=(f"as of {view.when(fleet.as_of)}",)),
    )


def _needs_me(fleet: Fleet, view: CardView) -> tuple[Item, ...]:
    needs = fleet.needs_me
    return (
        *(_approval(approval, fleet.as_of, view) for approval in needs.approvals),
        *(_stopped(run, fleet.as_of, view) for run in needs.stopped),
        *(_incident(incident, fleet.as_of, view) for incident in needs.incidents),
        *(_alert(alert, fleet.as_of, view) for alert in needs.alerts),
    )


def _approval(approval: Approval, as_of: datetime, view: CardView) -> Item:
    waiting, left = age(approval.created_at, as_of), age(as_of, approval.expires_at)
    detail = f"{view.agent(approval.agent_id)} asks · waiting {waiting} · expires in {left}"
    return Item(
        text=f"Approval: {one_line(approval.summary).removesuffix('.')}",
        detail=detail,
        url=view.link("approvals", approval.id),
    )


def _stopped(run: Run, as_of: datetime, view: CardView) -> Item:
    ago = f" · {age(run.finished_at, as_of)} ago" if run.finished_at else ""
    owner = f" · owner {view.person(run.owner)}" if run.owner else ""
    detail = f"{(run.reason or 'no reason on record').removesuffix('.')}{owner}{ago}"
    return Item(text=f"{RUN_WORD[run.state]}: {view.agent(run.agent_id)}", detail=detail, url=view.link("runs", run.id))


def _incident(incident: Incident, as_of: datetime, view: CardView) -> Item:
    last = f"{count(incident.count, 'time')} · last {age(incident.last_at, as_of)} ago"
    detail = f"{last} · {incident.next_step}"
    text, url = f"Incident: {incident_title(incident, view)}", view.link("cards", f"incident:{incident.id}")
    return Item(text=text, detail=detail, url=url)


def _alert(alert: Alert, as_of: datetime, view: CardView) -> Item:
    owner = f"owner {view.person(alert.owner)}" if alert.owner else "no owner"
    detail = f"for {age(alert.since, as_of)} · {owner} · {alert.next_step}"
    return Item(text=f"Alert: {finding(alert)}", detail=detail, url=view.link("cards", f"alert:{alert.id}"))


def _agents(fleet: Fleet, view: CardView) -> Table:
    columns = (
        Column(name="Agent"),
        Column(name="Now"),
        Column(name="Next due"),
        Column(name="Last run"),
        Column(name="Spent today", align=Align.RIGHT),
    )
    rows = tuple(_agent_row(agent, fleet.as_of, view) for agent in fleet.agents)
    return Table(columns=columns, rows=rows, total_rows=len(rows), total_columns=len(columns), caption="Agents")


def _agent_row(agent: AgentView, as_of: datetime, view: CardView) -> tuple[str, ...]:
    next_due = view.at_time(agent.next_due_at, as_of) if agent.next_due_at else "nothing scheduled"
    last = f"{RUN_WORD[agent.last.state]}{_ended(agent.last, as_of, view)}" if agent.last else "none yet"
    cap = f" of {format_usd(agent.day_cap_micros)}" if agent.day_cap_micros is not None else ", no day cap"
    return (agent.name, doing(agent), next_due, last, format_usd(agent.spent_today_micros) + cap)


def doing(agent: AgentView) -> str:
    """What the agent does now, in a few words."""
    run = agent.current
    if run is None:
        return "Paused" if agent.state is AgentState.PAUSED else "Idle"
    word = RUN_WORD[run.state]
    if agent.doing is None or agent.doing == run.state.value:
        return word
    if run.state is RunState.WAITING:
        return clip(one_line(f"{word} for {agent.doing.partition(':')[0]}"), _DOING_CHARS)
    return clip(one_line(f"{word}: {agent.doing}"), _DOING_CHARS)


def _ended(run: Run, as_of: datetime, view: CardView) -> str:
    return f", {view.at_time(run.finished_at, as_of)}" if run.finished_at else ""


def _finished(fleet: Fleet, view: CardView) -> Items:
    shown = fleet.finished_today[:_FINISHED_SHOWN]
    rows = tuple(ended_run(run, fleet.as_of, view) for run in shown)
    return Items(
        heading="Finished today", rows=rows, total=len(fleet.finished_today), empty="Nothing has finished yet today."
    )


def _actions(fleet: Fleet, view: CardView, revision: int) -> tuple[Action, ...]:
    actions: list[Action] = []
    if options := _options(fleet, revision):
        actions.append(Menu(label="Act on an agent…", options=options))
    if view.console_url:
        actions.append(LinkButton(label="Open console", url=view.console_url))
    return tuple(actions)


def _options(fleet: Fleet, revision: int) -> tuple[Option, ...]:
    options = [option for agent in fleet.agents for option in _agent_options(agent, revision)]
    return tuple(options[:MAX_OPTIONS])


def _agent_options(agent: AgentView, revision: int) -> tuple[Option, ...]:
    if agent.state is AgentState.PAUSED:
        return (Option(label=f"Resume {agent.name}", token=encode(Verb.RESUME, agent.agent_id, revision)),)
    return (
        Option(label=f"Run {agent.name} now", token=encode(Verb.RUN_NOW, agent.agent_id, revision)),
        Option(label=f"Pause {agent.name}", token=encode(Verb.PAUSE, agent.agent_id, revision)),
    )
