"""One process at a time, on a real PostgreSQL: whoever is killed gives its turn up at once."""

import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest

from store.database import Database
from store.kernel.errors import DatabaseUnavailable
from store.turns import SoleTurn, lock_key
from tests.store.turn_taker import MINE, until

pytestmark = pytest.mark.postgres


@pytest.fixture
def database(postgres_database_url: str) -> Iterator[Database]:
    opened = Database(postgres_database_url)
    yield opened
    opened.close()


def test_only_one_has_the_turn_and_it_can_be_given_on(database: Database) -> None:
    first, second = SoleTurn(database, "gateway"), SoleTurn(database, "gateway")
    assert (first.take(), second.take(), first.take()) == (True, False, True)
    assert (first.holds(), second.holds()) == (True, False)
    first.release()
    assert (first.holds(), second.take()) == (False, True)
    second.release()


def test_turns_of_different_names_do_not_meet(database: Database) -> None:
    one, other = SoleTurn(database, "gateway"), SoleTurn(database, "another")
    assert (one.take(), other.take()) == (True, True)
    one.release()
    other.release()


def test_a_killed_process_gives_its_turn_up(database: Database, postgres_database_url: str) -> None:
    program = [sys.executable, "-m", "tests.store.turn_taker", postgres_database_url]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == MINE
        turn = SoleTurn(database, "gateway")
        assert not turn.take()
        process.kill()
        assert until(turn.take)
    turn.release()


def test_a_turn_is_lost_with_its_connection_and_can_be_taken_anew(
    database: Database, postgres_database_url: str
) -> None:
    turn = SoleTurn(database, "gateway")
    assert turn.take()
    cut_lock_holders(postgres_database_url)
    assert not turn.holds()
    assert turn.take()
    turn.release()


def test_a_database_that_cannot_be_asked_gives_no_turn(database: Database) -> None:
    gone = Database(database.url.set(database="nowhere").render_as_string(hide_password=False))
    turn = SoleTurn(gone, "gateway")
    with pytest.raises(DatabaseUnavailable):
        turn.take()
    assert not turn.holds()
    gone.close()


def test_the_number_of_a_turn_never_changes() -> None:
    # Two versions of the program that run side by side during an update must mean the same lock.
    assert lock_key("discord") == 4711204165139038392


def cut_lock_holders(url: str) -> None:
    """Ends every connection that holds an advisory lock in this database, as a restart of the server would."""
    holders = (
        "SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
        "WHERE l.locktype = 'advisory' AND d.datname = current_database()"
    )
    with psycopg.connect(url, autocommit=True) as connection:
        assert connection.execute(holders).fetchall()
