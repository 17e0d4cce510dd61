"""Lane roles: an agent may answer, from a surface with roles of its own, to holders of one of those alone.

Asked whenever somebody acts on an agent. Only looking is open to all of the team, and what asks for a role of the
team's, an approver's decision or a change of the workspace, asks for that one.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from agents.roster import Person, Team
from blocks.cards.feedback import read_subject
from blocks.cards.marks import read_figure
from blocks.tokens import Verb
from blocks.words import place
from bot.inbound.desk import Desk, Pressed
from bot.inbound.request_forms import AGENT
from bot.starts import agent_named, work_named
from bot.surfaces.base import InboundEvent
from store.kernel.errors import Refused
from store.queries import findings, incidents, marks, runs, tasks
from store.queries.decisions import decision
from store.queries.notes import note
from store.queries.topics import proposal
from store.records import UNDO_OF, CardKind, OutputKind

LANE = "lane.role"
"""The rule by which somebody without the lane role is refused."""


def require_lane(team: Team, acting: Person | None, event: InboundEvent, agent_id: str | None) -> None:
    """Raises Refused (rule `lane.role`) for whoever is not let in to an agent that has a lane role where they act.

    Let in are holders of the lane role, and people acting in a role of the team's that is bound there. `acting` None is
    somebody who is not of the team; `agent_id` None concerns no agent.
    """
    lane = team.lane_roles(event.surface).get(agent_id or "")
    if agent_id is None or lane is None or lane in event.held_roles:
        return
    if acting is not None and not acting.roles.isdisjoint(team.bound_roles(event.surface)):
        return
    name = team.agents[agent_id].name if agent_id in team.agents else agent_id
    who = f"the role with the ID {lane}, or one that a role of yours in the team is bound to"
    raise Refused(f"{name} answers {place(event.surface)} only to holders of {who}. Nothing was done.", LANE)


def require_lane_of(desk: Desk, pressed: Pressed) -> None:
    """The same for a press, by the agent that it acts on. Raises NotFound for a record that is gone."""
    if desk.team.lane_roles(pressed.event.surface):
        require_lane(desk.team, pressed.person, pressed.event, acted_on(desk, pressed))


def acted_on(desk: Desk, pressed: Pressed) -> str | None:
    """The agent on which a press acts; None when it acts on none, or asks for a role of the team's own."""
    find = ACTS_ON.get(pressed.press.verb)
    return None if find is None else find(desk, pressed)


def _run(desk: Desk, pressed: Pressed) -> str | None:
    return runs.run(desk.store, pressed.press.record_id).agent_id


def _again(desk: Desk, pressed: Pressed) -> str | None:
    """To take a call back once more asks for the role that decides it, as the first time did."""
    run = runs.run(desk.store, pressed.press.record_id)
    return None if UNDO_OF in run.trigger.input else run.agent_id


def _rerun(desk: Desk, pressed: Pressed) -> str | None:
    return runs.run(desk.store, pressed.press.record_id.partition("/")[2]).agent_id


def _work(desk: Desk, pressed: Pressed) -> str | None:
    return work_named(desk.team, pressed.press.record_id)[0].id


def _agent(desk: Desk, pressed: Pressed) -> str | None:
    return agent_named(desk.team, pressed.press.record_id).id


def _asked(desk: Desk, pressed: Pressed) -> str | None:
    """The agent that was chosen in the form, or that the form was opened for."""
    chosen = pressed.field(AGENT) or pressed.press.record_id.partition("/")[2]
    return agent_named(desk.team, chosen).id if chosen else None


def _alert(desk: Desk, pressed: Pressed) -> str | None:
    return findings.alert(desk.store, pressed.press.record_id.partition("/")[0]).agent_id


def _task(desk: Desk, pressed: Pressed) -> str | None:
    return tasks.task(desk.store, pressed.press.record_id.partition("/")[0]).agent_id


def _incident(desk: Desk, pressed: Pressed) -> str | None:
    return incidents.incident(desk.store, pressed.press.record_id).agent_id


def _decision(desk: Desk, pressed: Pressed) -> str | None:
    return decision(desk.store, pressed.press.record_id).agent_id


def _proposal(desk: Desk, pressed: Pressed) -> str | None:
    return proposal(desk.store, pressed.press.record_id).agent_id


def _note(desk: Desk, pressed: Pressed) -> str | None:
    return note(desk.store, pressed.press.record_id).to_agent


def _judged(desk: Desk, pressed: Pressed) -> str | None:
    subject = read_subject(pressed.press.record_id)
    return None if subject is None else _AUTHORS[subject[0].value](desk, subject[1])


def _figure(desk: Desk, pressed: Pressed) -> str | None:
    subject = read_figure(pressed.press.record_id)
    return None if subject is None else _AUTHORS[subject[0].value](desk, subject[1])


def _mark(desk: Desk, pressed: Pressed) -> str | None:
    known = marks.mark(desk.store, pressed.press.record_id)
    return _AUTHORS[known.output_kind.value](desk, known.output_id)


_AUTHORS: Mapping[str, Callable[[Desk, str], str | None]] = MappingProxyType(
    {
        CardKind.RUN.value: lambda desk, record_id: runs.run(desk.store, record_id).agent_id,
        OutputKind.DIGEST.value: lambda desk, record_id: findings.digest(desk.store, record_id).agent_id,
        OutputKind.ALERT.value: lambda desk, record_id: findings.alert(desk.store, record_id).agent_id,
        OutputKind.TASK.value: lambda desk, record_id: tasks.task(desk.store, record_id).agent_id,
        OutputKind.DECISION.value: lambda desk, record_id: decision(desk.store, record_id).agent_id,
    }
)
"""Whose work a card or a figure shows."""

ACTS_ON: Mapping[Verb, Callable[[Desk, Pressed], str | None]] = MappingProxyType(
    {
        Verb.STOP: _run,
        Verb.RUN_NOW: _work,
        Verb.RETRY: _again,
        Verb.RERUN: _rerun,
        Verb.PAUSE: _agent,
        Verb.RESUME: _agent,
        Verb.ASK: _asked,
        Verb.ACKNOWLEDGE: _alert,
        Verb.SNOOZE: _alert,
        Verb.FALSE_ALARM: _alert,
        Verb.INVESTIGATE: _alert,
        Verb.CLOSE_INCIDENT: _incident,
        Verb.TASK_START: _task,
        Verb.TASK_BLOCK: _task,
        Verb.TASK_DONE: _task,
        Verb.TASK_DROP: _task,
        Verb.TASK_REOPEN: _task,
        Verb.TASK_ASSIGN: _task,
        Verb.TASK_TAKE: _task,
        Verb.DECISION_ACKNOWLEDGE: _decision,
        Verb.DECISION_UPHOLD: _decision,
        Verb.DECISION_SUPERSEDE: _decision,
        Verb.PROPOSAL_ACCEPT: _proposal,
        Verb.PROPOSAL_DECLINE: _proposal,
        Verb.NOTE_ACKNOWLEDGE: _note,
        Verb.USEFUL: _judged,
        Verb.NOT_USEFUL: _judged,
        Verb.WRONG: _figure,
        Verb.WITHDRAW_WRONG: _mark,
    }
)
"""Where to look for the agent on which a press acts."""

OPEN = frozenset(
    {
        *(Verb.APPROVE, Verb.REJECT, Verb.EDIT, Verb.UNDO, Verb.PAUSE_ALL, Verb.RESUME_ALL, Verb.HIRE, Verb.ADD_RULE),
        *(Verb.SHOW_HOME, Verb.SHOW_ALL, Verb.WHY, Verb.AUDITION, Verb.ALLOW_LIKE, Verb.TRY),
        *(Verb.MAKE_TASK, Verb.MAKE_DECISION),
    }
)
"""The other verbs: what asks for a role of the team's own; what only looks; and what may concern no agent, where an
agent that is given something is asked about when it is known."""
