"""url.read: whether one page answers, how fast, and whether it is still the same; never what stands on it."""

import asyncio
from urllib.parse import urlsplit

from agents.readings.port import PageTarget
from agents.tools.builtin.shapes import MOMENT, closed, list_of, shown
from agents.tools.spec import Means, Tool, ToolCall, ToolSpec
from store.kernel.canonical import JsonObject
from store.kernel.errors import Refused, UserMistake
from store.records import Access

URL_SETTING = "url"
OWN_NETWORK_SETTING = "own_network"
SCHEMES = ("https", "http")
_NUMBER_OR_NULL: JsonObject = {"type": ["integer", "null"], "minimum": 0}


async def _read(call: ToolCall, means: Means) -> JsonObject:
    reading = await asyncio.to_thread(means.readings.page, _target(call), call.now)
    return {
        "at": shown(reading.at),
        "recorded": reading.recorded,
        "reachable": reading.reachable,
        "status": reading.status,
        "latency_ms": reading.latency_ms,
        "size_bytes": reading.size_bytes,
        "sha256": reading.sha256,
        "redirects": reading.redirects,
        "cannot_see": list(reading.cannot_see),
    }


def _target(call: ToolCall) -> PageTarget:
    """The page the agent's setting `url` names. Raises Refused without one: no agent reads any page it likes."""
    named = call.agent.settings.get(URL_SETTING)
    if not isinstance(named, str):
        raise Refused(f"{call.agent.name} has no setting `{URL_SETTING}`, so it may read no page.", "lane.url")
    objection = objection_to_url(named)
    if objection is not None:
        raise UserMistake(f"The setting `{URL_SETTING}` cannot be read: {objection}")
    return PageTarget(url=named, own_network=call.agent.settings.get(OWN_NETWORK_SETTING) is True)


def objection_to_url(url: str) -> str | None:
    """Why this is no address of a page; None when it is one."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "it is no address of a page."
    if parts.scheme not in SCHEMES or not parts.hostname or not url.isprintable() or " " in url:
        return "an address of a page begins with https:// or http:// and names a host."
    if parts.username is not None or parts.password is not None:
        return "it holds a name or password; such an address must not stand in a file."
    return None if port != 0 else "port 0 is no port."


def _require_page(call: ToolCall) -> None:
    _target(call)


READ_PAGE = Tool(
    spec=ToolSpec(
        name="url.read",
        description=(
            "Reads the one page the agent's setting `url` names: whether it answers, its status, how long it took, its "
            "size and SHA-256. Its text is not given. Only public addresses, unless the setting `own_network` is true; "
            "redirects stay on the same host."
        ),
        arguments=closed({}),
        result=closed(
            {
                "at": MOMENT,
                "recorded": {"type": "boolean"},
                "reachable": {"type": "boolean"},
                "status": _NUMBER_OR_NULL,
                "latency_ms": _NUMBER_OR_NULL,
                "size_bytes": _NUMBER_OR_NULL,
                "sha256": {"type": ["string", "null"], "pattern": "^[0-9a-f]{64}$"},
                "redirects": {"type": "integer"},
                "cannot_see": list_of({"type": "string"}, at_most=20),
            }
        ),
        access=Access.READ,
    ),
    run=_read,
    summarise=lambda _: "Reads the page that the agent watches.",
    check=_require_page,
)
