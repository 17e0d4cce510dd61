"""kill -9 of a team on Discord while it posts, answers and decides: one message a card, one decision, one effect."""

from pathlib import Path

import pytest

from tests.crash.checks import check_all
from tests.crash.discord_drill import discord_drill
from tests.crash.restarting import kill_and_restart
from tests.crash.team import WAIT_SECONDS

QUICK = ("surface.post.after:5",)
POINTS = [
    # The console shows each card first; later ones are Discord's, some of them with the post still on its way.
    *(f"surface.post.{when}:{count}" for when in ("before", "after") for count in (2, 3, 4, 5, 6)),
    *(
        f"{stem}.{when}"
        for stem in ("surface.edit", "surface.answer", "surface.channel")
        for when in ("before", "after")
    ),
    *(f"tx.inbox.{verb}.{when}" for verb in ("receive", "close") for when in ("before", "after")),
    *(f"tx.outbox.{verb}.{when}" for verb in ("begin_post", "shown", "channel") for when in ("before", "after")),
    *(f"tx.approvals.decide.{when}" for when in ("before", "after")),
]


@pytest.mark.timeout(WAIT_SECONDS * 3)
@pytest.mark.parametrize("point", QUICK)
async def test_killed_at_a_telling_point(tmp_path: Path, point: str) -> None:
    async with discord_drill(tmp_path / "team") as exercise:
        await kill_and_restart(exercise, point)
        check_all(exercise)


@pytest.mark.slow
@pytest.mark.timeout(WAIT_SECONDS * 3)
@pytest.mark.parametrize("point", [point for point in POINTS if point not in QUICK])
async def test_killed_at_every_point(tmp_path: Path, point: str) -> None:
    async with discord_drill(tmp_path / "team") as exercise:
        await kill_and_restart(exercise, point)
        check_all(exercise)
