"""Whatever happens to a watched channel, each message is read by exactly one run that is done, and in its order.

Messages are written, edited and deleted; their events come one to four times, late, out of order, or not at all; the
history is read now and then; runs read pages, die before their step is on record, fail, are stopped, or are done.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from store.actions import Store
from store.actions.runs import finish_run, request_stop
from store.actions.steps import record_read
from store.actions.watching import History, install_watches, keep_messages
from store.database import Database
from store.kernel.clock import ManualClock
from store.migrate import migrate
from store.queries.watching import cursor
from store.records import OfferedMessage, Run, RunState, SeenMessage
from tests.store.samples import intent, person, running
from tests.store.watched import CHANNEL, START, a_message, a_reader, claim

TABLES = ("watch_offers", "watched_messages", "watch_cursors", "watch_readers", "steps", "runs", "cards")
ENDS = (RunState.DONE, RunState.DONE, RunState.FAILED, RunState.NEEDS_ATTENTION)


class Channel:
    """What Slack holds: each message, as first written and after every change of it."""

    def __init__(self) -> None:
        self.states: dict[int, list[SeenMessage]] = {}

    def write(self, number: int) -> SeenMessage:
        self.states[number] = [a_message(number, f"{number}.0")]
        return self.states[number][-1]

    def edit(self, number: int, at: datetime) -> SeenMessage:
        seen = a_message(number, f"{number}.{len(self.states[number])}", as_of=at)
        self.states[number].append(seen)
        return seen

    def delete(self, number: int, at: datetime) -> SeenMessage:
        seen = a_message(number, "", as_of=at, deleted=True)
        self.states[number].append(seen)
        return seen

    def history(self, since: datetime) -> list[SeenMessage]:
        """As the history shows it: the newest, and what is deleted not at all."""
        newest = [states[-1] for states in self.states.values()]
        return [one for one in newest if not one.deleted and one.written_at >= since]


def hurry(connection: Any, _: object) -> None:
    """Has SQLite answer before the disk does."""
    connection.execute("PRAGMA synchronous=OFF")


class Watching(RuleBasedStateMachine):
    """One channel, one agent, at most three runs at a time."""

    store: Store
    database_url: str = ""

    @initialize()
    def begin(self) -> None:
        database = Database(type(self).database_url)
        if database.is_sqlite:  # the power does not fail here, so nothing waits for the disk
            sa.event.listen(
                database.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF")
            )
        migrate(database)
        with database.write() as connection:
            for table in TABLES:
                connection.exec_driver_sql(f"DELETE FROM qd_{table}")
        self.clock = ManualClock(START)
        self.store = Store(database, self.clock, lambda tx, segment: None)
        install_watches(self.store, [a_reader()])
        self.channel, self.under_way = Channel(), list[SeenMessage]()
        self.runs, self.read = dict[str, tuple[Run, int]](), dict[str, list[OfferedMessage]]()
        self.unrecorded: dict[str, list[str]] = {}
        self.done = list[OfferedMessage]()
        self.written = self.made = 0

    def tick(self) -> datetime:
        self.clock.move_to(self.clock.now() + timedelta(seconds=1))
        return self.clock.now()

    @rule(times=st.integers(0, 4))
    def somebody_writes(self, times: int) -> None:
        self.tick()
        self.written = int((self.clock.now() - START).total_seconds())
        self.under_way += [self.channel.write(self.written)] * times

    @precondition(lambda self: self.channel.states)
    @rule(data=st.data(), times=st.integers(0, 4), gone=st.booleans())
    def somebody_changes_a_message(self, data: Any, times: int, *, gone: bool) -> None:
        number = data.draw(st.sampled_from(sorted(self.channel.states)))
        if self.channel.states[number][-1].deleted:
            return
        change = self.channel.delete if gone else self.channel.edit
        seen = change(number, self.tick())
        # Nothing but its event tells of a deletion: one that is dropped altogether is a known limit.
        self.under_way += [seen] * max(times, int(gone))

    @precondition(lambda self: self.under_way)
    @rule(data=st.data())
    def an_event_arrives(self, data: Any) -> None:
        self.tick()
        position = data.draw(st.integers(0, len(self.under_way) - 1))
        keep_messages(self.store, "slack", CHANNEL, [self.under_way.pop(position)])

    @rule(parts=st.integers(1, 3), dies_after=st.integers(0, 3))
    def the_history_is_read(self, parts: int, dies_after: int) -> None:
        asked_at = self.tick()
        known = cursor(self.store, "slack", CHANNEL)
        assert known is not None
        found = self.channel.history(known.read_up_to - timedelta(minutes=15))
        self.tick()
        size = max(1, -(-len(found) // parts))
        chunks = [found[first : first + size] for first in range(0, len(found), size)]
        for chunk in chunks[: dies_after or None]:
            read = History(asked_at=asked_at, up_to=chunk[-1].written_at, at_end=chunk is chunks[-1])
            keep_messages(self.store, "slack", CHANNEL, chunk, read)

    @precondition(lambda self: len(self.runs) < 3)
    @rule()
    def a_run_begins(self) -> None:
        self.made += 1
        run = running(self.store, f"k{self.made}")
        self.runs[run.id], self.read[run.id], self.unrecorded[run.id] = (run, 0), [], []

    @precondition(lambda self: self.runs)
    @rule(data=st.data(), limit=st.integers(1, 3), deaths=st.integers(0, 2), gives_up=st.booleans())
    def a_run_reads(self, data: Any, limit: int, deaths: int, *, gives_up: bool) -> None:
        run, place = self.runs[data.draw(st.sampled_from(sorted(self.runs)))]
        if place >= run.limits.max_steps:
            return
        self.tick()
        for _ in range(deaths):  # the process dies between the claim and the step: what it showed nobody has seen
            claim(self.store, run, place, limit)
        self.runs[run.id] = (run, place + 1)
        if gives_up:  # the tool failed after its claim, and the routine goes on without it
            claim(self.store, run, place, limit)
            return
        claimed = claim(self.store, run, place, limit)
        record_read(self.store, intent(run, place), result={"read": len(claimed.messages)})
        written = [one.message.written_at for one in claimed.messages]
        assert written == sorted(written)
        assert len(claimed.messages) <= limit
        self.read[run.id] += claimed.messages

    @precondition(lambda self: self.runs)
    @rule(data=st.data(), how=st.sampled_from(ENDS))
    def a_run_ends(self, data: Any, how: RunState) -> None:
        self.tick()
        run_id = data.draw(st.sampled_from(sorted(self.runs)))
        del self.runs[run_id]
        if data.draw(st.booleans()):
            request_stop(self.store, run_id, person("ana"))
        finish_run(self.store, run_id, state=how)
        if how is RunState.DONE:
            self.done += self.read[run_id]

    @invariant()
    def each_first_reading_and_each_change_is_told_once(self) -> None:
        told = Counter((one.message.message_id, one.message.version) for one in getattr(self, "done", ()))
        assert max(told.values(), default=0) <= 1, told
        first = Counter(one.message.message_id for one in getattr(self, "done", ()) if not one.again)
        assert max(first.values(), default=0) <= 1, first

    def teardown(self) -> None:
        """The storm passes: what is under way arrives, the history is read, and one run after the other is done."""
        if not hasattr(self, "made"):
            return
        for seen in self.under_way:
            self.tick()
            keep_messages(self.store, "slack", CHANNEL, [seen])
        self.under_way = []
        self.the_history_is_read(1, 0)
        for run_id in list(self.runs):
            finish_run(self.store, run_id, state=RunState.FAILED)
        self._read_all_that_is_left()
        newest = {one.message.message_id: one.message for one in self.done}
        for number, states in self.channel.states.items():
            told, now = newest.get(a_message(number).message_id), states[-1]
            assert (told is not None and told.text == now.text) or (now.deleted and told is None), (number, told, now)
        self.each_first_reading_and_each_change_is_told_once()
        self.store.database.close()

    def _read_all_that_is_left(self) -> None:
        self.made += 1
        run, place, more = running(self.store, f"k{self.made}"), 0, True
        while more:
            claimed = claim(self.store, run, place, 100)
            record_read(self.store, intent(run, place), result={"read": len(claimed.messages)})
            self.done += claimed.messages
            place, more = place + 1, claimed.more
        finish_run(self.store, run.id, state=RunState.DONE)


@pytest.mark.timeout(240)
def test_each_message_is_in_exactly_one_run_that_is_done(sqlite_database_url: str) -> None:
    drive(sqlite_database_url, lives=60)


@pytest.mark.postgres
@pytest.mark.timeout(240)
def test_the_same_on_postgresql(postgres_database_url: str) -> None:
    drive(postgres_database_url, lives=6)


def drive(url: str, lives: int) -> None:
    machine = type("Machine", (Watching,), {"database_url": url})
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    lived = settings(max_examples=lives, stateful_step_count=30, deadline=None, suppress_health_check=checks)
    run_state_machine_as_test(machine, settings=lived)
