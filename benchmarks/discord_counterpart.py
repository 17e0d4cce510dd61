"""Discord in a process of its own: the tests' fake, with a stopwatch at each of its doors."""

import asyncio
import threading
import time
from collections.abc import Coroutine, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from blocks.tokens import Verb, decode
from store.kernel.errors import UserMistake
from tests.fake_discord.interaction import Interaction
from tests.fake_discord.people import clickables
from tests.fake_discord.server import FakeDiscord

DEADLINE_SECONDS = 240.0
POST, EDIT = "MESSAGE_CREATE", "MESSAGE_UPDATE"

T = TypeVar("T")


@dataclass
class Press:
    """One press, what the fake knows of its answer, and when its card was edited; None while it was not."""

    interaction: Interaction
    edited_at: float | None = None

    @property
    def seconds(self) -> tuple[float | None, float | None]:
        """From the press to its first answer, and to the edit of its card."""
        return self._after(self.interaction.first_at), self._after(self.edited_at)

    def _after(self, moment: float | None) -> float | None:
        return None if moment is None else moment - self.interaction.made_at


class Counterpart:
    """One server with so many people; their presses come at a steady pace, whatever becomes of them."""

    def __init__(self, people: int) -> None:
        self._fake = FakeDiscord()
        self._fake.rest.judged = 0  # we are timed, and not the description of what Discord takes
        self._accounts = [self._fake.world.add_member(f"person{number}") for number in range(people)]
        self._arrivals: list[tuple[str, float]] = []
        self._awaiting: dict[str, Press] = {}
        self._pressed: set[str] = set()
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._await(self._fake.start())
        self._heard, self._fake.world.emit = self._fake.world.emit, self._emit

    def told(self) -> dict[str, Any]:
        """What the bot is told of this server."""
        place = {"api_url": self._fake.api_url, "gateway_url": self._fake.gateway_url, "server": self._fake.server_id}
        return {**place, "token": self._fake.token, "accounts": self._accounts}

    def channel(self) -> str:
        """A new channel."""
        return self._await(self._add_channel())

    def questions(self) -> int:
        """How many cards there are that have not been pressed yet."""
        return sum(1 for _ in self._open())

    def sample(self) -> dict[str, Any]:
        """The components of a message that was posted."""
        message = next(self._messages())
        return {"flags": message["flags"], "components": message["components"]}

    def arrivals(self, what: str) -> list[float]:
        """The moments of the posts or edits since this was last asked, in seconds."""
        arrived, self._arrivals = self._arrivals, []
        return [at for event, at in arrived if event == what]

    def press(self, presses: int, per_second: float) -> list[tuple[float | None, ...]]:
        """Presses that many cards, the oldest first, and waits until everything has arrived that is to be timed.

        Seconds as `Press.seconds` has them.
        """
        return [press.seconds for press in self._await(self._press_all(presses, per_second))]

    def close(self) -> None:
        self._await(self._fake.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _add_channel(self) -> str:
        return self._fake.world.add_channel(f"bench-{len(self._fake.world.channels)}")

    def _emit(self, event: str, payload: Mapping[str, Any]) -> None:
        if event in (POST, EDIT):
            self._arrivals.append((event, time.perf_counter()))
            self._fake.rest.calls.clear()  # thousands of calls are not kept for anybody
        if event == EDIT and payload["id"] in self._awaiting:
            self._awaiting.pop(payload["id"]).edited_at = time.time()
        self._heard(event, payload)

    def _messages(self) -> Iterator[dict[str, Any]]:
        for channel in list(self._fake.world.messages):
            yield from self._fake.visible(channel)

    def _open(self) -> Iterator[tuple[dict[str, Any], str]]:
        for message in self._messages():
            approve = None if message["id"] in self._pressed else _approve(message)
            if approve is not None:
                yield message, approve

    async def _press_all(self, presses: int, per_second: float) -> list[Press]:
        chosen = [item for item, _ in zip(self._open(), range(presses), strict=False)]
        assert len(chosen) == presses, f"{len(chosen)} of {presses} cards are there to be pressed"
        timed, start = list[Press](), self._loop.time()
        for number, (message, custom_id) in enumerate(chosen):
            await asyncio.sleep(start + number / per_second - self._loop.time())
            account = self._accounts[number % len(self._accounts)]
            timed.append(Press(self._fake.people.press(message, custom_id, account)))
            self._awaiting[message["id"]] = timed[-1]
            self._pressed.add(message["id"])
        await self._settled(timed)
        return timed

    async def _settled(self, timed: list[Press]) -> None:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while any(None in press.seconds for press in timed):
            assert time.monotonic() < deadline, [press.seconds for press in timed if None in press.seconds][:3]
            await asyncio.sleep(0.05)

    def _await(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


def _approve(message: Mapping[str, Any]) -> str | None:
    """The custom_id of the button that approves what this message asks; None when it asks nothing."""
    return next((part["custom_id"] for part in clickables(message["components"]) if _approves(part["custom_id"])), None)


def _approves(custom_id: str) -> bool:
    try:
        return decode(custom_id).verb is Verb.APPROVE
    except UserMistake:
        return False
