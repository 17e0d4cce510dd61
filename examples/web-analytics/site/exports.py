"""The exports, one function for each file: rows as the vendors name their columns."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from chance import around, below, unit
from days import spread_over_hours
from pages import BY_PATH, GAPS, HOST, PAGES, QUERIES, Page
from story import MOVED, WINDOWS, address_on, during, measured_share, search_left, viral_sessions
from traffic import CHANNELS, SESSIONS_A_USER, Day

Row = Sequence[object]

PLAN_GB_A_MONTH = 100
SUNDAY = 6
CRAWL_HOUR = 23
ORDINARY_SESSIONS = 560
META_NONE, META_SHORT, META_LONG, FEW_WORDS, SHORT_TITLE = 20, 70, 160, 200, 10
PROBES = ("/wp-login.php", "/xmlrpc.php", "/.env", "/phpmyadmin/")
"""What bots try on every site."""
_CTR = ((1.5, 0.34), (2.5, 0.17), (4.0, 0.095), (6.0, 0.055), (10.0, 0.022))
_CTR_BELOW = 0.004
_POSITIONS_LOST = 9.5
REFERRERS = {
    "boatyardweekly.example": ("/guides/haul-out-checklist", "/guides/travel-lift-safety", "/blog/yard-labor-rates"),
    "harborforum.example": (
        "/guides/haul-out-checklist",
        "/guides/bottom-paint-estimate",
        "/docs/travel-lift-calendar",
    ),
    "marinatrade.example": ("/blog/best-boatyard-software", "/pricing", "/guides/winter-storage-contract"),
    "sailnotes.example": ("/guides/spring-launch-plan", "/blog/a-quieter-yard"),
    "rigging-school.example": ("/blog/hiring-riggers", "/docs/roles-and-rights"),
}


def daily_users(days: Sequence[Day]) -> Iterator[Row]:
    """GA4: a day's users, as far as the tag saw them; nothing on days that never arrived."""
    yield ("date", "totalUsers")
    for day in (day for day in days if not during("late-ga", day.day)):
        yield (f"{day.day:%Y%m%d}", round(day.people * measured_share(day.day) / SESSIONS_A_USER))


def traffic_acquisition(days: Sequence[Day]) -> Iterator[Row]:
    """GA4: a day's sessions by source and medium, as far as the tag saw them; nothing on days that never arrived."""
    yield (
        *("date", "sessionSource", "sessionMedium", "sessions", "totalUsers"),
        *("engagedSessions", "screenPageViews", "engagementRate", "bounceRate"),
    )
    for day in (day for day in days if not during("late-ga", day.day)):
        for channel in CHANNELS:
            yield _acquired(day, channel)


def _acquired(day: Day, channel: tuple[str, str]) -> Row:
    share = measured_share(day.day)
    sessions, engaged = round(day.sessions[channel] * share), round(day.engaged[channel] * share)
    views = round(sessions * sum(day.views.values()) / day.people)
    rate = engaged / sessions if sessions else 0.0
    users = round(sessions / SESSIONS_A_USER)
    return (f"{day.day:%Y%m%d}", *channel, sessions, users, engaged, views, f"{rate:.4f}", f"{1 - rate:.4f}")


def page_views(days: Sequence[Day]) -> Iterator[Row]:
    """GA4: a day's views by page, as far as the tag saw them."""
    yield ("date", "pagePath", "screenPageViews")
    for day in (day for day in days if not during("late-ga", day.day)):
        seen = {address_on(day.day, path): count for path, count in day.views.items()}
        for path, count in seen.items():
            if measured := round(count * measured_share(day.day)):
                yield (f"{day.day:%Y%m%d}", path, measured)


def clarity_hourly(days: Sequence[Day]) -> Iterator[Row]:
    """Clarity: an hour's sessions; it has a tag of its own and sees what the other tag misses."""
    yield (
        *("hour_utc", "totalSessionCount", "totalBotSessionCount", "distinctUserCount"),
        *("pagesPerSession", "returnsToPreviousPage", "httpErrorCount"),
    )
    for day in days:
        seen = around(day.people * 0.97, 0.01, "clarity", day.day)
        bots = day.bots + day.crawled // 12
        pages = (sum(day.views.values()) + sum(day.missed.values())) / day.people
        columns = (seen, bots, round(seen / SESSIONS_A_USER), day.returns, sum(day.missed.values()))
        for hour, (people, robots, users, returns, errors) in enumerate(
            zip(*(spread_over_hours(one) for one in columns), strict=True)
        ):
            yield (f"{day.day}T{hour:02}:00", people + robots, robots, users, f"{pages:.3f}", returns, errors)


def bandwidth_daily(days: Sequence[Day]) -> Iterator[Row]:
    """Webflow: a day's gigabytes against the plan. The export gets stuck and repeats itself."""
    yield ("date", "bandwidth_gb", "plan_limit_gb_month_ASSUMED")
    stuck_from, stuck = WINDOWS["stuck-bandwidth"][0], 0
    for day in days:
        if day.day <= stuck_from:
            stuck = day.kilobytes
        shown = stuck if during("stuck-bandwidth", day.day) else day.kilobytes
        yield (day.day, f"{shown / 1_000_000:.4f}", PLAN_GB_A_MONTH)


def bandwidth_hourly(days: Sequence[Day]) -> Iterator[Row]:
    """Webflow: an hour's requests and bytes, those of bots apart."""
    yield ("hour_utc", "requests", "bandwidth_bytes", "bot_bytes")
    for day in days:
        bot_kilobytes = 90 * day.bots + 310 * day.crawled
        columns = (day.requests, day.kilobytes, bot_kilobytes)
        hours = zip(*(spread_over_hours(one) for one in columns), strict=True)
        for hour, (requests, kilobytes, bots) in enumerate(hours):
            yield (f"{day.day}T{hour:02}:00", requests, kilobytes * 1000, bots * 1000)


def top_assets(days: Sequence[Day]) -> Iterator[Row]:
    """Webflow: what was served most over the whole time, by the page's main file."""
    yield ("asset_path", "requests", "bandwidth_bytes")
    total = {page.path: sum(day.views.get(page.path, 0) for day in days) for page in PAGES}
    heaviest = sorted(PAGES, key=lambda page: -total[page.path] * page.kilobytes)
    for page in heaviest[:20]:
        yield (f"/assets/{page.slug}/cover.jpg", total[page.path], total[page.path] * page.kilobytes * 620)


def search_days(days: Sequence[Day]) -> Iterator[Row]:
    """Search Console: a day's clicks, impressions and place by page."""
    yield ("Date", "Page", "Clicks", "Impressions", "CTR", "Position")
    for day in days:
        for page in (page for page in PAGES if page.organic and day.day >= page.published):
            yield (day.day, _url(day.day, page), *_found(day, page, "day", page.organic * 2.6))


def search_weeks(days: Sequence[Day]) -> Iterator[Row]:
    """Search Console: the queries of the week that ends on a day, with the page each led to, the blog for a gap."""
    yield ("Week ending", "Top queries", "Page", "Clicks", "Impressions", "CTR", "Position")
    for day in (day for day in days if day.day.weekday() == SUNDAY):
        week = day.day
        for path, queries in QUERIES.items():
            page = BY_PATH[path]
            for place, query in enumerate(queries):
                yield (week, query, _url(day.day, page), *_found(day, page, query, page.organic * 15 / (place + 1)))
        for query, (impressions, position) in GAPS.items():
            yield (week, query, f"https://{HOST}/blog", *_unanswered(day.day, query, impressions, position))


def _found(day: Day, page: Page, key: str, scale: float) -> Row:
    lost = 1 - search_left(day.day, page.tags)
    position = page.position + _POSITIONS_LOST * lost + 0.5 * (unit("position", day.day, page.path, key) - 0.5)
    mood = (day.people - viral_sessions(day.day)) / ORDINARY_SESSIONS
    impressions = around(scale * 12 * min(mood, 1.6) * (1 - 0.2 * lost), 0.03, "impressions", day.day, page.path, key)
    clicks = round(impressions * _click_rate(page.position) * (1 - lost))
    return _counted(clicks, impressions, position)


def _unanswered(day: date, query: str, impressions: int, position: float) -> Row:
    shown = around(impressions, 0.05, "gap", day, query)
    return _counted(round(shown * _CTR_BELOW), shown, position + unit("gap place", day, query))


def _counted(clicks: int, impressions: int, position: float) -> Row:
    share = 100 * clicks / impressions if impressions else 0.0
    return (clicks, impressions, f"{share:.2f}%", f"{position:.2f}")


def _click_rate(position: float) -> float:
    return next((rate for below_, rate in _CTR if position <= below_), _CTR_BELOW)


def _url(day: date, page: Page) -> str:
    """Search goes on showing an old address until the redirect is there, so a moved page changes its address late."""
    moved = next((name for name, paths in MOVED.items() if page.path in paths), None)
    late = moved is None or day <= WINDOWS[moved][1]
    return page.url if late else f"https://{HOST}{address_on(day, page.path)}"


def broken_pages(days: Sequence[Day]) -> Iterator[Row]:
    """Ahrefs: what each daily crawl found answering 4xx, with the visits of that day."""
    yield ("URL", "HTTP status code", "Hits", "Bot hits", "First seen", "Last seen", "Found at")
    for day in days:
        for path, missed in sorted(day.missed.items()):
            robots = 1 + below(3, "broken bots", day.day, path)
            yield (path, 404, missed + robots, robots, *_crawl(day.day), _found_at(path))
        for path in PROBES:
            if hits := below(4, "probe", day.day, path):
                yield (path, 404, hits, hits, *_crawl(day.day), "")


def _crawl(day: date) -> tuple[str, str]:
    """First and last seen: by the crawl that ends the day, each time anew."""
    return f"{day}T{CRAWL_HOUR}:00", f"{day}T{CRAWL_HOUR}:00"


def _found_at(path: str) -> str:
    site = next((site for site, paths in REFERRERS.items() if path in paths), "")
    return f"https://{site}/links" if site else ""


def backlinks(days: Sequence[Day]) -> Iterator[Row]:
    """Ahrefs: pages elsewhere that link here."""
    yield ("Referring page URL", "Domain", "Target URL", "First seen", "Last seen", "Visits", "Target HTTP code")
    for site, paths in REFERRERS.items():
        for path in paths:
            first = BY_PATH[path].published + timedelta(days=30 + below(60, "link", site, path))
            visits = 4 + below(40, "visits", site, path)
            code = 301 if any(path in moved for moved in MOVED.values()) else 200
            link = f"https://{site}/links/{BY_PATH[path].slug}"
            yield (link, site, f"https://{HOST}{path}", max(first, days[0].day), days[-1].day, visits, code)


def audit_pages(days: Sequence[Day]) -> Iterator[Row]:
    """Ahrefs: the site audit of the last day."""
    yield (
        *("URL", "Title", "Title length", "Meta description length", "Content words", "No. of inlinks (content)"),
        *("Internal outlinks", "External outlinks", "Links to HTTP", "Images", "Images without alt"),
        *("Broken internal links", "Issues"),
    )
    for page in PAGES:
        meta, links, images = (below(n, what, page.path) for n, what in ((190, "meta"), (9, "links"), (7, "images")))
        found = "; ".join(_issues(page, meta))
        url = f"https://{HOST}{address_on(days[-1].day, page.path)}"
        yield (url, page.title, len(page.title), meta, page.words, links, links + 4, links // 3, 0, images, 0, 0, found)


def audit_issues(_days: Sequence[Day]) -> Iterator[Row]:
    """Ahrefs: how many pages of the audit have which issue."""
    yield ("Issue", "Pages")
    found = [issue for page in PAGES for issue in _issues(page, below(190, "meta", page.path))]
    for issue in sorted(set(found), key=lambda one: (-found.count(one), one)):
        yield (issue, found.count(issue))


def _issues(page: Page, meta_length: int) -> list[str]:
    wanted = {
        "Meta description tag missing or empty": meta_length < META_NONE,
        "Meta description too short": META_NONE <= meta_length < META_SHORT,
        "Meta description too long": meta_length > META_LONG,
        "Low word count": page.words < FEW_WORDS,
        "Title too short": len(page.title) < SHORT_TITLE,
    }
    return [issue for issue, has in wanted.items() if has]


def inventory(_days: Sequence[Day]) -> Iterator[Row]:
    """Webflow: the pages there are. A page that moved stands there twice, the second time from its move on."""
    yield (
        *("Name", "Slug", "Created On", "Published On", "Updated On"),
        *("Revisions", "Authors count", "Tags", "Word count", "URL"),
    )
    for page in PAGES:
        yield _listed(page, page.published, page.path)
    for name, moved in MOVED.items():
        for old, new in moved.items():
            yield _listed(BY_PATH[old], WINDOWS[name][0], new)


def _listed(page: Page, published: date, path: str) -> Row:
    revisions = 2 + below(12, "revisions", page.path)
    authors, url = 1 + below(3, "authors", page.path), f"https://{HOST}{path}"
    return (page.title, page.slug, page.published, published, published, revisions, authors, page.tags, page.words, url)
