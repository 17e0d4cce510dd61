"""Slack as a surface: the port's methods, each handed to the part that keeps its promise."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog

from blocks.elements import Card, Form
from blocks.home import Home as HomePage
from bot.surfaces.base import STANDING, Answer, ChannelSpec, Health, Inbound, InboundFile, Placing, ReplyTo, Shown
from bot.surfaces.slack.accounts import Accounts
from bot.surfaces.slack.answers import Answers
from bot.surfaces.slack.app import build_app
from bot.surfaces.slack.catchup import CatchUp
from bot.surfaces.slack.channels import Channels
from bot.surfaces.slack.charts import ChartUploads, ForgetfulUploads, Uploads
from bot.surfaces.slack.downloads import Downloads
from bot.surfaces.slack.failures import SlackRefusal, failure_of_card
from bot.surfaces.slack.history import HistoryReader
from bot.surfaces.slack.homes import Homes, channel_url
from bot.surfaces.slack.identity import Home, identify
from bot.surfaces.slack.listening import Listening
from bot.surfaces.slack.pacing import Pacer
from bot.surfaces.slack.posting import Poster
from bot.surfaces.slack.pulse import Pulse
from bot.surfaces.slack.reception import Reception
from bot.surfaces.slack.sessions import Sessions
from bot.surfaces.slack.settings import SlackSettings, Transport, check_settings
from bot.surfaces.slack.sockets import SocketLinks
from bot.surfaces.slack.supervisor import SocketLink
from bot.surfaces.slack.timing import DEFAULT_TIMING, LIVE_EDIT_SECONDS, Timing
from bot.surfaces.slack.vitals import Vitals
from bot.surfaces.slack.web import SlackWeb, open_web
from bot.surfaces.slack.webserver import HttpLink
from bot.watching.watchbook import Watchbook
from store.kernel.clock import Clock
from store.kernel.errors import Retryable, UserMistake

log = structlog.get_logger(__name__)


class Link(Protocol):
    """The way in."""

    async def start(self) -> None:
        """Begins to receive."""
        ...

    async def stop(self) -> None:
        """Receives nothing more."""
        ...


@dataclass(frozen=True)
class Parts:
    """What exists once Slack has said who we are."""

    channels: Channels
    charts: ChartUploads
    poster: Poster
    sessions: Sessions
    answers: Answers
    reception: Reception
    homes: Homes
    link: Link
    catch_up: CatchUp | None


class SlackSurface:
    """One Slack workspace. `people` are the Slack accounts of the team, invited into each channel that is made.

    `uploads` remembers which charts were uploaded; without it a restart uploads them again. `book` says which channels
    are watched; without it none is.
    Without Slack it is a surface that is down, not an error: `start` returns, goes on trying, and `health` says so.
    """

    name = "slack"
    threads = True
    live_edit_seconds = LIVE_EDIT_SECONDS

    def __init__(
        self,
        settings: SlackSettings,
        clock: Clock,
        people: Sequence[str] = (),
        *,
        uploads: Uploads | None = None,
        book: Watchbook | None = None,
        pacer: Pacer | None = None,
        timing: Timing = DEFAULT_TIMING,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._people = people
        self._pacer = pacer or Pacer()
        self._timing = timing
        self._uploads = uploads or ForgetfulUploads()
        self._book = book
        self._vitals = Vitals(clock)
        self._web: SlackWeb | None = None
        self._pulse: Pulse | None = None
        self._parts: Parts | None = None
        self._starting: asyncio.Task[None] | None = None

    async def start(self, inbound: Inbound) -> None:
        """Connects. Raises UserMistake for tokens that cannot work; without a network it returns and goes on trying."""
        check_settings(self._settings)
        self._web = open_web(self._settings, self._pacer, self._timing, self._clock)
        try:
            await self._connect(self._web, inbound)
        except Retryable as error:
            self._vitals.problem = str(error).rstrip(".")
            self._starting = asyncio.create_task(self._connect_later(self._web, inbound))
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
        if self._parts is not None:
            await _close(self._parts)
        if self._pulse is not None:
            await self._pulse.stop()
        if self._web is not None:
            await self._web.close()
        self._vitals.problem = "Slack is switched off"

    async def ensure_channel(self, channel: ChannelSpec) -> str:
        with _meaning(None):
            return await self._live.channels.ensure(channel)

    async def post(self, channel_id: str, card: Card, placing: Placing = STANDING) -> Shown:
        with _meaning(channel_id):
            shown = await self._live.poster.post(channel_id, card, placing)
        self._live.sessions.note(channel_id, shown.message_id, card)
        return shown

    async def edit(self, channel_id: str, message_id: str, card: Card, placing: Placing = STANDING) -> Shown:
        with _meaning(channel_id):
            shown = await self._live.poster.edit(channel_id, message_id, card, placing)
        self._live.sessions.note(channel_id, shown.message_id, card)
        return shown

    async def find(self, channel_id: str, card_key: str, since: datetime, thread_id: str | None = None) -> str | None:
        with _meaning(channel_id):
            return await self._live.poster.find(channel_id, card_key, since, thread_id)

    async def answer_privately(self, reply_to: ReplyTo, answer: Answer) -> None:
        if self._parts is not None:
            await self._parts.answers.tell(reply_to, answer)

    async def open_form(self, reply_to: ReplyTo, form: Form) -> None:
        await self._live.answers.open_form(reply_to, form)

    async def read_file(self, file: InboundFile) -> bytes:
        """A file that was given in a form here. Raises Retryable, and UserMistake when it never can be read."""
        if self._web is None:
            raise Retryable("Slack is not connected yet.", self._timing.start_again_seconds)
        return await Downloads(self._web, self._settings.api_url).content(file)

    def channel_url(self, channel_id: str) -> str:
        return channel_url(channel_id)

    async def publish_home(self, account: str, home: HomePage, page: int, seen: str | None) -> str | None:
        return await self._live.homes.publish(account, home, page, seen)

    def health(self) -> Health:
        return self._vitals.health()

    @property
    def _live(self) -> Parts:
        if self._parts is None:
            raise Retryable("Slack is not connected yet.", self._timing.start_again_seconds)
        return self._parts

    async def _connect(self, web: SlackWeb, inbound: Inbound) -> None:
        home = await identify(web)
        self._vitals.heard_answer()
        if home.scopes is not None:
            self._vitals.abilities.granted(home.scopes)
        parts = self._assemble(web, home, inbound)
        await parts.link.start()
        if parts.catch_up is not None:
            parts.catch_up.start()
        self._parts = parts
        self._pulse = Pulse(web, self._vitals, self._timing)
        self._pulse.start()

    async def _connect_later(self, web: SlackWeb, inbound: Inbound) -> None:
        pause_seconds = self._timing.start_again_seconds
        while self._parts is None:
            await asyncio.sleep(pause_seconds)
            try:
                await self._connect(web, inbound)
            except Retryable as error:
                pause_seconds = max(self._timing.start_again_seconds, error.delay_seconds)
                self._vitals.problem = str(error).rstrip(".")
            except UserMistake as error:
                log.warning("slack.cannot_start", reason=str(error))
                self._vitals.problem = str(error).rstrip(".")
                return
            except Exception:  # the outermost loop of starting: shown in health, and tried again
                log.exception("slack.start_failed")
                self._vitals.problem = "Starting Slack failed; the log says why"

    def _assemble(self, web: SlackWeb, home: Home, inbound: Inbound) -> Parts:
        charts = ChartUploads(web, self._timing, self._uploads)
        answers = Answers(web)
        accounts = Accounts(web, home)
        listening = self._listening(home, accounts)
        reception = Reception(inbound, accounts, answers, listening)
        return Parts(
            channels=Channels(web, home.bot_user_id, self._people),
            charts=charts,
            poster=Poster(
                web,
                charts,
                home,
                self._vitals.abilities,
                self._vitals.features,
                simulated=self._clock.simulated,
            ),
            sessions=Sessions(web, self._vitals.features, self._timing),
            answers=answers,
            reception=reception,
            homes=Homes(web, accounts),
            link=self._link(web, reception),
            catch_up=None if listening is None else self._catch_up(web, listening),
        )

    def _listening(self, home: Home, accounts: Accounts) -> Listening | None:
        ids = frozenset[str]() if self._book is None else self._book.channel_ids
        return Listening(home, accounts, ids) if ids else None

    def _catch_up(self, web: SlackWeb, listening: Listening) -> CatchUp | None:
        if self._book is None:
            return None
        return CatchUp(HistoryReader(web), listening, self._book, self._vitals, self._timing)

    def _link(self, web: SlackWeb, reception: Reception) -> Link:
        settings = self._settings
        self._vitals.connections.clear()
        app = build_app(settings, web, reception)
        if settings.transport is Transport.HTTP:
            return HttpLink(app, settings.http_host, settings.http_port, self._vitals.connection())
        token = "" if settings.app_token is None else settings.app_token.get_secret_value()
        return SocketLinks(
            [SocketLink(app, token, web, self._vitals.connection(), self._timing) for _ in range(settings.connections)]
        )


@contextmanager
def _meaning(channel_id: str | None) -> Iterator[None]:
    """Says a refusal in the port's terms."""
    try:
        yield
    except SlackRefusal as refusal:
        raise failure_of_card(refusal, channel_id) from refusal


async def _close(parts: Parts) -> None:
    await parts.link.stop()
    if parts.catch_up is not None:
        await parts.catch_up.stop()
    await parts.reception.drain()
    await parts.charts.close()
    await parts.sessions.close()
