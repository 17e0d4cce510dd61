"""Asking Discord whether everything is as it must be. Nothing is posted and nothing is changed."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from bot.surfaces.checked import Checked
from bot.surfaces.discord.failures import MISSING_ACCESS, UNKNOWN_SERVER, DiscordRefusal
from bot.surfaces.discord.identity import ELSEWHERE, is_deaf
from bot.surfaces.discord.making import CHANNELS_OF_SERVER, mark_of
from bot.surfaces.discord.permissions import (
    EVERYTHING,
    NEEDED,
    TO_MANAGE,
    TO_RUN,
    TO_SET_UP,
    May,
    Standing,
    invite_url,
    is_private,
    names,
    uses,
)
from bot.surfaces.discord.server import Channel, Role, channels_of, roles_held, roles_of, standing
from bot.surfaces.discord.settings import DiscordSettings, check_settings
from bot.surfaces.discord.web import DiscordWeb, open_web
from store.kernel.canonical import Json
from store.kernel.errors import UserMistake
from store.records import Record

PORTAL = "https://discord.com/developers/applications"


class Wanted(Record):
    """What the workspace asks of a server: `roles` are the ids of Discord's roles, by the team's own names for them.

    `people` are the accounts of the team's people, by their own ids; `holders` who of them has which role of the team.
    `lanes` are the ids of Discord's roles by the agents that answer to them alone, and `closed` the names of these
    agents' channels, each with the roles that it is closed to all but.
    """

    roles: Mapping[str, str] = {}
    people: Mapping[str, str] = {}
    holders: Mapping[str, tuple[str, ...]] = {}
    lanes: Mapping[str, str] = {}
    closed: Mapping[str, tuple[str, ...]] = {}


class Found(Record):
    """What there is: the application and its bot, and in the server, None when it is not there, what it may."""

    application_id: str
    bot_user_id: str
    bot_name: str
    server_name: str = ""
    here: Standing | None = None


@asynccontextmanager
async def talking_to(settings: DiscordSettings) -> AsyncIterator[DiscordWeb]:
    """Discord's REST API for as long as the block lasts. No events arrive meanwhile: a running team keeps getting them.

    Raises BadToken for a token that is not taken, Retryable while Discord is away.
    """
    check_settings(settings)
    web = await open_web(settings)
    try:
        yield web
    finally:
        await web.close()


async def check_in(settings: DiscordSettings, wanted: Wanted) -> list[Checked]:
    """Everything that a running team needs. Raises BadToken and Retryable."""
    async with talking_to(settings) as web:
        found, findings = await look(web, settings.server_id)
        if found.here is None:
            return findings
        everything = await channels_of(web, settings.server_id)
        findings += _permissions(found, found.here, everything)
        findings += _left_open(everything, found.here, wanted)
        findings.append(await _commands(web, found, settings.server_id))
        return findings + await check_wanted(web, found.here, wanted)


async def look(web: DiscordWeb, server_id: str) -> tuple[Found, list[Checked]]:
    """Who the bot is and whether it is in the server. Raises UserMistake for an application that cannot work."""
    from discord.http import Route

    application = _mapping(await web.call(Route("GET", "/applications/@me")))
    user = _mapping(await web.call(Route("GET", "/users/@me")))
    _require_usable(application)
    found = Found(
        application_id=str(application.get("id", "")),
        bot_user_id=str(user.get("id", "")),
        bot_name=str(user.get("username", "")),
    )
    findings = [Checked("token", ok=True, said=f"the bot {found.bot_name}, of {application.get('name')}")]
    try:
        server = _mapping(await web.call(Route("GET", "/guilds/{guild_id}", guild_id=server_id)))
    except DiscordRefusal as refusal:
        if refusal.code not in (UNKNOWN_SERVER, MISSING_ACCESS):
            raise
        link = invite_url(found.application_id, TO_SET_UP, server_id)
        said = f"the bot is not in the server {server_id}. Invite it, as somebody who may manage the server: {link}"
        return found, [*findings, Checked("server", ok=False, said=said)]
    here = await standing(web, server_id, found.bot_user_id)
    named = found.model_copy(update={"server_name": str(server.get("name", "")), "here": here})
    return named, [*findings, Checked("server", ok=True, said=named.server_name)]


async def check_wanted(web: DiscordWeb, here: Standing, wanted: Wanted) -> list[Checked]:
    """The roles that the workspace names and the people it knows, as the server has them."""
    roles = await roles_of(web, here.server_id)
    findings = [_role(name, role_id, roles.get(role_id), here) for name, role_id in sorted(wanted.roles.items())]
    findings += [_lane(agent, role_id, roles.get(role_id)) for agent, role_id in sorted(wanted.lanes.items())]
    held = await held_by(web, here.server_id, wanted.people)
    absent = sorted(wanted.people.keys() - held.keys())
    if absent:
        said = f"not in the server, so they cannot see or press anything: {', '.join(absent)}"
        findings.append(Checked("people", None, said))
    return [*findings, *_unbound(wanted, held)]


async def held_by(web: DiscordWeb, server_id: str, people: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """Which roles of the server each of them has; who is not in the server is left out."""
    asked = {name: await roles_held(web, server_id, account) for name, account in people.items()}
    return {name: held for name, held in asked.items() if held is not None}


def _unbound(wanted: Wanted, held: Mapping[str, frozenset[str]]) -> list[Checked]:
    """Who has a role of the team but not the server's that it is bound to: acting from there they are without it."""
    found = []
    for name, role_id in sorted(wanted.roles.items()):
        without = [who for who in wanted.holders.get(name, ()) if who in held and role_id not in held[who]]
        if without:
            said = f"not given on the server, so they act there without it: {', '.join(sorted(without))}"
            found.append(Checked(f"role {name}", None, said))
    return found


def _left_open(everything: Sequence[Channel], here: Standing, wanted: Wanted) -> list[Checked]:
    """Channels of ours that everybody sees although a lane role is to close them: made since the last set-up, say."""
    said = "everybody sees it, though its agent has a lane role: `quarterdeck discord setup`"
    return [
        Checked(f"channel #{each.name}", ok=False, said=said)
        for each in everything
        if lanes_of(each, here, wanted) and not is_private(each.overwrites, here.server_id)
    ]


def lanes_of(channel: Channel, here: Standing, wanted: Wanted) -> tuple[str, ...]:
    """The lane roles to which a channel of ours is to be closed; none for any other."""
    named = (roles for name, roles in wanted.closed.items() if mark_of(here.bot_user_id, name) in channel.topic)
    return next(named, ())


def _require_usable(application: Mapping[str, Json]) -> None:
    """https://docs.discord.com/developers/resources/application, checked 2026-11-21."""
    app_id = application.get("id")
    if is_deaf(application):
        raise UserMistake(ELSEWHERE, f"Take the URL out: {PORTAL}/{app_id}/information, and save.")
    if application.get("bot_require_code_grant") is True:
        message = "The bot asks for an OAuth2 code grant, so nobody can invite it."
        raise UserMistake(message, f"Switch off Requires OAuth2 Code Grant: {PORTAL}/{app_id}/bot, and save.")


def _permissions(found: Found, here: Standing, everything: Sequence[Channel]) -> list[Checked]:
    """What the bot may in the server, then each of our channels in which it may not do what it must."""
    ours = [each for each in everything if mark_of(found.bot_user_id) in each.topic]
    barred = {each.name: NEEDED & ~here.among(each.overwrites) for each in ours}
    findings = [
        Checked(f"channel #{name}", ok=False, said=f"the bot lacks {names(lacking)}: `quarterdeck discord setup`")
        for name, lacking in sorted(barred.items())
        if lacking
    ]
    lacking = TO_RUN & ~here.of_server
    if NEEDED & lacking and not ours:
        link = invite_url(found.application_id, TO_SET_UP, here.server_id)
        return [Checked("permissions", ok=False, said=f"the bot lacks {uses(lacking)}. Invite it again: {link}")]
    return [whole(here), *findings, _room(everything)]


def whole(here: Standing) -> Checked:
    """What the bot may in the server as a whole, where it may what it must."""
    if here.of_server == EVERYTHING:
        return Checked("permissions", None, "the bot is an administrator; it needs far less")
    lacking = TO_RUN & ~here.of_server
    if lacking:
        return Checked("permissions", None, f"left out in the server as a whole: {uses(lacking)}")
    beyond = here.of_server & TO_MANAGE
    more = f"; {names(beyond)} can be taken away until the next set-up" if beyond else ""
    return Checked("permissions", ok=True, said=f"all that a running team needs{more}")


def _room(everything: Sequence[Channel]) -> Checked:
    full = len(everything) >= CHANNELS_OF_SERVER
    return Checked("channels", ok=not full, said=f"{len(everything)} of the {CHANNELS_OF_SERVER} a server may have")


async def _commands(web: DiscordWeb, found: Found, server_id: str) -> Checked:
    from discord.http import Route

    place = "/applications/{application_id}/guilds/{guild_id}/commands"
    try:
        await web.call(Route("GET", place, application_id=found.application_id, guild_id=server_id))
    except DiscordRefusal as refusal:
        if refusal.code != MISSING_ACCESS:
            raise
        link = invite_url(found.application_id, TO_RUN, server_id)
        return Checked("commands", ok=False, said=f"the bot may have none here. Invite it again: {link}")
    return Checked("commands", ok=True, said="the bot may have its own here")


def _lane(agent: str, role_id: str, role: Role | None) -> Checked:
    what = f"lane role of {agent}"
    if role is None or role.managed:
        return _unusable(what, role_id, role)
    return Checked(what, ok=True, said=f"@{role.name}")


def _unusable(what: str, role_id: str, role: Role | None) -> Checked:
    """A role that is not there, or that nobody can be given."""
    if role is None:
        said = f"the server has no role {role_id}: Server Settings, Roles, Copy Role ID, into team.yaml"
        return Checked(what, ok=False, said=said)
    return Checked(what, ok=False, said=f"@{role.name} belongs to an app, and nobody can be given it")


def _role(name: str, role_id: str, role: Role | None, here: Standing) -> Checked:
    what = f"role {name}"
    if role is None or role.managed:
        return _unusable(what, role_id, role)
    if not role.mentionable and not here.of_server & May.MENTION_EVERYONE:
        said = f"@{role.name}; a waiting approval cannot call its members: Allow anyone to @mention this role"
        return Checked(what, None, said)
    return Checked(what, ok=True, said=f"@{role.name}")


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}
