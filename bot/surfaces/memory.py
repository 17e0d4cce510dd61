"""A surface without a platform: keeps the port's contract in memory, records what it was asked, fails when told to."""

from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from blocks.elements import Card, Form
from bot.surfaces.base import STANDING, Answer, ChannelSpec, Health, Inbound, InboundEvent, Placing, ReplyTo, Shown
from store.kernel.clock import Clock
from store.kernel.errors import QuarterdeckError, UserMistake


@dataclass
class Message:
    """One message: `card` is what it shows now; `shown` is how often it was posted or edited."""

    id: str
    channel_id: str
    card: Card
    posted_at: datetime
    placing: Placing = STANDING
    shown: int = 1


@dataclass(frozen=True)
class Fault:
    """A failure to come: `error` is raised, after the effect when `happened`, else instead of it."""

    error: QuarterdeckError
    happened: bool = False


@dataclass(frozen=True)
class Told:
    """What one person was told or asked."""

    reply_to: ReplyTo
    answer: Answer


@dataclass
class MemorySurface:
    """A whole surface for tests and headless runs. Like a real one it never shows a person's answer to anybody else.

    `calls` lists every verb asked for, in order; faults are used up first come, first served, each by one call.
    """

    clock: Clock
    name: str = "memory"
    threads: bool = True
    live_edit_seconds: float = 0.0
    owing: int = 0
    """How many of the next postings and edits leave something owed."""
    messages: list[Message] = field(default_factory=list)
    channels: dict[str, ChannelSpec] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    _faults: dict[str, deque[Fault | None]] = field(default_factory=lambda: defaultdict(deque))
    _inbound: Inbound | None = None

    def fail(self, verb: str, *faults: Fault | None) -> None:
        """The next calls of `verb`, one of the port's method names, meet these faults; None lets one call through."""
        self._faults[verb].extend(faults)

    async def hear(self, event: InboundEvent) -> Answer:
        """A person does something: stored, then carried out and answered, a repeat not. Raises what storing raises."""
        if self._inbound is None:
            raise UserMistake("Nobody listens: the surface is not started.")
        accepted = await self._inbound.accept(event)
        if accepted.repeat:
            return Answer(text=accepted.earlier_answer)
        answer = await self._inbound.act(accepted)
        await self.answer_privately(ReplyTo(surface=self.name, handle={"user": event.account}), answer)
        return answer

    async def start(self, inbound: Inbound) -> None:
        self._inbound = inbound

    async def stop(self) -> None:
        self._inbound = None

    async def ensure_channel(self, channel: ChannelSpec) -> str:
        channel_id = channel.known_id or f"{self.name}:{channel.name}"
        with self._meeting_faults("ensure_channel"):
            self.channels[channel_id] = channel
        return channel_id

    async def post(self, channel_id: str, card: Card, placing: Placing = STANDING) -> Shown:
        message_id = f"m{len(self.messages) + 1}"
        with self._meeting_faults("post"):
            self.messages.append(Message(message_id, channel_id, card, self.clock.now(), placing))
        return self._shown(message_id)

    async def edit(self, channel_id: str, message_id: str, card: Card, placing: Placing = STANDING) -> Shown:
        message = self._message(channel_id, message_id)
        with self._meeting_faults("edit"):
            message.card = card
            message.shown += 1
        return self._shown(message_id)

    async def find(self, channel_id: str, card_key: str, since: datetime, thread_id: str | None = None) -> str | None:
        with self._meeting_faults("find"):
            found = (
                message.id
                for message in self.messages
                if (message.channel_id, message.placing.thread_id) == (channel_id, thread_id)
                and message.card.key == card_key
                and message.posted_at >= since
            )
            return next(found, None)

    async def answer_privately(self, reply_to: ReplyTo, answer: Answer) -> None:
        try:
            with self._meeting_faults("answer_privately"):
                self.told.append(Told(reply_to, answer))
        except QuarterdeckError:
            return  # advisory: whoever asked must not depend on it

    async def open_form(self, reply_to: ReplyTo, form: Form) -> None:
        with self._meeting_faults("open_form"):
            self.forms.append(form)

    def health(self) -> Health:
        started = self._inbound is not None
        detail = "In memory, started." if started else "In memory, not started."
        return Health(
            surface=self.name, connected=started, detail=detail, last_seen_at=self.clock.now() if started else None
        )

    def _shown(self, message_id: str) -> Shown:
        owes, self.owing = ("a part" if self.owing else None), max(0, self.owing - 1)
        return Shown(message_id=message_id, owes=owes)

    def _message(self, channel_id: str, message_id: str) -> Message:
        found = (each for each in self.messages if (each.channel_id, each.id) == (channel_id, message_id))
        message = next(found, None)
        if message is None:
            raise UserMistake("The message is gone.")
        return message

    @contextmanager
    def _meeting_faults(self, verb: str) -> Iterator[None]:
        self.calls.append(verb)
        fault = self._faults[verb].popleft() if self._faults[verb] else None
        if fault is not None and not fault.happened:
            raise fault.error
        yield
        if fault is not None:
            raise fault.error
