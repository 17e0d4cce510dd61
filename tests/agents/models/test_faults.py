"""Failures as data: storable, sayable, and without secrets."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.models.faults import (
    MAX_DETAIL_CHARACTERS,
    MEANINGS,
    FaultKind,
    ModelDeclined,
    ModelFault,
    ModelRejected,
    ModelUnavailable,
    error_for,
    redacted,
)
from agents.models.wire import retry_after_seconds
from store.kernel.errors import Refused, Retryable, UserMistake


def fault(kind: FaultKind) -> ModelFault:
    return ModelFault(kind=kind, status=429, retry_after_seconds=2.5, may_be_billed=True, detail="quotes the prompt")


@pytest.mark.parametrize("kind", FaultKind)
def test_every_kind_has_a_meaning_and_a_sentence_of_our_own(kind: FaultKind) -> None:
    error = error_for("main", fault(kind))
    assert error.message.endswith("(HTTP 429).")
    assert "{" not in error.message
    assert "prompt" not in error.message or kind is FaultKind.PROMPT_TOO_LONG


@pytest.mark.parametrize("kind", FaultKind)
def test_an_error_survives_being_stored_by_an_engine(kind: FaultKind) -> None:
    error = error_for("main", fault(kind))
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes, read back as an engine reads them
    assert type(again) is type(error)
    assert (again.model, again.fault, str(again)) == (error.model, error.fault, str(error))


def test_the_subclass_says_what_may_be_done() -> None:
    assert {MEANINGS[kind].verdict for kind in FaultKind} == {"retryable", "mistake", "refused"}
    assert isinstance(error_for("main", fault(FaultKind.RATE_LIMITED)), ModelUnavailable | Retryable)
    assert isinstance(error_for("main", fault(FaultKind.UNAUTHORIZED)), ModelRejected | UserMistake)
    assert isinstance(error_for("main", fault(FaultKind.CONTENT_REFUSED)), ModelDeclined | Refused)


def test_waiting_is_what_the_provider_asked_for() -> None:
    error = error_for("main", fault(FaultKind.RATE_LIMITED))
    assert isinstance(error, Retryable)
    assert error.delay_seconds == 2.5


@given(st.text(max_size=700), st.text(min_size=1, max_size=20))
def test_a_secret_never_survives_redaction(text: str, secret: str) -> None:
    shown = redacted(f"{text}{secret}{text}", frozenset({secret}))
    assert len(shown) <= MAX_DETAIL_CHARACTERS
    if not set(secret) & set("*…"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Sat, 21 Nov 2026 10:00:30 GMT"}, None),
        ({"retry-after": "Sat, 21 Nov 2026 10:00:30 GMT", "date": "Sat, 21 Nov 2026 10:00:00 GMT"}, 30.0),
        ({"retry-after": "Sat, 21 Nov 2026 09:00:00 GMT", "date": "Sat, 21 Nov 2026 10:00:00 GMT"}, 0.0),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_seconds(headers) == seconds
