"""How fast simulated time passes, as people write it: `1d/20s`, or `max`. Pure."""

import re
from dataclasses import dataclass
from datetime import timedelta

from store.kernel.errors import UserMistake

_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SPEED = re.compile(r"(\d*)([smhdw])/(\d*)([smhdw])", re.ASCII)


@dataclass(frozen=True)
class Speed:
    """So many seconds of simulated time in so many seconds of real time; 0 real seconds: no waiting at all."""

    simulated_seconds: int
    real_seconds: int

    def real(self, simulated: timedelta) -> timedelta:
        """The real time that so much simulated time takes."""
        return simulated * self.real_seconds / self.simulated_seconds

    def simulated(self, real: timedelta) -> timedelta:
        """The simulated time that passes in so much real time; only for a speed that takes real time."""
        return real * self.simulated_seconds / self.real_seconds


MAX = Speed(1, 0)


def parse_speed(text: str) -> Speed:
    """The speed written as simulated/real (`1d/20s`, `h/s`) or `max`. Raises UserMistake for anything else."""
    if text == "max":
        return MAX
    match = _SPEED.fullmatch(text)
    if match is None:
        raise UserMistake(
            f"{text!r} is not a speed.", "Write simulated/real with s, m, h, d or w, as in 1d/20s; or max."
        )
    simulated, real = (int(match[at] or 1) * _UNIT_SECONDS[match[at + 1]] for at in (1, 3))
    if simulated == 0 or real == 0:
        raise UserMistake(f"{text!r} is not a speed: a zero stands in it.", "For no waiting at all write max.")
    return Speed(simulated, real)
