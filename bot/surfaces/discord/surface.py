"""Discord as a surface: the port's methods, each handed to the part that keeps its promise."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

import structlog

from blocks.elements import Card, Form
from bot.surfaces.base import (
    STANDING,
    Answer,
    ChannelLost,
    ChannelSpec,
    Health,
    Inbound,
    InboundFile,
    Placing,
    ReplyTo,
    Shown,
)
from bot.surfaces.commands import CommandEntry, Suggests
from bot.surfaces.discord.answers import Answers
from bot.surfaces.discord.attachments import Attachments
from bot.surfaces.discord.autocomplete import Autocomplete, is_completion
from bot.surfaces.discord.channels import Channels
from bot.surfaces.discord.command_sync import CommandSync
from bot.surfaces.discord.commands import application_commands
from bot.surfaces.discord.confirming import Confirming, Questions, no_questions
from bot.surfaces.discord.downloads import Downloads
from bot.surfaces.discord.failures import DiscordRefusal, failure_of_card
from bot.surfaces.discord.gateway import Gateway
from bot.surfaces.discord.identity import Identity, identify, is_in_server
from bot.surfaces.discord.notices import ChannelWatch, away_from, telling
from bot.surfaces.discord.posting import NO_ROLES, Poster
from bot.surfaces.discord.pulse import Pulse
from bot.surfaces.discord.reception import Reception
from bot.surfaces.discord.settings import DiscordSettings, check_settings
from bot.surfaces.discord.supervisor import Supervisor
from bot.surfaces.discord.timing import AWAY_DELAY_SECONDS, DEFAULT_TIMING, LIVE_EDIT_SECONDS, Timing
from bot.surfaces.discord.turn import AlwaysOurs, Turn
from bot.surfaces.discord.vitals import Vitals
from bot.surfaces.discord.web import DiscordWeb, open_web
from store.kernel.clock import Clock, WallClock
from store.kernel.errors import QuarterdeckError, Retryable, UserMistake

if TYPE_CHECKING:
    from discord import Client

    from bot.surfaces.discord.client import Hearers

log = structlog.get_logger(__name__)

Look: TypeAlias = Callable[["Client"], Awaitable[None]]
"""What is done when anything of the server may be different from before."""


@dataclass(frozen=True)
class Parts:
    """What exists once Discord has said who we are."""

    identity: Identity
    channels: Channels
    answers: Answers
    reception: Reception
    hearers: "Hearers"
    command_sync: CommandSync
    attachments: Attachments
    poster: Poster


class DiscordSurface:
    """One Discord server. `commands` is the table behind `/deck`, `turn` says which process receives.

    `role_ids` are the server's roles that a card mentions when it calls the role of the team that they stand for.

    `questions` knows what the buttons ask that ask before a press counts; without it such a button does nothing.

    Without Discord it is a surface that is down, not an error: `start` returns, goes on trying, and `health` says so.
    """

    name = "discord"
    threads = True
    live_edit_seconds = LIVE_EDIT_SECONDS

    def __init__(
        self,
        settings: DiscordSettings,
        clock: Clock,
        *,
        commands: Sequence[CommandEntry] = (),
        role_ids: Mapping[str, str] = NO_ROLES,
        turn: Turn | None = None,
        questions: Questions = no_questions,
        timing: Timing = DEFAULT_TIMING,
    ) -> None:
        self._settings = settings
        self._clock = clock
        # Messages age by the world's time, whatever time the team's work is told.
        self._world = WallClock() if clock.simulated else clock
        self._commands = tuple(commands)
        self._role_ids = role_ids
        self._turn = turn or AlwaysOurs()
        self._questions = questions
        self._timing = timing
        self._vitals = Vitals(clock)
        self._web: DiscordWeb | None = None
        self._parts: Parts | None = None
        self._pulse: Pulse | None = None
        self._supervisor: Supervisor | None = None
        self._starting: asyncio.Task[None] | None = None

    async def start(self, inbound: Inbound) -> None:
        """Connects. Raises UserMistake for a token that cannot work; without a network it returns and goes on trying.

        It returns when the first session has begun, or after a while without one: another process may receive.
        """
        check_settings(self._settings)
        try:
            await self._connect(inbound)
        except Retryable as error:
            self._vitals.problem = str(error).rstrip(".")
            self._starting = asyncio.create_task(self._connect_later(inbound))
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
        if self._supervisor is not None:
            await self._supervisor.stop()
        if self._parts is not None:
            await self._parts.command_sync.stop()
            await self._parts.reception.drain()
            await self._parts.attachments.close()
        if self._pulse is not None:
            await self._pulse.stop()
        if self._web is not None:
            await self._web.close()
        self._vitals.problem = "Discord is switched off"

    async def ensure_channel(self, channel: ChannelSpec) -> str:
        async with self._meaning(None):
            return await self._live.channels.ensure(channel)

    async def post(self, channel_id: str, card: Card, placing: Placing = STANDING) -> Shown:
        async with self._meaning(channel_id):
            return await self._live.poster.post(channel_id, card, placing)

    async def edit(self, channel_id: str, message_id: str, card: Card, placing: Placing = STANDING) -> Shown:
        async with self._meaning(channel_id):
            return await self._live.poster.edit(channel_id, message_id, card, placing)

    async def find(self, channel_id: str, card_key: str, since: datetime, thread_id: str | None = None) -> str | None:
        async with self._meaning(channel_id):
            return await self._live.poster.find(channel_id, card_key, since, thread_id)

    @asynccontextmanager
    async def _meaning(self, channel_id: str | None) -> AsyncIterator[None]:
        """Says a refusal in the port's terms. Out of the server it is of no single channel, and passes."""
        try:
            yield
        except (DiscordRefusal, ChannelLost) as error:
            failure = error if isinstance(error, ChannelLost) else failure_of_card(error, channel_id)
            if await self._is_away(failure):
                raise Retryable(f"{self._vitals.away}.", AWAY_DELAY_SECONDS) from error
            if failure is error:
                raise
            raise failure from error
        else:
            self._vitals.away = None

    async def _is_away(self, failure: QuarterdeckError) -> bool:
        """True when the bot is not in its server: Discord is asked, for not every process hears so, nor at once."""
        if isinstance(failure, ChannelLost) and self._vitals.away is None and self._web is not None:
            server_id = self._settings.server_id
            self._vitals.away = None if await is_in_server(self._web, server_id) else away_from(server_id)
        return self._vitals.away is not None

    async def answer_privately(self, reply_to: ReplyTo, answer: Answer) -> None:
        if self._parts is not None:
            await self._parts.answers.tell(reply_to, answer)

    async def open_form(self, reply_to: ReplyTo, form: Form) -> None:
        await self._live.answers.open_form(reply_to, form)

    async def read_file(self, file: InboundFile) -> bytes:
        """A file that was given in a form here. Raises Retryable, and UserMistake when it never can be read."""
        return await Downloads(self._settings.api_url).content(file)

    def health(self) -> Health:
        return self._vitals.health()

    @property
    def _live(self) -> Parts:
        if self._parts is None:
            raise Retryable("Discord is not connected yet.", self._timing.start_again_seconds)
        return self._parts

    async def _connect(self, inbound: Inbound) -> None:
        if self._web is None:
            self._web = await open_web(self._settings, self._timing, self._world)
        identity = await identify(self._web, self._settings.server_id)
        self._vitals.heard_answer()
        self._parts = self._assemble(self._web, identity, inbound)
        self._pulse = Pulse(self._web, self._vitals, self._timing)
        self._pulse.start()
        self._parts.command_sync.start()
        self._supervisor = self._supervise(self._web, self._parts)
        await self._supervisor.start()

    async def _connect_later(self, inbound: Inbound) -> None:
        pause_seconds = self._timing.start_again_seconds
        while self._parts is None:
            await asyncio.sleep(pause_seconds)
            try:
                await self._connect(inbound)
            except Retryable as error:
                pause_seconds = max(self._timing.start_again_seconds, error.delay_seconds)
                self._vitals.problem = str(error).rstrip(".")
            except UserMistake as error:
                log.warning("discord.cannot_start", reason=str(error))
                self._vitals.problem = str(error).rstrip(".")
                return
            except Exception:  # the outermost loop of starting: shown in health, and tried again
                log.exception("discord.start_failed")
                self._vitals.problem = "Starting Discord failed; the log says why"

    def _assemble(self, web: DiscordWeb, identity: Identity, inbound: Inbound) -> Parts:
        channels = Channels(web, identity.server_id, identity.user_id, self._settings.category)
        watch = ChannelWatch(identity.server_id, channels.known, self._vitals, telling(inbound))
        answers = Answers(web)
        confirming, server_id = Confirming(answers, self._questions), identity.server_id
        reception = Reception(inbound, answers, confirming, server_id=server_id, clock=self._clock, timing=self._timing)
        suggests = inbound if isinstance(inbound, Suggests) else None
        autocomplete = Autocomplete(web, suggests, self._commands, server_id)
        attachments = Attachments()
        commands = application_commands(self._commands)
        command_sync = CommandSync(web, identity, commands, self._vitals, self._timing)
        return Parts(
            identity=identity,
            channels=channels,
            answers=answers,
            reception=reception,
            hearers=_hearers(reception, autocomplete, (watch.look, command_sync.look)),
            command_sync=command_sync,
            attachments=attachments,
            poster=self._poster(web, identity, attachments),
        )

    def _poster(self, web: DiscordWeb, identity: Identity, attachments: Attachments) -> Poster:
        simulated, role_ids = self._clock.simulated, self._role_ids
        return Poster(web, identity.user_id, attachments, role_ids=role_ids, world=self._world, simulated=simulated)

    def _supervise(self, web: DiscordWeb, parts: Parts) -> Supervisor:
        from bot.surfaces.discord.client import QuarterdeckClient

        vitals, token = self._vitals, self._settings.token.get_secret_value()
        return Supervisor(
            lambda: QuarterdeckClient(parts.hearers, vitals),
            Gateway(web, self._settings).admit,
            token,
            turn=self._turn,
            vitals=vitals,
            timing=self._timing,
        )


def _hearers(reception: Reception, autocomplete: Autocomplete, looks: Sequence[Look]) -> "Hearers":
    from bot.surfaces.discord.client import Hearers
    from bot.surfaces.discord.items import dynamic_items, in_full, unless_dispatched

    async def receive(interaction: Mapping[str, object]) -> None:
        await (autocomplete.answer if is_completion(interaction) else reception.receive)(interaction)

    async def servers(client: "Client") -> None:
        for look in looks:
            await look(client)

    hear = in_full(receive)
    return Hearers(interaction=unless_dispatched(hear), items=dynamic_items(hear), servers=servers)
