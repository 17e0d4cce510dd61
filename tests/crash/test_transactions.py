"""Every transaction happens whole or not at all: the process that runs it is killed just before and just after."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import sqlalchemy as sa

from store.actions import Store
from store.kernel.crash import TRANSACTIONS
from store.kernel.errors import QuarterdeckError
from store.schema import PREFIX
from tests.crash.killing import Dump, dump, make_database, open_store, run_to_the_kill
from tests.crash.scenes import START
from tests.crash.transactions import CASES, Again, Case
from tests.databases import made_database, name_of

KILLED = -9
TOLD = {f"{PREFIX}audit", f"{PREFIX}audit_head", f"{PREFIX}cards"}
"""Where a repetition that changes nothing may leave a word."""


class Undisturbed(NamedTuple):
    """The rows before a call that nothing disturbs, after it, and after it was repeated."""

    before: Dump
    after: Dump
    repeated: Dump


@pytest.fixture(scope="module")
def sqlite_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables and no rows, to be copied."""
    file = tmp_path_factory.mktemp("tables") / "quarterdeck.db"
    make_database(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="module")
def postgres_tables(postgres_url: str) -> Iterator[str]:
    """Name of a PostgreSQL database with all tables and no rows, to be copied."""
    with made_database(postgres_url, "template1") as url:
        make_database(url)
        yield name_of(url)


@pytest.fixture
def sqlite_copy(sqlite_tables: Path, tmp_path: Path) -> str:
    """URL of a copy of the SQLite file."""
    return f"sqlite:///{shutil.copy(sqlite_tables, tmp_path / 'disturbed.db')}"


@pytest.fixture
def postgres_copy(postgres_url: str, postgres_tables: str) -> Iterator[str]:
    """URL of a copy of the PostgreSQL database."""
    with made_database(postgres_url, postgres_tables) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """An empty store on each kind of database."""
    url = request.getfixturevalue("sqlite_copy" if request.param == "sqlite" else "postgres_copy")
    opened = open_store(url, START)
    yield opened
    opened.database.close()


@pytest.fixture(scope="module")
def known() -> dict[str, Undisturbed]:
    """What has been found out already."""
    return {}


@pytest.fixture
def undisturbed(name: str, known: dict[str, Undisturbed], sqlite_tables: Path, tmp_path: Path) -> Undisturbed:
    """What the case comes to where nothing is killed; which kind of database makes no difference."""
    if name not in known:
        store = open_store(f"sqlite:///{shutil.copy(sqlite_tables, tmp_path / 'undisturbed.db')}", START)
        known[name] = live_through(CASES[name], store)
        store.database.close()
    return known[name]


def live_through(case: Case, store: Store) -> Undisturbed:
    """Plays the case without a kill, and makes sure that its call does what it is there for."""
    case.scene(store)
    before = dump(store)
    assert case.look(store) == case.was
    case.act(store)
    after = dump(store)
    assert case.look(store) == case.becomes
    repeat(case, store)
    return Undisturbed(before, after, dump(store))


def repeat(case: Case, store: Store) -> None:
    """The same call again; one that is told it comes too late must not have changed anything either."""
    with contextlib.suppress(QuarterdeckError):
        case.act(store)


def test_every_transaction_has_a_case() -> None:
    assert sorted(CASES) == sorted(TRANSACTIONS)


def test_every_table_of_the_record_is_looked_at(store: Store) -> None:
    with store.database.read() as connection:
        present = {name for name in sa.inspect(connection).get_table_names() if name.startswith(PREFIX)}
    assert present - {f"{PREFIX}schema_version"} == {name for name in dump(store) if name.startswith(PREFIX)}


@pytest.mark.parametrize("name", CASES)
def test_a_transaction_happens_whole_or_not_at_all(store: Store, name: str, undisturbed: Undisturbed) -> None:
    case = CASES[name]
    case.scene(store)
    assert dump(store) == undisturbed.before
    assert run_to_the_kill(name, store, "before") == KILLED
    assert dump(store) == undisturbed.before
    assert run_to_the_kill(name, store, "after") == KILLED
    assert dump(store) == undisturbed.after
    repeat(case, store)
    assert dump(store) == undisturbed.repeated


@pytest.mark.parametrize("name", CASES)
def test_a_repetition_does_what_the_action_promises(name: str, undisturbed: Undisturbed) -> None:
    changed = {table for table, rows in undisturbed.after.items() if undisturbed.repeated[table] != rows}
    promised = CASES[name].again
    assert (promised is Again.NOTHING) == (not changed), changed
    assert (promised is Again.COUNTED) == bool(changed - TOLD), changed
