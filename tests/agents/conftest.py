"""A rig on a real SQLite file, with a clock that moves when told."""

from collections.abc import Iterator, MutableSequence
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from store.database import Database
from store.handle import Store
from store.kernel.clock import ManualClock
from tests.agents.rig import START, Queue, Rig


@pytest.fixture(autouse=True)
def logged() -> Iterator[MutableSequence[EventDict]]:
    """What was logged in the test, as data: rendering tracebacks for nobody would take seconds."""
    with capture_logs() as entries:
        yield entries


@pytest.fixture
def rig(migrated_sqlite_url: str, tmp_path: Path) -> Iterator[Rig]:
    database = Database(migrated_sqlite_url)
    queue = Queue()
    root = tmp_path / "workspace"
    root.mkdir()
    yield Rig(Store(database, ManualClock(START), queue), queue, root)
    database.close()
