"""Setting a team up in Discord: invitation, channels, and who sees them. Repeating it repairs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agents.roster import names_existing
from bot.surfaces.base import ChannelSpec
from bot.surfaces.checked import Checked
from bot.surfaces.discord.access import Access, access, is_ours, stays_private
from bot.surfaces.discord.channels import Channels
from bot.surfaces.discord.checkup import Wanted, check_wanted, look, talking_to, whole
from bot.surfaces.discord.permissions import NEEDED, TO_MANAGE, TO_RUN, May, Standing, invite_url, uses
from bot.surfaces.discord.server import channels_of
from bot.surfaces.discord.settings import DiscordSettings
from bot.surfaces.discord.web import DiscordWeb
from store.kernel.crash import outside
from store.kernel.errors import QuarterdeckError, UserMistake

Say = Callable[[Checked], None]


@dataclass(frozen=True)
class Plan:
    """What is to be set up: `channels`, the team's own first. `private` None: as it is, and private where it is new."""

    channels: Sequence[ChannelSpec]
    wanted: Wanted
    private: bool | None = None

    @property
    def needs(self) -> May:
        """What the bot must be allowed for it: less where every channel is one that people have made."""
        told = all(names_existing(each.name, "discord") for each in self.channels)
        return NEEDED if told else NEEDED | TO_MANAGE


class NotInvited(UserMistake):
    """The bot is not in the server, or may not do there what setting up needs. `link` puts that right."""

    def __init__(self, message: str, link: str) -> None:
        super().__init__(message, f"Open this as somebody who may manage the server: {link}")
        self.link = link


@dataclass(frozen=True)
class Invited:
    """A server in which the team can be set up. `new`: no channel of this bot's is in it yet."""

    here: Standing
    findings: Sequence[Checked]
    new: bool
    running_link: str
    """An invitation with no more than a running team needs."""


async def check_token(settings: DiscordSettings) -> None:
    """Whether Discord takes the token. Raises BadToken, UserMistake for an application that cannot work, Retryable."""
    async with talking_to(settings) as web:
        await look(web, settings.server_id)


async def require_invited(settings: DiscordSettings, plan: Plan) -> Invited:
    """The server, once the bot is in it and may do what the plan needs. Raises NotInvited until then; Retryable."""
    async with talking_to(settings) as web:
        found, findings = await look(web, settings.server_id)
        link = invite_url(found.application_id, plan.needs | TO_RUN, settings.server_id)
        if found.here is None:
            raise NotInvited(f"The bot {found.bot_name} is not in the server {settings.server_id}.", link)
        lacking = plan.needs & ~found.here.of_server
        if lacking:
            message = f"In {found.server_name} the bot lacks {uses(lacking)}."
            raise NotInvited(f"{message} Give them to its role under Server Settings, Roles, or invite it again.", link)
        new = not any(is_ours(each, found.here) for each in await channels_of(web, settings.server_id))
    return Invited(found.here, findings, new, invite_url(found.application_id, TO_RUN, settings.server_id))


async def set_up(settings: DiscordSettings, plan: Plan, invited: Invited, say: Say) -> tuple[str, ...]:
    """Does whatever is still to be done and says each thing as it is done; the channels' ids, the team's own first.

    Raises UserMistake, ChannelLost among them, for what a person must see to, and Retryable while Discord is away. What
    is done stays done, and a repetition goes on from there.
    """
    here = invited.here
    async with talking_to(settings) as web:
        findings = [*invited.findings, whole(here), *await check_wanted(web, here, plan.wanted)]
        for each in findings:
            say(each)
        everything = await channels_of(web, settings.server_id)
        private = stays_private(everything, here, plan.wanted) if plan.private is None else plan.private
        opened = await access(web, here, plan.wanted, private=private)
        channels = Channels(web, settings.server_id, here.bot_user_id, settings.category)
        if plan.needs != NEEDED:
            await _prepare_category(web, here, channels, opened, say)
        ids = await _make(channels, plan.channels, say)
        await _open(web, here, ids, opened, say)
        for finding in _not_closed(plan):
            say(finding)
    _require_all(findings)
    return ids


async def _prepare_category(web: DiscordWeb, here: Standing, channels: Channels, opened: Access, say: Say) -> None:
    """The category, as open as its channels will be before there is one; theirs where other channels are in it."""
    with outside("surface.channel"):
        place_id = await channels.place()
    everything = await channels_of(web, here.server_id)
    place = next(each for each in everything if each.id == place_id)
    say(Checked(f"category {place.name}", ok=True, said=place.id))
    if all(is_ours(each, here) for each in everything if each.parent_id == place_id):
        await opened.write(place)
    else:
        say(Checked("who sees the category", None, "left as it is, for other channels stand under it"))


async def _make(channels: Channels, specs: Sequence[ChannelSpec], say: Say) -> tuple[str, ...]:
    """The ids of all of them. One that fails does not keep the others from being made; it is raised at the end."""
    ids: list[str] = []
    failures: list[QuarterdeckError] = []
    for spec in specs:
        try:
            with outside("surface.channel"):
                ids.append(await channels.ensure(spec))
            say(Checked(f"channel {spec.name}", ok=True, said=ids[-1]))
        except QuarterdeckError as error:
            say(Checked(f"channel {spec.name}", ok=False, said=str(error)))
            failures.append(error)
    if failures:
        raise failures[0]
    return tuple(ids)


async def _open(web: DiscordWeb, here: Standing, ids: Sequence[str], opened: Access, say: Say) -> None:
    """Makes every channel of ours as open or closed as it is to be; those of other people stay as they are."""
    mine = [each for each in await channels_of(web, here.server_id) if each.id in ids and is_ours(each, here)]
    for channel in mine:
        await opened.write(channel)
    if mine:
        say(Checked("who sees the channels", ok=True, said=opened.said))
    for channel in mine:
        who = opened.said_of(channel)
        if who is not None:
            say(Checked(f"who sees #{channel.name}", ok=True, said=who))


def _not_closed(plan: Plan) -> list[Checked]:
    """Channels that people have made are theirs to close, lane role or not."""
    said = "yours, so it is left as it is: close it to all but the lane role yourself"
    theirs = (each.name for each in plan.channels if names_existing(each.name, "discord"))
    return [Checked(f"who sees the channel {name}", None, said) for name in theirs if name in plan.wanted.closed]


def _require_all(findings: Sequence[Checked]) -> None:
    wrong = next((each for each in findings if each.ok is False), None)
    if wrong is not None:
        raise UserMistake(f"All is done but one thing. {wrong.what}: {wrong.said}")
