"""Budget sums: what is spent, held and asked for, against a cap, in integer micro-dollars."""

from typing import NamedTuple


class Purse(NamedTuple):
    """One scope's money. `cap_micros` None means the scope has no cap of its own."""

    spent_micros: int
    held_micros: int
    cap_micros: int | None

    def admits(self, worst_micros: int) -> bool:
        """True when spent + held + worst ≤ cap: holding it can never overspend, whatever else is in flight."""
        return self.cap_micros is None or self.spent_micros + self.held_micros + worst_micros <= self.cap_micros


def left_percent(purse: Purse) -> int:
    """Whole percent of the cap neither spent nor held, rounded down; 100 without a cap, never below 0."""
    if not purse.cap_micros:
        return 100 if purse.cap_micros is None else 0
    left = purse.cap_micros - purse.spent_micros - purse.held_micros
    return max(0, left * 100 // purse.cap_micros)
