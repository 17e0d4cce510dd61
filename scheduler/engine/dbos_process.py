"""What DBOS would do to the process it lives in, prevented."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def outside_any_loop(call: Callable[[], T]) -> T:
    """Runs `call` in a thread of its own: DBOS adopts an event loop that it finds running, and then stalls it."""
    with ThreadPoolExecutor(1, thread_name_prefix="engine-call") as pool:
        return pool.submit(call).result()


def quieten() -> None:
    """Keeps DBOS's log to warnings, and to the handlers this program has set up."""
    logger = logging.getLogger("dbos")
    logger.setLevel(logging.WARNING)
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())  # else DBOS adds a handler of its own and stops propagating
