"""Numbers in prose: found as a reader finds them, known in any spelling, never invented."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.numerals import invented


@pytest.mark.parametrize(
    ("prose", "record"),
    [
        ("no number at all", {}),
        ("1,204.50 visits", {"visits": "1204.5"}),
        ("disk at 93 %", {"value": "93.0"}),
        ("93% full", {"value": 93}),
        ("10GB left", {"free": "10"}),
        ("on 2026-11-21 at 08:00", {"at": "2026-11-21T08:00:00+00:00"}),
        ("commit 3f2a9c1 by Ana", {"commits": [{"id": "3f2a9c1"}]}),
        ("two commits, 2 of them", {"commits": ["a", "b"]}),
        ("sha1 and v2x", {}),
        ("٤٢ files", {"files": 42}),
        ("fell by -3.5", {"change": "+3.50"}),
    ],
)
def test_a_number_of_the_record_is_known_in_any_spelling(prose: str, record: object) -> None:
    assert invented([prose], [record]) == ()  # type: ignore[list-item] # JSON


@pytest.mark.parametrize(
    ("prose", "record", "found"),
    [
        ("42 rows", {"rows": 24}, ("42",)),
        ("9.31 % used", {"value": "93.1"}, ("9.31",)),
        ("11GB left", {"free": "10"}, ("11",)),
        ("7 and 7 and 8", {}, ("7", "8")),
        ("True means 1", {"flag": True}, ("1",)),
    ],
)
def test_any_other_number_is_invented(prose: str, record: object, found: tuple[str, ...]) -> None:
    assert invented([prose], [record]) == found  # type: ignore[list-item] # JSON


@given(st.decimals(min_value=0, max_value=10**9, places=3))
def test_every_number_is_found_in_prose_and_in_a_record(number: Decimal) -> None:
    assert invented([f"about {number}, they say"], [{"deep": [{"value": str(number)}]}]) == ()
    assert invented([f"about {number}, they say"], [{}]) != ()
