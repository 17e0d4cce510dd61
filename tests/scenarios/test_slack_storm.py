"""Each card visible exactly once and its edits in order, whatever Slack answers and whenever the sender dies."""

from contextlib import closing
from pathlib import Path

import pytest

from store.actions import Store
from store.kernel.clock import WallClock
from store.queries.cards import all_cards
from tests.scenarios.storm import Storm

SEED = 20261121


async def weathered(storm: Storm) -> None:
    await storm.blow()
    with closing(storm.reopened()) as database:
        rows = {row.key: row for row in all_cards(Store(database, WallClock(), lambda tx, segment: None))}
    assert len(rows) == storm.cards
    assert storm.keys() == dict.fromkeys(rows, 1)
    for versions in storm.slack.sent.values():
        assert versions == sorted(versions)
    shown = storm.shown()
    assert shown == {key: row.revision for key, row in rows.items()}
    assert storm.killed == storm.kills
    assert storm.lost() > 0, "no post was ever in doubt: this proves nothing"


@pytest.mark.timeout(180)
async def test_three_hundred_cards(tmp_path: Path) -> None:
    await weathered(Storm(tmp_path / "team", cards=300, kills=3, seed=SEED))


@pytest.mark.slow
@pytest.mark.timeout(3600)
async def test_ten_thousand_cards(tmp_path: Path) -> None:
    await weathered(Storm(tmp_path / "team", cards=10_000, kills=25, seed=SEED + 1))
