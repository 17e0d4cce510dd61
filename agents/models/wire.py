"""At most one HTTP request per attempt, enforced below the provider library, and what really happened on the wire.

Libraries retry, follow redirects and translate errors differently for every provider; what a provider did is
therefore read from the response itself. Only the gateway process installs this.
"""

import functools
import importlib
import math
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

_CLIENT_LIBRARIES = ("httpx", "httpx2")
_SEND = "send"
_FIRST_ERROR = 400
_KEPT_BODY_CHARACTERS = 2_000


class UnaccountedRequest(RuntimeError):
    """A second request within one attempt, or one outside any: stopped before it was sent."""


@dataclass
class Attempt:
    """What one attempt did. `sent` is true once a request may have reached the provider; `status` None: no answer came.

    `error_body` is the start of the provider's words about an error status: untrusted, may quote the prompt.
    """

    begun: bool = False
    sent: bool = False
    timed_out: bool = False
    status: int | None = None
    retry_after_seconds: float | None = None
    error_body: str = ""


_current: ContextVar[Attempt | None] = ContextVar("attempt", default=None)


def begin() -> Attempt:
    """Allows the current task, and the tasks it starts, one request."""
    attempt = Attempt()
    _current.set(attempt)
    return attempt


def install() -> None:
    """Guards every asynchronous HTTP client of this process, those that exist already included."""
    for library in _CLIENT_LIBRARIES:
        try:
            client = importlib.import_module(library).AsyncClient
        except ModuleNotFoundError:
            continue
        setattr(client, _SEND, _guarded(getattr(client, _SEND)))


def _guarded(send: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(send)
    async def send_once(client: object, request: Any, **options: Any) -> Any:
        attempt = _claim()
        try:
            response = await send(client, request, **{**options, "follow_redirects": False})
        except BaseException as error:
            _note_failure(attempt, error)
            raise
        _note_answer(attempt, response)
        return response

    return send_once


def _claim() -> Attempt:
    attempt = _current.get()
    if attempt is None or attempt.begun:
        raise UnaccountedRequest("only one request may be sent for each attempt")
    attempt.begun = attempt.sent = True
    return attempt


def _note_failure(attempt: Attempt, error: BaseException) -> None:
    # By name, because two libraries define the same exceptions twice.
    names = {kind.__name__ for kind in type(error).__mro__}
    attempt.sent = not names & {"ConnectError", "ConnectTimeout", "UnsupportedProtocol", "PoolTimeout"}
    attempt.timed_out = "TimeoutException" in names


def _note_answer(attempt: Attempt, response: Any) -> None:
    attempt.status = response.status_code
    attempt.retry_after_seconds = retry_after_seconds(response.headers)
    if response.status_code >= _FIRST_ERROR and response.is_closed:
        attempt.error_body = response.text[:_KEPT_BODY_CHARACTERS]


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """Seconds the provider asks to wait; None when it does not say. A number or a date (RFC 9110 §10.2.3, Retry-After).

    A date is measured against the response's own `Date`, so this machine's clock does not matter.
    """
    value = headers.get("retry-after")
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        return _seconds_until(value, headers.get("date"))
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _seconds_until(date: str, now: str | None) -> float | None:
    try:
        wait = parsedate_to_datetime(date) - parsedate_to_datetime(now or "")
    except (TypeError, ValueError):
        return None
    return max(0.0, wait.total_seconds())
