"""POST /hooks/ID: a signed request from another program, stored once per webhook-id, then acted on."""

import asyncio
import json

import structlog
from aiohttp import web

from bot.surfaces.base import Accepted, Inbound, InboundEvent, InboundKind
from bot.surfaces.console.site import site_of
from bot.surfaces.webhooks import verify
from store.kernel.canonical import JsonObject
from store.kernel.errors import NotFound, UserMistake

WEBHOOK_SURFACE = "webhook"
MAX_BODY_BYTES = 256_000
"""As much as one recorded result may hold (`store.records.step.Step`)."""

log = structlog.get_logger()
RUNNING: web.AppKey[set[asyncio.Task[None]]] = web.AppKey("running_hooks", set)


async def receive(request: web.Request) -> web.Response:
    """202 once the event is on record, 200 for one that already was; nothing is stored without a valid signature.

    The sender is answered as soon as the event is safe: what it starts may take its time.
    """
    site, hook = site_of(request), request.match_info["id"]
    secrets = site.settings.hooks.get(hook)
    if secrets is None:
        raise NotFound(f"There is no webhook {hook}.")
    body = await _read(request)
    headers = {name.lower(): value for name, value in request.headers.items()}
    identity = verify(secrets, headers, body, site.world.now())
    event = InboundEvent(
        surface=WEBHOOK_SURFACE,
        key=f"{hook}:{identity}",
        kind=InboundKind.WEBHOOK,
        account=hook,
        payload=_payload(body),
    )
    accepted = await site.inbound.accept(event)
    if accepted.repeat:
        return web.json_response({"ok": True, "text": "Already received."})
    _act_later(request.app[RUNNING], site.inbound, accepted)
    return web.json_response({"ok": True, "text": "Received."}, status=202)


async def finish(app: web.Application) -> None:
    """Lets what was accepted finish before the process ends."""
    await asyncio.gather(*app[RUNNING], return_exceptions=True)


def _act_later(running: set[asyncio.Task[None]], inbound: Inbound, accepted: Accepted) -> None:
    task = asyncio.create_task(_act(inbound, accepted))
    running.add(task)
    task.add_done_callback(running.discard)


async def _act(inbound: Inbound, accepted: Accepted) -> None:
    try:
        await inbound.act(accepted)
    except Exception:  # the outermost loop of one event
        # The event stays `received`: the intake takes it up again, so this is a delay and not a loss.
        log.exception("console.webhook_not_handled", hook=accepted.event.account, key=accepted.event.key)


async def _read(request: web.Request) -> bytes:
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise web.HTTPRequestEntityTooLarge(MAX_BODY_BYTES, request.content_length or 0)
    return await request.read()


def _payload(body: bytes) -> JsonObject:
    try:
        payload = json.loads(body or b"{}")
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise UserMistake("The webhook's body is not JSON.") from None
    return payload if isinstance(payload, dict) else {"value": payload}
