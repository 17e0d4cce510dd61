"""A topic: what is known about one thing, kept by one writer, version by version."""

from datetime import datetime
from enum import StrEnum

from store.records.actor import Actor
from store.records.record import Record


class TopicVersion(Record):
    """What a topic said from one moment on. `number` counts from 1; `written_by` is who answers for the words.

    `proposal_id` is the proposal it came from, `run_id` the session that wrote it; each None where there is none.
    """

    topic: str
    number: int
    text: str
    why: str = ""
    written_by: Actor
    written_at: datetime
    run_id: str | None = None
    proposal_id: str | None = None


class ProposalState(StrEnum):
    """Where a proposal stands. A quarantined one may hold a stranger's words: only a person may accept it."""

    OPEN = "open"
    QUARANTINED = "quarantined"
    ACCEPTED = "accepted"
    DECLINED = "declined"

    @property
    def is_waiting(self) -> bool:
        """True until somebody has decided."""
        return self in (ProposalState.OPEN, ProposalState.QUARANTINED)


class Proposal(Record):
    """A new text for a topic that its writer, or a person, has yet to accept. `agent_id` is the topic's writer.

    `based_on` is the version it was written against, 0 for none. `reason` is why it was accepted or declined.
    """

    id: str
    topic: str
    agent_id: str
    text: str
    why: str
    proposed_by: Actor
    proposed_at: datetime
    based_on: int
    run_id: str | None = None
    state: ProposalState = ProposalState.OPEN
    reason: str | None = None
    decided_by: Actor | None = None
    decided_at: datetime | None = None
    revision: int = 1
