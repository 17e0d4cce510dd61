"""What programs of this machine may ask: the command line's way in, and the health check."""

import asyncio
import hmac
import json
from collections.abc import Mapping

from aiohttp import web

from bot.surfaces.base import Answer, InboundEvent, InboundKind
from bot.surfaces.console.acting import carry_out
from bot.surfaces.console.site import site_of
from store.kernel.errors import UserMistake

LOCAL_SURFACE = "cli"
"""The surface of events that came from the command line; the account is the person's id."""


async def healthz(_request: web.Request) -> web.Response:
    """GET /healthz: says only that the process answers."""
    return web.json_response({"ok": True})


async def health(request: web.Request) -> web.Response:
    """GET /api/health: what the console knows of itself, of the team's other surfaces, and of the inbox."""
    _check_bearer(request)
    site = site_of(request)
    oldest = await asyncio.to_thread(site.data.oldest_event_at)
    told = {
        "url": site.settings.url,
        "pages_open": site.hub.watching,
        "surfaces": [each.model_dump(mode="json") for each in site.neighbours()],
        "oldest_event_at": None if oldest is None else oldest.isoformat(),
    }
    return web.json_response({"ok": True, **told})


async def command(request: web.Request) -> web.Response:
    """POST /api/command {"text", "key", "person"}: a key seen before changes nothing and gets the first answer."""
    body = await _body(request)
    event = InboundEvent(
        surface=LOCAL_SURFACE,
        key=_text(body, "key"),
        kind=InboundKind.COMMAND,
        account=_person(request, body),
        text=_text(body, "text"),
    )
    return _answered(await carry_out(site_of(request).inbound, event))


async def press(request: web.Request) -> web.Response:
    """POST /api/press {"token", "key", "person", "fields"?}: a button or form, with the same guarantee."""
    body = await _body(request)
    fields = _fields(body)
    event = InboundEvent(
        surface=LOCAL_SURFACE,
        key=_text(body, "key"),
        kind=InboundKind.SUBMIT if fields else InboundKind.PRESS,
        account=_person(request, body),
        token=_text(body, "token"),
        fields=fields,
    )
    return _answered(await carry_out(site_of(request).inbound, event))


def _answered(answer: Answer) -> web.Response:
    return web.json_response(answer.model_dump(mode="json"))


def _check_bearer(request: web.Request) -> None:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), site_of(request).local_token.encode()):
        raise web.HTTPUnauthorized(reason="The local token is missing or wrong.")


async def _body(request: web.Request) -> Mapping[str, object]:
    _check_bearer(request)
    try:
        body = await request.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise UserMistake("The body is not JSON.") from None
    if not isinstance(body, dict):
        raise UserMistake("The body is not a JSON object.")
    return body


def _text(body: Mapping[str, object], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise UserMistake(f"The body has no text under {name!r}.")
    return value


def _person(request: web.Request, body: Mapping[str, object]) -> str:
    person, known = _text(body, "person"), site_of(request).settings.people
    if person not in known:
        raise UserMistake(f"The workspace has no person {person!r}.", f"It has {', '.join(sorted(known)) or 'nobody'}.")
    return person


def _fields(body: Mapping[str, object]) -> dict[str, str]:
    fields = body.get("fields") or {}
    if not isinstance(fields, dict) or not all(isinstance(value, str) for value in fields.values()):
        raise UserMistake("`fields` must map names to texts.")
    return fields
