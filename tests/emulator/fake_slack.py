"""A small Slack of our own that fails on purpose: Web API faults of every kind, and Socket Mode with its bad days.

It proves recovery, not fidelity: what Slack accepts is asked of the emulator.
"""

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from enum import Enum
from typing import Any

from aiohttp import WSMsgType, web

from bot.surfaces.slack.manifest import OPTIONAL_SCOPES, SCOPES

BOT = "U0DECKBOT"
BOT_ID = "B0DECK001"
TEAM = "T0DECKTEAM"
HANG_SECONDS = 30.0


class Fault(Enum):
    """How one call goes wrong."""

    RATE_LIMITED = "429 with Retry-After, nothing done"
    SERVER_ERROR = "HTTP 503, nothing done"
    SERVER_ERROR_AFTER = "HTTP 503, done all the same"
    INTERNAL_ERROR = "ok:false internal_error, nothing done"
    LOST = "the connection breaks before anything is done"
    LOST_AFTER = "done, then the connection breaks before the answer"
    SILENT = "nothing done, and no answer ever comes"
    SILENT_AFTER = "done, and no answer ever comes"


HAPPENED = frozenset({Fault.SERVER_ERROR_AFTER, Fault.LOST_AFTER, Fault.SILENT_AFTER})


@dataclass
class FakeSlack:
    """One workspace. `calls` records every request's form. `now` is its clock, in Unix seconds.

    `faults` are used up first come, first served, per method; a None lets one call through.
    """

    now: Callable[[], float] = lambda: 1_795_000_000
    calls: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    messages: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    channels: dict[str, dict[str, Any]] = field(default_factory=dict)
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    homes: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: dict[str, deque[Fault | None]] = field(default_factory=lambda: defaultdict(deque))
    refuse: dict[str, Callable[[dict[str, str]], str | None]] = field(default_factory=dict)
    given: dict[str, bytes] = field(default_factory=dict)
    given_to: list[str] = field(default_factory=list)
    given_answers: deque[dict[str, Any]] = field(default_factory=deque)
    has_sessions: bool = False
    sessions: dict[tuple[str, str], str] = field(default_factory=dict)
    scopes: str = ",".join([*SCOPES, *OPTIONAL_SCOPES])
    pins: list[tuple[str, str]] = field(default_factory=list)
    scan_polls: int = 1
    retry_after: str = "1"
    oldest_first: bool = False
    tickets: set[str] = field(default_factory=set)
    refusing_tickets: bool = False
    mute: bool = False
    dead_tickets: set[str] = field(default_factory=set)
    connections_opened: int = 0
    greeted: int = 0
    sockets: list[web.WebSocketResponse] = field(default_factory=list)
    acks: list[dict[str, Any]] = field(default_factory=list)
    said_privately: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""
    _moment: int = 0
    _runner: web.AppRunner | None = None
    _closing: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/api/{method}", self._api)
        app.router.add_post("/upload/{file_id}", self._upload)
        app.router.add_post("/respond", self._respond)
        app.router.add_get("/files-pri/{file_id}", self._give)
        app.router.add_get("/link", self._link)
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        self._closing.set()
        for socket in self.sockets:
            await socket.close()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/"

    def called(self, method: str) -> list[dict[str, str]]:
        return [form for name, form in self.calls if name == method]

    def visible(self, channel: str) -> list[str]:
        """The card keys of the channel's messages, oldest first."""
        return [message["metadata"]["event_payload"]["key"] for message in self.messages[channel]]

    # Web API

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        form = await _form_of(request)
        self.calls.append((method, form))
        fault = self._next_fault(method)
        if fault is not None and fault not in HAPPENED:
            return await self._fail(fault, request)
        answer = self._carry_out(method, form)
        if fault is not None:
            return await self._fail(fault, request)
        headers = {"Date": formatdate(self.now(), usegmt=True)}
        headers |= {"X-OAuth-Scopes": self.scopes} if method == "auth.test" else {}
        return web.json_response(answer, headers=headers)

    def _next_fault(self, method: str) -> Fault | None:
        return self.faults[method].popleft() if self.faults[method] else None

    async def _fail(self, fault: Fault, request: web.Request) -> web.StreamResponse:
        match fault:
            case Fault.RATE_LIMITED:
                error = {"ok": False, "error": "ratelimited"}
                return web.json_response(error, status=429, headers={"Retry-After": self.retry_after})
            case Fault.SERVER_ERROR | Fault.SERVER_ERROR_AFTER:
                return web.Response(status=503, text="<html>upstream</html>", content_type="text/html")
            case Fault.INTERNAL_ERROR:
                return web.json_response({"ok": False, "error": "internal_error"})
            case Fault.SILENT | Fault.SILENT_AFTER:
                await asyncio.wait([asyncio.create_task(self._closing.wait())], timeout=HANG_SECONDS)
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    def _carry_out(self, method: str, form: dict[str, str]) -> dict[str, Any]:
        check = self.refuse.get(method)
        refusal = None if check is None else check(form)
        if refusal is not None:
            return {"ok": False, "error": refusal}
        name = "_" + method.replace(".", "_")
        handler: Callable[[dict[str, str]], dict[str, Any] | str] | None = getattr(self, name, None)
        if handler is None:
            return {"ok": False, "error": "unknown_method"}
        answer = handler(form)
        return {"ok": True, **answer} if isinstance(answer, dict) else {"ok": False, "error": answer}

    def _next_ts(self) -> str:
        self._moment += 1
        return f"{int(self.now())}.{self._moment:06d}"

    def _auth_test(self, form: dict[str, str]) -> dict[str, Any]:
        return {"team_id": TEAM, "user_id": BOT, "bot_id": BOT_ID, "team": "First Light", "user": "deck"}

    def _users_info(self, form: dict[str, str]) -> dict[str, Any] | str:
        user = self.users.get(form["user"])
        return "user_not_found" if user is None else {"user": user}

    def _chat_postMessage(self, form: dict[str, str]) -> dict[str, Any] | str:  # noqa: N802  -- Slack's own name
        if form["channel"].startswith(("D", "U")):
            self.said_privately.append(dict(form))
            return {"ts": self._next_ts(), "channel": form["channel"]}
        if form["channel"] not in self.channels:
            return "channel_not_found"
        if self.channels[form["channel"]].get("is_archived"):
            return "is_archived"
        if "username" in form and "chat:write.customize" not in self.scopes:
            return {"ok": False, "error": "missing_scope", "needed": "chat:write.customize"}
        ts = self._next_ts()
        thread = {"thread_ts": form["thread_ts"]} if "thread_ts" in form else {}
        message = {"ts": ts, **thread, **_author(form), "text": form["text"], "blocks": json.loads(form["blocks"])}
        self.messages[form["channel"]].append({**message, "metadata": json.loads(form["metadata"])})
        return {"ts": ts, "channel": form["channel"]}

    def _views_publish(self, form: dict[str, str]) -> dict[str, Any] | str:
        shown = self.homes.get(form["user_id"])
        if "hash" in form and (shown is None or form["hash"] != shown["hash"]):
            return "hash_conflict"
        view = {**json.loads(form["view"]), "hash": self._next_ts()}
        self.homes[form["user_id"]] = view
        return {"view": view}

    def _chat_postEphemeral(self, form: dict[str, str]) -> dict[str, Any]:  # noqa: N802
        self.said_privately.append(dict(form))
        return {"message_ts": self._next_ts()}

    def _chat_update(self, form: dict[str, str]) -> dict[str, Any] | str:
        for message in self.messages[form["channel"]]:
            if message["ts"] == form["ts"]:
                message.update(text=form["text"], blocks=json.loads(form["blocks"]))
                message["metadata"] = json.loads(form["metadata"])
                return {"ts": form["ts"]}
        return "message_not_found"

    def _blocks_validate(self, form: dict[str, str]) -> dict[str, Any]:
        assert json.loads(form["message"])["blocks"]
        return {}

    def _chat_getPermalink(self, form: dict[str, str]) -> dict[str, Any]:  # noqa: N802
        moment = form["message_ts"].replace(".", "")
        return {"permalink": f"https://deck.slack.test/archives/{form['channel']}/p{moment}"}

    def _pins_add(self, form: dict[str, str]) -> dict[str, Any] | str:
        pin = (form["channel"], form["timestamp"])
        if "pins:write" not in self.scopes:
            return {"ok": False, "error": "missing_scope", "needed": "pins:write"}
        if pin in self.pins:
            return "already_pinned"
        self.pins.append(pin)
        return {}

    def _conversations_history(self, form: dict[str, str]) -> dict[str, Any]:
        said = self.messages[form["channel"]]
        roots = [message for message in said if message.get("thread_ts", message["ts"]) == message["ts"]]
        shown = [message for message in said if message.get("subtype") == "thread_broadcast"]
        found = [self._with_thread(form["channel"], one) for one in (*roots, *shown) if _within(one, form)]
        return self._page(sorted(found, key=_ts, reverse=not self.oldest_first), form)

    def _conversations_replies(self, form: dict[str, str]) -> dict[str, Any]:
        thread = [one for one in self.messages[form["channel"]] if form["ts"] in (one["ts"], one.get("thread_ts"))]
        found = [one for one in thread if one["ts"] == form["ts"] or _within(one, form)]
        return self._page(sorted(found, key=_ts), form)

    def _with_thread(self, channel: str, message: dict[str, Any]) -> dict[str, Any]:
        answers = [one["ts"] for one in self.messages[channel] if one.get("thread_ts") == message["ts"] != one["ts"]]
        return {**message, "reply_count": len(answers), "latest_reply": max(answers)} if answers else message

    def _page(self, found: list[dict[str, Any]], form: dict[str, str]) -> dict[str, Any]:
        limit, start = int(form["limit"]), int(form.get("cursor", "0"))
        page = found[start : start + limit]
        if form.get("include_all_metadata") != "true":
            page = [{name: value for name, value in message.items() if name != "metadata"} for message in page]
        more = str(start + limit) if start + limit < len(found) else ""
        return {"messages": page, "response_metadata": {"next_cursor": more}}

    def write(self, channel: str, *messages: dict[str, Any]) -> None:
        """Somebody else writes; nobody is told of it, as when Slack drops the event."""
        self.messages[channel] += messages

    def add_channel(self, name: str, creator: str = BOT, **facts: Any) -> str:
        self._moment += 1
        channel_id = f"C0FAKE{self._moment:06d}"
        known = {"id": channel_id, "name": name, "creator": creator, "is_archived": False, "is_member": creator == BOT}
        self.channels[channel_id] = {**known, "topic": {"value": ""}, "members": [creator], **facts}
        return channel_id

    def _conversations_create(self, form: dict[str, str]) -> dict[str, Any] | str:
        if any(channel["name"] == form["name"] for channel in self.channels.values()):
            return "name_taken"
        return {"channel": self.channels[self.add_channel(form["name"])]}

    def _conversations_info(self, form: dict[str, str]) -> dict[str, Any] | str:
        channel = self.channels.get(form["channel"])
        return "channel_not_found" if channel is None else {"channel": channel}

    def _conversations_list(self, form: dict[str, str]) -> dict[str, Any]:
        found, start = list(self.channels.values()), int(form.get("cursor", "0"))
        more = str(start + 2) if start + 2 < len(found) else ""
        return {"channels": found[start : start + 2], "response_metadata": {"next_cursor": more}}

    def _conversations_join(self, form: dict[str, str]) -> dict[str, Any]:
        self.channels[form["channel"]]["is_member"] = True
        return {"channel": self.channels[form["channel"]]}

    def _conversations_invite(self, form: dict[str, str]) -> dict[str, Any]:
        self.channels[form["channel"]]["members"] += form["users"].split(",")
        return {"channel": self.channels[form["channel"]]}

    def _conversations_setTopic(self, form: dict[str, str]) -> dict[str, Any]:  # noqa: N802
        self.channels[form["channel"]]["topic"] = {"value": form["topic"]}
        return {"channel": self.channels[form["channel"]]}

    def _agents_sessions_setStatus(self, form: dict[str, str]) -> dict[str, Any] | str:  # noqa: N802
        if not self.has_sessions:
            return "unknown_method"
        self.sessions[form["channel_id"], form["thread_ts"]] = form["status"]
        return {"status": form["status"]}

    def _views_open(self, form: dict[str, str]) -> dict[str, Any]:
        return {"view": {"id": f"V{self._next_ts()}", **json.loads(form["view"])}}

    def _files_getUploadURLExternal(self, form: dict[str, str]) -> dict[str, Any]:  # noqa: N802
        file_id = f"F0FAKE{len(self.files):05d}"
        self.files[file_id] = {"id": file_id, "name": form["filename"], "polls": 0, "content": b"", "done": False}
        return {"upload_url": f"{self.url}/upload/{file_id}", "file_id": file_id}

    def _files_completeUploadExternal(self, form: dict[str, str]) -> dict[str, Any]:  # noqa: N802
        for described in json.loads(form["files"]):
            self.files[described["id"]]["done"] = True
        return {"files": json.loads(form["files"])}

    def _files_info(self, form: dict[str, str]) -> dict[str, Any] | str:
        file = self.files.get(form["file"])
        if file is None:
            return "file_not_found"
        file["polls"] += 1
        scanned = file["done"] and file["polls"] > self.scan_polls
        return {"file": {"id": file["id"], "mimetype": "image/png" if scanned else ""}}

    def add_given(self, content: bytes, **described: Any) -> dict[str, Any]:
        """A file that somebody gave in a form, as the form's answer describes it."""
        file_id = f"F0GIVEN{len(self.given):04d}"
        self.given[file_id] = content
        url = f"{self.url}/files-pri/{file_id}"
        about = {"id": file_id, "name": "notes.txt", "mimetype": "text/plain", "size": len(content)}
        return {**about, "url_private_download": url, **described}

    async def _give(self, request: web.Request) -> web.Response:
        self.given_to.append(request.headers.get("Authorization", ""))
        if self.given_answers:
            return web.Response(**self.given_answers.popleft())
        return web.Response(body=self.given[request.match_info["file_id"]])

    async def _upload(self, request: web.Request) -> web.Response:
        self.files[request.match_info["file_id"]]["content"] = await request.read()
        return web.Response(text="OK")

    async def _respond(self, request: web.Request) -> web.Response:
        self.said_privately.append(await request.json())
        return web.Response(text="ok")

    # Socket Mode

    def _apps_connections_open(self, form: dict[str, str]) -> dict[str, Any]:
        self.connections_opened += 1
        ticket = f"ticket-{self.connections_opened}"
        self.tickets.add(ticket)
        return {"url": f"{self.url.replace('http', 'ws')}/link?ticket={ticket}"}

    async def _link(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query["ticket"]
        if self.refusing_tickets or ticket in self.dead_tickets or ticket not in self.tickets:
            self.dead_tickets.add(ticket)
            return web.Response(status=403)
        self.tickets.discard(ticket)
        socket = web.WebSocketResponse(autoping=not self.mute)
        await socket.prepare(request)
        self.sockets.append(socket)
        await socket.send_json({"type": "hello", "num_connections": 1})
        self.greeted += 1
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._hear(json.loads(message.data))
        finally:  # also when the other end was killed
            self.sockets.remove(socket)
        return socket

    def _hear(self, ack: dict[str, Any]) -> None:
        self.acks.append(ack)

    async def deliver(self, envelope_id: str, kind: str, payload: dict[str, Any], **retry: Any) -> None:
        """Sends one envelope over the newest socket."""
        envelope = {"envelope_id": envelope_id, "type": kind, "payload": payload, "accepts_response_payload": True}
        await self.sockets[-1].send_json({**envelope, **retry})

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Says goodbye on every socket, as Slack does every few hours."""
        for socket in list(self.sockets):
            await socket.send_json({"type": "disconnect", "reason": reason})

    def acknowledged(self, envelope_id: str) -> bool:
        return any(ack.get("envelope_id") == envelope_id for ack in self.acks)


def _ts(message: dict[str, Any]) -> float:
    return float(message["ts"])


def _within(message: dict[str, Any], form: dict[str, str]) -> bool:
    """Bounds count themselves only where `inclusive` says so."""
    oldest, latest = float(form.get("oldest", "0")), float(form.get("latest", "inf"))
    if form.get("inclusive") == "true":
        return oldest <= _ts(message) <= latest
    return oldest < _ts(message) < latest


async def _form_of(request: web.Request) -> dict[str, str]:
    """The call's arguments in one spelling: our own calls come as a form, those of the SDK's methods as JSON."""
    if request.content_type != "application/json":
        return {name: str(value) for name, value in (await request.post()).items()}
    given = await request.json()
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in given.items()}


def _author(form: dict[str, str]) -> dict[str, Any]:
    """What goes out under another name has no user: https://docs.slack.dev/reference/events/message/bot_message."""
    if "username" not in form:
        return {"user": BOT, "bot_id": BOT_ID}
    named = {"subtype": "bot_message", "bot_id": BOT_ID, "username": form["username"]}
    return {**named, "icons": {"emoji": form["icon_emoji"]}} if "icon_emoji" in form else named
