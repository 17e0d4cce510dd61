"""The gateway: sessions that outlive their sockets, so that what was missed is sent again on resuming.

https://docs.discord.com/developers/events/gateway, 2026-11-21. Frames are plain text, which the client reads whatever
compression it asked for.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from aiohttp import WSMsgType, web

from tests.fake_discord.guild_calls import gateway_url
from tests.fake_discord.world import World


class Op(IntEnum):
    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE = 3
    RESUME = 6
    RECONNECT = 7
    REQUEST_MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


UNKNOWN_ERROR, AUTHENTICATION_FAILED, INVALID_INTENTS, DISALLOWED_INTENTS = 4000, 4004, 4013, 4014
_GUILDS, _GUILD_MESSAGES = 1 << 0, 1 << 9
PRIVILEGED = (1 << 1) | (1 << 8) | (1 << 15)
_NEEDS = {"MESSAGE": _GUILD_MESSAGES, "CHANNEL": _GUILDS, "THREAD": _GUILDS, "GUILD": _GUILDS}
_MAX_KEPT = 10_000


@dataclass
class Session:
    """One session: everything it was sent, and the socket it is on, None while it has none."""

    id: str
    intents: int
    sent: list[dict[str, Any]] = field(default_factory=list)
    socket: web.WebSocketResponse | None = None


@dataclass
class Gateway:
    """Several sessions may be open at once, and each is sent everything, as Discord does it for one shard.

    `deaf` withholds the acknowledgement of heartbeats; `refusing` answers every socket with 503; `close_with` closes
    every socket that identifies with this code, `close_at_hello` before a word is said.
    """

    world: World
    heartbeat_ms: int = 41_250
    deaf: bool = False
    refusing: bool = False
    close_with: int | None = None
    close_at_hello: bool = False
    identified: int = 0
    resumed: int = 0
    beats: int = 0
    sessions: dict[str, Session] = field(default_factory=dict)
    sockets: list[web.WebSocketResponse] = field(default_factory=list)
    _sending: set[asyncio.Task[None]] = field(default_factory=set)

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get("/gateway/", self._connect)
        self.world.emit = self.emit

    @property
    def connected(self) -> int:
        """How many sessions are on a socket."""
        return sum(session.socket is not None for session in self.sessions.values())

    def emit(self, event: str, payload: Mapping[str, Any]) -> None:
        """Sends the event to every session that asked for its kind; those without a socket get it on resuming."""
        for session in list(self.sessions.values()):
            if _wants(session, event):
                self._dispatch(session, event, payload)

    async def drop(self, code: int | None = None) -> None:
        """Every socket breaks off, without a word or with a close code."""
        for socket in list(self.sockets):
            if code is not None:
                await socket.close(code=code)
            elif socket._req is not None and socket._req.transport is not None:
                socket._req.transport.abort()

    async def ask_to_reconnect(self) -> None:
        for socket in list(self.sockets):
            await socket.send_json({"op": Op.RECONNECT, "d": None})

    async def invalidate(self, *, resumable: bool = False) -> None:
        """Every session is over, or is to be resumed."""
        if not resumable:
            self.sessions.clear()
        for socket in list(self.sockets):
            await socket.send_json({"op": Op.INVALID_SESSION, "d": resumable})

    async def send_raw(self, text: str) -> None:
        """Sends nonsense of the caller's choice on every socket."""
        for socket in list(self.sockets):
            await socket.send_str(text)

    async def close(self) -> None:
        for socket in list(self.sockets):
            await socket.close()

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        if self.refusing:
            return web.Response(status=503)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        try:
            await self._talk(socket)
        finally:
            self.sockets.remove(socket)
            for session in self.sessions.values():
                if session.socket is socket:
                    session.socket = None
        return socket

    async def _talk(self, socket: web.WebSocketResponse) -> None:
        if self.close_at_hello:
            await socket.close(code=UNKNOWN_ERROR)
            return
        await socket.send_json({"op": Op.HELLO, "d": {"heartbeat_interval": self.heartbeat_ms}})
        async for frame in socket:
            if frame.type is WSMsgType.TEXT:
                await self._hear(socket, json.loads(frame.data))

    async def _hear(self, socket: web.WebSocketResponse, said: Mapping[str, Any]) -> None:
        match said["op"]:
            case Op.HEARTBEAT:
                self.beats += 1
                if not self.deaf:
                    await socket.send_json({"op": Op.HEARTBEAT_ACK, "d": None})
            case Op.IDENTIFY:
                await self._identify(socket, said["d"])
            case Op.RESUME:
                await self._resume(socket, said["d"])
            case _:
                pass

    async def _identify(self, socket: web.WebSocketResponse, given: Mapping[str, Any]) -> None:
        self.identified += 1
        code = self._refusal(given)
        if code is not None:
            await socket.close(code=code)
            return
        session = Session(self.world.ids.next(), given["intents"], socket=socket)
        self.sessions[session.id] = session
        about = {"id": self.world.application_id, "flags": 0}
        waiting = [{"id": self.world.guild_id, "unavailable": True}]
        back = {"session_id": session.id, "resume_gateway_url": gateway_url(self.world)}
        me = self.world.users[self.world.bot_id]
        self._dispatch(session, "READY", {"v": 10, "user": me, "guilds": waiting, "application": about, **back})
        if session.intents & _GUILDS:
            self._dispatch(session, "GUILD_CREATE", self.world.guild())

    def _refusal(self, given: Mapping[str, Any]) -> int | None:
        if given["token"] != self.world.token:
            return AUTHENTICATION_FAILED
        if given["intents"] & PRIVILEGED:
            return DISALLOWED_INTENTS
        return self.close_with

    async def _resume(self, socket: web.WebSocketResponse, given: Mapping[str, Any]) -> None:
        session = self.sessions.get(given["session_id"])
        if given["token"] != self.world.token:
            await socket.close(code=AUTHENTICATION_FAILED)
            return
        if session is None:
            await socket.send_json({"op": Op.INVALID_SESSION, "d": False})
            return
        self.resumed += 1
        session.socket = socket
        for missed in [each for each in session.sent if each["s"] > given["seq"]]:
            self._send(session, missed)
        self._dispatch(session, "RESUMED", {})

    def _dispatch(self, session: Session, event: str, payload: Mapping[str, Any]) -> None:
        number = session.sent[-1]["s"] + 1 if session.sent else 1
        frame = {"op": Op.DISPATCH, "t": event, "s": number, "d": json.loads(json.dumps(payload))}
        session.sent.append(frame)
        del session.sent[:-_MAX_KEPT]
        self._send(session, frame)

    def _send(self, session: Session, frame: Mapping[str, Any]) -> None:
        """In order of calling: a task starts in the order in which it was made, and a frame is written in one go."""
        if session.socket is None or session.socket.closed:
            return
        task = asyncio.get_running_loop().create_task(_written(session.socket, frame))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)


async def _written(socket: web.WebSocketResponse, frame: Mapping[str, Any]) -> None:
    try:
        await socket.send_json(frame)
    except ConnectionError:
        return  # the socket broke: the session keeps the frame for the resume


def _wants(session: Session, event: str) -> bool:
    needed = next((bit for prefix, bit in _NEEDS.items() if event.startswith(prefix)), 0)
    return session.intents & needed == needed
