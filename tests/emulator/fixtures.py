"""The emulator as a fixture: one process for all tests of a worker, skipped visibly where it is not installed."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.emulator.front import EmulatedSlack
from tests.emulator.process import missing, running_emulator


@pytest.fixture(scope="session")
def emulator_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    reason = missing()
    if reason is not None:
        pytest.skip(reason)
    log: Path = tmp_path_factory.mktemp("emulator") / "log"
    with running_emulator(log) as url:
        yield url


@pytest.fixture
async def emulated(emulator_url: str) -> AsyncIterator[EmulatedSlack]:
    slack = EmulatedSlack(emulator_url)
    await slack.start()
    yield slack
    await slack.stop()
