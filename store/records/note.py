"""A note: words from one agent, or a person, to an agent, who must acknowledge them."""

from datetime import datetime

from store.records.actor import Actor
from store.records.record import Record


class Note(Record):
    """One note to one agent. `due_at` is when it should be acknowledged by; None: whenever its reader next runs.

    `run_id` is the session that wrote it; None for a person. `tainted` says that this session had read what strangers
    wrote. `answer` is what the reader said to it, None when nothing. `escalated_at` is when somebody was told that
    nobody acknowledged it in time.
    """

    id: str
    to_agent: str
    sender: Actor
    text: str
    created_at: datetime
    due_at: datetime | None = None
    run_id: str | None = None
    tainted: bool = False
    acknowledged_at: datetime | None = None
    acknowledged_by: Actor | None = None
    answer: str | None = None
    escalated_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """True until it is acknowledged."""
        return self.acknowledged_at is None
