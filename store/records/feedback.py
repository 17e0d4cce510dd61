"""What people thought of what an agent delivered."""

from datetime import datetime
from enum import StrEnum

from store.records.record import Record


class FeedbackVerdict(StrEnum):
    """A person's judgement of one card."""

    USEFUL = "useful"
    NOT_USEFUL = "not_useful"


class Feedback(Record):
    """One person's verdict on one card; the last one stands.

    `card_key` names the record ("digest:…"), whichever message shows it. `words` are the person's own, None when they
    added none. `agent_id` is whose work it was.
    """

    card_key: str
    person_id: str
    agent_id: str
    record_id: str
    verdict: FeedbackVerdict
    words: str | None = None
    surface: str
    at: datetime
