"""A person's own page on a surface: who looks at it, at which part of it, and what it last showed."""

from datetime import datetime
from enum import StrEnum

from store.records.record import Record


class HomeShow(StrEnum):
    """Which part of the fleet a person looks at."""

    ALL = "all"
    NEEDS_ME = "needs_me"
    WORKING = "working"
    PAUSED = "paused"


class HomeTab(Record):
    """One account's page on one surface; `page` counts from 1.

    `person_id` is None for whoever is no member of the team. `opened_at` is when they last opened the page or did
    something on it; it also tells one state of the row from the next. `shown_digest` is the SHA-256 of what was last
    published, None when it must be published whatever it says. `view_hash` is the surface's own mark of what it shows.
    """

    surface: str
    account: str
    person_id: str | None
    show: HomeShow
    page: int
    opened_at: datetime
    shown_digest: str | None = None
    view_hash: str | None = None
