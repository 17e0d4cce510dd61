"""Whatever people, agents, clocks and late writers do in whatever order, the record keeps its promises."""

import shutil
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from store.database import Database
from store.migrate import migrate
from tests.properties.lives import Asking, Calling, Coming, Life


class Everything(Calling, Asking, Coming):
    """All of it at once."""


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("lives", [18, pytest.param(300, marks=pytest.mark.slow)])
@pytest.mark.parametrize("life", [Calling, Asking, Coming, Everything])
def test_the_record_keeps_its_promises(tmp_path: Path, life: type[Life], lives: int) -> None:
    template = tmp_path / "template.db"
    database = Database(f"sqlite:///{template}")
    migrate(database)
    database.close()
    numbers = count()

    def begin() -> Life:
        return life(f"sqlite:///{shutil.copy(template, tmp_path / f'{next(numbers)}.db')}")

    run_state_machine_as_test(
        begin,  # type: ignore[arg-type]  # it takes anything that returns a machine, and says so in its documentation
        settings=settings(
            max_examples=lives,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
