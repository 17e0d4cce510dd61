"""The outbox rows: what is pending, who may post, and what is never done twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import sqlalchemy as sa

from store.actions import Store
from store.actions.outbox import begin_post, join_surface, mark_shown, postpone, save_snapshot, settle_cards
from store.actions.runs import begin_segment
from store.kernel.clock import ManualClock
from store.queries import cards
from store.records import CardKind, DeliveryState
from tests.store.samples import asked, requested, running


def due_keys(store: Store, surface: str = "console") -> list[str]:
    return [due.card.key for due in cards.due_deliveries(store, surface, store.clock.now())]


@contextmanager
def counting(store: Store, statements: list[str]) -> Iterator[None]:
    """Notes every statement that the database is given meanwhile."""

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    sa.event.listen(store.database.engine, "before_cursor_execute", note)
    yield
    sa.event.remove(store.database.engine, "before_cursor_execute", note)


def test_decisions_come_before_progress(store: Store) -> None:
    run = running(store)
    approval = asked(store, run)
    assert due_keys(store) == [f"approval:{approval.id}", f"run:{run.id}", f"log:{run.id}"]


def test_what_is_due_is_read_in_as_many_queries_for_many_cards_as_for_one(store: Store) -> None:
    def statements() -> int:
        counted: list[str] = []
        with counting(store, counted):
            assert due_keys(store)
        return len(counted)

    begin_post(store, f"run:{requested(store, 'one').id}", surface="console", channel_id="c")
    for_one = statements()
    for key in ("two", "three", "four"):
        begin_post(store, f"run:{requested(store, key).id}", surface="console", channel_id="c")
    assert statements() == for_one
    assert all(due.delivery is not None for due in cards.due_deliveries(store, "console", store.clock.now()))


def test_a_card_is_posted_by_one_sender(store: Store) -> None:
    key = f"run:{requested(store).id}"
    assert begin_post(store, key, surface="slack", channel_id="C1")
    assert not begin_post(store, key, surface="slack", channel_id="C1")
    assert begin_post(store, key, surface="console", channel_id="C1")


def test_a_shown_card_is_due_again_only_when_it_changes(store: Store) -> None:
    run = requested(store)
    [due] = cards.due_deliveries(store, "console", store.clock.now())
    begin_post(store, due.card.key, surface="console", channel_id="c")
    mark_shown(store, due.card.key, surface="console", message_id="m", revision=due.card.revision)
    assert due_keys(store) == []
    assert settle_cards(store, ("console",)) == 1
    begin_segment(store, run.id, 0)
    assert due_keys(store) == [due.card.key]


def test_a_card_stays_pending_until_every_surface_shows_it(store: Store) -> None:
    key = f"run:{requested(store).id}"
    begin_post(store, key, surface="console", channel_id="c")
    mark_shown(store, key, surface="console", message_id="m", revision=1)
    assert settle_cards(store, ("console", "slack")) == 0
    held = begin_post(store, key, surface="slack", channel_id="C")
    postpone(
        store, key, surface="slack", held=held, state=DeliveryState.REFUSED, not_before=None, error="no such channel"
    )
    assert settle_cards(store, ("console", "slack")) == 1


def test_a_failed_delivery_waits_for_its_time(store: Store, clock: ManualClock) -> None:
    key = f"run:{requested(store).id}"
    held = begin_post(store, key, surface="slack", channel_id="C")
    later = clock.now() + timedelta(seconds=30)
    postpone(
        store, key, surface="slack", held=held, state=DeliveryState.PENDING, not_before=later, error="rate limited"
    )
    assert due_keys(store, "slack") == []
    clock.move_to(later)
    assert due_keys(store, "slack") == [key]
    assert begin_post(store, key, surface="slack", channel_id="C")


def test_an_older_revision_never_replaces_a_newer(store: Store) -> None:
    key = f"run:{requested(store).id}"
    begin_post(store, key, surface="console", channel_id="c")
    mark_shown(store, key, surface="console", message_id="m", revision=5)
    mark_shown(store, key, surface="console", message_id="m", revision=4)
    save_snapshot(store, key, revision=5, snapshot={"n": 5})
    save_snapshot(store, key, revision=4, snapshot={"n": 4})
    delivery, card = cards.delivery(store, key, "console"), cards.card(store, key)
    assert delivery is not None
    assert card is not None
    assert (delivery.revision, card.snapshot) == (5, {"n": 5})


def test_a_surface_that_joins_gets_what_changed_lately_and_no_flood(store: Store, clock: ManualClock) -> None:
    for key in ("old", "new"):
        card = f"run:{requested(store, key).id}"
        begin_post(store, card, surface="console", channel_id="c")
        mark_shown(store, card, surface="console", message_id="m", revision=1)
        settle_cards(store, ("console",))
        clock.move_to(clock.now() + timedelta(days=2))
    join_surface(store, "slack", clock.now() - timedelta(days=3))
    assert [due.card.kind for due in cards.due_deliveries(store, "slack", clock.now())] == [CardKind.RUN]


def test_a_failure_seen_before_another_sender_began_changes_nothing(store: Store) -> None:
    key = f"run:{requested(store).id}"
    held = begin_post(store, key, surface="slack", channel_id="C")
    stale = partial(postpone, store, key, surface="slack", held=None, not_before=None, error="not connected")
    assert not stale(state=DeliveryState.PENDING)
    assert cards.delivery(store, key, "slack") == held


def test_only_one_of_two_lookups_counts(store: Store) -> None:
    key = f"run:{requested(store).id}"
    held = begin_post(store, key, surface="slack", channel_id="C")
    missed = partial(postpone, store, key, surface="slack", held=held, not_before=None, error="not seen yet")
    assert missed(state=DeliveryState.UNKNOWN)
    assert not missed(state=DeliveryState.UNKNOWN)


def test_a_second_message_for_one_card_is_told_apart(store: Store) -> None:
    key = f"run:{requested(store).id}"
    begin_post(store, key, surface="slack", channel_id="C")
    assert mark_shown(store, key, surface="slack", message_id="m1", revision=1)
    assert not mark_shown(store, key, surface="slack", message_id="m2", revision=1)
    delivery = cards.delivery(store, key, "slack")
    assert delivery is not None
    assert delivery.message_id == "m1"


def test_a_message_may_take_the_place_of_the_one_that_was_edited_and_of_no_other(store: Store) -> None:
    key = f"run:{requested(store).id}"
    begin_post(store, key, surface="slack", channel_id="C")
    mark_shown(store, key, surface="slack", message_id="m1", revision=1)
    assert not mark_shown(store, key, surface="slack", message_id="m3", instead_of="m2", revision=1)
    assert mark_shown(store, key, surface="slack", message_id="m2", instead_of="m1", revision=1)
    assert mark_shown(store, key, surface="slack", message_id="m2", instead_of="m1", revision=1)
    delivery = cards.delivery(store, key, "slack")
    assert delivery is not None
    assert delivery.message_id == "m2"
