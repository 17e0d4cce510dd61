"""What makes a function an action: one named transaction around it, with its crash points and its audit events."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from store.handle import Store
from store.kernel.crash import POINTS, TRANSACTIONS
from store.kernel.errors import DatabaseUnavailable
from store.transaction import Tx

P = ParamSpec("P")
R = TypeVar("R")

_ATTEMPTS = 3
_PAUSE_SECONDS = 0.05


def action(name: str) -> Callable[[Callable[Concatenate[Tx, P], R]], Callable[Concatenate[Store, P], R]]:
    """Declares an action: called with a Store, its body gets an open Tx; rows, audit and outbox commit together.

    The body is run again, whole, when the database was busy (at most three times): it must do nothing but read and
    write through its Tx. Exceptions roll everything back and propagate. `name` is unique; it names the crash points.
    """

    def declare(body: Callable[Concatenate[Tx, P], R]) -> Callable[Concatenate[Store, P], R]:
        if name in TRANSACTIONS:
            raise ValueError(f"two actions are named {name!r}")
        TRANSACTIONS[name] = (body.__doc__ or name).strip().splitlines()[0]

        @wraps(body)
        def run(store: Store, /, *args: P.args, **kwargs: P.kwargs) -> R:
            for attempt in range(1, _ATTEMPTS + 1):
                try:
                    return _once(name, store, lambda tx: body(tx, *args, **kwargs))
                except DatabaseUnavailable:
                    if attempt == _ATTEMPTS:
                        raise
                    time.sleep(_PAUSE_SECONDS * attempt)
            raise AssertionError("unreachable: the last attempt returns or raises")

        return run

    return declare


def _once(name: str, store: Store, body: Callable[[Tx], R]) -> R:
    with store.database.write() as connection:
        tx = Tx(connection, store.clock.now(), store.enqueue)
        result = body(tx)
        tx.write_audit()
        POINTS.reach(f"tx.{name}.before")
    POINTS.reach(f"tx.{name}.after")
    return result
