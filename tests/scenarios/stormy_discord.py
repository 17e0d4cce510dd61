"""A Discord in bad weather: of every hundred posts, edits and look-ups twenty go wrong."""

import random
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from blocks.tokens import decode
from tests.fake_discord.faults import Fault
from tests.fake_discord.server import FakeDiscord
from tests.fake_discord.surfaces import first_custom_id

_ANY = {
    Fault.RATE_LIMITED: 0.09,
    Fault.RATE_LIMITED_GLOBALLY: 0.01,
    Fault.SERVER_ERROR: 0.025,
    Fault.SERVER_ERROR_AFTER: 0.025,
    Fault.SILENT: 0.0125,
    Fault.SILENT_AFTER: 0.0125,
    Fault.LOST: 0.0125,
    Fault.LOST_AFTER: 0.0125,
}
"""Of a hundred calls 10 meet a 429, 5 a 503 and 5 a time-out or a reset; of the last ten half have been carried out."""
FORGETFUL = dict.fromkeys(("messages.create", "messages.edit", "messages.list"), _ANY)
TARDY = {**FORGETFUL, "messages.create": {**_ANY, Fault.LATE: 0.05, Fault.BAD_GATEWAY_AFTER: 0.01}}
"""Some posts take effect after they were given up, looked for in vain and sent again: then only the nonce is between
one message and two. And some are sent again by the library itself."""
FORGOTTEN_SECONDS, REMEMBERED_SECONDS = 0.05, 180.0
"""How long a nonce is remembered: far less than a look-up is put off, so that only the look-up is between one message
and two; or as long as Discord does."""
REMEMBERED_CALLS = 1000


@dataclass
class StormOnDiscord:
    """The storm's platform is Discord. `judged` bodies are held against its published description, which is slow.

    What a message shows is read from its button, as a person's press would be: the record and its revision.
    """

    fake: FakeDiscord = field(default_factory=FakeDiscord)
    nonce_seconds: float = FORGOTTEN_SECONDS
    rates: Mapping[str, Mapping[Fault, float]] = field(default_factory=lambda: FORGETFUL)
    judged: int = 200
    surface: str = "discord"
    written: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    @property
    def in_team(self) -> str:
        return f'discord: {{server: "{self.fake.server_id}"}}'

    @property
    def arguments(self) -> Sequence[str]:
        return ("discord", self.fake.api_url, self.fake.token, self.fake.server_id)

    async def start(self, chance: random.Random) -> None:
        self.fake.world.nonce_window_seconds = self.nonce_seconds
        self.fake.weather.chance, self.fake.weather.rates = chance, self.rates
        self.fake.rest.judged, self.fake.rest.calls = self.judged, deque(maxlen=REMEMBERED_CALLS)
        await self.fake.start()
        heard = self.fake.world.emit

        def emit(event: str, payload: Mapping[str, Any]) -> None:
            if event in ("MESSAGE_CREATE", "MESSAGE_UPDATE"):
                self.written[payload["id"]].append(_press(payload)[1])
            heard(event, payload)

        self.fake.world.emit = emit

    async def stop(self) -> None:
        await self.fake.stop()

    def messages(self) -> int:
        return sum(len(self.fake.visible(channel)) for channel in list(self.fake.world.messages))

    def keys(self) -> Counter[str]:
        return Counter(_press(message)[0] for message in self._visible())

    def shown(self) -> Mapping[str, int]:
        return dict(_press(message) for message in self._visible())

    def versions(self) -> Sequence[Sequence[int]]:
        return list(self.written.values())

    def lost(self) -> int:
        return self.fake.weather.happened_unseen()

    def _visible(self) -> Iterator[dict[str, Any]]:
        for channel in list(self.fake.world.messages):
            yield from self.fake.visible(channel)


def forgetful_discord() -> StormOnDiscord:
    return StormOnDiscord()


def tardy_discord() -> StormOnDiscord:
    return StormOnDiscord(nonce_seconds=REMEMBERED_SECONDS, rates=TARDY)


def _press(message: Mapping[str, Any]) -> tuple[str, int]:
    """The key of the incident's card, and the revision that is shown."""
    press = decode(first_custom_id(message))
    return f"incident:{press.record_id}", press.revision
