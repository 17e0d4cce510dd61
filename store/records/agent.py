"""The part of an agent that changes while the team runs; its definition lives in the workspace."""

from datetime import datetime
from enum import StrEnum

from store.records.record import Record


class AgentState(StrEnum):
    """Whether new runs of the agent may start."""

    ACTIVE = "active"
    PAUSED = "paused"


class AgentStatus(Record):
    """One agent's switch. While paused its due times are recorded as skipped and no run starts.

    `changed_by` is the id of the person who last switched it; None when nobody has.
    """

    agent_id: str
    state: AgentState
    changed_at: datetime
    changed_by: str | None = None
    reason: str | None = None
