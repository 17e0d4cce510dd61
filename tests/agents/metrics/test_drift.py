"""A block of days together: when it is a drift, and with which of them the drift began."""

import pytest

from agents.metrics.drift import Block, DriftWatch
from agents.metrics.method import Drift
from agents.metrics.series import Kind

USUAL, NOISE = 100.0, 0.03
RULE = Drift()


def watch_of_usual_days() -> DriftWatch:
    """A watch that has seen blocks around the usual, now a little above and now a little below, and called none."""
    watch = DriftWatch(RULE, rooted=False)
    for number in range(RULE.least_blocks + 10):
        aside = 1.005 if number % 2 else 0.995
        shown = tuple(USUAL * aside * (1 + day / 100) for day in (-1, 0, 1, 0))
        assert watch.judge(Block(USUAL, shown), NOISE) is None
    return watch


@pytest.mark.parametrize(
    ("shown", "kind", "points"),
    [
        ((60, 62, 61, 60), Kind.DRIFT_LOW, 4),
        ((100, 62, 61, 60), Kind.DRIFT_LOW, 3),
        ((85, 62, 61, 60), Kind.DRIFT_LOW, 3),
        ((104, 62, 61, 60), Kind.DRIFT_LOW, 3),
        ((75, 62, 61, 60), Kind.DRIFT_LOW, 4),
        ((60, 100, 61, 60), Kind.DRIFT_LOW, 4),
        ((180, 175, 180, 176), Kind.DRIFT_HIGH, 4),
        ((103, 221, 218, 220), Kind.DRIFT_HIGH, 3),
    ],
)
def test_a_drift_began_with_the_first_day_that_left_the_usual(
    shown: tuple[float, ...], kind: Kind, points: int
) -> None:
    found = watch_of_usual_days().judge(Block(USUAL, shown), NOISE)
    assert found is not None
    assert (found.kind, found.points) == (kind, points)


@pytest.mark.parametrize("shown", [(60, 62, 61, 100), (99, 101, 100, 60), (98, 97, 98, 97)])
def test_what_came_back_or_is_one_day_or_is_little_is_no_drift(shown: tuple[float, ...]) -> None:
    assert watch_of_usual_days().judge(Block(USUAL, shown), NOISE) is None
