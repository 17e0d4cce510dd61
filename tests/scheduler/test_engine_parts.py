"""The small parts the engines are made of."""

import threading
from pathlib import Path

import pytest

from scheduler.engine.dbos_engine import DbosEngine
from scheduler.engine.executing import Executing, InterruptedByStopError
from scheduler.engine.file_lock import FileLock
from store.handle import Store
from store.kernel.errors import UserMistake
from store.kernel.ports import Segment


def test_a_lock_is_held_by_one_and_taken_by_the_next(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    first.take()
    first.take()
    with pytest.raises(UserMistake, match="is running on this database"):
        second.take()
    first.release()
    first.release()
    second.take()
    second.release()


def test_a_lock_file_is_for_its_owner_only(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "lock")
    lock.take()
    assert (tmp_path / "lock").stat().st_mode & 0o077 == 0
    lock.release()


def test_an_engine_that_is_not_prepared_says_so(wall_store: Store) -> None:
    engine = DbosEngine(wall_store.database, wall_store.clock)
    with pytest.raises(RuntimeError, match="not prepared"):
        engine.idle()
    assert engine.executors_at_work() == set()


def test_a_partition_waits_for_its_turn_until_the_engine_closes() -> None:
    executing = Executing()
    interrupted = threading.Event()

    def second() -> None:
        try:
            with executing.hold(Segment("b", 0, "one", 60)):
                pass
        except InterruptedByStopError:
            interrupted.set()

    with executing.hold(Segment("a", 0, "one", 60)):
        waiting = threading.Thread(target=second)
        waiting.start()
        assert executing.busy()
        assert executing.close(0.0) is False
        waiting.join()
    assert interrupted.is_set()
    assert executing.close(0.0) is True
    with pytest.raises(InterruptedByStopError):
        executing.pause(60)
