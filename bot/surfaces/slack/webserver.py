"""Events over HTTP: one path, small bodies only, handed to Bolt, which checks the signature before anything else."""

from typing import TYPE_CHECKING

from aiohttp import web

from bot.surfaces.slack.manifest import EVENTS_PATH
from bot.surfaces.slack.vitals import Connection
from store.kernel.errors import UserMistake

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

MAX_BODY_BYTES = 1_000_000


class HttpLink:
    """A web server for Slack's requests. It speaks plain HTTP: a proxy with TLS stands before it."""

    def __init__(self, app: "AsyncApp", host: str, port: int, vitals: Connection) -> None:
        self._app = app
        self._host = host
        self._port = port
        self._vitals = vitals
        self._runner: web.AppRunner | None = None

    @property
    def port(self) -> int:
        """The port listened on; differs from the one asked for when that was 0."""
        addresses = [] if self._runner is None else self._runner.addresses
        return int(addresses[0][1]) if addresses else self._port

    async def start(self) -> None:
        """Listens. Raises UserMistake when the address cannot be listened on."""
        server = web.Application(client_max_size=MAX_BODY_BYTES)
        server.router.add_post(EVENTS_PATH, self._handle)
        runner = web.AppRunner(server, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except OSError as error:
            await runner.cleanup()
            raise UserMistake(
                f"Slack's requests cannot be listened for on {self._host}:{self._port} ({error.strerror}).",
                "Set another port for Slack over HTTP.",
            ) from error
        self._runner, self._vitals.open = runner, True

    async def stop(self) -> None:
        """Answers what is being asked, then closes the port."""
        self._vitals.open = False
        if self._runner is not None:
            await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request

        answer = await self._app.async_dispatch(await to_bolt_request(request))
        if answer.status < 400:  # noqa: PLR2004  -- HTTP's first error; what was refused is no sign of life from Slack
            self._vitals.heard_frame()
        return await to_aiohttp_response(answer)
