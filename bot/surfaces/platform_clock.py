"""A platform's clock beside ours: messages are stamped with theirs, so that is what they must be looked for by."""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from store.kernel.clock import Clock


class PlatformClock:
    """Knows how far a platform's clock is ahead of ours, from the Date of its latest answer; to about a second.

    Until the platform has answered, and on simulated time, which says nothing about the world, the two are taken for
    equal.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.ahead = timedelta()

    def heard(self, date: str | None) -> None:
        """Takes in the Date header of an answer; one that is missing or no date changes nothing."""
        if date is None or self._clock.simulated:
            return
        try:
            theirs = parsedate_to_datetime(date)
        except ValueError:
            return
        if theirs.tzinfo is not None:
            self.ahead = theirs - self._clock.now()

    def theirs(self, moment: datetime) -> datetime:
        """What the platform's clock showed at this moment of ours."""
        return moment + self.ahead
