"""The role card: what an agent is for, may do and may spend; what stands at hand in its channel."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from blocks.cards.view import CardView, duration
from blocks.elements import Action, Button, Card, Context, Element, Fact, Facts, Item, Items, LinkButton, Style, Text
from blocks.text import count, sentence
from blocks.tokens import Verb, encode
from blocks.words import ROLE_TONE, ROLE_WORD
from store.kernel.money import format_usd
from store.records import AgentState, Requirement, Role, RunLimits

_GONE = Text(text="The team no longer has this agent. What it did stays on record.")
_ORDERED_ONLY = "only when somebody asks"


def role_card(role: Role, view: CardView, *, revision: int = 0) -> Card:
    """The role as the workspace says it; Run now and Pause, or Resume, while the team has the agent."""
    return Card(
        key=f"role:{role.agent_id}",
        revision=revision,
        kind="role",
        tone=ROLE_TONE[role.state],
        state=ROLE_WORD[role.state],
        title=role.name,
        summary=f"{role.name}, {ROLE_WORD[role.state].lower()}: {sentence(role.purpose)}",
        simulated=view.simulated,
        elements=(_GONE,) if role.state is None else tuple(_elements(role, view)),
        actions=_actions(role, view, revision),
    )


def _elements(role: Role, view: CardView) -> Iterator[Element]:
    yield Text(text=role.purpose)
    yield Facts(rows=tuple(_facts(role, view)))
    if lane := tuple(_lane(role)):
        yield Items(heading="Lane", rows=lane, total=len(lane))
    tools = tuple(_tools(role))
    yield Items(heading="Tools", rows=tools, total=len(tools), empty="None.")
    yield Context(parts=(role.agent_id, role.mind) if role.mind else (role.agent_id,))


def _facts(role: Role, view: CardView) -> Iterator[Fact]:
    yield Fact(label="Runs", value=", ".join(role.rhythms) or _ORDERED_ONLY)
    if role.requirement is not None:
        yield Fact(label="Who approves", value=_deciders(role.requirement, role.deciders, view))
    if role.limits is not None:
        yield Fact(label="A run may use", value=_run_limits(role.limits))
        yield Fact(label="A day may cost", value=_day_limit(role.limits))


def _deciders(requirement: Requirement, deciders: tuple[str, ...], view: CardView) -> str:
    people = count(requirement.quorum, "person", "people")
    return f"{people} with role {requirement.role} ({view.people(deciders)}), unless a rule says otherwise"


def _run_limits(limits: RunLimits) -> str:
    start = datetime(2000, 1, 1, tzinfo=UTC)
    wall = duration(start, start + timedelta(seconds=limits.wall_seconds))
    return f"{count(limits.max_steps, 'step')}, {format_usd(limits.max_cost_micros)}, {wall}"


def _day_limit(limits: RunLimits) -> str:
    return "no cap" if limits.max_day_cost_micros is None else format_usd(limits.max_day_cost_micros)


def _lane(role: Role) -> Iterator[Item]:
    if role.owns:
        yield Item(text="Owns", detail=", ".join(role.owns))
    if role.never:
        yield Item(text="Never touches", detail=", ".join(role.never))


def _tools(role: Role) -> Iterator[Item]:
    by_access = (("Reads", role.reads), ("Changes", role.writes), ("Sends out", role.sends))
    return (Item(text=word, detail=", ".join(tools)) for word, tools in by_access if tools)


def _actions(role: Role, view: CardView, revision: int) -> tuple[Action, ...]:
    if role.state is None:
        return ()
    actions: list[Action] = []
    if role.state is AgentState.PAUSED:
        actions.append(_button(role, "Resume", Verb.RESUME, revision, Style.PRIMARY))
    else:
        actions.append(_button(role, "Run now", Verb.RUN_NOW, revision, Style.PRIMARY))
        actions.append(_button(role, "Pause", Verb.PAUSE, revision, Style.PLAIN))
    if url := view.link("channels", role.agent_id):
        actions.append(LinkButton(label="Open in console", url=url))
    return tuple(actions)


def _button(role: Role, label: str, verb: Verb, revision: int, style: Style) -> Button:
    return Button(label=label, token=encode(verb, role.agent_id, revision), style=style, about=role.name)
