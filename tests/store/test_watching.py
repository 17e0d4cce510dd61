"""Watched channels: kept once, read once, given back when a run fails, offered again when changed."""

from datetime import timedelta

import pytest

from store.actions import Store
from store.actions.offers import CLAIM_BYTES
from store.actions.runs import request_stop, time_out_run
from store.actions.watching import History, install_watches, note_watch_problem
from store.kernel.clock import ManualClock
from store.kernel.errors import IllegalTransition, UserMistake
from store.queries import incidents
from store.queries.watching import cursor, messages, offers, readers
from store.records import AuthorKind, IncidentState, MessageField, OfferState, Who
from tests.store.samples import person, running
from tests.store.watched import (
    CHANNEL,
    START,
    a_message,
    a_reader,
    claim,
    deleted,
    done,
    edited,
    failed,
    heard,
    offer_of,
    read,
    texts,
    watched,
)


def history(up_to: int, asked: int = 100, *, at_end: bool = True) -> History:
    return History(asked_at=START + timedelta(seconds=asked), up_to=START + timedelta(seconds=up_to), at_end=at_end)


def test_a_message_is_kept_once_however_often_it_comes(store: Store) -> None:
    watched(store, 1, 1)
    assert heard(store, a_message(1), a_message(2)) == 1
    assert [one.text for one in messages(store, "slack", CHANNEL)] == ["message 1", "message 2"]


def test_nothing_is_kept_of_a_channel_nobody_watches(store: Store) -> None:
    assert heard(store, a_message(1)) == 0
    assert messages(store, "slack", CHANNEL) == []


def test_a_run_reads_in_the_order_of_writing_and_a_run_that_is_done_has_read(store: Store) -> None:
    watched(store, 3, 1, 2)
    first = running(store, "a")
    assert texts(read(store, first)) == ["message 1", "message 2", "message 3"]
    done(store, first)
    assert texts(read(store, running(store, "b"))) == []


def test_what_a_failed_or_stopped_run_had_claimed_is_read_by_the_next(store: Store, clock: ManualClock) -> None:
    watched(store, 1, 2)
    broken, stopped, late = running(store, "a"), running(store, "b"), running(store, "c")
    assert len(read(store, broken).messages) == 2
    failed(store, broken)
    assert len(read(store, late).messages) == 2
    clock.move_to(clock.now() + timedelta(seconds=61))
    time_out_run(store, late.id)
    assert len(read(store, stopped).messages) == 2
    request_stop(store, stopped.id, person("ana"))
    done(store, stopped)  # it was asked to stop and was done before it could
    assert texts(read(store, running(store, "d"))) == []


def test_runs_at_the_same_time_share_no_message(store: Store) -> None:
    watched(store, 1, 2, 3)
    first, second = running(store, "a"), running(store, "b")
    one, two = read(store, first, limit=2), read(store, second, limit=2)
    assert (texts(one), one.more) == (["message 1", "message 2"], True)
    assert (texts(two), two.more) == (["message 3"], False)
    failed(store, first)
    done(store, second)
    assert texts(read(store, running(store, "c"))) == ["message 1", "message 2"]


def test_a_step_repeated_after_a_crash_claims_the_same_again(store: Store) -> None:
    watched(store, 1, 2, 3)
    run = running(store)
    before = claim(store, run, limit=2)
    heard(store, a_message(0))
    assert claim(store, run, limit=2) == before.model_copy(update={"more": True})
    assert texts(read(store, run, place=1)) == ["message 0", "message 3"]


def test_two_readings_of_one_run_share_no_message(store: Store) -> None:
    watched(store, 1, 2, 3)
    run = running(store)
    assert texts(read(store, run, place=0, limit=2)) == ["message 1", "message 2"]
    assert texts(read(store, run, place=1, limit=2)) == ["message 3"]
    done(store, run)
    assert {one.state for one in offers(store, "watch")} == {OfferState.READ}


def test_a_claim_whose_step_never_got_on_record_was_not_read(store: Store) -> None:
    watched(store, 1, 2)
    run = running(store)
    claim(store, run, place=0, limit=1)  # the tool timed out after its claim, and the routine went on without it
    read(store, run, place=1)
    done(store, run)
    assert texts(read(store, running(store, "next"))) == ["message 1"]


def test_a_run_that_has_ended_claims_nothing(store: Store) -> None:
    watched(store, 1)
    run = running(store)
    failed(store, run)
    with pytest.raises(IllegalTransition):
        claim(store, run)
    assert texts(read(store, running(store, "next"))) == ["message 1"]


def test_an_agent_reads_only_what_it_watches(store: Store) -> None:
    install_watches(store, [a_reader("somebody-else")])
    with pytest.raises(UserMistake, match="does not watch"):
        claim(store, running(store))


def test_the_newest_text_is_read_of_a_message_edited_before(store: Store) -> None:
    watched(store, 1)
    assert heard(store, edited(1, "corrected", at=5)) == 1
    [one] = read(store, running(store)).messages
    assert (one.message.text, one.again) == ("corrected", False)


def test_a_message_edited_after_it_was_read_is_offered_again_once(store: Store) -> None:
    watched(store, 1, 2)
    first = running(store, "a")
    read(store, first)
    done(store, first)
    heard(store, edited(1, "corrected", at=5), edited(1, "corrected", at=5))
    second = running(store, "b")
    [one] = read(store, second).messages
    assert (one.message.text, one.again) == ("corrected", True)
    done(store, second)
    assert texts(read(store, running(store, "c"))) == []


def test_a_message_edited_while_it_is_read_is_offered_again(store: Store) -> None:
    watched(store, 1)
    first = running(store, "a")
    read(store, first)
    heard(store, edited(1, "corrected", at=5))
    assert texts(read(store, running(store, "b"))) == []
    done(store, first)
    [one] = read(store, running(store, "c")).messages
    assert (one.message.text, one.again) == ("corrected", True)


def test_a_message_edited_while_a_run_reads_that_fails_is_read_as_if_new(store: Store) -> None:
    watched(store, 1)
    first = running(store, "a")
    read(store, first)
    heard(store, edited(1, "corrected", at=5))
    failed(store, first)
    [one] = read(store, running(store, "b")).messages
    assert (one.message.text, one.again) == ("corrected", False)


def test_a_change_that_changes_nothing_a_reader_sees_is_not_offered(store: Store) -> None:
    watched(store, 1)
    first = running(store, "a")
    read(store, first)
    done(store, first)
    assert heard(store, edited(1, "message 1", at=5)) == 0
    assert texts(read(store, running(store, "b"))) == []


def test_events_out_of_order_leave_the_newest(store: Store) -> None:
    watched(store)
    heard(store, edited(1, "third", at=9))
    heard(store, a_message(1, "first"), edited(1, "second", at=5))
    [one] = read(store, running(store)).messages
    assert (one.message.text, one.message.version) == ("third", 1)


def test_a_message_deleted_unread_is_not_offered_even_when_its_text_comes_later(store: Store) -> None:
    watched(store, 1)
    heard(store, deleted(1, at=5), deleted(2, at=5))
    heard(store, a_message(2))
    assert texts(read(store, running(store))) == []
    assert [one.text for one in messages(store, "slack", CHANNEL)] == ["", ""]


def test_a_deletion_is_told_once_to_whoever_has_read_the_message(store: Store) -> None:
    watched(store, 1)
    first = running(store, "a")
    read(store, first)
    done(store, first)
    heard(store, deleted(1, at=5))
    second = running(store, "b")
    [one] = read(store, second).messages
    assert (one.again, one.message.deleted, one.message.text) == (True, True, "")
    done(store, second)
    assert heard(store, edited(1, "back again", at=9)) == 0
    assert texts(read(store, running(store, "c"))) == []


def test_a_message_deleted_between_a_claim_and_its_repetition_is_not_shown(store: Store) -> None:
    watched(store, 1, 2)
    run = running(store)
    claim(store, run)
    heard(store, deleted(1, at=5))
    assert texts(read(store, run)) == ["message 2"]
    done(store, run)
    assert texts(read(store, running(store, "b"))) == []


def test_a_message_deleted_while_a_run_reads_that_fails_is_gone(store: Store) -> None:
    watched(store, 1)
    run = running(store)
    read(store, run)
    heard(store, deleted(1, at=5))
    failed(store, run)
    assert offer_of(store, 1) is None


def test_history_corrects_what_came_in_before_it_was_asked(store: Store, clock: ManualClock) -> None:
    watched(store, 1)
    clock.move_to(START + timedelta(seconds=60))
    assert heard(store, a_message(1, "silently changed"), history=history(1, asked=30)) == 1
    assert heard(store, a_message(1, "older"), history=history(1, asked=60)) == 0
    assert [one.text for one in messages(store, "slack", CHANNEL)] == ["silently changed"]


def test_the_cursor_moves_forward_only_and_with_the_rows(store: Store) -> None:
    watched(store)
    heard(store, a_message(5), history=history(5, at_end=False))
    known = cursor(store, "slack", CHANNEL)
    assert known is not None
    assert (known.read_up_to, known.checked_at) == (START + timedelta(seconds=5), None)
    heard(store, a_message(2), history=history(2))
    known = cursor(store, "slack", CHANNEL)
    assert known is not None
    assert (known.read_up_to, known.checked_at) == (START + timedelta(seconds=5), START + timedelta(seconds=100))


def test_who_and_threads_choose_what_is_offered(store: Store) -> None:
    wanted = [
        a_reader("all"),
        a_reader("apps", who=Who.APPS),
        a_reader("people", who=Who.PEOPLE, threads=False),
        a_reader("late", began_at=START + timedelta(seconds=3)),
    ]
    install_watches(store, wanted)
    heard(
        store,
        a_message(1),
        a_message(2, author_kind=AuthorKind.GUEST),
        a_message(3, author_kind=AuthorKind.UNKNOWN, thread_id="1700000000.000001"),
    )
    offered = {agent: [int(one.message_id[-6:]) for one in offers(store, agent)] for agent in ("all", "apps", "people")}
    assert offered == {"all": [1, 2, 3], "apps": [1], "people": [2]}
    assert [int(one.message_id[-6:]) for one in offers(store, "late")] == [3]


def test_a_second_reader_is_offered_what_is_on_record_and_the_history_before(store: Store) -> None:
    watched(store, 1, 2)
    earlier = START - timedelta(days=7)
    install_watches(store, [a_reader(), a_reader("other", began_at=earlier)])
    assert len(offers(store, "other")) == 2
    known = cursor(store, "slack", CHANNEL)
    assert known is not None
    assert (known.begins_at, known.read_up_to) == (earlier, earlier)
    heard(store, a_message(-5, message_id="1699999999.000000"), history=history(2))
    assert (len(offers(store, "watch")), len(offers(store, "other"))) == (2, 3)


def test_installing_again_changes_nothing_and_a_gone_watch_is_forgotten(store: Store) -> None:
    watched(store, 1)
    install_watches(store, [a_reader(began_at=START + timedelta(days=1), who=Who.APPS)])
    [known] = readers(store)
    assert (known.began_at, known.who) == (START, Who.APPS)
    run = running(store)
    read(store, run)
    install_watches(store, [])
    assert (readers(store), cursor(store, "slack", CHANNEL)) == ([], None)
    done(store, run)
    install_watches(store, [a_reader(began_at=START + timedelta(days=1))])
    heard(store, a_message(2))
    assert [one.state for one in offers(store, "watch")] == [OfferState.READ]


def test_a_problem_is_one_incident_until_the_history_is_read_again(store: Store) -> None:
    watched(store)
    for _ in range(3):
        note_watch_problem(store, "slack", CHANNEL, "The app is not in the channel.")
    [open_one] = incidents.open_incidents(store)
    assert (open_one.count, open_one.detail) == (1, "The app is not in the channel.")
    heard(store, history=history(1))
    assert incidents.incident(store, open_one.id).state is IncidentState.CLOSED
    known = cursor(store, "slack", CHANNEL)
    assert known is not None
    assert known.problem is None


def test_a_claim_ends_before_it_would_be_too_large(store: Store) -> None:
    field = MessageField(name="n" * 80, value="\U0001f600" * 500)
    large = {"text": "\U0001f600" * 6000, "fields": (field,) * 25}
    watched(store)
    heard(store, *(a_message(number, **large) for number in range(5)))  # type: ignore[arg-type] # parts of a message
    taken = read(store, running(store))
    size = sum(len(one.model_dump_json().encode()) for one in taken.messages)
    assert (len(taken.messages), taken.more) == (2, True)
    assert size < CLAIM_BYTES * 1.1
