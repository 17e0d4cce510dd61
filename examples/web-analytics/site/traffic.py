"""What really happened on each day: visits, views, errors and bytes. Every export is a view of this one record."""

from dataclasses import dataclass
from datetime import date

from chance import around, bell
from days import all_days, busyness
from pages import PAGES, Page
from story import VIRAL_CHANNEL, VIRAL_PAGE, broken, crawled_hits, search_left, viral_sessions

Channel = tuple[str, str]
ORGANIC: Channel = ("google", "organic")
CHANNELS: dict[Channel, float] = {
    ORGANIC: 232,
    ("(direct)", "(none)"): 168,
    ("google", "cpc"): 46,
    ("newsletter", "email"): 38,
    ("linkedin.com", "social"): 34,
    ("bing", "organic"): 22,
    ("boatyardweekly.example", "referral"): 20,
    VIRAL_CHANNEL: 4,
}
"""Sessions on an ordinary day at the beginning, by source and medium."""

VIEWS_A_SESSION = 2.3
VIRAL_VIEWS_A_SESSION = 1.2
ENGAGED = 0.57
VIRAL_ENGAGED = 0.33
SESSIONS_A_USER = 1.16
BOTS_A_DAY = 74
RETURNS = 0.045
"""The part of sessions that go straight back to the page they came from."""
RETURNS_WHEN_BROKEN = 0.85
MISSED = 0.75
"""The part of a moved page's visitors who come by its old address."""
_OWN_SPREAD = 0.022
_CHANNEL_SPREAD = 0.03


@dataclass(frozen=True)
class Day:
    """One day as it was. `missed` are views asked for at addresses that answered 404, by address."""

    day: date
    sessions: dict[Channel, int]
    engaged: dict[Channel, int]
    views: dict[str, int]
    missed: dict[str, int]
    returns: int
    bots: int
    crawled: int

    @property
    def people(self) -> int:
        """Sessions of people."""
        return sum(self.sessions.values())

    @property
    def requests(self) -> int:
        """Requests the host served, files included."""
        return 3 * (sum(self.views.values()) + sum(self.missed.values())) + 2 * self.bots + self.crawled

    @property
    def kilobytes(self) -> int:
        """What the host served."""
        pages = sum(count * SIZES[path] for path, count in self.views.items())
        return round(pages * (1 + 0.02 * bell("bytes", self.day))) + 90 * self.bots + 310 * self.crawled


SIZES = {page.path: page.kilobytes for page in PAGES}


def record() -> list[Day]:
    """Every day of the site."""
    return [_day(day) for day in all_days()]


def found_by_search(day: date) -> float:
    """The part of visits from search that is left when some pages stand further down."""
    whole = sum(page.organic for page in PAGES)
    return sum(page.organic * search_left(day, page.tags) for page in PAGES) / whole


def _day(day: date) -> Day:
    mood = busyness(day) * (1 + _OWN_SPREAD * bell("mood", day))
    sessions = {channel: _sessions(day, channel, mood) for channel in CHANNELS}
    extra = viral_sessions(day)
    sessions[VIRAL_CHANNEL] += extra
    views = _views(day, sum(sessions.values()) - extra)
    views[VIRAL_PAGE] += round(extra * VIRAL_VIEWS_A_SESSION)
    missed = {path: round(views[path] * MISSED) for path in broken(day)}
    views = {path: count - missed.get(path, 0) for path, count in views.items()}
    lost = sum(missed.values())
    people = sum(sessions.values())
    return Day(
        day=day,
        sessions=sessions,
        engaged={channel: _engaged(day, channel, count, extra, lost / people) for channel, count in sessions.items()},
        views=views,
        missed=missed,
        returns=around(RETURNS * people + RETURNS_WHEN_BROKEN * lost, 0.05, "returns", day),
        bots=around(BOTS_A_DAY, 0.05, "bots", day),
        crawled=crawled_hits(day),
    )


def _sessions(day: date, channel: Channel, mood: float) -> int:
    left = found_by_search(day) if channel[1] == "organic" else 1.0
    return around(CHANNELS[channel] * mood * left, _CHANNEL_SPREAD, "sessions", day, *channel)


def _views(day: date, sessions: int) -> dict[str, int]:
    whole = sum(_weight(day, page) for page in PAGES)
    wanted = sessions * VIEWS_A_SESSION
    return {page.path: around(wanted * _weight(day, page) / whole, 0.02, "views", day, page.path) for page in PAGES}


def _weight(day: date, page: Page) -> float:
    """A page that is not written yet is not viewed; one that search shows less is viewed less."""
    return page.weight * (0.3 + 0.7 * search_left(day, page.tags)) if day >= page.published else 0.0


def _engaged(day: date, channel: Channel, sessions: int, extra: int, lost_share: float) -> int:
    rate = ENGAGED * (1 - lost_share) + 0.012 * bell("engaged", day, *channel)
    viral = extra if channel == VIRAL_CHANNEL else 0
    return min(sessions, max(0, round((sessions - viral) * rate + viral * VIRAL_ENGAGED)))
