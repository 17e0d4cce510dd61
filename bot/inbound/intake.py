"""The way in: what people do on any surface, stored once, then carried out once, then answered."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType

import structlog

from agents.roster import Person, Team
from agents.standing import acting
from bot.inbound.files import Files
from bot.surfaces.base import Accepted, Answer, InboundEvent, InboundKind
from bot.surfaces.commands import Question, Suggestion
from store.actions.inbox import close_event, receive_event
from store.actions.incidents import record_incident
from store.handle import Store
from store.kernel.errors import QuarterdeckError, Refused, Retryable, UserMistake
from store.queries.inbox import unhandled_events
from store.records import InboxState

log = structlog.get_logger()

OWN_SURFACES = frozenset({"console", "cli"})
"""Surfaces whose accounts are people of the workspace themselves: a token was issued to each."""

RECOVER_SECONDS = 10
ACTS_AT_ONCE = 4
"""Events carried out at the same time: the rest wait without a thread, so that what comes next is stored, and with it
acknowledged, at once."""
SUGGESTS_AT_ONCE = 2
"""Lists looked up at the same time: people type fast, and what they do has to find a thread."""

Act = Callable[[InboundEvent, Person], Answer]
Tell = Callable[[InboundEvent], None]
"""What becomes of an event that no person is behind: nobody is answered."""
Told = Callable[[InboundEvent, Answer], None]
"""Learns what a person was told, on every surface; it must not raise."""


def _tells_nobody(_event: InboundEvent, _answer: Answer) -> None:
    """Nobody else wants to know."""


Admit = Callable[[InboundEvent], Answer]
Concerns = Callable[[InboundEvent], bool]
Suggest = Callable[[Question], tuple[Suggestion, ...]]


def _suggests_nothing(_question: Question) -> tuple[Suggestion, ...]:
    return ()


STRANGER = "intake.stranger"
NOT_OF_THE_TEAM = "You are not one of this team's people, so nothing was done."


class Intake:
    """Accepts, deduplicates and carries out inbound events. Handlers are idempotent by the event's key.

    `handlers` are for what people do; only members of the team come as far. `tellings` are for what is merely told.
    `told` learns every answer. `files` fetches what is given in forms, before a handler sees the event.
    `visitors` are for what members of the platform's workspace may do who are not of the team. `concerns` says of an
    event whether it is meant for us at all; what is not is let go without a word. `suggest`
    says what a command's argument may be; it is asked only for members of the team.

    An event accepted before a crash and not yet answered is carried out by `recover` after it.
    """

    def __init__(
        self,
        store: Store,
        team: Team,
        handlers: Mapping[InboundKind, Act],
        tellings: Mapping[InboundKind, Tell],
        told: Told = _tells_nobody,
        *,
        files: Files | None = None,
        visitors: Mapping[InboundKind, Admit] = MappingProxyType({}),
        concerns: Mapping[InboundKind, Concerns] = MappingProxyType({}),
        suggest: Suggest = _suggests_nothing,
    ) -> None:
        self._store = store
        self._team = team
        self._handlers = handlers
        self._tellings = tellings
        self._told = told
        self._files = files
        self._acting = asyncio.Semaphore(ACTS_AT_ONCE)
        self._visitors = visitors
        self._concerns = concerns
        self._suggest = suggest
        self._suggesting = asyncio.Semaphore(SUGGESTS_AT_ONCE)

    async def accept(self, event: InboundEvent) -> Accepted:
        """Stores the event; once this returns it cannot be lost. Raises DatabaseUnavailable: acknowledge nothing."""
        return await asyncio.to_thread(self._accept, event)

    async def act(self, accepted: Accepted) -> Answer:
        """Carries an accepted event out; a repeat is answered with what was said the first time."""
        if accepted.repeat:
            return Answer(text=accepted.earlier_answer)
        try:
            event = await self._with_files(accepted.event)
            async with self._acting:
                return await asyncio.to_thread(self._carry_out, event)
        except UserMistake as mistake:
            answer = Answer(text=str(mistake), ok=False)
            await asyncio.to_thread(self._close, accepted.event, InboxState.HANDLED, answer)
            return answer
        except Retryable as error:
            return Answer(text=f"{error.message} Your request is kept and will be carried out.", ok=False)

    async def _with_files(self, event: InboundEvent) -> InboundEvent:
        """The event with its files at hand; of a stranger or a guest nothing is fetched, as nothing will be done."""
        if not event.files or event.account_class != "member" or self.person(event) is None:
            return event
        if self._files is None:
            raise UserMistake("Files cannot be given here.")
        return await self._files.fetched(event)

    async def suggest(self, question: Question) -> tuple[Suggestion, ...]:
        """What the argument may be; nothing for strangers, guests and outsiders. Nothing of it is kept."""
        if question.account_class != "member" or self._person_on(question.surface, question.account) is None:
            return ()
        await self._suggesting.acquire()
        looking = asyncio.create_task(asyncio.to_thread(self._suggest, question))
        looking.add_done_callback(self._looked)
        return await asyncio.shield(looking)  # whoever waits no longer frees no thread: the next look waits for it

    def _looked(self, looking: asyncio.Task[tuple[Suggestion, ...]]) -> None:
        self._suggesting.release()
        if not looking.cancelled() and looking.exception() is not None:
            log.debug("suggestions_failed", error=type(looking.exception()).__name__)  # told to whoever still waits

    async def recover(self, older_than: timedelta = timedelta()) -> int:
        """Carries out what was accepted and not closed for this long; returns how many."""
        before = self._store.clock.now() - older_than
        waiting = await asyncio.to_thread(unhandled_events, self._store, before)
        for row in waiting:
            await self.act(Accepted(event=InboundEvent.model_validate(row.payload), repeat=False))
        return len(waiting)

    async def keep_recovering(self) -> None:
        """Until cancelled: at once carries out what a crash left behind, then whatever the database could not take."""
        await self.recover()
        while True:
            await asyncio.sleep(RECOVER_SECONDS)
            try:
                await self.recover(timedelta(seconds=RECOVER_SECONDS))
            except Retryable:
                log.warning("inbox_not_readable")

    def _accept(self, event: InboundEvent) -> Accepted:
        received = receive_event(
            self._store,
            surface=event.surface,
            key=event.key,
            kind=event.kind.value,
            payload=event.model_dump(mode="json"),
        )
        return Accepted(event=event, repeat=not received.fresh, earlier_answer=received.event.answer)

    def _carry_out(self, event: InboundEvent) -> Answer:
        try:
            answer = self._answer(event)
        except Retryable:
            raise  # stays open in the inbox and is carried out by `recover`
        except Refused as refusal:
            answer = Answer(text=str(refusal), ok=False)
            self._close(event, InboxState.HANDLED, answer, refused_by=refusal.rule)
            return answer
        except QuarterdeckError as error:
            answer = Answer(text=str(error), ok=False)
        except Exception as error:  # the outermost loop of intake: the event is kept, the failure shown
            log.exception("inbound_event_failed", surface=event.surface, key=event.key, kind=event.kind.value)
            return self._failed(event, type(error).__name__)
        self._close(event, InboxState.HANDLED, answer)
        return answer

    def _answer(self, event: InboundEvent) -> Answer:
        tell = self._tellings.get(event.kind)
        if tell is not None:
            tell(event)
            return Answer()
        concerns = self._concerns.get(event.kind)
        if concerns is not None and not concerns(event):
            return Answer()
        person = self.person(event)
        visitor = self._visitors.get(event.kind)
        if person is None and visitor is None:
            raise Refused(NOT_OF_THE_TEAM, STRANGER)
        if event.account_class != "member":
            raise Refused("Guests and people from outside may not act here; nothing was done.", "intake.outsider")
        if person is not None:
            return self._handlers[event.kind](event, acting(self._team, person, event.surface, event.held_roles))
        if visitor is None:
            raise Refused(NOT_OF_THE_TEAM, STRANGER)
        return visitor(event)

    def person(self, event: InboundEvent) -> Person | None:
        """The person behind the event; None for a stranger."""
        return self._person_on(event.surface, event.account)

    def _person_on(self, surface: str, account: str) -> Person | None:
        if surface in OWN_SURFACES:
            return self._team.people.get(account)
        return self._team.person_for(surface, account)

    def _close(self, event: InboundEvent, state: InboxState, answer: Answer, refused_by: str | None = None) -> None:
        words = answer.text or (answer.card.summary if answer.card else None)
        close_event(self._store, surface=event.surface, key=event.key, state=state, answer=words, refused_by=refused_by)
        self._told(event, answer)

    def _failed(self, event: InboundEvent, fault: str) -> Answer:
        answer = Answer(
            text="That failed inside Quarterdeck. Your request is kept, and an incident card was opened.", ok=False
        )
        self._close(event, InboxState.FAILED, answer)
        record_incident(
            self._store,
            cause=f"intake:{fault}",
            kind="bug",
            title="A request could not be carried out",
            detail=f"{fault} while handling a {event.kind.value} from {event.surface}",
            next_step="The request is kept in the inbox; the log has the whole error.",
            example={"surface": event.surface, "key": event.key},
        )
        return answer
