"""What people wrote to a run while it was under way."""

from datetime import datetime

from store.records.record import Record


class Author(Record):
    """Who wrote it, where: `account` by the surface's own id. `person_id` None: nobody of the team."""

    surface: str
    account: str
    person_id: str | None = None

    @property
    def trusted(self) -> bool:
        """True for one of the team's people; anybody else's words are a stranger's."""
        return self.person_id is not None


class RunMessage(Record):
    """One message to one run; `position` orders a run's messages from 1, without gaps."""

    id: str
    run_id: str
    position: int
    author: Author
    text: str
    at: datetime
