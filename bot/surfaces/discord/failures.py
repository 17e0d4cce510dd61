"""What a failed call to Discord means for the caller: nothing happened, it may have happened, or it never will."""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING

from bot.surfaces.base import ChannelLost
from store.kernel.errors import OutcomeUnknown, QuarterdeckError, Retryable, UserMistake
from store.records import Loss

if TYPE_CHECKING:
    from discord import HTTPException

MAX_SAID_CHARS = 300
DEFAULT_DELAY_SECONDS = 30.0
"""When Discord says "too many" without saying for how long."""
TOKEN_DELAY_SECONDS = 60.0

UNKNOWN_CHANNEL, UNKNOWN_SERVER, UNKNOWN_MESSAGE = 10003, 10004, 10008
UNKNOWN_MEMBER, UNKNOWN_USER = 10007, 10013
MISSING_ACCESS, MISSING_PERMISSIONS = 50001, 50013
THREAD_ARCHIVED = 50083
"""Codes of Discord's: https://docs.discord.com/developers/topics/opcodes-and-status-codes, checked 2026-11-21."""

HINTS: Mapping[int, str] = MappingProxyType(
    {
        UNKNOWN_CHANNEL: "Let Quarterdeck make a new channel.",
        UNKNOWN_SERVER: "Invite the bot to the server: `quarterdeck discord setup` prints the link.",
        MISSING_ACCESS: "Let the bot's role see the channel.",
        MISSING_PERMISSIONS: "Give the bot's role the permissions that `quarterdeck discord setup` names.",
    }
)
"""What a person can do about a definite refusal, by Discord's code."""

LOSSES: Mapping[int, Loss] = MappingProxyType(
    {UNKNOWN_CHANNEL: Loss.GONE, MISSING_ACCESS: Loss.LEFT, MISSING_PERMISSIONS: Loss.LEFT}
)
"""Refusals that say something of the channel."""


class DiscordRefusal(UserMistake):
    """Discord refused for good. `status` is HTTP's, `code` Discord's own (0: none), `said` its words."""

    def __init__(self, what: str, status: int, code: int, said: str) -> None:
        plain = " ".join(said.split())[:MAX_SAID_CHARS].rstrip(".")
        words = f"{plain} ({code})" if code else plain or f"HTTP {status}"
        super().__init__(f"Discord refused {what}: {words}.", HINTS.get(code))
        self.status = status
        self.code = code
        self.said = said

    @property
    def of_token(self) -> bool:
        """The token was refused and not what was asked: with a good token the same call is accepted."""
        return self.status == HTTPStatus.UNAUTHORIZED


class CutShort(Exception):
    """The answer to a call that must not be sent twice left open whether it took effect. `what` says how it ended.

    Neither an OSError nor a status: the library would send the call again.
    """

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def failure_of_card(refusal: DiscordRefusal, channel_id: str | None) -> QuarterdeckError:
    """What a refusal means for a card meant for this channel: the channel is lost, the token is no good, or itself."""
    if refusal.of_token:
        return Retryable(str(refusal), TOKEN_DELAY_SECONDS)
    loss = LOSSES.get(refusal.code)
    if loss is None or channel_id is None:
        return refusal
    return ChannelLost(channel_id, loss, refusal.message, refusal.hint)


def failure_of(error: Exception, what: str, *, idempotent: bool) -> QuarterdeckError:
    """What to raise instead of `error`, in words without secrets. `idempotent`: doing the call twice is doing it once.

    Anything not known to have been refused or never sent is OutcomeUnknown, or Retryable when it is idempotent.
    """
    from discord import HTTPException, RateLimited

    if isinstance(error, RateLimited):
        return Retryable(f"Discord asked to slow down with {what}.", error.retry_after)
    if isinstance(error, HTTPException):
        return _failure_of_reply(error, what, idempotent=idempotent)
    if _never_sent(error):
        return Retryable(f"Discord could not be reached for {what} ({type(error).__name__}).")
    how = error.what if isinstance(error, CutShort) else type(error).__name__
    return _ambiguous(what, how, idempotent=idempotent)


def _failure_of_reply(error: "HTTPException", what: str, *, idempotent: bool) -> QuarterdeckError:
    if error.status == HTTPStatus.TOO_MANY_REQUESTS:
        return Retryable(f"Discord asked to slow down with {what}.", _retry_after(error.response.headers))
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _ambiguous(what, f"HTTP {error.status}", idempotent=idempotent)
    return DiscordRefusal(what, error.status, error.code, error.text)


def _retry_after(headers: Mapping[str, str]) -> float:
    text = headers.get("Retry-After", "")
    return float(text) if text.replace(".", "", 1).isdigit() else DEFAULT_DELAY_SECONDS


def _never_sent(error: Exception) -> bool:
    from aiohttp import ClientConnectorError, ConnectionTimeoutError

    return isinstance(error, ClientConnectorError | ConnectionTimeoutError)


def _ambiguous(what: str, how: str, *, idempotent: bool) -> QuarterdeckError:
    if idempotent:
        return Retryable(f"Discord gave no good answer to {what} ({how}).")
    return OutcomeUnknown(f"Discord did not say whether {what} took effect ({how}).")
