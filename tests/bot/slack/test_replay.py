"""A signed request counts once; one that could not be stored may come again."""

import pytest

from bot.surfaces.slack.replay import VALID_SECONDS, Replayed, ReplayGuard
from store.kernel.errors import Retryable

SIGNATURE = "v0=" + "a" * 64


def use(guard: ReplayGuard, signature: str = SIGNATURE) -> None:
    with guard.single_use(signature):
        pass


def test_a_signature_counts_once_for_as_long_as_it_would_be_accepted() -> None:
    now = [0.0]
    guard = ReplayGuard(lambda: now[0])
    use(guard)
    now[0] = VALID_SECONDS - 1
    with pytest.raises(Replayed):
        use(guard)
    use(guard, "v0=other")


def test_what_was_not_stored_may_be_delivered_again() -> None:
    guard = ReplayGuard()
    with pytest.raises(Retryable), guard.single_use(SIGNATURE):
        raise Retryable("The database is locked.")
    use(guard)


def test_a_copy_is_refused_while_the_first_is_still_being_stored() -> None:
    guard = ReplayGuard()
    with guard.single_use(SIGNATURE), pytest.raises(Replayed):
        use(guard)


def test_what_expired_is_forgotten() -> None:
    now = [0.0]
    guard = ReplayGuard(lambda: now[0])
    for number in range(1000):
        now[0] = float(number * 10)
        use(guard, f"v0={number}")
    assert len(guard._until) <= VALID_SECONDS / 10 + 1
