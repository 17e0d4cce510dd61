"""Setting a team up in Slack: everything asked for, the channels made, and one card posted. Repeating it repairs."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from blocks.elements import Card
from bot.surfaces.base import STANDING, ChannelSpec
from bot.surfaces.checked import Checked
from bot.surfaces.slack.abilities import Abilities
from bot.surfaces.slack.channels import Channels
from bot.surfaces.slack.charts import ChartUploads, ForgetfulUploads
from bot.surfaces.slack.checkup import check_cards, check_tokens, talking_to
from bot.surfaces.slack.features import Features
from bot.surfaces.slack.identity import Home
from bot.surfaces.slack.posting import Poster
from bot.surfaces.slack.settings import SlackSettings
from bot.surfaces.slack.timing import DEFAULT_TIMING
from bot.surfaces.slack.web import SlackWeb
from store.kernel.crash import outside
from store.kernel.errors import OutcomeUnknown, QuarterdeckError

LOOK_BACK = timedelta(days=1)
"""A test card posted within this time is shown anew instead of posting a second one."""


@dataclass(frozen=True)
class Wanted:
    """What is to be set up: `channels`, the team's own first, with `people` to invite into those that are made.

    `cards` has one of every kind, to be tried; `greeting` is posted in the team's channel.
    """

    channels: Sequence[ChannelSpec]
    people: Sequence[str]
    cards: Iterable[tuple[str, Card]]
    greeting: Card


async def check_in(settings: SlackSettings) -> list[Checked]:
    """Whether the tokens are good for what is needed. Raises UserMistake that says what to do, or Retryable."""
    async with talking_to(settings) as web:
        return (await check_tokens(web, settings))[1]


async def set_up(settings: SlackSettings, wanted: Wanted, now: datetime, say: Callable[[Checked], None]) -> str:
    """Does whatever is still to be done and says each thing as it is done; the address of the posted card.

    Raises UserMistake, ChannelLost among them, for what a person must see to, and Retryable while Slack is away.
    """
    async with talking_to(settings) as web:
        home, found = await check_tokens(web, settings)
        for each in found:
            say(each)
        say(await check_cards(web, wanted.cards))
        ids = await _make_channels(web, home, wanted, say)
        return await _greet(web, home, ids[0], wanted.greeting, now)


async def _make_channels(web: SlackWeb, home: Home, wanted: Wanted, say: Callable[[Checked], None]) -> list[str]:
    """The ids of all of them. One that fails does not keep the others from being made; it is raised at the end."""
    channels = Channels(web, home.bot_user_id, wanted.people)
    ids: list[str] = []
    failures: list[QuarterdeckError] = []
    for spec in wanted.channels:
        try:
            with outside("surface.channel"):
                ids.append(await channels.ensure(spec))
            say(Checked(f"channel {spec.name}", ok=True, said=ids[-1]))
        except QuarterdeckError as error:
            say(Checked(f"channel {spec.name}", ok=False, said=str(error)))
            failures.append(error)
    if failures:
        raise failures[0]
    return ids


async def _greet(web: SlackWeb, home: Home, channel_id: str, card: Card, now: datetime) -> str:
    charts = ChartUploads(web, DEFAULT_TIMING, ForgetfulUploads())
    poster = Poster(web, charts, home, Abilities(), Features(), simulated=False)
    shown = await poster.find(channel_id, card.key, now - LOOK_BACK, None)
    if shown is None:
        try:
            with outside("surface.post"):
                shown = (await poster.post(channel_id, card, STANDING)).message_id
        except OutcomeUnknown:
            shown = await poster.find(channel_id, card.key, now - LOOK_BACK, None)
            if shown is None:
                raise
    else:
        with outside("surface.edit"):
            await poster.edit(channel_id, shown, card)
    place = {"channel": channel_id, "message_ts": shown}
    return str((await web.call("chat.getPermalink", {**place}, repeatable=True))["permalink"])
