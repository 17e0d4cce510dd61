"""What a failed call to Slack means for the caller: nothing happened, it may have happened, or it never will."""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import NamedTuple

from bot.surfaces.base import ChannelLost
from store.kernel.errors import OutcomeUnknown, QuarterdeckError, Retryable, UserMistake
from store.records import Loss

AMBIGUOUS = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})
"""Errors after which the call may still have taken effect.
https://docs.slack.dev/reference/methods/chat.postMessage, checked 2026-11-21."""

RATE_LIMITED = frozenset({"ratelimited", "rate_limited"})
MAY_BE_ABSENT = frozenset({"blocks.validate"})
"""Methods that something standing in for Slack may not know: nothing depends on them, and an empty 404 says so."""
MAX_PROBLEMS = 3
"""So many faults of a card are named; the rest follows from them."""
DEFAULT_DELAY_SECONDS = 30.0
"""When Slack says "too many" without saying for how long."""

HINTS: Mapping[str, str] = MappingProxyType(
    {
        "account_inactive": "The app was removed: install it again and give Quarterdeck the new bot token.",
        "channel_not_found": "Invite the app to the channel, or let Quarterdeck make a new one.",
        "invalid_auth": "Copy the token again from your Slack app.",
        "is_archived": "Unarchive the channel in Slack.",
        "missing_scope": "Update the app from what `quarterdeck slack manifest` prints, then reinstall it.",
        "name_taken": "Rename the agent's channel in the workspace, or rename the one in Slack.",
        "not_allowed_token_type": "Copy the bot token, which begins with xoxb-, from OAuth & Permissions.",
        "not_authed": "Set the bot token.",
        "not_enabled": "Switch on the Home tab in your Slack app, App Home, or update the app from the manifest.",
        "not_in_channel": "Invite the app to the channel.",
        "restricted_action": "A workspace admin must let apps do this.",
        "token_expired": "Install the app again and give Quarterdeck the new bot token.",
        "token_revoked": "Install the app again and give Quarterdeck the new bot token.",
    }
)
"""What a person can do about a definite refusal, by Slack's error code."""


class SlackRefusal(UserMistake):
    """Slack refused for good. `code` is Slack's own word for it; `needed` the scope it misses, where it says so."""

    def __init__(self, method: str, code: str, needed: str | None = None, problems: str = "") -> None:
        said = f"{code}, which needs {needed}" if needed else code
        super().__init__(f"Slack refused {method}: {said}{f' ({problems})' if problems else ''}.", HINTS.get(code))
        self.code = code
        self.needed = needed


class Reply(NamedTuple):
    """What is left of Slack's answer: all but `status` are None where it had none; `problems` with blocks, in words."""

    status: int
    code: str | None
    retry_after_seconds: float | None
    needed: str | None = None
    problems: str = ""


TOKEN_CODES = frozenset({"account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"})
"""Refusals of the token and not of what was asked: with a good token the same call is accepted."""
TOKEN_DELAY_SECONDS = 60.0

LOSSES: Mapping[str, Loss] = MappingProxyType(
    {
        "channel_not_found": Loss.GONE,
        "is_archived": Loss.ARCHIVED,
        "is_inactive": Loss.ARCHIVED,
        "not_in_channel": Loss.LEFT,
    }
)
"""Refusals that say something of the channel. https://docs.slack.dev/reference/methods/chat.postMessage and
…/chat.update, checked 2026-11-21."""


def failure_of_card(refusal: SlackRefusal, channel_id: str | None) -> QuarterdeckError:
    """What a refusal means for a card meant for this channel: the channel is lost, the token is no good, or itself."""
    if refusal.code in TOKEN_CODES:
        return Retryable(str(refusal), TOKEN_DELAY_SECONDS)
    loss = LOSSES.get(refusal.code)
    if loss is None or channel_id is None:
        return refusal
    return ChannelLost(channel_id, loss, refusal.message, refusal.hint)


def failure_of(error: Exception, method: str, *, repeatable: bool) -> QuarterdeckError:
    """What to raise instead of `error`, in words without secrets. `repeatable`: doing the call twice does no harm.

    Anything not known to have been refused or never sent is OutcomeUnknown, or Retryable when repeating is harmless.
    """
    from slack_sdk.errors import SlackApiError

    if isinstance(error, SlackApiError):
        return failure_of_reply(read_reply(error.response), method, repeatable=repeatable)
    if _never_sent(error):
        return Retryable(f"Slack could not be reached for {method} ({type(error).__name__}).")
    return _ambiguous(method, type(error).__name__, repeatable=repeatable)


def failure_of_reply(reply: Reply, method: str, *, repeatable: bool) -> QuarterdeckError:
    """What an answer other than "ok" means."""
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS or reply.code in RATE_LIMITED:
        delay = reply.retry_after_seconds
        return Retryable(f"Slack asked to slow down with {method}.", DEFAULT_DELAY_SECONDS if delay is None else delay)
    if method in MAY_BE_ABSENT and reply.status == HTTPStatus.NOT_FOUND:
        return SlackRefusal(method, "unknown_method")
    if reply.code is None or reply.code in AMBIGUOUS or reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _ambiguous(method, reply.code or f"HTTP {reply.status}", repeatable=repeatable)
    return SlackRefusal(method, reply.code, reply.needed, reply.problems)


def read_reply(response: object) -> Reply:
    """The status, error code and Retry-After of whatever slack_sdk attached to its exception."""
    data = response if isinstance(response, dict) else getattr(response, "data", None)
    code, needed = _texts(data, "error", "needed")
    status = getattr(response, "status_code", None) or getattr(response, "status", None) or 0
    return Reply(int(status), code, _retry_after(getattr(response, "headers", None)), needed, _problems(data))


def _problems(data: object) -> str:
    """What blocks.validate finds: where, and what. https://docs.slack.dev/reference/methods/blocks.validate."""
    errors = data.get("errors") if isinstance(data, dict) else None
    found = [each for each in errors if isinstance(each, dict)] if isinstance(errors, list) else []
    return "; ".join(f"{each.get('pointer')}: {each.get('message')}" for each in found[:MAX_PROBLEMS])


def _texts(data: object, *names: str) -> tuple[str | None, ...]:
    found = [data.get(name) if isinstance(data, dict) else None for name in names]
    return tuple(each if isinstance(each, str) else None for each in found)


def _retry_after(headers: object) -> float | None:
    text = headers.get("Retry-After") if isinstance(headers, Mapping) else None
    return float(text) if isinstance(text, str) and text.isdigit() else None


def _never_sent(error: Exception) -> bool:
    from aiohttp import ClientConnectorError, ConnectionTimeoutError

    return isinstance(error, ClientConnectorError | ConnectionTimeoutError)


def _ambiguous(method: str, what: str, *, repeatable: bool) -> QuarterdeckError:
    message = f"Slack did not say whether {method} took effect ({what})."
    return Retryable(message) if repeatable else OutcomeUnknown(message)
