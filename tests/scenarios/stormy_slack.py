"""A Slack in bad weather: of every hundred posts, edits and look-ups twenty go wrong."""

import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.emulator.fake_slack import FakeSlack, Fault


@dataclass
class StormySlack(FakeSlack):
    """Of every 100 posts, edits and look-ups 10 meet a 429, 5 a 503 and 5 a time-out.

    Of the last ten, half have been carried out all the same.

    `sent` is what was written, by message, in order: the revision of each version.
    """

    chance: random.Random = field(default_factory=random.Random)
    sent: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    met: Counter[str] = field(default_factory=Counter)

    def _next_fault(self, method: str) -> Fault | None:
        self.met[method] += 1
        if method not in ("chat.postMessage", "chat.update", "conversations.history"):
            return None
        fault = _fault(self.chance.random())
        if fault is not None:
            self.met[fault.name] += 1
        return fault

    def _carry_out(self, method: str, form: dict[str, str]) -> dict[str, Any]:
        answer = super()._carry_out(method, form)
        if answer["ok"] and method in ("chat.postMessage", "chat.update"):
            revision = json.loads(form["metadata"])["event_payload"]["revision"]
            self.sent[form["channel"], str(answer["ts"])].append(revision)
        return answer


def _fault(chance: float) -> Fault | None:
    weather = (
        (0.10, Fault.RATE_LIMITED),
        (0.125, Fault.SERVER_ERROR),
        (0.15, Fault.SERVER_ERROR_AFTER),
        (0.175, Fault.SILENT),
        (0.20, Fault.SILENT_AFTER),
    )
    return next((fault for below, fault in weather if chance < below), None)


@dataclass
class StormOnSlack:
    """The storm's platform is Slack."""

    slack: StormySlack = field(default_factory=StormySlack)
    surface: str = "slack"
    in_team: str = "slack: {}"

    @property
    def arguments(self) -> Sequence[str]:
        return ("slack", self.slack.api_url)

    async def start(self, chance: random.Random) -> None:
        self.slack.chance, self.slack.retry_after, self.slack.now = chance, "0", time.time
        await self.slack.start()

    async def stop(self) -> None:
        await self.slack.stop()

    def messages(self) -> int:
        return sum(len(messages) for messages in self.slack.messages.values())

    def keys(self) -> Counter[str]:
        return Counter(key for channel in list(self.slack.messages) for key in self.slack.visible(channel))

    def shown(self) -> Mapping[str, int]:
        payloads = (m["metadata"]["event_payload"] for channel in self.slack.messages.values() for m in channel)
        return {payload["key"]: payload["revision"] for payload in payloads}

    def versions(self) -> Sequence[Sequence[int]]:
        return list(self.slack.sent.values())

    def lost(self) -> int:
        return self.slack.met[Fault.SERVER_ERROR_AFTER.name] + self.slack.met[Fault.SILENT_AFTER.name]
