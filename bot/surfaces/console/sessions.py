"""Who is looking: a signed cookie names one person, and every form carries what only that login's pages know."""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from store.kernel.clock import Clock

LIFETIME = timedelta(days=30)
_NONCE_BYTES = 12
_MOST_SECONDS_DIGITS = 12
_NONCE = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)


@dataclass(frozen=True)
class Session:
    """One person's login. `csrf` is the secret that only pages of this login know."""

    person: str
    csrf: str


@dataclass(frozen=True)
class Ticket:
    """What every form of a page sends back: proof of the login, one drawing of one page, and where to return.

    `nonce` is fresh for every drawing, so that a button pressed twice is one event and the next drawing's is another.
    """

    nonce: str
    back: str


def write_ticket(session: Session, back: str) -> str:
    """The ticket of a page that is being drawn at the path `back`."""
    return f"{session.csrf}.{secrets.token_urlsafe(_NONCE_BYTES)}.{_b64(back.encode())}"


def read_ticket(session: Session, text: str) -> Ticket | None:
    """The ticket a form sent back; None when it is not one of this login's. `back` is always a path of this console."""
    csrf, _, rest = text.partition(".")
    nonce, _, encoded = rest.partition(".")
    if not hmac.compare_digest(csrf.encode(), session.csrf.encode()) or not _NONCE.fullmatch(nonce):
        return None
    return Ticket(nonce, local_path(_unb64(encoded)))


def local_path(path: str) -> str:
    """`path` when a redirect may go there: one of this console's own; else the Bridge."""
    own = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if own else "/"


class Sessions:
    """Issues and checks sessions without storing any: a cookie is valid while its person's login token is the same.

    `clock` is the world's clock, never a simulated one: browsers live in the world.
    """

    def __init__(self, key: bytes, tokens: Mapping[str, str], clock: Clock) -> None:
        self._key = key
        self._tokens = tokens
        self._clock = clock

    def person_with(self, token: str) -> str | None:
        """The person whose login token this is; None for nobody. Takes the same time for every wrong token."""
        given = _digest(token)
        found = None
        for person, known in self._tokens.items():
            if hmac.compare_digest(_digest(known), given):
                found = person
        return found

    def issue(self, person: str) -> str:
        """A cookie value that `read` accepts for the session's lifetime."""
        body = f"{_b64(person.encode())}.{int(self._clock.now().timestamp())}"
        return f"{body}.{self._signature(body, person)}"

    def read(self, cookie: str) -> Session | None:
        """The session a cookie stands for; None when it is forged, too old, or its person's token changed."""
        body, _, signature = cookie.rpartition(".")
        person, issued_seconds = _parse(body)
        if person not in self._tokens or not hmac.compare_digest(
            signature.encode(), self._signature(body, person).encode()
        ):
            return None
        if abs(self._clock.now().timestamp() - issued_seconds) > LIFETIME.total_seconds():
            return None
        return Session(person, self._keyed("csrf", cookie))

    def _signature(self, body: str, person: str) -> str:
        return self._keyed("session", body, _digest(self._tokens[person]).hex())

    def _keyed(self, *parts: str) -> str:
        return _b64(hmac.new(self._key, "\0".join(parts).encode(), hashlib.sha256).digest())


def _parse(body: str) -> tuple[str, int]:
    encoded, _, issued = body.partition(".")
    if not (issued.isascii() and issued.isdigit() and len(issued) <= _MOST_SECONDS_DIGITS):
        return "", 0
    return _unb64(encoded), int(issued)


def _unb64(encoded: str) -> str:
    try:
        return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
    except (binascii.Error, ValueError):
        return ""


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
