"""Search: what a card says finds its record, newest first, whoever wrote it and whatever is in it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from agents.roster import Team
from bot.delivery.present import Presenter
from bot.delivery.sought import BATCH, _some_findable
from store.actions import Store
from store.actions.incidents import record_incident
from store.actions.outbox import make_findable
from store.actions.runs import finish_run
from store.actions.tasks import create_task
from store.database import Database
from store.kernel.clock import ManualClock
from store.migrate import migrate
from store.queries import cards, sought
from store.queries.sought import SEARCHED, find
from store.records import CardKind, RunState, Sought, Task
from tests.bot.conftest import START
from tests.store.samples import asked, person, running

ODD = 'Größe 100%_\\ of <b>"everything"</b> \u202e'


@pytest.fixture
def store(database_url: str, clock: ManualClock) -> Iterator[Store]:
    """On each kind of database: words are compared in SQL."""
    database = Database(database_url)
    migrate(database)
    yield Store(database, clock, lambda tx, segment: None)
    database.close()


@pytest.fixture
def presenter(store: Store, team: Team) -> Presenter:
    return Presenter(store, team, "https://deck.example")


def draw(store: Store, presenter: Presenter) -> None:
    for row in cards.all_cards(store):
        presenter.draw_and_keep(row)


def task(store: Store, task_id: str, title: str) -> None:
    create_task(store, Task(id=task_id, title=title, created_by=person("ana"), created_at=START, changed_at=START))


def ids(found: list[Sought]) -> list[str]:
    return [one.record_id for one in found]


def test_every_kind_of_record_is_found_by_its_words(store: Store, presenter: Presenter, clock: ManualClock) -> None:
    approval = asked(store, running(store, "k"))
    run = running(store, "other")
    clock.move_to(START + timedelta(minutes=1))
    task(store, "task_a", "Look at the invoices of March")
    finish_run(store, run.id, state=RunState.FAILED, reason="The invoices could not be read")
    draw(store, presenter)
    assert set(ids(find(store, "INVOICES"))) >= {"task_a", run.id}
    assert ids(find(store, "invoices march")) == ["task_a"]
    assert ids(find(store, "march invoices", CardKind.RUN)) == []
    assert ids(find(store, "invoices", CardKind.RUN)) == [run.id]
    assert approval.id in ids(find(store, approval.id[3:12]))
    assert (find(store, ""), find(store, "  "), find(store, "invoices nowhere")) == ([], [], [])
    [found] = find(store, run.id, CardKind.RUN)
    assert presenter.view.link(*found.page) == f"https://deck.example/runs/{run.id}"


def test_the_newest_comes_first_and_keeps_its_place_when_it_changes(
    store: Store, presenter: Presenter, clock: ManualClock
) -> None:
    for number in range(3):
        clock.move_to(START + timedelta(minutes=number))
        task(store, f"task_{number}", f"Water the plants, week {number}")
        draw(store, presenter)
    assert ids(find(store, "plants")) == ["task_2", "task_1", "task_0"]
    assert ids(find(store, "plants", limit=2)) == ["task_2", "task_1"]
    with store.database.write() as connection:  # its card changes: it is drawn again, later
        connection.exec_driver_sql("UPDATE qd_cards SET revision = revision + 1 WHERE record_id = 'task_0'")
    draw(store, presenter)
    assert ids(find(store, "plants")) == ["task_2", "task_1", "task_0"]


@pytest.mark.parametrize("words", ["größe", "GRÖSSE", "100%_", "%_\\", '"everything"', "<b>", ODD])
def test_odd_words_are_only_words(store: Store, presenter: Presenter, words: str) -> None:
    task(store, "task_odd", ODD)
    task(store, "task_plain", "Nothing odd about 1000 of it")
    draw(store, presenter)
    assert ids(find(store, words)) == ["task_odd"]


@pytest.mark.parametrize("words", ["%", "_", "\\", "x' OR '1'='1", "\x00"])
def test_signs_of_a_query_language_mean_nothing(store: Store, presenter: Presenter, words: str) -> None:
    task(store, "task_plain", "Plain")
    draw(store, presenter)
    assert "task_plain" not in ids(find(store, words)) or words == "_"


def test_what_was_drawn_before_is_found_in_the_end(store: Store, presenter: Presenter) -> None:
    for number in range(BATCH + 1):
        record_incident(store, cause=f"c{number}", kind="k", title=f"Cause {number}", detail="", next_step="Look")
    draw(store, presenter)
    with store.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM qd_sought")
        connection.exec_driver_sql("""UPDATE qd_cards SET snapshot = '{"shape": "odd"}' WHERE position = 1""")
    assert find(store, "cause") == []
    assert [_some_findable(store) for _ in range(3)] == [BATCH, 1, 0]
    assert len(find(store, "cause", limit=1000)) == BATCH
    assert len(sought.unsought_cards(store, 10)) == 0


def test_the_cost_is_bounded(store: Store, monkeypatch: pytest.MonkeyPatch, clock: ManualClock) -> None:
    assert SEARCHED == 200_000
    monkeypatch.setattr(sought, "SEARCHED", 2)
    for number in range(4):
        one = Sought(
            kind=CardKind.TASK,
            record_id=f"task_{number}",
            card_key=f"task:{number}",
            channel=None,
            at=START + timedelta(minutes=number),
            state="Open",
            title="x",
            summary="",
        )
        make_findable(store, ((one, "needle"),))
    assert ids(find(store, "needle")) == ["task_3", "task_2"]
