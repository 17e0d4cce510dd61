"""What Discord's headers say of a channel, and what is made of it."""

import pytest

from bot.surfaces.base import Paced
from bot.surfaces.discord import pacing
from bot.surfaces.discord.pacing import Pace

CHANNEL, OTHER = "/api/v10/channels/1456074443980800002", "/api/v10/channels/1456074443980800003"
FIRST, SECOND = "/messages/1456074443980800011", "/messages/1456074443980800012"


def said(left: object, taken: object = 5, seconds: object = 4.5) -> dict[str, str]:
    counts = {"X-RateLimit-Remaining": str(left), "X-RateLimit-Limit": str(taken)}
    return {**counts, "X-RateLimit-Reset-After": str(seconds)}


async def test_room_is_counted_by_channel_and_kind_of_call_and_not_by_message() -> None:
    pace = Pace()
    pace.heard("PATCH", CHANNEL + FIRST, said(1))
    with pytest.raises(Paced) as raised:
        pace.leave_room("PATCH", CHANNEL + SECOND)
    assert 4 < raised.value.delay_seconds <= 4.5
    pace.leave_room("POST", CHANNEL + "/messages")
    pace.leave_room("PATCH", OTHER + FIRST)
    pace.leave_room("PATCH", CHANNEL)


@pytest.mark.parametrize("headers", [said(2), said(0, 1), said(0, 5, 0), {}, said("none"), said(1, 5, "soon")])
async def test_nothing_is_held_back_with_room_left_or_where_nothing_is_known(headers: dict[str, str]) -> None:
    pace = Pace()
    pace.heard("PATCH", CHANNEL + FIRST, headers)
    pace.leave_room("PATCH", CHANNEL + FIRST)


async def test_the_last_word_counts() -> None:
    pace = Pace()
    pace.heard("PATCH", CHANNEL + FIRST, said(0))
    pace.heard("PATCH", CHANNEL + FIRST, {})
    with pytest.raises(Paced):
        pace.leave_room("PATCH", CHANNEL + FIRST)
    pace.heard("PATCH", CHANNEL + FIRST, said(4))
    pace.leave_room("PATCH", CHANNEL + FIRST)


async def test_only_so_much_is_kept_in_mind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "REMEMBERED", 3)
    pace = Pace()
    for number in range(10):
        pace.heard("PATCH", f"/channels/{number}{FIRST}", said(0))
    assert len(pace._rooms) == 3
