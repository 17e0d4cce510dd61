"""The season: how far each weekday, or each hour of the day, lies from the middle of its round."""

from collections.abc import Sequence
from itertools import accumulate

from agents.metrics.method import Method
from agents.metrics.robust import median

_LEAST_IN_SLOT = 3
_LOWEST_SHARE = -0.9
"""A slot that usually shows nothing keeps a tenth of the level, so that dividing by it stays sane."""


class Season:
    """Offsets for each slot: shares of the level when the method is rooted, otherwise amounts."""

    def __init__(self, offsets: Sequence[float], *, shares: bool) -> None:
        """Offsets as learnt; all zero means no season."""
        self._offsets = offsets
        self._shares = shares

    @property
    def is_used(self) -> bool:
        """False when no slot differs from any other."""
        return any(self._offsets)

    def remove(self, value: float, slot: int) -> float:
        """The value without its season."""
        offset = self._offsets[slot]
        return value / (1 + offset) if self._shares else value - offset

    def apply(self, level: float, slot: int) -> float:
        """What a level becomes in this slot."""
        offset = self._offsets[slot]
        return level * (1 + offset) if self._shares else level + offset


def learn_season(values: Sequence[float], slots: Sequence[int], method: Method) -> Season:
    """The season of the last `method.season` values, or none where it explains too little."""
    flat = Season([0.0] * method.slots, shares=method.rooted)
    if len(values) < method.season_from:
        return flat
    deviations = _deviations(values[-method.season :], slots[-method.season :], method)
    least = _LEAST_IN_SLOT if method.slots > method.cycle else 1
    offsets = [median(found) if len(found) >= least else 0.0 for found in deviations]
    before = sum(abs(one) for found in deviations for one in found)
    after = sum(abs(one - offset) for found, offset in zip(deviations, offsets, strict=True) for one in found)
    if before == 0 or after > (1 - method.season_gain) * before:
        return flat
    return Season([max(one, _LOWEST_SHARE) if method.rooted else one for one in offsets], shares=method.rooted)


def _deviations(values: Sequence[float], slots: Sequence[int], method: Method) -> list[list[float]]:
    """How far each value lies from the mean of the round it stands in the middle of, slot by slot."""
    found: list[list[float]] = [[] for _ in range(method.slots)]
    sums = [0.0, *accumulate(values)]
    whole, last, half = min(method.cycle, len(values)), max(0, len(values) - method.cycle), method.cycle // 2
    for position, (value, slot) in enumerate(zip(values, slots, strict=True)):
        start = position - half
        start = 0 if start < 0 else min(start, last)
        mean = (sums[start + whole] - sums[start]) / whole
        found[slot].append((value / mean - 1 if mean else 0.0) if method.rooted else value - mean)
    return found
