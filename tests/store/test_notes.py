"""Notes: sent once, taken in once by their reader, and said to be late once."""

from datetime import timedelta

import pytest

from store.actions import Store
from store.actions.deadlines import enforce_deadlines
from store.actions.notes import acknowledge_note, send_note
from store.kernel.clock import ManualClock
from store.kernel.errors import NotFound, Refused
from store.queries import incidents, notes
from store.queries.deadlines import next_deadline
from store.records import Actor, ActorKind, Note
from tests.store.conftest import START
from tests.store.samples import person

WATCH, SCRIBE = (Actor(kind=ActorKind.AGENT, id=name) for name in ("watch", "scribe"))
HOUR = timedelta(hours=1)


def sent(store: Store, name: str = "a", **changes: object) -> Note:
    note = Note(id=f"note_{name}", to_agent="watch", sender=SCRIBE, text="Look", created_at=START)
    return send_note(store, note.model_copy(update=changes))


def test_a_note_is_sent_once_and_taken_in_once(store: Store) -> None:
    sent(store)
    assert sent(store, text="Something else").text == "Look"
    first = acknowledge_note(store, "note_a", WATCH, "I looked")
    assert acknowledge_note(store, "note_a", WATCH, "again") == first
    assert (first.answer, notes.unread_notes(store)) == ("I looked", [])


def test_only_its_reader_or_a_person_takes_it_in(store: Store) -> None:
    sent(store)
    with pytest.raises(Refused, match="not written to scribe"):
        acknowledge_note(store, "note_a", SCRIBE)
    assert acknowledge_note(store, "note_a", person("ana")).acknowledged_by == person("ana")
    with pytest.raises(NotFound, match="note_x"):
        acknowledge_note(store, "note_x", WATCH)


def test_a_late_one_is_said_once_on_one_card_about_its_reader(store: Store, clock: ManualClock) -> None:
    sent(store, "a", due_at=START + HOUR)
    sent(store, "b", due_at=START + HOUR)
    sent(store, "c")
    assert next_deadline(store) == START + HOUR
    clock.move_to(START + HOUR)
    assert (enforce_deadlines(store), enforce_deadlines(store)) == (2, 0)
    [incident] = incidents.open_incidents(store)
    assert (incident.kind, incident.count) == ("unacknowledged", 2)
    acknowledge_note(store, "note_a", WATCH)
    assert len(incidents.open_incidents(store)) == 1
    acknowledge_note(store, "note_b", WATCH)
    assert incidents.open_incidents(store) == []


def test_what_was_told_to_one_agent_is_not_told_to_another(store: Store) -> None:
    sent(store, "a")
    sent(store, "b", to_agent="scribe")
    assert [one.id for one in notes.unread_notes(store, "watch")] == ["note_a"]
    assert notes.open_among(store, frozenset({"note_a", "note_b", "note_x"})) == ["note_a", "note_b"]
    assert notes.open_among(store, frozenset()) == []
