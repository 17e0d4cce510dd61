"""Who the bot is, and where: asked once, when the surface starts."""

from collections.abc import Mapping

from bot.surfaces.discord.failures import MISSING_ACCESS, UNKNOWN_SERVER, DiscordRefusal
from bot.surfaces.discord.web import DiscordWeb
from store.kernel.canonical import Json
from store.kernel.errors import Retryable, UserMistake
from store.records import Record

ELSEWHERE = "Discord sends this application's presses to an Interactions Endpoint URL, and not to us."
"""An application has its interactions either over HTTP or over the gateway, never both:
https://docs.discord.com/developers/interactions/receiving-and-responding, checked 2026-11-21."""


class Identity(Record):
    """The application, its bot user and the server. An application's id is not always its bot's."""

    application_id: str
    user_id: str
    user_name: str
    server_id: str
    server_name: str


async def identify(web: DiscordWeb, server_id: str) -> Identity:
    """Who the bot is and the server it serves. Raises UserMistake when it is not in that server; Retryable."""
    from discord.http import Route

    user = _mapping(await web.call(Route("GET", "/users/@me")))
    application = await ask_application(web)
    try:
        server = _mapping(await web.call(Route("GET", "/guilds/{guild_id}", guild_id=server_id)))
    except DiscordRefusal as refusal:
        if refusal.code not in (UNKNOWN_SERVER, MISSING_ACCESS):
            raise
        message = f"The bot is not in the Discord server {server_id}."
        raise UserMistake(message, "Invite it: `quarterdeck discord setup` prints the link.") from refusal
    return Identity(
        application_id=str(application.get("id", "")),
        user_id=str(user.get("id", "")),
        user_name=str(user.get("username", "")),
        server_id=server_id,
        server_name=str(server.get("name", "")),
    )


async def is_in_server(web: DiscordWeb, server_id: str) -> bool:
    """True unless Discord says that the bot is not in the server."""
    from discord.http import Route

    try:
        await web.call(Route("GET", "/guilds/{guild_id}", guild_id=server_id))
    except DiscordRefusal as refusal:
        return refusal.code not in (UNKNOWN_SERVER, MISSING_ACCESS)
    except Retryable:
        pass
    return True


async def ask_application(web: DiscordWeb) -> Mapping[str, Json]:
    """The application of the token, as Discord describes it. Raises Retryable; DiscordRefusal for a refused token."""
    from discord.http import Route

    return _mapping(await web.call(Route("GET", "/applications/@me")))


def is_deaf(application: Mapping[str, Json]) -> bool:
    """True when its presses go elsewhere: then the gateway brings none, however well it is connected."""
    return bool(application.get("interactions_endpoint_url"))


def _mapping(answer: Json) -> Mapping[str, Json]:
    return answer if isinstance(answer, Mapping) else {}
