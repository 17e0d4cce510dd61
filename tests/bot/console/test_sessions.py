"""Sessions and tickets: nothing forged, nothing outlived, nothing led astray."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.surfaces.console.sessions import LIFETIME, Sessions, local_path, read_ticket, write_ticket
from store.kernel.clock import ManualClock
from tests.blocks.samples import NOW

TOKENS = {"ana": "token-of-ana", "bo": "token-of-bo"}


def sessions(key: bytes = b"key", tokens: dict[str, str] | None = None, clock: ManualClock | None = None) -> Sessions:
    return Sessions(key, tokens or TOKENS, clock or ManualClock(NOW))


def test_a_token_names_its_person_and_nothing_else_does() -> None:
    assert sessions().person_with("token-of-bo") == "bo"
    assert [sessions().person_with(token) for token in ("", "ana", "token-of-an", "tökèn", "\udcff")] == [None] * 5


def test_an_issued_cookie_is_read_back() -> None:
    assert (session := sessions().read(sessions().issue("ana")))
    assert session.person == "ana"


def test_a_cookie_of_another_key_person_or_token_is_nobody() -> None:
    cookie = sessions().issue("ana")
    assert sessions(b"other key").read(cookie) is None
    assert sessions(tokens={"ana": "new token"}).read(cookie) is None
    assert sessions(tokens={"bo": "token-of-bo"}).read(cookie) is None


def test_a_session_ends_after_its_lifetime() -> None:
    clock = ManualClock(NOW)
    cookie = sessions(clock=clock).issue("ana")
    clock.move_to(NOW + LIFETIME)
    assert sessions(clock=clock).read(cookie)
    clock.move_to(NOW + LIFETIME + timedelta(seconds=1))
    assert sessions(clock=clock).read(cookie) is None


@given(st.text())
def test_no_text_is_a_session(text: str) -> None:
    assert sessions().read(text) is None


@given(st.data())
def test_a_cookie_changed_in_one_character_is_nobody(data: st.DataObject) -> None:
    cookie = sessions().issue("ana")
    at = data.draw(st.integers(0, len(cookie) - 1))
    other = data.draw(st.characters(codec="ascii").filter(lambda each: each != cookie[at]))
    read = sessions().read(cookie[:at] + other + cookie[at + 1 :])
    # The last character of unpadded base64 carries spare bits, so only its meaning must not change.
    assert read is None or read.person == "ana"
    assert read is None or at == len(cookie.split(".")[0]) - 1


def test_a_ticket_is_good_for_its_own_login_alone() -> None:
    ana, bo = sessions().read(sessions().issue("ana")), sessions().read(sessions().issue("bo"))
    assert ana
    assert bo
    ticket = write_ticket(ana, "/runs?agent=x")
    assert (read := read_ticket(ana, ticket))
    assert read.back == "/runs?agent=x"
    assert read_ticket(bo, ticket) is None
    assert write_ticket(ana, "/") != write_ticket(ana, "/")


@given(st.text())
def test_no_text_is_a_ticket(text: str) -> None:
    session = sessions().read(sessions().issue("ana"))
    assert session
    assert read_ticket(session, text) is None


@pytest.mark.parametrize(
    "path", ["//evil.test", "/\\evil.test", "https://evil.test", "", "evil", "/a\nb", "javascript:x"]
)
def test_a_redirect_never_leaves_the_console(path: str) -> None:
    assert local_path(path) == "/"
