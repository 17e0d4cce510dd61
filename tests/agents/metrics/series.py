"""Made-up series with a known shape: a week, noise that follows from a seed, and what a test puts into them."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from agents.metrics import Frequency, Kind, Point, Verdict, judge_series

START = datetime(2024, 1, 1)  # noqa: DTZ001 # a metric's own time
WEEK = (1.0, 1.05, 1.1, 1.05, 1.0, 0.7, 0.6)


def daily(
    days: int, change: Callable[[int, float], float] = lambda _, value: value, *, level: float = 1000.0, seed: int = 1
) -> list[Point]:
    """`days` from Monday 2024-01-01 around `level`, noise 4 %; `change(day, value)` has the last word."""
    noise = random.Random(seed)  # noqa: S311 # noise, no secret
    return [
        Point(START + timedelta(days=day), change(day, round(level * WEEK[day % 7] * noise.gauss(1, 0.04))))
        for day in range(days)
    ]


def hourly(hours: int, change: Callable[[int, float], float] = lambda _, value: value, *, seed: int = 1) -> list[Point]:
    """`hours` from Monday 2024-01-01, twice as much by day as by night, noise 5 %."""
    noise = random.Random(seed)  # noqa: S311 # noise, no secret
    return [
        Point(
            START + timedelta(hours=hour),
            change(hour, round((200 if 8 <= hour % 24 < 20 else 100) * noise.gauss(1, 0.05), 2)),
        )
        for hour in range(hours)
    ]


def kinds(points: list[Point], frequency: Frequency = Frequency.DAILY) -> dict[int, Kind]:
    """What was strange, by position."""
    return {
        position: verdict.kind
        for position, verdict in enumerate(judge_series(points, frequency))
        if verdict.kind.anomalous
    }


def last(points: list[Point], frequency: Frequency = Frequency.DAILY) -> Verdict:
    """The verdict on the last point."""
    return judge_series(points, frequency)[-1]
