"""Free text to the app: a command, a run that everybody sees, a reply to a run, or an offer of forms. Never a chat."""

import re
from collections.abc import Iterable

from agents.roster import AgentSpec, Person
from bot.delivery.channels import channel_spec
from bot.inbound.commands import COMMANDS, command
from bot.inbound.desk import Desk
from bot.inbound.intake import NOT_OF_THE_TEAM, STRANGER
from bot.inbound.lane_roles import require_lane
from bot.inbound.origins import origin_of
from bot.inbound.replies import answered_card, reply
from bot.inbound.request_forms import AGENT, ask_form, offer, task_form
from bot.inbound.requests import started, with_request
from bot.starts import start_run, usual_input
from bot.surfaces.base import ADDRESSED, MENTIONED, Answer, InboundEvent, Shortcut
from store.kernel.errors import Refused
from store.queries import cards
from store.records import Actor, ActorKind, Request, TriggerKind

_ID = re.compile(r"[a-z]+_[a-z2-7]{16}|[a-z]+:\S+")


def concerns_us(desk: Desk, event: InboundEvent) -> bool:
    """True when a message is meant for the app: said to it, or written under a card of its own."""
    return ADDRESSED in event.payload or answered_card(desk, event) is not None


def hear(desk: Desk, event: InboundEvent, person: Person) -> Answer:
    """What a message of one of the team's people does."""
    if ADDRESSED in event.payload and is_order(event.text, _names(desk)):
        return command(desk, event, person)
    if answered_card(desk, event) is not None:
        return reply(desk, event, person)
    here = agents_here(desk, event)
    agent, words = agent_addressed(desk.team.agents.values(), event.text)
    if agent is None and len(here) == 1:
        agent, words = here[0], event.text
    return offer(desk, origin_of(desk, event), here) if agent is None else _start(desk, event, person, agent, words)


def hear_visitor(desk: Desk, event: InboundEvent) -> Answer:
    """What a message of somebody of the workspace who is not of the team does: it may answer a run, and nothing else.

    Raises Refused (rule `intake.stranger`).
    """
    if answered_card(desk, event) is None:
        raise Refused(NOT_OF_THE_TEAM, STRANGER)
    return reply(desk, event, None)


def open_shortcut(desk: Desk, event: InboundEvent, _person: Person) -> Answer:
    """The form that a shortcut of the platform's menus opens; an agent that was named with it is chosen already."""
    origin = origin_of(desk, event)
    if event.text == Shortcut.MAKE_TASK:
        return Answer(form=task_form(desk, origin))
    return Answer(form=ask_form(desk, origin, desk.presenter.agent_id(event.fields.get(AGENT, ""))))


def is_order(text: str, names: Iterable[str]) -> bool:
    """True when the text is a command and not a sentence that happens to begin like one.

    A command that takes nothing stands alone; another is followed by nothing, by one word, or by something's name.
    """
    first, _, rest = text.strip().partition(" ")
    entry = COMMANDS.get(first.lower())
    if not text.strip():
        return True
    if entry is None:
        return False
    rest = rest.strip()
    if not rest or not entry.usage:
        return not rest
    return " " not in rest or rest.lower() in {name.lower() for name in names} or _ID.fullmatch(rest) is not None


def agent_addressed(agents: Iterable[AgentSpec], text: str) -> tuple[AgentSpec | None, str]:
    """The agent whose name or id the text begins with, and what is said to it; the longest name wins."""
    found = [(len(name), agent) for agent in agents for name in (agent.id, agent.name) if _begins(text, name)]
    if not found:
        return None, text
    length, agent = max(found, key=lambda one: one[0])
    return agent, text.strip()[length:].lstrip(" ,:;–-").strip()


def _begins(text: str, name: str) -> bool:
    return re.match(rf"{re.escape(name)}(?![\w-])", text.strip(), re.IGNORECASE) is not None


def agents_here(desk: Desk, event: InboundEvent) -> tuple[AgentSpec, ...]:
    """The agents whose channel the message was written in; none where the app was not mentioned."""
    channel = event.payload.get("channel")
    if event.payload.get(ADDRESSED) != MENTIONED or channel is None:
        return ()
    known = cards.known_channels(desk.store, event.surface)
    team = desk.team
    return tuple(
        agent
        for agent in team.agents.values()
        if known.get(channel_spec(team, event.surface, agent.id).name) == channel
    )


def _names(desk: Desk) -> tuple[str, ...]:
    agents = desk.team.agents.values()
    schedules = (schedule.id for schedule in desk.team.schedules)
    return (*(agent.id for agent in agents), *(agent.name for agent in agents), *schedules)


def _start(desk: Desk, event: InboundEvent, person: Person, agent: AgentSpec, words: str) -> Answer:
    require_lane(desk.team, person, event, agent.id)
    run = start_run(
        desk.store,
        desk.team,
        agent,
        kind=TriggerKind.MESSAGE,
        key=f"{event.surface}:{event.key}",
        by=Actor(kind=ActorKind.PERSON, id=person.id, surface=event.surface),
        what=with_request(usual_input(desk.team, agent), Request(text=words)),
        tainted=True,  # what is pasted into a chat need not be its author's own words
    )
    return Answer(card=started(desk, agent, run))
