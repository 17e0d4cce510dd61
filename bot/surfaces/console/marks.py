"""How a state looks: its word, its shape and its tone, always together, so that colour is never the only sign."""

from datetime import datetime
from typing import NamedTuple

from blocks.elements import Tone
from blocks.words import (
    ALERT_TONE,
    ALERT_WORD,
    DECISION_TONE,
    DECISION_WORD,
    OUTCOME_WORD,
    RUN_TONE,
    RUN_WORD,
    STEP_WORD,
    TASK_TONE,
    TASK_WORD,
    approval_tone,
    approval_word,
)
from store.records import (
    AgentState,
    AgentView,
    AlertState,
    ApprovalState,
    DecisionStanding,
    Outcome,
    RunState,
    StepState,
    Task,
    TaskState,
    Undo,
)


class Mark(NamedTuple):
    """A state as a reader meets it; `icon` names a shape of the sprite (static/icons.svg)."""

    word: str
    icon: str
    tone: Tone


IDLE = Mark("Idle", "idle", Tone.NEUTRAL)
PAUSED = Mark("Paused", "paused", Tone.WARNING)
INCIDENT = Mark("Incident", "problem", Tone.BAD)
OVERDUE = Mark("Overdue", "clock", Tone.BAD)
BLOCKED = Mark("Blocked", "stopped", Tone.WARNING)
UNOWNED = Mark("Nobody's", "unknown", Tone.WARNING)
NEVER = Mark("None yet", "idle", Tone.NEUTRAL)

_RUN_ICON = {
    RunState.QUEUED: "clock",
    RunState.RUNNING: "running",
    RunState.WAITING: "waiting",
    RunState.DONE: "done",
    RunState.NEEDS_ATTENTION: "warning",
    RunState.FAILED: "problem",
    RunState.CANCELLED: "stopped",
    RunState.TIMED_OUT: "problem",
}

_STEP_ICON = {
    StepState.WAITING: "waiting",
    StepState.STARTED: "running",
    StepState.DONE: "done",
    StepState.FAILED: "problem",
    StepState.REFUSED: "refused",
    StepState.UNKNOWN: "unknown",
}

_STEP_TONE = {
    StepState.WAITING: Tone.WAITING,
    StepState.STARTED: Tone.NEUTRAL,
    StepState.DONE: Tone.GOOD,
    StepState.FAILED: Tone.BAD,
    StepState.REFUSED: Tone.WARNING,
    StepState.UNKNOWN: Tone.BAD,
}

_OUTCOME_ICON = {
    Outcome.PENDING: "clock",
    Outcome.RAN: "done",
    Outcome.LATE: "late",
    Outcome.SKIPPED: "skipped",
    Outcome.MISSED: "problem",
    Outcome.UNKNOWN: "unknown",
}

_OUTCOME_TONE = {
    Outcome.PENDING: Tone.NEUTRAL,
    Outcome.RAN: Tone.GOOD,
    Outcome.LATE: Tone.WARNING,
    Outcome.SKIPPED: Tone.NEUTRAL,
    Outcome.MISSED: Tone.BAD,
    Outcome.UNKNOWN: Tone.BAD,
}

_TASK_ICON = {
    TaskState.OPEN: "idle",
    TaskState.IN_PROGRESS: "running",
    TaskState.BLOCKED: "stopped",
    TaskState.DONE: "done",
    TaskState.DROPPED: "skipped",
}

_TONE_ICON = {
    Tone.NEUTRAL: "idle",
    Tone.GOOD: "done",
    Tone.WARNING: "warning",
    Tone.BAD: "problem",
    Tone.WAITING: "waiting",
}


def run_mark(state: RunState) -> Mark:
    """A run's state."""
    return Mark(RUN_WORD[state], _RUN_ICON[state], RUN_TONE[state])


def agent_mark(agent: AgentView) -> Mark:
    """What an agent is doing; paused shows only while nothing of it is under way any more."""
    if agent.current is not None:
        return run_mark(agent.current.state)
    return PAUSED if agent.state is AgentState.PAUSED else IDLE


def step_mark(state: StepState) -> Mark:
    """A step's state."""
    return Mark(STEP_WORD[state].capitalize(), _STEP_ICON[state], _STEP_TONE[state])


def approval_mark(state: ApprovalState, undo: Undo | None = None) -> Mark:
    """An approval's state, and whether its call was taken back."""
    tone = approval_tone(state, undo)
    return Mark(approval_word(state, undo), _TONE_ICON[tone], tone)


def alert_mark(state: AlertState) -> Mark:
    """An alert's state."""
    tone = ALERT_TONE[state]
    return Mark(ALERT_WORD[state], "done" if tone is Tone.GOOD else "bell", tone)


def task_mark(task: Task, now: datetime) -> Mark:
    """Where a task stands; overdue is said before anything else."""
    if task.is_overdue(now):
        return Mark(f"{TASK_WORD[task.state]}, overdue", "clock", Tone.BAD)
    return Mark(TASK_WORD[task.state], _TASK_ICON[task.state], TASK_TONE[task.state])


def decision_mark(standing: DecisionStanding) -> Mark:
    """Whether a decision stands."""
    tone = DECISION_TONE[standing]
    return Mark(DECISION_WORD[standing], _TONE_ICON[tone], tone)


def outcome_mark(outcome: Outcome) -> Mark:
    """How a due time ended."""
    return Mark(OUTCOME_WORD[outcome].capitalize(), _OUTCOME_ICON[outcome], _OUTCOME_TONE[outcome])
