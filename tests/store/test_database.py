"""The database itself: schema in step with the code, and trouble said plainly."""

import sqlite3
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from store.actions import Store
from store.actions.steps import begin_step, settle_step
from store.database import Database, sqlite_url
from store.kernel.errors import DatabaseUnavailable, UserMistake
from store.migrate import HEAD, migrate
from store.queries import audit, runs
from store.records import StepState
from store.schema import PREFIX, metadata
from tests.scheduler.waiting import until
from tests.store.samples import intent, requested, running


def test_the_revisions_make_exactly_the_schema(store: Store) -> None:
    with store.database.engine.connect() as connection:
        options = {"include_name": lambda name, kind, _: kind != "table" or name.startswith(PREFIX)}
        context = MigrationContext.configure(connection, opts=options)
        changes = [change for change in compare_metadata(context, metadata) if "schema_version" not in str(change)]
    assert changes == []


def test_migrating_again_changes_nothing(store: Store) -> None:
    run = requested(store)
    migrate(store.database)
    with store.database.read() as connection:
        assert connection.execute(sa.text("SELECT id FROM qd_runs")).scalars().all() == [run.id]


def test_the_newest_revision_is_the_one_we_say() -> None:
    files = sorted(path.name for path in (Path(__file__).parents[2] / "store/migrations/versions").glob("0*.py"))
    assert files[-1].split("_")[0] == HEAD


def test_a_database_of_a_newer_program_is_left_alone(store: Store) -> None:
    with store.database.write() as connection:
        connection.execute(sa.text("UPDATE qd_schema_version SET version_num = '9999'"))
    with pytest.raises(UserMistake, match="9999"):
        migrate(store.database)


@pytest.mark.parametrize("url", ["mysql://x", "not a url", "oracle://y"])
def test_other_databases_are_refused_in_words(url: str) -> None:
    with pytest.raises(UserMistake):
        Database(url)


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&uri=true"]
)
def test_a_database_in_memory_is_refused_in_words(url: str) -> None:
    with pytest.raises(UserMistake, match="Write sqlite:///file"):
        Database(url)


def test_a_file_that_is_no_database_is_said_plainly(tmp_path: Path) -> None:
    file = tmp_path / "quarterdeck.db"
    file.write_bytes(b"no database, but long enough to be taken for one" * 200)
    database = Database(sqlite_url(file))
    with pytest.raises(UserMistake, match=r"quarterdeck\.db is damaged.* Put a backup in its place, or move it away"):
        migrate(database)
    with pytest.raises(UserMistake, match="is damaged"), database.read():
        pass
    database.close()


def test_a_database_with_a_torn_page_is_said_plainly(sqlite_store: Store) -> None:
    requested(sqlite_store)
    sqlite_store.database.close()
    file = Path(str(sqlite_store.database.url.database))
    written = file.read_bytes()
    assert len(written) > 8 * 4096
    file.write_bytes(written[:4096] + b"\xff" * (len(written) - 4096))
    with pytest.raises(UserMistake, match="is damaged"):
        runs.recent_runs(sqlite_store)


def test_a_locked_file_is_said_plainly_and_nothing_is_lost(
    tmp_path: Path, sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.database.BUSY_TIMEOUT_MS", 20)
    database = Database(str(sqlite_store.database.url))
    impatient = Store(database, sqlite_store.clock, sqlite_store.enqueue)
    holder = sqlite3.connect(str(sqlite_store.database.url.database), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseUnavailable, match="locked"):
        requested(impatient)
    holder.execute("ROLLBACK")
    holder.close()
    assert requested(impatient).agent_id == "watch"
    database.close()


def test_writers_of_one_process_wait_for_each_other_without_asking_the_file(sqlite_store: Store) -> None:
    database = Database(str(sqlite_store.database.url))

    @sa.event.listens_for(database.engine, "connect")
    def _impatient(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA busy_timeout=0")  # whoever meets a writer in the file fails at once

    store = Store(database, sqlite_store.clock, sqlite_store.enqueue)
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda number: requested(store, f"k{number}").id, range(80)))
    assert len(set(made)) == 80
    database.close()


def test_a_write_that_never_ends_is_waited_for_so_long_and_no_longer(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.database.BUSY_TIMEOUT_MS", 20)
    with (
        ThreadPoolExecutor(1) as thread,
        sqlite_store.database.write(),
        pytest.raises(DatabaseUnavailable, match="busy"),
    ):
        thread.submit(requested, sqlite_store).result()
    assert requested(sqlite_store).agent_id == "watch"


def test_a_full_disk_is_said_plainly_and_nothing_is_half_done(sqlite_store: Store) -> None:
    with sqlite_store.database.engine.connect() as connection:
        pages = connection.execute(sa.text("PRAGMA page_count")).scalar()
    full = Database(str(sqlite_store.database.url))

    @sa.event.listens_for(full.engine, "connect")
    def _cap(connection: sqlite3.Connection, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    store = Store(full, sqlite_store.clock, sqlite_store.enqueue)
    with pytest.raises(DatabaseUnavailable, match="full"):
        _request_until_it_fails(store)
    with full.read() as connection:
        runs = connection.execute(sa.text("SELECT count(*) FROM qd_runs")).scalar()
        events = connection.execute(sa.text("SELECT count(*) FROM qd_audit")).scalar()
    assert runs == events
    full.close()


def _request_until_it_fails(store: Store) -> None:
    for number in range(500):
        requested(store, f"k{number}")


def test_a_folder_that_does_not_exist_is_said_plainly(tmp_path: Path) -> None:
    database = Database(sqlite_url(tmp_path / "nowhere" / "x.db"))
    with pytest.raises(DatabaseUnavailable, match="cannot be opened"):
        migrate(database)
    database.close()


def test_text_that_no_database_can_hold_is_written_out_and_stops_nothing(store: Store) -> None:
    run = running(store)
    begin_step(store, intent(run))
    settle_step(store, run.id, "t0", state=StepState.FAILED, error="a\0b\ud800c", result={"x": "a\0b\ud800c"})
    [step] = runs.steps(store, run.id)
    assert step.error == r"a\0b\ud800c"
    assert step.result == {"x": "a\0b\ud800c"}
    assert [event.data.get("error") for event in audit.events_for(store, "run", run.id)][-1] == step.error
    assert audit.verify_audit(store)[1] is None


@pytest.mark.parametrize("now", ["unixepoch('subsec')", "strftime('%s', 'now')"])
def test_sqlite_tells_parts_of_a_second_in_the_way_the_engine_asks_for_them(sqlite_store: Store, now: str) -> None:
    def moment() -> float:
        with sqlite_store.database.read() as connection:
            return float(connection.execute(sa.text(f"SELECT {now}")).scalar_one())

    assert moment() == pytest.approx(time.time(), abs=5)
    if now.startswith("unixepoch") or sys.version_info < (3, 12):
        until(lambda: moment() % 1 > 0)


def test_sqlite_writes_any_other_moment_as_it_always_does(sqlite_store: Store) -> None:
    with sqlite_store.database.read() as connection:
        written = connection.execute(
            sa.text("SELECT strftime('%Y-%m', '2026-11-21'), strftime('%s', '1970-01-02')")
        ).one()
    assert tuple(written) == ("2026-11", "86400")
