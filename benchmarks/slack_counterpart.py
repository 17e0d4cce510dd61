"""Slack in a process of its own: the tests' fake, with a stopwatch at each of its doors."""

import asyncio
import json
import threading
import time
from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiohttp import web

from tests.emulator.fake_slack import TEAM, FakeSlack
from tests.emulator.person import Person

DEADLINE_SECONDS = 240.0
APPROVAL = "approval:"
"""What the keys of cards begin with that are pressed."""

T = TypeVar("T")


@dataclass
class Press:
    """When one press was sent and when each of its consequences arrived here; None for what has not."""

    sent_at: float
    acknowledged_at: float | None = None
    answered_at: float | None = None
    edited_at: float | None = None

    @property
    def seconds(self) -> tuple[float | None, float | None, float | None]:
        """From the press to its acknowledgement, to the private answer and to the edit of its card."""
        return (self._after(self.acknowledged_at), self._after(self.answered_at), self._after(self.edited_at))

    def _after(self, moment: float | None) -> float | None:
        return None if moment is None else moment - self.sent_at


@dataclass
class TimedSlack(FakeSlack):
    """`arrivals` are the posts and edits taken in since they were last asked for: method, channel, moment."""

    presses: dict[str, Press] = field(default_factory=dict)
    arrivals: list[tuple[str, str, float]] = field(default_factory=list)
    shown: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    awaiting_edit: dict[tuple[str, str], Press] = field(default_factory=dict)

    def _chat_postMessage(self, form: dict[str, str]) -> dict[str, Any] | str:  # noqa: N802  -- Slack's own name
        self.arrivals.append(("chat.postMessage", form["channel"], time.perf_counter()))
        answer = super()._chat_postMessage(form)
        self.calls.clear()  # thousands of requests are not kept for anybody
        if isinstance(answer, dict) and "ts" in answer:
            self.shown[form["channel"], answer["ts"]] = self.messages[form["channel"]][-1]
        return answer

    def _chat_update(self, form: dict[str, str]) -> dict[str, Any] | str:
        place = (form["channel"], form["ts"])
        self.arrivals.append(("chat.update", form["channel"], time.perf_counter()))
        press = self.awaiting_edit.pop(place, None)
        if press is not None:
            press.edited_at = time.perf_counter()
        self.calls.clear()
        self.shown[place].update(
            text=form["text"], blocks=json.loads(form["blocks"]), metadata=json.loads(form["metadata"])
        )
        return {"ts": form["ts"]}

    def _hear(self, ack: dict[str, Any]) -> None:
        press = self.presses.get(str(ack.get("envelope_id")))
        if press is not None:
            press.acknowledged_at = time.perf_counter()

    async def _respond(self, request: web.Request) -> web.Response:
        self.presses[request.query["press"]].answered_at = time.perf_counter()
        return web.Response(text="ok")


class Counterpart:
    """One workspace whose members are `accounts`; their presses come at a steady pace, whatever becomes of them."""

    def __init__(self, accounts: Sequence[str] = ()) -> None:
        self._slack = TimedSlack(now=time.time)
        self._accounts = tuple(accounts)
        self._slack.users = {account: _member(account) for account in accounts}
        self._pressed: set[tuple[str, str]] = set()
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._await(self._slack.start())

    def api_url(self) -> str:
        return self._slack.api_url

    def channel(self) -> str:
        """A new channel of the bot's own."""
        return self._slack.add_channel(f"bench-{len(self._slack.channels)}")

    def questions(self) -> int:
        """How many cards there are that have not been pressed yet."""
        return sum(1 for _ in self._open())

    def sample(self) -> dict[str, Any]:
        """What the newest message was posted or edited with last."""
        newest = next(reversed(self._slack.shown.values()))
        return {name: newest[name] for name in ("text", "blocks", "metadata")}

    def arrivals(self) -> list[tuple[str, str, float]]:
        """Posts and edits since this was last asked: method, channel and moment in seconds."""
        arrived, self._slack.arrivals = self._slack.arrivals, []
        return arrived

    def press(self, presses: int, per_second: float, port: int | None = None) -> list[tuple[float | None, ...]]:
        """Presses that many cards, the oldest first, and waits until everything has arrived that is to be timed.

        `port` is where signed requests go; None delivers over the socket. Seconds as `Press.seconds` has them.
        """
        pressed = self._await(self._press_all(presses, per_second, port))
        return [press.seconds for press in pressed]

    def close(self) -> None:
        self._await(self._slack.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _open(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for place, message in list(self._slack.shown.items()):
            if place not in self._pressed and message["metadata"]["event_payload"]["key"].startswith(APPROVAL):
                yield place[0], message

    async def _press_all(self, presses: int, per_second: float, port: int | None) -> list[Press]:
        chosen = [item for item, _ in zip(self._open(), range(presses), strict=False)]
        assert len(chosen) == presses, f"{len(chosen)} of {presses} cards are there to be pressed"
        timed: list[Press] = []
        deliveries: list[asyncio.Task[None]] = []
        start = self._loop.time()
        for number, (channel, message) in enumerate(chosen):
            await asyncio.sleep(start + number / per_second - self._loop.time())
            timed.append(Press(time.perf_counter()))
            deliveries.append(asyncio.create_task(self._deliver(timed[-1], channel, message, port)))
        await asyncio.gather(*deliveries)
        await self._settled(timed)
        return timed

    async def _deliver(self, press: Press, channel: str, message: dict[str, Any], port: int | None) -> None:
        number = len(self._pressed)
        press_id, place = f"press-{number}", (channel, message["ts"])
        self._pressed.add(place)
        self._slack.presses[press_id] = self._slack.awaiting_edit[place] = press
        url = f"{self._slack.url}/respond?press={press_id}"
        person = Person(self._accounts[number % len(self._accounts)], TEAM, port or 0, url)
        payload = person.press_payload(message, channel)
        if port is None:
            await self._slack.deliver(press_id, "interactive", payload)
        elif await person.interact(payload) == 200:
            press.acknowledged_at = time.perf_counter()

    async def _settled(self, timed: list[Press]) -> None:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while any(None in press.seconds for press in timed):
            assert time.monotonic() < deadline, [press.seconds for press in timed if None in press.seconds][:3]
            await asyncio.sleep(0.05)

    def _await(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


def _member(account: str) -> dict[str, object]:
    flags = dict.fromkeys(("deleted", "is_bot", "is_restricted", "is_ultra_restricted"), False)
    return {"id": account, "team_id": TEAM, **flags}
