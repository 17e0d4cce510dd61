"""Middles and spreads that a few wild values cannot move."""

from bisect import insort
from collections.abc import Iterable, Sequence

MAD_TO_DEVIATION = 1.4826
"""The median absolute deviation of a normal distribution times this is its standard deviation."""
TAILS = ((0.95, 1.96), (0.99, 2.58))
"""Shares of a normal distribution's absolute values, and how many standard deviations hold them."""


def median(values: Iterable[float]) -> float:
    """The middle value, or the mean of the two middle ones. Raises IndexError when there is none."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which `share` of the ordered values lie, linear between neighbours."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


class Errors:
    """Sizes of past forecast errors. Adding costs the logarithm of their number and a move of memory."""

    def __init__(self) -> None:
        """No errors yet."""
        self._ordered: list[float] = []

    def __len__(self) -> int:
        """How many errors were added."""
        return len(self._ordered)

    def add(self, error: float) -> None:
        """Counts the size of an error."""
        insort(self._ordered, abs(error))

    def middle(self) -> float:
        """The spread of the calm half: what a standard deviation would be without the tails."""
        return MAD_TO_DEVIATION * quantile(self._ordered, 0.5)

    def scale(self) -> float:
        """The widest of the spreads seen in the middle and in the tails, as a standard deviation."""
        return max(self.middle(), *(quantile(self._ordered, share) / width for share, width in TAILS))
