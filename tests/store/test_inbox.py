"""The inbox: an event is stored once and closed once."""

from datetime import timedelta

from store.actions import Store
from store.actions.inbox import close_event, receive_event
from store.queries.inbox import unhandled_events
from store.records import InboxState


def test_a_redelivery_finds_the_first_row_and_its_answer(store: Store) -> None:
    first = receive_event(store, surface="slack", key="e1", kind="press", payload={"n": 1})
    close_event(store, surface="slack", key="e1", state=InboxState.HANDLED, answer="Approved.")
    again = receive_event(store, surface="slack", key="e1", kind="press", payload={"n": 2})
    other = receive_event(store, surface="console", key="e1", kind="press", payload={})
    assert (first.fresh, again.fresh, other.fresh) == (True, False, True)
    assert (again.event.payload, again.event.answer) == ({"n": 1}, "Approved.")


def test_the_first_closing_stands(store: Store) -> None:
    receive_event(store, surface="slack", key="e1", kind="press", payload={})
    close_event(store, surface="slack", key="e1", state=InboxState.HANDLED, answer="yes")
    close_event(store, surface="slack", key="e1", state=InboxState.FAILED, answer="no")
    assert receive_event(store, surface="slack", key="e1", kind="press", payload={}).event.answer == "yes"


def test_what_was_accepted_and_not_acted_on_is_found(store: Store) -> None:
    receive_event(store, surface="slack", key="e1", kind="press", payload={})
    receive_event(store, surface="slack", key="e2", kind="press", payload={})
    close_event(store, surface="slack", key="e1", state=InboxState.HANDLED, answer=None)
    later = store.clock.now() + timedelta(seconds=1)
    assert [event.key for event in unhandled_events(store, later)] == ["e2"]
    assert unhandled_events(store, store.clock.now()) == []
