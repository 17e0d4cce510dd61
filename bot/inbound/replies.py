"""A reply under a card: it reaches the run the card shows, with its context; never a new conversation."""

from agents.roster import Person
from blocks.cards import UNREAD, notice_card
from blocks.elements import Button, Tone
from blocks.tokens import Verb, encode
from bot.inbound.desk import Desk, Pressed
from bot.inbound.lane_roles import require_lane
from bot.inbound.requests import started, with_request
from bot.starts import agent_named, start_run
from bot.surfaces.base import THREAD, Answer, InboundEvent
from store.actions.messages import add_message
from store.kernel.canonical import JsonObject
from store.kernel.errors import NotFound, UserMistake
from store.kernel.ids import derive
from store.queries import approvals, cards, findings, incidents, runs
from store.queries.inbox import inbox_event
from store.queries.messages import unread_messages
from store.records import UNDO_OF, Author, CardKind, CardRow, Request, Run, TriggerKind

HEARD = Answer(text="Passed on. If the run ends without having read it, its card says so.")
NOBODY_READS = Answer(text="No run stands behind this card, so nobody reads this thread. Use its buttons.", ok=False)


def answered_card(desk: Desk, event: InboundEvent) -> CardRow | None:
    """The card under which the message was written; None when it answers none of ours."""
    channel, thread = event.payload.get("channel"), event.payload.get(THREAD)
    if not isinstance(channel, str) or not isinstance(thread, str):
        return None
    return cards.card_of_message(desk.store, event.surface, channel, thread)


def reply(desk: Desk, event: InboundEvent, person: Person | None) -> Answer:
    """Gives the reply to the run, once per event; `person` None is somebody who is not of the team.

    Whoever answers a run that has ended is told so, and one of the team may start a new one with the same words. Raises
    Refused for whoever lacks the lane role of the run's agent.
    """
    if not event.text.strip():
        raise UserMistake("There are no words in it, so there was nothing to pass on.")
    row = answered_card(desk, event)
    run = run_behind(desk, row) if row else None
    if run is None:
        return NOBODY_READS
    require_lane(desk.team, person, event, run.agent_id)
    author = Author(surface=event.surface, account=event.account, person_id=person.id if person else None)
    message_id = derive("message", event.surface, event.key)
    heard = add_message(desk.store, run.id, message_id=message_id, author=author, text=event.text)
    return HEARD if heard is not None else _too_late(desk, event, run, person)


def run_behind(desk: Desk, row: CardRow) -> Run | None:
    """The run a card stands for; among runs that take turns on one card the newest unfinished, else the newest."""
    run = _run_of(desk, row)
    slot = run.trigger.slot if run else None
    if run is None or slot is None or row.kind is not CardKind.RUN:
        return run
    taking_turns = (*runs.unfinished_runs(desk.store, run.agent_id), *runs.recent_runs(desk.store, run.agent_id))
    return next((one for one in taking_turns if one.trigger.slot == slot), run)


def run_again(desk: Desk, pressed: Pressed) -> Answer:
    """Starts a new run with the old one's input and what it did not read, once for the same words."""
    what, _, run_id = pressed.press.record_id.partition("/")
    old = runs.run(desk.store, run_id)
    words = _unread_words(desk, old) if what == UNREAD else _words_of(desk, pressed.event.surface, what)
    agent = agent_named(desk.team, old.agent_id)
    run = start_run(
        desk.store,
        desk.team,
        agent,
        kind=TriggerKind.MESSAGE,
        key=f"reply:{what}:{old.id}",
        by=pressed.actor,
        what=with_request(_input_again(old), Request(text=words, previous_run=old.id)),
        tainted=True,  # as any message; and the old run may have been
    )
    return Answer(card=started(desk, agent, run))


def _input_again(run: Run) -> JsonObject:
    """The old run's input. To take a call back is for those who may, by the button of its card: it is not repeated."""
    return {name: value for name, value in run.trigger.input.items() if name != UNDO_OF}


def _words_of(desk: Desk, surface: str, key: str) -> str:
    row = inbox_event(desk.store, surface, key)
    if row is None:
        raise UserMistake("That reply is no longer on record.", "Write it again, or ask the agent anew.")
    return InboundEvent.model_validate(row.payload).text


def _unread_words(desk: Desk, run: Run) -> str:
    unread = unread_messages(desk.store, run.id)
    if not unread:
        raise UserMistake("The run has read everything that was written to it.")
    return "\n\n".join(message.text for message in unread)


def _run_of(desk: Desk, row: CardRow) -> Run | None:
    try:
        return _LOOKS[row.kind](desk, row.record_id) if row.kind in _LOOKS else None
    except NotFound:
        return None


def _of_incident(desk: Desk, incident_id: str) -> Run | None:
    run_id = incidents.incident(desk.store, incident_id).run_id
    return runs.find_run(desk.store, run_id) if run_id else None


_LOOKS = {
    CardKind.RUN: lambda desk, record_id: runs.run(desk.store, record_id),
    CardKind.APPROVAL: lambda desk, record_id: runs.run(desk.store, approvals.approval(desk.store, record_id).run_id),
    CardKind.DIGEST: lambda desk, record_id: runs.run(desk.store, findings.digest(desk.store, record_id).run_id),
    CardKind.ALERT: lambda desk, record_id: runs.run(desk.store, findings.alert(desk.store, record_id).run_id),
    CardKind.INCIDENT: _of_incident,
}


def _too_late(desk: Desk, event: InboundEvent, run: Run, person: Person | None) -> Answer:
    agent = desk.presenter.view.agent(run.agent_id)
    ended = f"This run of {agent} has ended"
    if person is None:
        return Answer(text=f"{ended}; nobody read it.", ok=False)
    card = notice_card(ended, "Nobody has read your reply yet.", Tone.WARNING)
    again = Button(label="Run again with this", token=encode(Verb.RERUN, f"{event.key}/{run.id}", 0), about=agent)
    return Answer(card=card.model_copy(update={"actions": (again,)}))
