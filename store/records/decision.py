"""A decision: what was chosen about a subject, and who must know."""

from datetime import datetime
from enum import StrEnum

from store.records.actor import Actor
from store.records.record import Record


class DecisionStanding(StrEnum):
    """Whether a decision holds. A contested one stands beside another that says something else of its subject."""

    STANDS = "stands"
    CONTESTED = "contested"
    SUPERSEDED = "superseded"


class Acknowledgement(Record):
    """Somebody the decision affects has taken note of it. `who` is an agent's or a person's id."""

    decision_id: str
    who: str
    at: datetime


class Decision(Record):
    """One decision. `subject` is what it is about, `choice` what was chosen, `why` the reason given.

    `affects` are the agents and people who must acknowledge it. `run_id` is the session that recorded it, None for a
    person; `tainted` says that this session had read what strangers wrote. `supersedes` is the decision it replaced,
    `superseded_by` the one that replaced it.
    """

    id: str
    subject: str
    subject_key: str
    choice: str
    why: str = ""
    decided_by: Actor
    decided_at: datetime
    affects: tuple[str, ...] = ()
    standing: DecisionStanding = DecisionStanding.STANDS
    supersedes: str | None = None
    superseded_by: str | None = None
    run_id: str | None = None
    agent_id: str | None = None
    tainted: bool = False
    revision: int = 1
