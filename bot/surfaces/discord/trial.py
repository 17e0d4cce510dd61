"""One card to try: posted once however often the set-up runs, and a press of it waited for."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from blocks.elements import Card
from bot.surfaces.base import Answer
from bot.surfaces.discord.answers import Answers
from bot.surfaces.discord.attachments import Attachments
from bot.surfaces.discord.checkup import talking_to
from bot.surfaces.discord.gateway import Gateway
from bot.surfaces.discord.payload import Kind, find, reply_handle, who
from bot.surfaces.discord.posting import Poster
from bot.surfaces.discord.settings import DiscordSettings
from bot.surfaces.discord.vitals import Vitals
from bot.surfaces.discord.web import DiscordWeb
from store.kernel.clock import Clock
from store.kernel.crash import outside
from store.kernel.errors import OutcomeUnknown

LOOK_BACK = timedelta(days=1)
"""A test card posted within this time is shown anew instead of posting a second one."""
MESSAGE_URL = "https://discord.com/channels/{server_id}/{channel_id}/{message_id}"
IT_WORKS = Answer(text="It works: what is pressed here reaches Quarterdeck.")


async def greet(settings: DiscordSettings, bot_user_id: str, channel_id: str, card: Card, clock: Clock) -> str:
    """The id of the message that shows the card, posted when there is none yet.

    Raises Retryable, OutcomeUnknown, DiscordRefusal.
    """
    async with talking_to(settings) as web:
        attachments = Attachments()
        try:
            poster = Poster(web, bot_user_id, attachments, world=clock, simulated=False)
            return await _show(poster, channel_id, card, clock.now() - LOOK_BACK)
        finally:
            await attachments.close()


async def _show(poster: Poster, channel_id: str, card: Card, since: datetime) -> str:
    shown = await poster.find(channel_id, card.key, since)
    if shown is not None:
        with outside("surface.edit"):
            return (await poster.edit(channel_id, shown, card)).message_id
    try:
        with outside("surface.post"):
            return (await poster.post(channel_id, card)).message_id
    except OutcomeUnknown:
        shown = await poster.find(channel_id, card.key, since)
        if shown is None:
            raise
        return shown


def message_url(settings: DiscordSettings, channel_id: str, message_id: str) -> str:
    """Where a person opens the message."""
    return MESSAGE_URL.format(server_id=settings.server_id, channel_id=channel_id, message_id=message_id)


async def pressed(
    settings: DiscordSettings,
    message_id: str,
    clock: Clock,
    patience_seconds: float,
    *,
    listening: Callable[[], None],
    answer: bool,
) -> str | None:
    """The name of the account that pressed the message's button; None when nobody did, or no connection came about.

    `listening` is called once a press would be heard. `answer` tells the person who presses so: not where a running
    team does, which hears the press as well.
    """
    async with talking_to(settings) as web:
        await Gateway(web, settings).admit()
        heard: asyncio.Future[Mapping[str, object]] = asyncio.get_running_loop().create_future()
        connection = asyncio.create_task(_listen(settings, message_id, clock, heard, listening))
        try:
            await asyncio.wait((heard, connection), timeout=patience_seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            connection.cancel()
            with suppress(asyncio.CancelledError):
                await connection
        if not heard.done():
            return None
        return await _answered(web, heard.result(), answer=answer)


async def _answered(web: DiscordWeb, body: Mapping[str, object], *, answer: bool) -> str | None:
    if answer:
        await Answers(web).tell(reply_handle(body, Kind.COMPONENT), IT_WORKS)
    return find(who(body), "username")


async def _listen(
    settings: DiscordSettings,
    message_id: str,
    clock: Clock,
    heard: "asyncio.Future[Mapping[str, object]]",
    listening: Callable[[], None],
) -> None:
    """Holds a connection until it is cancelled; what is pressed on the message is put into `heard`."""
    import discord

    from bot.surfaces.discord.client import Hearers, QuarterdeckClient
    from bot.surfaces.discord.items import raw_interaction

    async def hear(interaction: discord.Interaction) -> None:
        body = raw_interaction(interaction)
        if find(body, "message", "id") == message_id and not heard.done():
            heard.set_result(body)

    class Trial(QuarterdeckClient):
        async def on_ready(self) -> None:
            listening()

    async with Trial(Hearers(interaction=hear), Vitals(clock)) as client:
        await client.start(settings.token.get_secret_value())
