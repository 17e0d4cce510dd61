"""Points that should be there and are not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from agents.metrics.series import Frequency, Point


@dataclass(frozen=True, slots=True)
class Gap:
    """A run of missing points: the first and the last moment, and how many there would have been."""

    first: datetime
    last: datetime
    points: int


def gaps(points: Sequence[Point], frequency: Frequency) -> Iterator[Gap]:
    """Every run of missing points between the first point and the last, in order."""
    step = frequency.step
    for before, after in pairwise(points):
        missing = round((after.at - before.at) / step) - 1
        if missing > 0:
            yield Gap(before.at + step, before.at + missing * step, missing)
