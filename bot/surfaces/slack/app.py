"""The Bolt app: one global middleware in front of everything, and no listeners."""

from contextlib import AbstractContextManager, nullcontext
from http import HTTPStatus
from typing import TYPE_CHECKING

from bot.surfaces.slack.reception import Reception
from bot.surfaces.slack.replay import Replayed, ReplayGuard
from bot.surfaces.slack.secrets import sdk_logger
from bot.surfaces.slack.settings import SlackSettings, Transport
from bot.surfaces.slack.web import SlackWeb

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from slack_bolt.async_app import AsyncApp
    from slack_bolt.request.async_request import AsyncBoltRequest
    from slack_bolt.response import BoltResponse

SIGNATURE_HEADER = "x-slack-signature"


def build_app(settings: SlackSettings, web: SlackWeb, reception: Reception) -> "AsyncApp":
    """An app that acknowledges a request exactly when it is safely stored.

    Bolt acknowledges events before a listener runs, and answers 200 to what it cannot authorise; either would lose
    work. So the middleware runs before Bolt's own authorisation, right after its check of the signature, and what it
    returns is the acknowledgement. When it raises, Bolt answers 500 over HTTP and nothing over a socket, and Slack
    delivers again.
    """
    from slack_bolt.async_app import AsyncApp

    return AsyncApp(
        name="quarterdeck",
        client=web.client,
        signing_secret="" if settings.signing_secret is None else settings.signing_secret.get_secret_value(),
        request_verification_enabled=settings.transport is Transport.HTTP,
        before_authorize=_store_then_acknowledge(reception, ReplayGuard()),
        logger=sdk_logger(),
    )


def _store_then_acknowledge(
    reception: Reception, guard: ReplayGuard
) -> "Callable[..., Awaitable[BoltResponse | None]]":
    from slack_bolt.response import BoltResponse

    # Bolt fills the arguments by their names.
    async def middleware(req: "AsyncBoltRequest", next: "Callable[[], Awaitable[None]]") -> "BoltResponse | None":  # noqa: A002
        if req.body.get("type") == "url_verification":
            await next()
            return None
        try:
            with _single_use(req, guard):
                await reception.receive(req.body)
        except Replayed:
            return BoltResponse(status=HTTPStatus.UNAUTHORIZED, body="")
        return BoltResponse(status=HTTPStatus.OK, body="")

    return middleware


def _single_use(req: "AsyncBoltRequest", guard: ReplayGuard) -> AbstractContextManager[None]:
    # A socket carries no signatures: nobody but Slack can speak on it.
    return nullcontext() if req.mode == "socket_mode" else guard.single_use(req.headers[SIGNATURE_HEADER][0])
