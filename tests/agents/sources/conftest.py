"""A data folder for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.agents.sources.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(tmp_path)
    yield shop
    shop.house.close()
