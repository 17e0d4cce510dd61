"""One call of Slack's Web API: paced, sent at most once, and its failure told in the four kinds of failure."""

import io
import json
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import aiohttp
import structlog

from bot.masking import redact
from bot.surfaces.platform_clock import PlatformClock
from bot.surfaces.slack.failures import failure_of
from bot.surfaces.slack.pacing import Pacer, Urgency
from bot.surfaces.slack.secrets import sdk_logger
from bot.surfaces.slack.settings import SlackSettings
from bot.surfaces.slack.timing import Timing
from store.kernel.canonical import Json, JsonObject
from store.kernel.clock import Clock, WallClock
from store.kernel.errors import QuarterdeckError, Retryable

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

log = structlog.get_logger(__name__)

CONNECT_TIMEOUT_SECONDS = 5.0


class Answered(NamedTuple):
    """An "ok" answer: its body, and the headers it came with, names in lower case."""

    data: JsonObject
    headers: Mapping[str, str]


class SlackWeb:
    """The Web API of one workspace. A call is sent at most once: repeating is for those who know it is harmless."""

    def __init__(
        self, client: "AsyncWebClient", session: aiohttp.ClientSession, pacer: Pacer, slack_clock: PlatformClock
    ) -> None:
        self.client = client
        self.slack_clock = slack_clock
        self.session = session
        self._pacer = pacer

    async def call(
        self,
        method: str,
        arguments: Mapping[str, Json] = MappingProxyType({}),
        *,
        urgency: Urgency = Urgency.DELIVERABLE,
        repeatable: bool = False,
        post_to: str | None = None,
    ) -> JsonObject:
        """The body of Slack's answer to `method`, which was "ok".

        `repeatable` says that calling twice does no harm; `post_to` is the channel whose own pace counts.
        Raises Retryable, SlackRefusal, and OutcomeUnknown when the call is not repeatable.
        """
        await self._pacer.turn(method, urgency, post_to)
        return (await self.send(method, arguments, repeatable=repeatable)).data

    async def send(
        self, method: str, arguments: Mapping[str, Json], *, repeatable: bool, token: str | None = None
    ) -> Answered:
        """Like `call`, without waiting for a turn. `token` replaces the bot token."""
        from slack_sdk.errors import SlackApiError

        params = None if token is None else {"token": token}
        try:
            answer = await self.client.api_call(method, data=encode_form(arguments), params=params)
        except (SlackApiError, aiohttp.ClientError, OSError) as error:
            # Unchained: the original's text may hold what must not be logged.
            raise self._failed(error, method, repeatable=repeatable) from None
        body = answer.data if isinstance(answer.data, dict) else {}
        headers = {name.lower(): value for name, value in answer.headers.items()}
        self.slack_clock.heard(headers.get("date"))
        return Answered(dict(body), headers)

    async def respond(self, response_url: str, message: Mapping[str, Json]) -> bool:
        """True when Slack showed the message to the person who acted; False when the address is used up or expired.

        Good for five messages within half an hour:
        https://docs.slack.dev/interactivity/handling-user-interaction, checked 2026-11-21.
        """
        body = {"response_type": "ephemeral", "replace_original": False, **message}
        try:
            async with self.session.post(response_url, json=body) as answer:
                return answer.status == HTTPStatus.OK
        except (aiohttp.ClientError, OSError) as error:
            raise failure_of(error, "response_url", repeatable=False) from None  # its text holds the address

    async def upload(self, upload_url: str, content: bytes) -> None:
        """Puts a file's bytes where files.getUploadURLExternal said. Repeating it is harmless; raises Retryable."""
        try:
            async with self.session.post(upload_url, data=io.BytesIO(content)) as answer:
                if answer.status == HTTPStatus.OK:
                    return
                reason = f"HTTP {answer.status}"
        except (aiohttp.ClientError, OSError) as error:
            reason = type(error).__name__
        raise Retryable(f"Slack did not take the uploaded file ({reason}).")

    async def close(self) -> None:
        """Closes the connections."""
        await self.session.close()

    def _failed(self, error: Exception, method: str, *, repeatable: bool) -> QuarterdeckError:
        failure = failure_of(error, method, repeatable=repeatable)
        if isinstance(failure, Retryable) and failure.delay_seconds > 0:
            self._pacer.pause(method, failure.delay_seconds)
        log.warning("slack.call_failed", method=method, kind=type(failure).__name__, error=redact(str(error)))
        return failure


def open_web(settings: SlackSettings, pacer: Pacer, timing: Timing, clock: Clock | None = None) -> SlackWeb:
    """A client for the workspace of the bot token; asks nothing of the network yet. Close it when done."""
    from slack_sdk.web.async_client import AsyncWebClient

    timeout = aiohttp.ClientTimeout(total=timing.call_seconds, connect=CONNECT_TIMEOUT_SECONDS)
    session = aiohttp.ClientSession(timeout=timeout)
    client = AsyncWebClient(
        token=settings.bot_token.get_secret_value(),
        base_url=settings.api_url,
        session=session,
        logger=sdk_logger(),
        # The default handler sends a request again after a lost connection: one card, two messages (slack_sdk 3.47).
        retry_handlers=[],
    )
    return SlackWeb(client, session, pacer, PlatformClock(clock or WallClock()))


def encode_form(arguments: Mapping[str, Json]) -> dict[str, str]:
    """The one encoding every method takes: text as it is, everything else as JSON; None is left out."""
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in arguments.items()
        if value is not None
    }
