"""Drift: a block of points that together left the usual, though none of them alone need have."""

from dataclasses import dataclass
from math import sqrt

from agents.metrics.method import Drift
from agents.metrics.robust import Errors
from agents.metrics.series import Kind


@dataclass(frozen=True, slots=True)
class Block:
    """The latest points without their season, and the level before the first of them."""

    before: float
    shown: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Drifted:
    """A drift, and in words how far it is. `points` of its block, the newest among them, passed since it began."""

    kind: Kind
    note: str
    points: int


class DriftWatch:
    """Judges one block after another against how far, and how unanimously, earlier blocks were away."""

    def __init__(self, rule: Drift, *, rooted: bool) -> None:
        """A watch that has seen no block."""
        self._rule = rule
        self._rooted = rooted
        self._past = Errors()

    def judge(self, block: Block, noise: float | None) -> Drifted | None:
        """What the block shows; None when nothing. `noise` is the usual forecast error, None while unknown."""
        if not block.before:
            return None
        shares = [one / block.before - 1 for one in block.shown]
        away = sum(shares) / len(shares)
        spread = _deviation(shares, away) + (1.0 if noise is None else noise)
        figure = away / spread if spread else 0.0
        limit = self._limit(figure)
        found = limit is not None and abs(figure) > limit and self._material(shares, away)
        self._past.add(min(abs(figure), abs(figure) if limit is None else limit))
        if not found:
            return None
        share = (1 + away) * abs(1 + away) - 1 if self._rooted else away
        note = f"the last {len(shares)} together {abs(share):.0%} {'above' if away > 0 else 'below'} what came before"
        return Drifted(Kind.DRIFT_HIGH if away > 0 else Kind.DRIFT_LOW, note, len(shares) - _began(shares, away))

    def _limit(self, figure: float) -> float | None:
        if len(self._past) < self._rule.least_blocks:
            return None
        return (self._rule.rise if figure > 0 else self._rule.fall) * self._past.scale()

    def _material(self, shares: list[float], away: float) -> bool:
        """Whether the change is worth a word, and the newest point still shows at least half of it."""
        size = self._rule.material if away > 0 else -self._rule.material
        least = abs((sqrt(1 + size) if self._rooted else 1 + size) - 1)
        return abs(away) > least and _shows(shares[-1], away)


def _shows(share: float, away: float) -> bool:
    """Whether a point is at least half as far away as its block is, and to the same side."""
    return share * away > 0 and abs(share) > abs(away) / 2


def _began(shares: list[float], away: float) -> int:
    """The place of the first point that shows the drift; those before it were as usual."""
    return next(place for place, share in enumerate(shares) if _shows(share, away))


def _deviation(values: list[float], mean: float) -> float:
    """The standard deviation of a sample; the library's is exact and fifty times slower."""
    return sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1))
