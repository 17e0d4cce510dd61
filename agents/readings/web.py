"""Reading one page without trusting it, its name service or where it sends us: only its status, size and digest."""

import hashlib
import http.client
import socket
import ssl
from collections.abc import Iterator
from datetime import datetime
from time import perf_counter
from typing import NamedTuple
from urllib.parse import SplitResult, urljoin, urlsplit

from agents.readings.addresses import may_connect
from agents.readings.port import PageReading, PageTarget

TIMEOUT_SECONDS = 10.0
"""For the whole reading, redirects included."""
MAX_BYTES = 2_000_000
"""A longer page is read so far; its size and digest are then of no use and not told."""
MAX_REDIRECTS = 5
_CHUNK_BYTES = 64 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PORTS = {"https": 443, "http": 80}
_HEADERS = {"User-Agent": "quarterdeck", "Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close"}


class _Unreadable(Exception):
    """The page was not read; the message says why, for a person."""


class _Answer(NamedTuple):
    status: int
    location: str | None
    size_bytes: int | None
    sha256: str | None


def read_page(target: PageTarget, at: datetime) -> PageReading:
    """The page as it is now; what cannot be read is said in `cannot_see`, never raised. Blocks for at most 10 s.

    The name is looked up once for each step, every address is judged, and the connection goes to the address that was
    judged. A redirect must stay on the same host and port, and never leads from https to http. No cookie, no
    credential and no proxy is used.
    """
    began = perf_counter()
    try:
        answer, redirects = _followed(target, began)
    except (_Unreadable, OSError, http.client.HTTPException) as error:
        return PageReading(at=at, reachable=False, cannot_see=(_said(error),))
    too_long = answer.sha256 is None
    return PageReading(
        at=at,
        reachable=True,
        status=answer.status,
        latency_ms=_passed_ms(began),
        size_bytes=answer.size_bytes,
        sha256=answer.sha256,
        redirects=redirects,
        cannot_see=(f"The page is longer than {MAX_BYTES} bytes.",) if too_long else (),
    )


def _followed(target: PageTarget, began: float) -> tuple[_Answer, int]:
    first = urlsplit(target.url)
    here = first
    for redirects in range(MAX_REDIRECTS + 1):
        answer = _asked(here, target, began)
        if answer.status not in _REDIRECTS or answer.location is None:
            return answer, redirects
        here = _led_to(first, here, answer.location)
    raise _Unreadable(f"It redirects more than {MAX_REDIRECTS} times.")


def _led_to(first: SplitResult, here: SplitResult, location: str) -> SplitResult:
    """Where a redirect leads, when it may be followed."""
    there = urlsplit(urljoin(here.geturl(), location))
    if there.scheme not in _PORTS or (here.scheme == "https" and there.scheme != "https"):
        raise _Unreadable("It redirects to an address that is not https.")
    if there.hostname != first.hostname:
        raise _Unreadable("It redirects to another host; watch that one instead, if it is the one you mean.")
    if _port(there) not in {_port(first), _PORTS["https"]}:
        raise _Unreadable("It redirects to another port.")
    return there


def _port(url: SplitResult) -> int:
    return url.port or _PORTS[url.scheme]


def _asked(url: SplitResult, target: PageTarget, began: float) -> _Answer:
    connection = _Pinned(url, _address(url, target), _left_seconds(began))
    try:
        connection.request("GET", (url.path or "/") + (f"?{url.query}" if url.query else ""), headers=_HEADERS)
        response = connection.getresponse()
        location = response.headers.get("Location")
        if response.status in _REDIRECTS and location is not None:
            return _Answer(response.status, location, None, None)
        return _Answer(response.status, None, *_measured(_parts(response, connection, began)))
    finally:
        connection.close()


def _address(url: SplitResult, target: PageTarget) -> str:
    """The one address to connect to: the first of the host's, all of which must be allowed."""
    try:
        found = socket.getaddrinfo(url.hostname, _port(url), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise _Unreadable("Its host name cannot be found.") from None
    addresses = [str(each[4][0]) for each in found]
    if not addresses or not all(may_connect(each, own_network=target.own_network) for each in addresses):
        raise _Unreadable("Its host is not a public address; `own_network: true` reads one's own.")
    return addresses[0]


def _parts(response: http.client.HTTPResponse, connection: "_Pinned", began: float) -> Iterator[bytes]:
    while chunk := response.read1(_CHUNK_BYTES):
        yield chunk
        connection.keep_to(_left_seconds(began))


def _measured(parts: Iterator[bytes]) -> tuple[int | None, str | None]:
    """Size and digest; None where there is more than may be read."""
    digest, size = hashlib.sha256(), 0
    for part in parts:
        digest.update(part)
        size += len(part)
        if size > MAX_BYTES:
            return None, None
    return size, digest.hexdigest()


def _left_seconds(began: float) -> float:
    left = TIMEOUT_SECONDS - (perf_counter() - began)
    if left <= 0:
        raise _Unreadable(f"It did not answer within {TIMEOUT_SECONDS:.0f} s.")
    return left


def _passed_ms(began: float) -> int:
    return round((perf_counter() - began) * 1000)


class _Pinned(http.client.HTTPConnection):
    """A connection to the address that was judged, whatever the name may mean a moment later."""

    def __init__(self, url: SplitResult, address: str, timeout_seconds: float) -> None:
        super().__init__(url.hostname or "", _port(url), timeout=timeout_seconds)
        self._address = address
        self._encrypted = url.scheme == "https"

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), self.timeout)
        if not self._encrypted:
            self.sock = plain
            return
        try:
            self.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise

    def keep_to(self, timeout_seconds: float) -> None:
        """Lets the next read take no longer than this."""
        if self.sock is not None:
            self.sock.settimeout(timeout_seconds)


def _said(error: Exception) -> str:
    if isinstance(error, _Unreadable):
        return str(error)
    if isinstance(error, TimeoutError):
        return f"It did not answer within {TIMEOUT_SECONDS:.0f} s."
    if isinstance(error, ssl.SSLCertVerificationError):
        return "Its certificate is not valid."
    if isinstance(error, ConnectionRefusedError):
        return "It refuses connections."
    return f"It cannot be read ({type(error).__name__})."
