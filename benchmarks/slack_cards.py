"""Cards into Slack: how many a second, how close to Slack's limits, and what a live card costs in memory."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import psutil

from benchmarks.databases import NewDatabase
from benchmarks.measure import Comparison, Figure
from benchmarks.slack_counterpart import Counterpart
from benchmarks.slack_senders import CHANNELS, Scribe, Sdk, Sender
from benchmarks.workers import Worker
from bot.surfaces.slack.pacing import CHANNEL_PACE, PACES, Pace

POST, EDIT = "chat.postMessage", "chat.update"
MIB = 2**20
BASELINE = "slack_sdk, one after another"
OWN = "Quarterdeck"

Arrival = tuple[str, str, float]
"""Method, channel, moment in seconds."""


@dataclass(frozen=True)
class Sending:
    """How much is sent: `cards` a round for each contender, `live` of them for the memory, and at Slack's pace."""

    cards: int
    live: int
    rounds: int
    paced_seconds: float
    paced_cards: int


class Office:
    """Everything that takes part on one database, each in its own process."""

    def __init__(self, stack: ExitStack, url: str) -> None:
        self._stack, self.url = stack, url
        self.scribe = stack.enter_context(Worker(Scribe, url=url))
        self.fake = stack.enter_context(Worker(Counterpart))
        self.api_url = self.fake.ask("api_url")

    def sender(self, *, paced: bool = False) -> Worker:
        return self._stack.enter_context(Worker(Sender, url=self.url, api_url=self.api_url, paced=paced))

    def sdk(self) -> Worker:
        channels = [self.fake.ask("channel") for _ in range(CHANNELS)]
        return self._stack.enter_context(Worker(Sdk, api_url=self.api_url, channels=channels))

    def arrivals(self, method: str) -> list[Arrival]:
        """What arrived since this was last asked."""
        return [arrival for arrival in self.fake.ask("arrivals") if arrival[0] == method]


def compare_rates(kind: str, sending: Sending, new: NewDatabase) -> Comparison:
    """Cards a second with every pace switched off, as they arrive."""
    with ExitStack() as stack:
        office = Office(stack, new(kind))
        ways = _ways(office, sending.cards)
        rates: dict[str, list[float]] = {name: [] for name in ways}
        for number, (name, way) in itertools.product(range(sending.rounds + 1), ways.items()):
            rate = per_second(office.arrivals(way()))
            if number:  # the first warms up
                rates[name].append(rate)
    figures = tuple(Figure(name, tuple(values)) for name, values in rates.items())
    return Comparison(f"{kind}: cards delivered, every pace off", "cards/s", BASELINE, figures)


def _ways(office: Office, cards: int) -> dict[str, Callable[[], str]]:
    """Name → what sends so many cards and says by which method. They follow one another in this order."""
    sender, sdk = office.sender(), office.sdk()

    def posted(channels: int) -> str:
        office.scribe.ask("begin", count=cards, channels=channels)
        office.arrivals(POST)
        sender.ask("deliver")
        return POST

    def edited() -> str:
        office.scribe.ask("advance")
        office.arrivals(EDIT)
        sender.ask("deliver")
        return EDIT

    def plain(at_once: int) -> str:
        sdk.ask("post", message=office.fake.ask("sample"), count=cards, at_once=at_once)
        return POST

    return {
        f"{OWN}, posts into {CHANNELS} channels": lambda: posted(CHANNELS),
        f"{OWN}, edits in {CHANNELS} channels": edited,
        f"{OWN}, posts into one channel": lambda: posted(1),
        BASELINE: lambda: plain(1),
        f"slack_sdk, {CHANNELS} at once": lambda: plain(CHANNELS),
    }


def compare_paces(kind: str, sending: Sending, new: NewDatabase) -> Iterator[Comparison]:
    """How many calls reach Slack in its busiest minute when there is always more to send than it allows."""
    with ExitStack() as stack:
        office = Office(stack, new(kind))
        office.scribe.ask("begin", count=sending.paced_cards)
        office.sender().ask("deliver")
        office.scribe.ask("advance")
        office.scribe.ask("begin", count=sending.paced_cards)
        office.fake.ask("arrivals")
        office.sender(paced=True).ask("deliver", seconds=sending.paced_seconds)
        arrivals: list[Arrival] = office.fake.ask("arrivals")
    posts = [arrival for arrival in arrivals if arrival[0] == POST]
    by_channel = [[each for each in posts if each[1] == channel] for channel in {each[1] for each in posts}]
    edits = [arrival for arrival in arrivals if arrival[0] == EDIT]
    yield _paced("posts into one channel", CHANNEL_PACE, by_channel)
    yield _paced("posts into the workspace", PACES[POST], [posts])
    yield _paced("edits in the workspace", PACES[EDIT], [edits])


def _paced(what: str, pace: Pace, buckets: Sequence[Sequence[Arrival]]) -> Comparison:
    moments = [[at for _, _, at in bucket] for bucket in buckets]
    busiest = max((busiest_minute(each) for each in moments), default=0)
    refused = sum(over_pace(each, pace) for each in moments)
    figures = (
        Figure("busiest minute, its burst included", (float(busiest),)),
        Figure("of those, a Slack that allows no larger burst refuses", (float(refused),)),
        Figure("the pace", (float(pace.per_minute),)),
    )
    return Comparison(f"At Slack's paces: {what}", "calls", "the pace", figures)


def compare_memory(kind: str, sending: Sending, new: NewDatabase) -> Comparison:
    """How much larger a sender becomes with each thousand live cards posted and edited."""
    with ExitStack() as stack:
        office = Office(stack, new(kind))
        sender, sdk = office.sender(), office.sdk()

        def own() -> None:
            for step in ({"method": "begin", "count": sending.live}, {"method": "advance"}):
                office.scribe.ask(**step)
                sender.ask("deliver")

        def plain() -> None:
            sdk.ask("post", message=office.fake.ask("sample"), count=sending.live)
            sdk.ask("edit", message=office.fake.ask("sample"))

        grown: dict[str, list[float]] = {}
        for number in range(sending.rounds + 1):
            for name, worker, work in ((OWN, sender, own), (BASELINE, sdk, plain)):
                before = _memory(worker)
                work()
                if number:  # the first warms up
                    growth = max(0, _memory(worker) - before) / MIB
                    grown.setdefault(name, []).append(growth * 1000 / sending.live)
    figures = tuple(Figure(name, tuple(values)) for name, values in grown.items())
    return Comparison(f"{kind}: memory per 1,000 live cards, RSS", "MiB", BASELINE, figures)


def per_second(arrivals: Sequence[Arrival]) -> float:
    """How many a second, from the first to the last."""
    moments = [at for _, _, at in arrivals]
    return (len(moments) - 1) / (max(moments) - min(moments))


def busiest_minute(moments: Sequence[float]) -> int:
    """The most that arrived within any 60 s."""
    ordered, first, most = sorted(moments), 0, 0
    for place, at in enumerate(ordered):
        while ordered[first] <= at - 60:
            first += 1
        most = max(most, place - first + 1)
    return most


def over_pace(moments: Sequence[float], pace: Pace) -> int:
    """How many a bucket of this pace and burst, and one call for the way they took, would refuse."""
    room = float(pace.burst + 1)
    tokens, refused, last = room, 0, 0.0
    for at in sorted(moments):
        tokens, last = min(room, tokens + (at - last) * pace.per_minute / 60), at
        refused += tokens < 1
        tokens -= tokens >= 1
    return refused


def _memory(worker: Worker) -> int:
    """Bytes, after what can be freed was freed."""
    worker.ask("tidy")
    return int(psutil.Process(worker.process_id).memory_info().rss)
