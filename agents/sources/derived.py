"""The rows of a source that is a SELECT over others, as far as telling how it stands needs them."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from agents.sources.formats.format import Kind
from agents.sources.reading.parsed import micros
from agents.sources.room import Room
from agents.sources.rows import Rows
from agents.sources.spec import SourceSpec
from store.kernel.errors import UserMistake

ROWS_MAX = 200_000


def derived_rows(room: Room, spec: SourceSpec) -> Rows:
    """When each row begins and is over. Raises UserMistake when the SELECT fails or its time column holds no time."""
    column = '"' + spec.time.replace('"', '""') + '"' if spec.time else "NULL"
    judged = room.judge(f'SELECT {column} AS moment FROM "{spec.view}" ORDER BY 1', [spec.view])  # noqa: S608 - quoted, and judged
    found = [row[0] for row in room.ask(judged, {}, ROWS_MAX).rows]
    count = len(found)
    if spec.time is None:
        return Rows((), [0] * count, [0] * count, [0] * count, [0] * count, [0] * count)
    zone = ZoneInfo(spec.timezone)
    periods = [_period(value, zone, spec) for value in found]
    grain = Kind.DAY if found and not isinstance(found[0], datetime) else Kind.MOMENT
    begins, ends = [begin for begin, _ in periods], [end for _, end in periods]
    return Rows((), begins, ends, begins, [0] * count, [0] * count, timed=True, grain=grain)


def _period(value: object, zone: ZoneInfo, spec: SourceSpec) -> tuple[int, int]:
    if isinstance(value, datetime):
        moment = micros(value.replace(tzinfo=zone).astimezone(UTC))
        return moment, moment
    if isinstance(value, date):
        begin = datetime.combine(value, time(), zone)
        end = datetime.combine(value + timedelta(days=1), time(), zone)
        return micros(begin.astimezone(UTC)), micros(end.astimezone(UTC))
    raise UserMistake(f"The column {spec.time!r} of {spec.id} holds something else than dates or moments.")
