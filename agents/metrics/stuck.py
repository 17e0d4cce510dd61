"""Stuck: one value again and again in a series that hardly ever repeats itself."""

from collections import Counter

from agents.metrics.method import Method


class StuckWatch:
    """Counts repeats, and how often each value comes. A run is stuck when what came before makes it too unlikely."""

    def __init__(self, method: Method) -> None:
        """A watch that has seen nothing."""
        self._method = method
        self._last: float | None = None
        self._run = 0
        self._seen = 0
        self._repeats = 0
        self._called = False
        self._times: Counter[float] = Counter()

    def see(self, value: float) -> bool:
        """Takes the next value; True when it makes the run of equal values stuck."""
        self._seen += 1
        if value != self._last:
            self._close_run()
            self._last, self._run, self._called = value, 1, False
            return False
        self._run += 1
        return self._run >= self._method.stuck_run and self._seen > self._method.stuck_from and self._unlikely()

    @property
    def note(self) -> str:
        """The run in words."""
        return f"the same value {self._run} times in a row"

    def called(self) -> None:
        """The run was reported: it says nothing about how often the series repeats itself."""
        self._called = True

    def _close_run(self) -> None:
        if self._last is not None and not self._called:
            self._repeats += self._run - 1
            self._times[self._last] += self._run

    def _unlikely(self) -> bool:
        usual = max(self._repeats, self._times[self._last or 0.0])
        chance = (usual + 1) / (self._seen - self._run + 1)
        return chance ** (self._run - 1) < self._method.stuck_chance
