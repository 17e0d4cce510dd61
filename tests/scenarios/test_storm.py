"""Each card visible exactly once and its edits in order, whatever the platform answers and whenever the sender dies."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from store.actions import Store
from store.kernel.clock import WallClock
from store.queries.cards import all_cards
from tests.scenarios.storm import Platform, Storm
from tests.scenarios.stormy_discord import forgetful_discord, tardy_discord
from tests.scenarios.stormy_slack import StormOnSlack

SEED = 20261121


async def weathered(storm: Storm) -> None:
    await storm.blow()
    with closing(storm.reopened()) as database:
        rows = {row.key: row for row in all_cards(Store(database, WallClock(), lambda tx, segment: None))}
    assert len(rows) == storm.cards
    assert storm.platform.keys() == dict.fromkeys(rows, 1)
    for versions in storm.platform.versions():
        assert versions == sorted(versions)
    assert storm.platform.shown() == {key: row.revision for key, row in rows.items()}
    assert storm.killed == storm.kills
    assert storm.platform.lost() > 0, "no post was ever in doubt: this proves nothing"


@pytest.mark.timeout(180)
@pytest.mark.parametrize("platform", [StormOnSlack, forgetful_discord, tardy_discord])
async def test_three_hundred_cards(tmp_path: Path, platform: Callable[[], Platform]) -> None:
    await weathered(Storm(tmp_path / "team", cards=300, kills=3, seed=SEED, platform=platform()))


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("platform", [StormOnSlack, forgetful_discord])
async def test_ten_thousand_cards(tmp_path: Path, platform: Callable[[], Platform]) -> None:
    await weathered(Storm(tmp_path / "team", cards=10_000, kills=25, seed=SEED + 1, platform=platform()))
