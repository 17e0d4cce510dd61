"""A web server's access log in the common or combined format, line by line.

Formats: https://httpd.apache.org/docs/2.4/logs.html (2026-11-21). Addresses and query strings stay in the file: a
visitor is a fingerprint of address and agent, and a path ends before its question mark.
"""

import hashlib
import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from agents.sources.formats.format import Kind
from agents.sources.reading.parsed import ParsedFile, Refusals, Stored, Times, micros

_LINE = re.compile(
    r"(?P<host>\S+) \S+ (?:\S+|.*?) \[(?P<at>\d{2}/\w{3}/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4})\] "
    r'"(?P<request>(?:[^"\\]|\\.)*)" (?P<status>\d{3}) (?P<bytes>\d+|-)'
    r'(?: "(?P<referrer>(?:[^"\\]|\\.)*)" "(?P<agent>(?:[^"\\]|\\.)*)")?(?: .*)?'
)
_BOT = re.compile(
    r"bot\b|crawl|spider|slurp|archiver|facebookexternalhit|monitor|curl/|wget/|python-|^-?$", re.IGNORECASE
)
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}
_NAMES = ("requested_at", "date", "visitor", "method", "path", "status", "bytes", "referrer", "user_agent", "is_bot")
_TYPES = ("TIMESTAMP", "DATE", "VARCHAR", "VARCHAR", "VARCHAR", "BIGINT", "BIGINT", "VARCHAR", "VARCHAR", "BIGINT")
VISITOR_CHARACTERS = 12


def read_log(name: str, sha256: str, text: str, zone: ZoneInfo) -> ParsedFile:
    """The requests of a log. Lines of another form are refused and counted; a log of nothing else is a `problem`."""
    refusals, times, rows, lines = Refusals(), Times(), [], []
    for line, said in enumerate(text.splitlines(), 1):
        if not said.strip():
            continue
        found = _LINE.fullmatch(said)
        at = None if found is None else _moment(found["at"])
        if found is None or at is None:
            refusals.add(line, "is no line of an access log")
            continue
        local = at.astimezone(zone).replace(tzinfo=None)
        rows.append(_row(found, local))
        lines.append(line)
        times.begins.append(micros(at))
        times.ends.append(micros(at))
        times.locals.append(micros(local))
    return ParsedFile(
        name=name,
        sha256=sha256,
        columns=_columns(rows),
        words=("visitor", "method", "path", "referrer", "user_agent"),
        times=times,
        grain=Kind.MOMENT,
        lines=lines,
        refused=refusals.count,
        reasons=refusals.reasons,
        problem=_problem(len(rows), refusals.count),
        blank=not rows and not refusals.count,
    )


def _problem(rows: int, refused: int) -> str | None:
    if rows:
        return None
    return "is no access log: none of its lines is one." if refused else "is empty."


def _columns(rows: list[tuple[object, ...]]) -> tuple[Stored, ...]:
    cells = [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in _NAMES]
    return tuple(Stored(*one) for one in zip(_NAMES, _TYPES, cells, strict=True))


def _row(found: re.Match[str], local: datetime) -> tuple[object, ...]:
    method, _, rest = found["request"].partition(" ")
    path = rest.rpartition(" ")[0] or rest
    agent = found["agent"] or ""
    return (
        local.isoformat(sep=" "),
        local.date().isoformat(),
        _fingerprint(found["host"], agent),
        method or None,
        path.partition("?")[0] or None,
        int(found["status"]),
        0 if found["bytes"] == "-" else int(found["bytes"]),
        None if found["referrer"] in (None, "-", "") else found["referrer"].partition("?")[0],
        agent or None,
        int(found["agent"] is not None and _BOT.search(agent) is not None),
    )


def _fingerprint(host: str, agent: str) -> str:
    return hashlib.sha256(f"{host}\n{agent}".encode()).hexdigest()[:VISITOR_CHARACTERS]


def _moment(text: str) -> datetime | None:
    """As strptime would read `17/May/2015:10:05:03 +0000`, ten times as fast and in every locale."""
    try:
        day = datetime(
            int(text[7:11]),
            _MONTHS[text[3:6]],
            int(text[:2]),
            int(text[12:14]),
            int(text[15:17]),
            int(text[18:20]),
            tzinfo=UTC,
        )
    except (KeyError, ValueError):
        return None
    sign = -1 if text[21] == "-" else 1
    return datetime.fromtimestamp(day.timestamp() - sign * (int(text[22:24]) * 3600 + int(text[24:26]) * 60), UTC)
