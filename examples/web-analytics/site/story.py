"""What happens to the site, day by day: the incidents that incidents.yaml labels, as plain numbers.

A day that no incident touches gives the neutral value everywhere. The site does not answer what a team does about an
incident: each ends on its day as if somebody had seen to it.
"""

from datetime import date

from pages import PAGES

WINDOWS = {
    "deploy-guides": (date(2021, 9, 14), date(2021, 9, 16)),
    "quiet-week": (date(2021, 9, 20), date(2021, 9, 26)),
    "viral-crane": (date(2021, 9, 28), date(2021, 9, 30)),
    "tracking-outage": (date(2021, 10, 6), date(2021, 10, 8)),
    "search-drop": (date(2021, 10, 15), date(2021, 10, 27)),
    "bot-crawl": (date(2021, 11, 3), date(2021, 11, 4)),
    "late-ga": (date(2021, 11, 9), date(2021, 11, 11)),
    "stuck-bandwidth": (date(2021, 11, 15), date(2021, 11, 18)),
    "deploy-docs": (date(2021, 11, 22), date(2021, 11, 23)),
}
"""First and last day of each incident."""

MOVED = {
    "deploy-guides": {
        page.path: page.path.replace("/guides", "/handbook") for page in PAGES if page.path.startswith("/guides/")
    },
    "deploy-docs": {
        "/docs/travel-lift-calendar": "/docs/calendar/travel-lift-calendar",
        "/docs/roles-and-rights": "/docs/team/roles-and-rights",
    },
}
"""The addresses a deploy gave to pages, without a redirect from the old ones."""

VIRAL_PAGE = "/blog/the-crane-that-would-not-fit"
VIRAL_CHANNEL = ("news.ycombinator.com", "referral")
_VIRAL_SESSIONS = (2900, 1700, 700)
_COMPARED = "compare"
_SEARCH_LOSS = (0.35, 0.6)
"""What the compared pages lose on the first and second day of the drop; from the third on it is _SEARCH_LOST."""
_SEARCH_LOST = 0.78
_CRAWLED = (4200, 3600)
_TAG_LEFT = 0.31


def during(incident: str, day: date) -> bool:
    """True on the days of an incident."""
    first, last = WINDOWS[incident]
    return first <= day <= last


def day_of(incident: str, day: date) -> int:
    """How many days into the incident a day is, from 0."""
    return (day - WINDOWS[incident][0]).days


def measured_share(day: date) -> float:
    """The part of visits the analytics tag sees: all, but for the outage of the tag."""
    return _TAG_LEFT if during("tracking-outage", day) else 1.0


def broken(day: date) -> dict[str, str]:
    """The addresses that answer 404 on this day, with where the page is now."""
    return {old: new for name, moved in MOVED.items() if during(name, day) for old, new in moved.items()}


def address_on(day: date, path: str) -> str:
    """Where a page stands on a day; links from elsewhere still lead to the old address."""
    for name, moved in MOVED.items():
        if path in moved and day >= WINDOWS[name][0]:
            return moved[path]
    return path


def viral_sessions(day: date) -> int:
    """The extra sessions that the post brings."""
    return _VIRAL_SESSIONS[day_of("viral-crane", day)] if during("viral-crane", day) else 0


def search_left(day: date, tags: str) -> float:
    """The part of a page's clicks from search that is left."""
    if tags != _COMPARED or not during("search-drop", day):
        return 1.0
    into = day_of("search-drop", day)
    return 1 - (_SEARCH_LOSS[into] if into < len(_SEARCH_LOSS) else _SEARCH_LOST)


def crawled_hits(day: date) -> int:
    """Requests of the crawler that announces itself as no browser and no search engine."""
    return _CRAWLED[day_of("bot-crawl", day)] if during("bot-crawl", day) else 0
