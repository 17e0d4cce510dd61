"""A process that takes a turn, says so, and then does nothing until it is killed."""

import signal
import sys
import time
from collections.abc import Callable

from store.database import Database
from store.turns import SoleTurn

MINE, OTHERS = "mine", "another's"
PATIENCE_SECONDS = 20.0


def until(is_so: Callable[[], bool]) -> bool:
    """True as soon as it is so; False when it is not in a long time."""
    ends_at = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends_at:
        if is_so():
            return True
        time.sleep(0.02)
    return False


if __name__ == "__main__":
    taken = SoleTurn(Database(sys.argv[1]), "gateway").take()
    print(MINE if taken else OTHERS, flush=True)
    signal.pause()
