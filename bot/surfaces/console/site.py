"""What every handler of the console works with, gathered once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from aiohttp import web

from blocks.cards.view import CardView
from bot.surfaces.base import Health, Inbound
from bot.surfaces.console.charts import Charts
from bot.surfaces.console.data import ConsoleData
from bot.surfaces.console.live import Hub
from bot.surfaces.console.notes import Notes
from bot.surfaces.console.sessions import Session, Sessions
from bot.surfaces.console.templating import Pages
from store.kernel.clock import Clock

_EVERY_ADDRESS = ("0.0.0.0", "::", "localhost")  # noqa: S104 - recognised, never the default


@dataclass(frozen=True)
class ConsoleSettings:
    """Where the console listens and whom it knows.

    `public_url` is the address people reach it at when that is not its own (a proxy's, a container's published port),
    without a trailing slash; None: its own. `people` maps person ids to names. `hooks` maps webhook ids to their
    secrets, several during a rotation.
    """

    port: int
    host: str = "127.0.0.1"
    public_url: str | None = None
    people: Mapping[str, str] = field(default_factory=dict)
    hooks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The console's address for a browser on this machine, without a trailing slash."""
        host = "127.0.0.1" if self.host in _EVERY_ADDRESS else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    def reached_by_tls(self, host: str) -> bool:
        """True when a request under this Host header came over TLS, because the public address is https."""
        public = urlsplit(self.public_url or "")
        return public.scheme == "https" and public.netloc.lower() == host.lower()

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """The Host headers that are ours. Any other means that a foreign name was pointed at this machine."""
        own = (f"127.0.0.1:{self.port}", f"localhost:{self.port}", f"[::1]:{self.port}", f"{self.host}:{self.port}")
        return frozenset(name.lower() for name in (*own, urlsplit(self.public_url or self.url).netloc))


@dataclass(frozen=True)
class Site:
    """The console's parts. `clock` tells the team's time, which may be simulated; `world` tells the browsers' time."""

    settings: ConsoleSettings
    data: ConsoleData
    view: CardView
    clock: Clock
    world: Clock
    sessions: Sessions
    local_token: str
    inbound: Inbound
    pages: Pages
    neighbours: Callable[[], tuple[Health, ...]] = tuple
    """How the other surfaces of the team stand."""
    hub: Hub = field(default_factory=lambda: Hub("0"))
    notes: Notes = field(default_factory=Notes)
    charts: Charts = field(default_factory=Charts)


SITE: web.AppKey[Site] = web.AppKey("site", Site)
SESSION: web.RequestKey[Session] = web.RequestKey("session", Session)


def site_of(request: web.Request) -> Site:
    """The console's parts."""
    return request.app[SITE]


def session_of(request: web.Request) -> Session:
    """Who is looking. Only for handlers behind the login (KeyError otherwise)."""
    return request[SESSION]
