"""The console as a surface: its cards are the record itself, drawn for whoever opens the page."""

import asyncio
import errno
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
from aiohttp import web

from blocks.cards.view import CardView
from blocks.elements import Card, Form
from blocks.render.html import render, render_form
from bot.surfaces.base import STANDING, Answer, ChannelSpec, Health, Inbound, Placing, ReplyTo, Shown, Surface
from bot.surfaces.console.acting import SURFACE, TICKET_FIELD
from bot.surfaces.console.data import ConsoleData
from bot.surfaces.console.live import Hub
from bot.surfaces.console.routes import make_app
from bot.surfaces.console.sessions import Sessions
from bot.surfaces.console.site import ConsoleSettings, Site
from bot.surfaces.console.templating import make_pages
from bot.surfaces.console.tokens import console_tokens, cookie_key, local_token
from bot.surfaces.console.views.channel import shown_card
from store.kernel.clock import Clock, WallClock
from store.kernel.errors import UserMistake
from store.kernel.ids import derive

TEAM_CHANNEL = "team"
"""The id of the channel that belongs to no agent."""
SHUTDOWN_SECONDS = 5.0
"""How long requests under way may take to finish when the console stops."""

log = structlog.get_logger()


@dataclass(frozen=True)
class ConsoleSecrets:
    """Login tokens by person, the command line's token, and the key that signs sessions."""

    tokens: Mapping[str, str]
    local_token: str
    cookie_key: bytes


def read_secrets(state_dir: Path, settings: ConsoleSettings) -> ConsoleSecrets:
    """The secrets from the state folder, made there the first time. Raises UserMistake when it cannot be used."""
    return ConsoleSecrets(console_tokens(state_dir, settings.people), local_token(state_dir), cookie_key(state_dir))


class ConsoleSurface:
    """The surface port over a local web server.

    A card is visible here from the moment it is on record as built, so posting tells the open pages and nothing else:
    it cannot fail, be doubled or be lost. The message id is the card's key.
    """

    name = SURFACE
    threads = False
    live_edit_seconds = 0.0

    def __init__(
        self,
        *,
        settings: ConsoleSettings,
        secrets: ConsoleSecrets,
        data: ConsoleData,
        view: CardView,
        clock: Clock,
        world: Clock | None = None,
    ) -> None:
        self._settings = settings
        self._secrets = secrets
        self._data = data
        self._view = view
        self._clock = clock
        self._world = world or WallClock()
        self._hub = Hub(derive("epoch", self._world.now().isoformat()))
        self._runner: web.AppRunner | None = None
        self.neighbours: tuple[Surface, ...] = ()
        """The team's other surfaces, whose health the console tells."""

    @property
    def url(self) -> str:
        """The console's address on this machine."""
        return self._settings.url

    def login_url(self, person: str) -> str:
        """The link with which a person logs in, at the address people reach.

        It holds their token, so show it to nobody else. KeyError: unknown.
        """
        return f"{self._settings.public_url or self.url}/login?token={self._secrets.tokens[person]}"

    async def start(self, inbound: Inbound) -> None:
        """Listens. Raises UserMistake when the port is taken or the address is not this machine's."""
        runner = web.AppRunner(make_app(self._site(inbound)), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._settings.host, self._settings.port).start()
        except OSError as error:
            await runner.cleanup()
            raise self._cannot_listen(error) from error
        self._runner = runner
        log.info("console.listening", url=self.url)

    async def stop(self) -> None:
        """Ends the open streams, lets requests under way finish, stops listening."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def ensure_channel(self, channel: ChannelSpec) -> str:
        """A channel here is a view of the record: it is there as soon as it has a name."""
        return channel.agent_id or TEAM_CHANNEL

    async def post(self, channel_id: str, card: Card, placing: Placing = STANDING) -> Shown:
        """Tells the open pages that the card is there."""
        self._tell(channel_id, card)
        return Shown(message_id=card.key)

    async def edit(self, channel_id: str, message_id: str, card: Card, placing: Placing = STANDING) -> Shown:
        """Tells the open pages that the card changed."""
        self._tell(channel_id, card)
        return Shown(message_id=message_id)

    async def find(self, channel_id: str, card_key: str, since: datetime, thread_id: str | None = None) -> str | None:
        """The card's key when pages show it, which is from the moment it is on record as built."""
        row = await asyncio.to_thread(self._data.card, card_key)
        return card_key if row is not None and shown_card(row) is not None else None

    async def answer_privately(self, reply_to: ReplyTo, answer: Answer) -> None:
        """Shows the answer on the open pages of one person (`handle["person"]`)."""
        html = render(answer.card) if answer.card is not None else ""
        self._hub.tell("answer", person=str(reply_to.handle["person"]), text=answer.text or "", html=html)

    async def open_form(self, reply_to: ReplyTo, form: Form) -> None:
        """Opens the form on the open pages of one person; each page puts its own ticket in."""
        html = render_form(form, "-", TICKET_FIELD)
        self._hub.tell("answer", person=str(reply_to.handle["person"]), text="", html=html)

    def health(self) -> Health:
        """Whether it listens, and how many pages are open."""
        if self._runner is None:
            return Health(surface=self.name, connected=False, detail="The console is not listening.")
        pages = self._hub.watching
        detail = f"Listening on {self.url}, {pages} open {'page' if pages == 1 else 'pages'}."
        return Health(surface=self.name, connected=True, detail=detail, last_seen_at=self._clock.now())

    def _site(self, inbound: Inbound) -> Site:
        return Site(
            settings=self._settings,
            data=self._data,
            view=self._view,
            clock=self._clock,
            world=self._world,
            sessions=Sessions(self._secrets.cookie_key, self._secrets.tokens, self._world),
            local_token=self._secrets.local_token,
            inbound=inbound,
            pages=make_pages(self._view, self._clock),
            hub=self._hub,
            neighbours=lambda: tuple(each.health() for each in self.neighbours),
        )

    def _tell(self, channel_id: str, card: Card) -> None:
        self._hub.tell(
            "card", key=card.key, channel=channel_id, revision=str(card.revision), kind=card.kind, summary=card.summary
        )

    def _cannot_listen(self, error: OSError) -> UserMistake:
        port, host = self._settings.port, self._settings.host
        if error.errno == errno.EADDRINUSE:
            return UserMistake(
                f"Port {port} is taken by another program, perhaps by another team.",
                "Stop that one, or start with --port and another number.",
            )
        if error.errno == errno.EACCES:
            return UserMistake(
                f"Port {port} may not be opened by this account.", "Choose a port from 1024 up with --port."
            )
        return UserMistake(
            f"The console cannot listen on {host}:{port}: {error.strerror}.",
            "Use 127.0.0.1, or an address of this machine.",
        )
