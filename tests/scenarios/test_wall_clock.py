"""On the wall clock, with processes that come and go at random: every due time one row, none lost, none doubled."""

from contextlib import closing
from pathlib import Path

import pytest

from tests.scenarios.soak import Plan, Soak, check

SEED = 20261121
QUICK = {"QUARTERDECK_SWEEP_SECONDS": "5", "QUARTERDECK_KEEPER_TTL_SECONDS": "9"}


def quick(**more: str) -> Plan:
    return Plan(
        every_seconds=1,
        rough_things=3,
        soak_seconds=120,
        pause_seconds=(1, 4),
        freeze_seconds=(1.5, 3),
        seed=SEED,
        slots=2 if more else 1,
        env={**QUICK, **more},
    )


def ten_minutes(**more: str) -> Plan:
    return Plan(
        every_seconds=10,
        rough_things=1000,
        soak_seconds=600,
        pause_seconds=(3, 25),
        freeze_seconds=(2, 30),
        seed=SEED,
        slots=2 if more else 1,
        env=more,
    )


def soaked(folder: Path, plan: Plan) -> None:
    with closing(Soak(folder, plan)) as soak:
        soak.run()
        figures = check(soak, plan.every_seconds)
    print(figures)
    assert soak.did["kill"]
    assert soak.did["stop"]
    assert soak.did["freeze"]


@pytest.mark.timeout(300)
def test_every_second_on_sqlite(tmp_path: Path) -> None:
    soaked(tmp_path / "team", quick())


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(300)
def test_every_second_with_two_processes_on_postgresql(tmp_path: Path, postgres_database_url: str) -> None:
    soaked(tmp_path / "team", quick(QUARTERDECK_DATABASE_URL=postgres_database_url))


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_ten_minutes_on_sqlite(tmp_path: Path) -> None:
    soaked(tmp_path / "team", ten_minutes())


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(1200)
def test_ten_minutes_with_two_processes_on_postgresql(tmp_path: Path, postgres_database_url: str) -> None:
    soaked(tmp_path / "team", ten_minutes(QUARTERDECK_DATABASE_URL=postgres_database_url))
