"""The buttons that belong to the console's own rows; each is the same press as the button of a card."""

from dataclasses import dataclass

from blocks.elements import Button, Confirm, Style
from blocks.tokens import Verb, encode
from store.records import AgentState, AgentView, Run, RunState, Schedule

ANY_REVISION = 0
"""These buttons say which way, not "toggle", and the record decides: no revision could have been missed."""

_STOP = Confirm(
    title="Stop this run?",
    text="Finished steps are kept. The step in progress is cancelled where its tool allows it.",
    verb="Stop run",
    back="Keep running",
)
_ENDED_BADLY = frozenset({RunState.FAILED, RunState.TIMED_OUT, RunState.CANCELLED, RunState.NEEDS_ATTENTION})


@dataclass(frozen=True)
class CommandButton:
    """A button that sends one line of the command table. `about` names its object for those who cannot see the row."""

    label: str
    text: str
    about: str


def agent_actions(agent: AgentView) -> tuple[Button, ...]:
    """Stop while something is under way; then Run now and Pause, or Resume while paused."""
    if agent.state is AgentState.PAUSED:
        return (*_stop_current(agent), _button("Resume", Verb.RESUME, agent.agent_id, agent.name))
    run_now = _button("Run now", Verb.RUN_NOW, agent.agent_id, agent.name)
    return (*_stop_current(agent), run_now, _button("Pause", Verb.PAUSE, agent.agent_id, agent.name))


def run_actions(run: Run, agent_name: str) -> tuple[Button, ...]:
    """Stop while the run is under way and nobody asked for it yet; Run again once it ended without success."""
    if not run.state.is_final and run.stop_requested_by is None:
        return (_stop(run.id, agent_name),)
    return (_button("Run again", Verb.RETRY, run.id, agent_name),) if run.state in _ENDED_BADLY else ()


def run_schedule_now(schedule: Schedule) -> Button:
    """Does now what the schedule does when it is due."""
    return _button("Run now", Verb.RUN_NOW, schedule.id, schedule.id)


def switch_schedule(schedule: Schedule) -> CommandButton:
    """Pause, or Resume while paused: this schedule alone, not its agent."""
    verb = "resume" if schedule.paused else "pause"
    return CommandButton(verb.capitalize(), f"{verb} {schedule.id}", schedule.id)


def _stop_current(agent: AgentView) -> tuple[Button, ...]:
    run = agent.current
    return () if run is None or run.stop_requested_by is not None else (_stop(run.id, agent.name),)


def _stop(run_id: str, agent_name: str) -> Button:
    token = encode(Verb.STOP, run_id, ANY_REVISION)
    return Button(label="Stop", token=token, style=Style.DANGER, confirm=_STOP, about=f"the run of {agent_name}")


def _button(label: str, verb: Verb, record_id: str, about: str) -> Button:
    return Button(label=label, token=encode(verb, record_id, ANY_REVISION), about=about)
