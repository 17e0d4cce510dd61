"""`notes`, `decisions`, `topics`: what agents tell each other, what was decided and what is known, as cards."""

from agents.roster import TopicSpec
from blocks.cards import CardView
from blocks.elements import MAX_OPTIONS, Card, FormButton, Item, Menu, Option
from blocks.text import one_line
from blocks.tokens import Verb, encode
from blocks.words import DECISION_WORD, PROPOSAL_WORD
from bot.delivery.present import Presenter
from bot.inbound.desk import Desk
from bot.inbound.listings import SHOWN, list_card
from bot.inbound.ordering import Order
from bot.inbound.work_presses import decision_form
from bot.surfaces.base import Answer
from store.handle import Store
from store.kernel.errors import UserMistake
from store.queries.decisions import acknowledged_by, decisions
from store.queries.notes import unread_notes
from store.queries.topics import topics, waiting_proposals
from store.records import CardKind, Decision, Note, Proposal, TopicVersion, card_key

LABEL_CHARS = 70
"""Of a note's words in a menu."""


def show_notes(desk: Desk, order: Order) -> Answer:
    """What nobody has acknowledged yet, with a way for a person to do it; to one agent where one is named."""
    found = notes_named(desk.store, desk.presenter, order.argument)
    options = tuple(_to_acknowledge(note, desk.presenter.view) for note in found[:MAX_OPTIONS])
    actions = (Menu(label="Acknowledge for its reader…", options=options),) if options else ()
    return Answer(card=notes_card(found, desk.presenter.view).model_copy(update={"actions": actions}))


def show_decisions(desk: Desk, order: Order) -> Answer:
    """Decisions that stand, with a form for a new one; of one subject where one is named."""
    new = FormButton(label="New decision…", form=decision_form())
    card = decisions_card(desk.store, desk.presenter.view, order.argument)
    return Answer(card=card.model_copy(update={"actions": (new,)}))


def show_topics(desk: Desk, order: Order) -> Answer:
    """What is known, and what waits to be let in."""
    return Answer(card=topics_card(desk.store, desk.presenter, order.argument))


def notes_named(store: Store, presenter: Presenter, reader: str) -> list[Note]:
    """Unread notes to the agent of this name, to all where none is named. Raises UserMistake for nobody's name."""
    agent_id = presenter.agent_id(reader) if reader.strip() else None
    if reader.strip() and agent_id is None:
        there_are = ", ".join(one.agent_id for one in presenter.facts.agents)
        raise UserMistake(f"There is no agent {reader!r}.", f"There are {there_are}.")
    return unread_notes(store, agent_id)


def notes_card(found: list[Note], view: CardView) -> Card:
    """Notes that nobody has acknowledged, oldest first."""
    rows = tuple(note_row(note, view) for note in found[:SHOWN])
    return list_card("Notes not acknowledged", rows, len(found), "Everything was acknowledged.")


def decisions_card(store: Store, view: CardView, subject: str) -> Card:
    """Decisions that stand, newest first; of one subject where one is named."""
    found = decisions(store, subject=subject or None)
    taken = acknowledged_by(store, [one.id for one in found])
    rows = tuple(decision_row(one, taken[one.id], view) for one in found[:SHOWN])
    return list_card("Decisions", rows, len(found), "No decisions.")


def topics_card(store: Store, presenter: Presenter, topic: str) -> Card:
    """Each topic's version and writer, and the proposals that wait. Raises UserMistake for no topic of the team."""
    wanted = topics_named(presenter, topic)
    latest, view = topics(store, list(wanted)), presenter.view
    rows = [topic_row(name, spec.writer, latest.get(name), view) for name, spec in wanted.items()]
    rows += [proposal_row(one, view) for one in waiting_proposals(store) if one.topic in wanted]
    return list_card("Topics", tuple(rows[:SHOWN]), len(rows), "The workspace declares no topics.")


def topics_named(presenter: Presenter, topic: str) -> dict[str, TopicSpec]:
    """The topic of this name, all where none is named, by name. Raises UserMistake for no topic of the team."""
    name = topic.strip().lower()
    if name and name not in presenter.topics:
        there_are = ", ".join(presenter.topics) or "none: the workspace declares them under `topics`"
        raise UserMistake(f"There is no topic {topic!r}.", f"There are {there_are}.")
    return {one: presenter.topics[one] for one in ([name] if name else sorted(presenter.topics))}


def _to_acknowledge(note: Note, view: CardView) -> Option:
    label = f"{view.agent(note.to_agent)}: {one_line(note.text)}"[:LABEL_CHARS]
    return Option(label=label, token=encode(Verb.NOTE_ACKNOWLEDGE, note.id, 0))


def note_row(note: Note, view: CardView) -> Item:
    """A note as a line."""
    due = f" · by {view.when(note.due_at)}" if note.due_at else ""
    detail = f"{view.actor(note.sender)} to {view.agent(note.to_agent)} · {view.when(note.created_at)}{due} · {note.id}"
    return Item(text=one_line(note.text), detail=detail)


def decision_row(one: Decision, taken: frozenset[str], view: CardView) -> Item:
    """A decision as a line."""
    missing = ", ".join(view.agent_names.get(who) or view.person(who) for who in one.affects if who not in taken)
    asked = f" · not acknowledged by {missing}" if missing else ""
    decided = f"{DECISION_WORD[one.standing]} · {view.actor(one.decided_by)}, {view.when(one.decided_at)}"
    detail = f"{decided}{asked} · {one.id}"
    url = view.link("cards", card_key(CardKind.DECISION, one.id))
    return Item(text=f"{one_line(one.subject)}: {one_line(one.choice)}", detail=detail, url=url)


def topic_row(name: str, writer: str, version: TopicVersion | None, view: CardView) -> Item:
    """A topic as a line."""
    url = view.link("topics", name)
    if version is None:
        return Item(text=name, detail=f"nothing written yet · kept by {view.agent(writer)}", url=url)
    written = f"version {version.number}, {view.when(version.written_at)} by {view.actor(version.written_by)}"
    return Item(text=name, detail=f"{written} · kept by {view.agent(writer)}", url=url)


def proposal_row(one: Proposal, view: CardView) -> Item:
    """A proposal as a line."""
    detail = f"{PROPOSAL_WORD[one.state]} by {view.actor(one.proposed_by)}, {view.when(one.proposed_at)} · {one.id}"
    url = view.link("cards", card_key(CardKind.PROPOSAL, one.id))
    return Item(text=f"New text for {one.topic}", detail=detail, url=url)
