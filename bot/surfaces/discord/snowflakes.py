"""Discord's ids tell when they were given out: https://docs.discord.com/developers/reference#snowflakes, 2026-11-21."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
_TIME_SHIFT = 22


def moment_of(snowflake: str) -> datetime:
    """When Discord gave this id out, by its own clock."""
    return _EPOCH + timedelta(milliseconds=int(snowflake) >> _TIME_SHIFT)


def least_id(moment: datetime) -> int:
    """The least id given out at `moment` or later; 0 before Discord's time."""
    return max(0, (moment - _EPOCH) // timedelta(milliseconds=1)) << _TIME_SHIFT
