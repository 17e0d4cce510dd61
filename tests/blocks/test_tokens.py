"""A token gives back exactly what went in, and nothing that was not written by `encode` is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.tokens import MAX_TOKEN_CHARS, Press, Verb, decode, encode
from store.kernel.errors import UserMistake

_ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_./-]{0,63}", fullmatch=True)


@given(verb=st.sampled_from(Verb), record_id=_ids, revision=st.integers(0, 9_999_999_999))
def test_decoding_gives_back_what_was_encoded(verb: Verb, record_id: str, revision: int) -> None:
    token = encode(verb, record_id, revision)
    assert len(token) <= MAX_TOKEN_CHARS
    assert decode(token) == Press(verb, record_id, revision)


@given(st.text(max_size=120))
def test_garbage_is_a_mistake_and_never_a_press(text: str) -> None:
    with pytest.raises(UserMistake, match="another version"):
        decode(text)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "q1:approve:run_a",
        "q1:approve:run_a:",
        "q1:approve:run_a:-1",
        "q1:approve:run_a:01",
        "q1:approve:run_a:1:2",
        "q1:approve:run_a:1\n",
        " q1:approve:run_a:1",
        "q1:destroy:run_a:1",
        "q2:approve:run_a:1",
        "q1:approve:run a:1",
        "q1:approve::1",
        "q1:approve:run_a:\u0661",  # a digit, but not one of ours
    ],
)
def test_nearly_a_token_is_no_token(token: str) -> None:
    with pytest.raises(UserMistake):
        decode(token)


@pytest.mark.parametrize(("record_id", "revision"), [("", 1), ("a" * 65, 1), ("a:b", 1), ("a", -1), ("a b", 1)])
def test_what_cannot_be_read_back_is_never_written(record_id: str, revision: int) -> None:
    with pytest.raises(ValueError, match="no token"):
        encode(Verb.APPROVE, record_id, revision)
