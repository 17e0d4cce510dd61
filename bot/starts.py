"""Starting a run because somebody or something asked: buttons, commands, webhooks, the start of the process."""

import contextlib

from agents.roster import AgentSpec, ScheduleSpec, Team
from store.actions.runs import request_run
from store.handle import Store
from store.kernel.canonical import JsonObject
from store.kernel.errors import Refused, UserMistake
from store.records import Actor, ActorKind, Run, Trigger, TriggerKind


def agent_named(team: Team, name: str) -> AgentSpec:
    """The agent of this id or display name. Raises UserMistake that names the agents there are."""
    wanted = name.strip().lower()
    for agent in team.agents.values():
        if wanted in (agent.id.lower(), agent.name.lower()):
            return agent
    raise UserMistake(f"There is no agent {name.strip()!r}.", f"The agents are {', '.join(team.agents)}.")


def work_named(team: Team, name: str) -> tuple[AgentSpec, JsonObject]:
    """The agent to run and the input to give it: an agent does what its first schedule does, a schedule does its own.

    Raises UserMistake that names what there is.
    """
    schedule = next((each for each in team.schedules if each.id == name.strip()), None)
    if schedule is not None:
        return team.agents[schedule.agent], dict(schedule.input)
    agent = agent_named(team, name)
    return agent, usual_input(team, agent)


def start_run(
    store: Store,
    team: Team,
    agent: AgentSpec,
    *,
    kind: TriggerKind,
    key: str,
    by: Actor,
    what: JsonObject,
    tainted: bool = False,
) -> Run:
    """Requests a run of the agent; `key` makes a repetition return the same run. Raises Refused while it is paused.

    `tainted` says that `what` holds text which nobody of the team answers for.
    """
    trigger = Trigger(kind=kind, key=key, initiator=by, input=what)
    limits, digest = agent.limits, team.digest
    return request_run(
        store, agent_id=agent.id, trigger=trigger, limits=limits, workspace_digest=digest, tainted=tainted
    )


def start_at_boot(store: Store, team: Team) -> None:
    """Requests the runs that schedules want whenever the team starts, one for each start."""
    boot_key = store.clock.now().isoformat()
    for schedule in team.schedules:
        if schedule.on_start:
            with contextlib.suppress(Refused):  # a paused agent is not started; its pause is on record already
                _start_once(store, team, schedule, boot_key)


def _start_once(store: Store, team: Team, schedule: ScheduleSpec, boot_key: str) -> Run:
    agent = team.agents[schedule.agent]
    trigger = Trigger(
        kind=TriggerKind.START,
        key=f"start:{schedule.id}:{boot_key}",
        initiator=Actor(kind=ActorKind.SYSTEM, id="start"),
        input=dict(schedule.input),
        schedule_id=schedule.id,
    )
    return request_run(store, agent_id=agent.id, trigger=trigger, limits=agent.limits, workspace_digest=team.digest)


def start_by_webhook(store: Store, team: Team, hook_id: str, key: str, payload: JsonObject) -> Run:
    """Requests the run that a signed webhook asks for. Raises UserMistake for a webhook the workspace does not have."""
    hook = next((each for each in team.webhooks if each.id == hook_id), None)
    if hook is None:
        raise UserMistake(f"The workspace has no webhook {hook_id!r}.")
    by = Actor(kind=ActorKind.SYSTEM, id=f"webhook {hook_id}", surface="webhook")
    agent = team.agents[hook.agent]
    what: JsonObject = {**usual_input(team, agent), "webhook": payload}
    return start_run(store, team, agent, kind=TriggerKind.WEBHOOK, key=f"hook:{key}", by=by, what=what)


def usual_input(team: Team, agent: AgentSpec) -> JsonObject:
    """The input of the agent's first schedule; empty when it has none."""
    schedules = team.schedules_of(agent.id)
    return dict(schedules[0].input) if schedules else {}
