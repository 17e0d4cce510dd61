"""How long what is kept is kept."""

from datetime import datetime, timedelta

from pydantic import Field

from store.records.record import Record


class Retention(Record):
    """Ages after which things are forgotten. The audit trail is never shortened.

    `content_days`: the words of others and of models, and files that were given. `records_days`: what ended runs did,
    their cards, due times, findings (13 months). `approvals_days`: who decided what, and the exact calls (6 years).
    """

    content_days: int = 30
    records_days: int = 396
    approvals_days: int = 2_192

    def cutoffs(self, now: datetime) -> "Cutoffs":
        """What is older than these moments is forgotten."""
        return Cutoffs(
            content=now - timedelta(days=self.content_days),
            records=now - timedelta(days=self.records_days),
            approvals=now - timedelta(days=self.approvals_days),
        )


class Cutoffs(Record):
    """The moments before which content, records and approvals are forgotten."""

    content: datetime
    records: datetime
    approvals: datetime


class Swept(Record):
    """How much a sweep forgot, or would forget: each kind by what it is called in words, zeros left out."""

    counts: dict[str, int] = Field(default_factory=dict)

    @property
    def total(self) -> int:
        """Rows and files together."""
        return sum(self.counts.values())
