"""One word and one sign for every state, the same on every card and every surface."""

from blocks.elements import StepMark, Tone
from store.records import (
    AgentState,
    AlertState,
    ApprovalState,
    DecisionStanding,
    IncidentState,
    Outcome,
    ProposalState,
    RunState,
    StepState,
    TaskState,
    Undo,
    UndoState,
)

TONE_SIGN = {
    Tone.NEUTRAL: "○",
    Tone.GOOD: "✔",
    Tone.WARNING: "▲",
    Tone.BAD: "✖",
    Tone.WAITING: "◆",
}
"""Shapes that differ without colour."""

TONE_EMOJI = {
    Tone.NEUTRAL: "⚪",
    Tone.GOOD: "✅",
    Tone.WARNING: "⚠️",
    Tone.BAD: "❌",
    Tone.WAITING: "✋",
}
"""The same shapes where chat readers expect emoji."""

TONE_WORD = {
    Tone.NEUTRAL: "Note",
    Tone.GOOD: "Done",
    Tone.WARNING: "Careful",
    Tone.BAD: "Problem",
    Tone.WAITING: "Waiting",
}
"""What a tone says where a card has no state of its own."""

STEP_SIGN = {
    StepMark.WAITING: "◆",
    StepMark.RUNNING: "▶",
    StepMark.DONE: "✔",
    StepMark.FAILED: "✖",
    StepMark.REFUSED: "⊘",
    StepMark.UNKNOWN: "?",
}

STEP_EMOJI = {
    StepMark.WAITING: "✋",
    StepMark.RUNNING: "⏳",
    StepMark.DONE: "✅",
    StepMark.FAILED: "❌",
    StepMark.REFUSED: "🚫",
    StepMark.UNKNOWN: "❓",
}
"""The same where signs become emoji by themselves: some of those are dark on dark."""

RUN_WORD = {
    RunState.QUEUED: "Queued",
    RunState.RUNNING: "Running",
    RunState.WAITING: "Waiting",
    RunState.DONE: "Done",
    RunState.NEEDS_ATTENTION: "Needs attention",
    RunState.FAILED: "Failed",
    RunState.CANCELLED: "Stopped",
    RunState.TIMED_OUT: "Timed out",
}

RUN_TONE = {
    RunState.QUEUED: Tone.NEUTRAL,
    RunState.RUNNING: Tone.NEUTRAL,
    RunState.WAITING: Tone.WAITING,
    RunState.DONE: Tone.GOOD,
    RunState.NEEDS_ATTENTION: Tone.WARNING,
    RunState.FAILED: Tone.BAD,
    RunState.CANCELLED: Tone.NEUTRAL,
    RunState.TIMED_OUT: Tone.BAD,
}

STEP_MARK = {
    StepState.WAITING: StepMark.WAITING,
    StepState.STARTED: StepMark.RUNNING,
    StepState.DONE: StepMark.DONE,
    StepState.FAILED: StepMark.FAILED,
    StepState.REFUSED: StepMark.REFUSED,
    StepState.UNKNOWN: StepMark.UNKNOWN,
}

STEP_WORD = {
    StepState.WAITING: "waiting for a decision",
    StepState.STARTED: "running",
    StepState.DONE: "done",
    StepState.FAILED: "failed",
    StepState.REFUSED: "refused",
    StepState.UNKNOWN: "outcome unknown",
}

STEP_CUT_OFF = "not finished"
"""What is said of a step in progress once its run has ended."""

APPROVAL_WORD = {
    ApprovalState.OPEN: "Approval needed",
    ApprovalState.APPROVED: "Approved",
    ApprovalState.REJECTED: "Rejected",
    ApprovalState.EXPIRED: "Expired",
    ApprovalState.SUPERSEDED: "Edited",
    ApprovalState.WITHDRAWN: "Withdrawn",
    ApprovalState.EXECUTING: "Executing",
    ApprovalState.EXECUTED: "Executed",
    ApprovalState.FAILED: "Execution failed",
    ApprovalState.LAPSED: "Lapsed",
    ApprovalState.REFUSED: "Refused",
    ApprovalState.UNKNOWN: "Outcome unknown",
}

APPROVAL_TONE = {
    ApprovalState.OPEN: Tone.WAITING,
    ApprovalState.APPROVED: Tone.GOOD,
    ApprovalState.REJECTED: Tone.NEUTRAL,
    ApprovalState.EXPIRED: Tone.WARNING,
    ApprovalState.SUPERSEDED: Tone.NEUTRAL,
    ApprovalState.WITHDRAWN: Tone.NEUTRAL,
    ApprovalState.EXECUTING: Tone.NEUTRAL,
    ApprovalState.EXECUTED: Tone.GOOD,
    ApprovalState.FAILED: Tone.BAD,
    ApprovalState.LAPSED: Tone.WARNING,
    ApprovalState.REFUSED: Tone.BAD,
    ApprovalState.UNKNOWN: Tone.BAD,
}

UNDO_WORD = {
    UndoState.WORKING: "Being taken back",
    UndoState.UNDONE: "Undone",
    UndoState.NOTHING: "Executed",
    UndoState.FAILED: "Not taken back",
}
"""How an executed call stands that somebody asked to take back."""

UNDO_TONE = {
    UndoState.WORKING: Tone.NEUTRAL,
    UndoState.UNDONE: Tone.NEUTRAL,
    UndoState.NOTHING: Tone.GOOD,
    UndoState.FAILED: Tone.BAD,
}


def approval_word(state: ApprovalState, undo: Undo | None) -> str:
    """How an approval stands, in a word or two; what became of its call comes before that it was made."""
    return APPROVAL_WORD[state] if undo is None else UNDO_WORD[undo.state]


def approval_tone(state: ApprovalState, undo: Undo | None) -> Tone:
    """How an approval stands, as a tone."""
    return APPROVAL_TONE[state] if undo is None else UNDO_TONE[undo.state]


ALERT_WORD = {
    AlertState.OPEN: "Alert",
    AlertState.ACKNOWLEDGED: "Acknowledged",
    AlertState.SNOOZED: "Snoozed",
    AlertState.QUIET: "Kept quiet",
    AlertState.CLEARED: "Cleared",
}

FALSE_ALARM_WORD = "False alarm"
"""How a cleared alert stands that a person closed."""

ALERT_TONE = {
    AlertState.OPEN: Tone.BAD,
    AlertState.ACKNOWLEDGED: Tone.WARNING,
    AlertState.SNOOZED: Tone.NEUTRAL,
    AlertState.QUIET: Tone.NEUTRAL,
    AlertState.CLEARED: Tone.GOOD,
}

INCIDENT_WORD = {IncidentState.OPEN: "Incident", IncidentState.CLOSED: "Closed"}

INCIDENT_TONE = {IncidentState.OPEN: Tone.BAD, IncidentState.CLOSED: Tone.GOOD}

ROLE_WORD = {AgentState.ACTIVE: "On duty", AgentState.PAUSED: "Paused", None: "Retired"}
"""By the agent's switch; None is an agent the team no longer has."""

ROLE_TONE = {AgentState.ACTIVE: Tone.GOOD, AgentState.PAUSED: Tone.WARNING, None: Tone.NEUTRAL}

TASK_WORD = {
    TaskState.OPEN: "Open task",
    TaskState.IN_PROGRESS: "In progress",
    TaskState.BLOCKED: "Blocked",
    TaskState.DONE: "Done",
    TaskState.DROPPED: "Dropped",
}

TASK_TONE = {
    TaskState.OPEN: Tone.WAITING,
    TaskState.IN_PROGRESS: Tone.NEUTRAL,
    TaskState.BLOCKED: Tone.WARNING,
    TaskState.DONE: Tone.GOOD,
    TaskState.DROPPED: Tone.NEUTRAL,
}

DECISION_WORD = {
    DecisionStanding.STANDS: "Decided",
    DecisionStanding.CONTESTED: "Contested",
    DecisionStanding.SUPERSEDED: "Superseded",
}

DECISION_TONE = {
    DecisionStanding.STANDS: Tone.GOOD,
    DecisionStanding.CONTESTED: Tone.WARNING,
    DecisionStanding.SUPERSEDED: Tone.NEUTRAL,
}

PROPOSAL_WORD = {
    ProposalState.OPEN: "Proposed",
    ProposalState.QUARANTINED: "In quarantine",
    ProposalState.ACCEPTED: "Accepted",
    ProposalState.DECLINED: "Declined",
}

PROPOSAL_TONE = {
    ProposalState.OPEN: Tone.NEUTRAL,
    ProposalState.QUARANTINED: Tone.WAITING,
    ProposalState.ACCEPTED: Tone.GOOD,
    ProposalState.DECLINED: Tone.NEUTRAL,
}

OUTCOME_WORD = {
    Outcome.PENDING: "pending",
    Outcome.RAN: "ran",
    Outcome.LATE: "ran late",
    Outcome.SKIPPED: "skipped",
    Outcome.MISSED: "missed",
    Outcome.UNKNOWN: "unknown",
}

_PLACE = {
    "slack": "on Slack",
    "discord": "on Discord",
    "console": "in the console",
    "cli": "on the command line",
}

FIGURE_OK = "ok"
"""The status of a figure that asks for nothing; any other status is said beside the figure."""


def place(surface: str) -> str:
    """Where somebody acted, as a sentence says it."""
    return _PLACE.get(surface, f"on {surface}")
