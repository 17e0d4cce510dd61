"""Contracts: what fits, what is free text, and what is left when free text is left out."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.contracts import PROBE, Contract
from store.kernel.canonical import JsonObject

BODY: JsonObject = {
    "type": "object",
    "$defs": {"decimal": {"type": "string", "pattern": r"^-?\d{1,9}(\.\d{1,6})?$"}},
    "properties": {
        "kind": {"enum": ["anomaly", "none"]},
        "title": {"type": "string", "maxLength": 200},
        "value": {"$ref": "#/$defs/decimal"},
        "count": {"type": "integer"},
        "since": {"type": "string", "format": "date-time"},
        "loose": {"type": "string", "pattern": "^.*$"},
        "pages": {"type": "array", "items": {"type": "string"}},
        "either": {"anyOf": [{"const": "yes"}, {"type": "string"}]},
        "evidence": {"type": "object", "properties": {"rows": {"type": "integer"}, "sql": {"type": "string"}}},
    },
    "required": ["kind"],
}
CONTRACT = Contract(name="finding", version=1, body=BODY, floor="0.6")
PAYLOAD: JsonObject = {
    "kind": "anomaly",
    "title": PROBE,
    "value": "71.4",
    "count": 3,
    "since": "2026-01-05T08:00:00Z",
    "loose": "anything",
    "pages": ["/a", "/b"],
    "either": "yes",
    "evidence": {"rows": 7, "sql": "SELECT 1", "more": {"said": PROBE}},
    PROBE: 1,
}


def test_what_does_not_fit_is_said_with_its_place() -> None:
    assert CONTRACT.objection(PAYLOAD) is None
    assert (
        CONTRACT.objection({**PAYLOAD, "value": "many"})
        == r"/value: 'many' does not match '^-?\\d{1,9}(\\.\\d{1,6})?$'"
    )
    assert str(CONTRACT.objection({**PAYLOAD, "since": "yesterday"})).startswith("/since: ")
    assert CONTRACT.objection({}) == "'kind' is a required property"


@pytest.mark.parametrize(("confidence", "sure"), [("0.6", True), ("1", True), ("0.5999", False), ("0", False)])
def test_the_floor_is_part_of_what_is_sure(confidence: str, sure: bool) -> None:
    assert CONTRACT.is_sure(confidence) is sure


def test_free_text_is_what_no_type_choice_or_pattern_bounds() -> None:
    assert CONTRACT.words(PAYLOAD) == (
        "/title",
        "/loose",
        "/pages/0",
        "/pages/1",
        "/either",
        "/evidence/sql",
        "/evidence/more",
        f"/{PROBE}",
    )
    assert CONTRACT.without_words(PAYLOAD) == {
        "kind": "anomaly",
        "value": "71.4",
        "count": 3,
        "since": "2026-01-05T08:00:00Z",
        "pages": [],
        "evidence": {"rows": 7},
    }


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.just(PROBE),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    keys = list(value) if isinstance(value, dict) else []
    return [*keys, *(text for one in inner for text in _texts(one))]


@given(st.dictionaries(st.sampled_from([*PAYLOAD, "new"]), VALUES, max_size=6))
def test_no_sentence_survives_leaving_words_out_of_what_fits(extra: JsonObject) -> None:
    payload = {**extra, "kind": "none"}
    if CONTRACT.objection(payload) is None:
        assert PROBE not in _texts(CONTRACT.without_words(payload))
