"""A series of one value for each day or hour: the SELECT that asks for it, and the points it comes to. Pure."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from agents.sources.port import Point
from agents.sources.room import Answer
from agents.sources.spec import SQL_FORMAT, Per, SourceSpec
from agents.sources.values import exact
from store.kernel.errors import UserMistake

POINTS_MAX = 100_000


def select(spec: SourceSpec, value: str, where: str | None, per: Per) -> str:
    """The SELECT for `value` of each day or hour, over the rows for which `where` holds."""
    column = spec.time if spec.reads == SQL_FORMAT and spec.time else "_local"
    moment = 'CAST("' + column.replace('"', '""') + '" AS TIMESTAMP)'
    only = f"\nWHERE ({where}\n)" if where else ""
    return (
        f"SELECT date_trunc('{per}', {moment}) AS begins, ({value}\n) AS value, count(*) AS rows\n"
        f'FROM "{spec.view}"{only}\nGROUP BY 1 ORDER BY 1'
    )


def points(answer: Answer, spec: SourceSpec, per: Per, until: datetime) -> tuple[Point, ...]:
    """The points of what was over by `until`. Raises UserMistake for a value that is no number."""
    if answer.more:
        raise UserMistake(f"The series of {spec.id} has more than {POINTS_MAX} points.")
    zone = ZoneInfo(spec.timezone)
    found = [_point(row, spec, zone) for row in answer.rows if row[0] is not None and row[1] is not None]
    return tuple(point for point in found if point is not None and _end(point.at, per) <= until)


def _point(row: tuple[object, ...], spec: SourceSpec, zone: ZoneInfo) -> Point | None:
    begins, value, rows = row
    said = exact(value)
    if said is None:
        return None
    if isinstance(said, bool) or not isinstance(begins, datetime) or not isinstance(rows, int) or not _is_number(said):
        raise UserMistake(f"The series of {spec.id} is of something else than numbers.")
    return Point(at=begins.replace(tzinfo=zone), value=str(said), rows=rows)


def _is_number(said: object) -> bool:
    try:
        return Decimal(str(said)).is_finite()
    except InvalidOperation:
        return False


def _end(begin: datetime, per: Per) -> datetime:
    """When the day or hour is over; on the clock of the zone a day may have 23 or 25 hours."""
    if per == "hour":
        return begin.astimezone(UTC) + timedelta(hours=1)
    return (begin + timedelta(days=1)).astimezone(UTC)
