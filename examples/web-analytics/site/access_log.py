"""The web server's access log in combined format: one view in SAMPLED, and every hit of the crawler.

Addresses are from the ranges set aside for documentation; nobody is behind them.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import NamedTuple

from chance import below, unit
from days import HOURS, LOG_FIRST
from pages import BY_PATH, HOST
from story import address_on
from traffic import Day

SAMPLED = 6
GONE = 404
_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/93.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/14.1 Safari/605.1",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 14_7 like Mac OS X) AppleWebKit/605.1.15 Version/14.1 Mobile Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:91.0) Gecko/20100101 Firefox/91.0",
)
_BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
_CRAWLER = "HarvestBot/0.9 (+https://harvest.example/bot)"
_OUTSIDE = ("-", "https://www.google.com/", "-", "https://boatyardweekly.example/", "-")
_VIRAL = "https://news.ycombinator.com/"
_VIRAL_FROM = 400
"""A page viewed so often on one day has been found by a crowd."""


class Hit(NamedTuple):
    """One request. `kind` and `number` tell it from every other of its day."""

    host: str
    path: str
    status: int
    referrer: str
    agent: str
    kind: str
    number: int


def lines(days: Sequence[Day]) -> Iterator[str]:
    """Every line of the log, in the order of time."""
    for day in (day for day in days if day.day >= LOG_FIRST):
        yield from (line for _, line in sorted(_of_day(day)))


def _of_day(day: Day) -> Iterator[tuple[datetime, str]]:
    yield from _hits(day, day.views, 200)
    yield from _hits(day, day.missed, GONE)
    paths = sorted(BY_PATH)
    for number in range(day.bots // SAMPLED):
        path = paths[below(len(paths), "bot page", day.day, number)]
        yield _line(day, Hit(f"192.0.2.{10 + number % 4}", path, 200, "-", _BOT, "bot", number))
    for number in range(day.crawled):
        path = paths[number % len(paths)]
        yield _line(day, Hit(f"203.0.113.{7 + number % 3}", path, 200, "-", _CRAWLER, "crawl", number))


def _hits(day: Day, counted: Mapping[str, int], status: int) -> Iterator[tuple[datetime, str]]:
    for path, count in sorted(counted.items()):
        kept = count // SAMPLED + (unit("rest", day.day, path, status) < (count % SAMPLED) / SAMPLED)
        for number in range(kept):
            host = f"198.51.100.{below(250, 'host', day.day, path, number)}"
            agent = _AGENTS[below(len(_AGENTS), "agent", host)]
            yield _line(day, Hit(host, path, status, _referrer(path, count, number, status), agent, path, number))


def _referrer(path: str, count: int, number: int, status: int) -> str:
    if path.startswith("/blog/") and count > _VIRAL_FROM:
        return _VIRAL
    return _OUTSIDE[number % len(_OUTSIDE)] if status == GONE or number % 3 else f"https://{HOST}/"


def _line(day: Day, hit: Hit) -> tuple[datetime, str]:
    at = _moment(day, hit)
    gone, page = hit.status == GONE, BY_PATH[hit.path]
    address = hit.path if gone else address_on(day.day, hit.path)
    size = 1240 if gone else page.kilobytes * 40 + page.words
    when = f"{at:%d}/{_MONTHS[at.month - 1]}/{at:%Y:%H:%M:%S} +0000"
    asked = f'"GET {address} HTTP/1.1" {hit.status} {size}'
    return at, f'{hit.host} - - [{when}] {asked} "{hit.referrer}" "{hit.agent}"\n'


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CLOCK = [hour for hour, weight in enumerate(HOURS) for _ in range(weight)]


def _moment(day: Day, hit: Hit) -> datetime:
    key = (day.day, hit.kind, hit.number, hit.status)
    hour = _CLOCK[below(len(_CLOCK), "hour", *key)]
    return datetime.combine(day.day, time(hour)) + timedelta(seconds=below(3600, "second", *key))
