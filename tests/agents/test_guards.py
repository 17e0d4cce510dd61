"""Circles are seen, progress is not taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.guards import NO_PROGRESS_STEPS, Seen, objection


def seen(text: str) -> list[Seen]:
    """One step per letter pair: `a1` is call a with result 1; a capital letter was refused."""
    return [Seen(pair[0].lower(), pair[1], pair[0].isupper()) for pair in text.split()]


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ("a1 a1 a1", "same result 3 times"),
        ("a1 b1 c1 a1 d1 a1", "same result 3 times"),
        ("a1 b2 a1 b2", "take turns"),
        ("c9 a1 b2 a1 b2", "take turns"),
        ("A1 B1 C1", "refused"),
        ("x1 A1 B1 C1", "refused"),
    ],
)
def test_a_circle_is_seen(steps: str, says: str) -> None:
    assert says in (objection(seen(steps)) or "")


@pytest.mark.parametrize(
    "steps",
    ["", "a1", "a1 a1", "a1 a2 a3 a4 a5 a6", "a1 b1 a2 b2 a3 b3", "a1 b1 a1 c1", "A1 B1 c1 D1 E1", "a1 a1 b1 b1"],
)
def test_progress_goes_on(steps: str) -> None:
    assert objection(seen(steps)) is None


def test_a_standstill_is_seen_even_where_no_single_call_is_repeated_three_times() -> None:
    round_ = [Seen(str(number), "same") for number in range(NO_PROGRESS_STEPS)]
    assert objection(round_) is None
    assert objection(round_ + round_[:-1]) is None
    assert "nothing new" in (objection(round_ + round_) or "")


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 10**6)), unique=True))
def test_results_that_are_always_new_are_never_a_circle(pairs: list[tuple[str, int]]) -> None:
    assert objection([Seen(call, str(result)) for call, result in pairs]) is None
