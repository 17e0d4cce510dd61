"""The example's workers on real exports: every figure of every digest recomputed with nothing but Python's csv module.

The files come from unrelated sites and years, so each worker is asked in the window of its own file; elsewhere it says
that there is no data. The files are not part of the repository: without them these tests are skipped.
"""

import csv
import json
import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.commands import ROOT, quarterdeck
from tests.scenarios.workspaces import copied, write_team

EXPORTS = ROOT.parent / "shared" / "data" / "web-analytics"
EXAMPLE = ROOT / "examples" / "web-analytics"
NO_DATA = "No data for this window"
MORNING = re.compile(r'(morning: \{cron: "(?:0|5|10|15|20) 7 \* \* \*", input: )\{task: morning\}')

pytestmark = [
    pytest.mark.skipif(not EXPORTS.is_dir(), reason="the real exports are not part of the repository"),
    pytest.mark.timeout(600),
]


class Digests:
    """The digests of one simulated morning by their agent: figures, lines, and what was not seen."""

    def __init__(self, cards: Sequence[dict[str, Any]], recorded: Sequence[dict[str, Any]]) -> None:
        self.cards = cards
        by_key = {card["key"]: card for card in cards}
        self._by_agent = {one["agent_id"]: by_key[f"digest:{one['id']}"] for one in recorded}
        self._recorded = {one["agent_id"]: one for one in recorded}

    def recorded(self, agent: str) -> dict[str, str]:
        """Label → value of every figure the digest was published with, of which a card shows the first."""
        return {one["label"]: one["value"] for one in self._recorded[agent]["figures"]}

    def figures(self, agent: str) -> dict[str, str]:
        """Label → value with its unit, as it stands on the card."""
        tables = [one for one in self._by_agent[agent]["elements"] if one["type"] == "table"]
        return {row[0]: row[1] for table in tables for row in table["rows"]}

    def unseen(self, agent: str) -> list[str]:
        """What the card says it could not see."""
        return self.lines(agent, "Could not see")

    def lines(self, agent: str, heading: str) -> list[str]:
        """The lines under a heading."""
        found = [one for one in self._by_agent[agent]["elements"] if one.get("heading") == heading]
        return [row["text"] for one in found for row in one["rows"]]


def rows(name: str) -> list[dict[str, str]]:
    """A file as the csv module reads it."""
    with (EXPORTS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def total(found: Sequence[dict[str, str]], column: str) -> int:
    return sum(int(row[column]) for row in found)


def share(part: int, whole: int) -> str:
    """So many in a hundred, to one decimal, halves away from nought as the database rounds."""
    return str((Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP))


def team_asked_every_morning(folder: Path) -> Path:
    """The example as it is, but that its workers tell their figures each morning as if somebody had asked."""
    copied(EXAMPLE, folder)
    file = folder / "team.yaml"
    text, count = MORNING.subn(r'\1{request: {text: "How was it?"}}', file.read_text())
    assert count == 5
    file.write_text(text)
    return folder


def simulated(folder: Path, day: str, until: str, state: Path) -> Digests:
    """Runs the team on the real exports from one midnight to another, headless; nobody fails."""
    env = {"QUARTERDECK_STATE_DIR": str(state)}
    done = quarterdeck(
        "up", folder, "--simulate", day, "--until", until, "--speed", "max", "--headless", "--data", EXPORTS, env=env
    )
    assert (done.returncode, done.stderr) == (0, "")
    printed = quarterdeck("cards", "-w", folder, "--simulated", "--as", "json", env=env)
    recorded = quarterdeck("digests", "-w", folder, "--simulated", "--json", env=env)
    return Digests(json.loads(printed.stdout), json.loads(recorded.stdout))


@pytest.fixture(scope="module")
def june(tmp_path_factory: pytest.TempPathFactory) -> Digests:
    """The morning of 15 June 2021: a Monday of the users' and of the bandwidth's file."""
    folder = tmp_path_factory.mktemp("june")
    return simulated(team_asked_every_morning(folder / "team"), "2021-06-15", "2021-06-16", folder / "state")


@pytest.fixture(scope="module")
def may(tmp_path_factory: pytest.TempPathFactory) -> Digests:
    """The morning of 19 May 2015: the second day of the log sample."""
    folder = tmp_path_factory.mktemp("may")
    return simulated(team_asked_every_morning(folder / "team"), "2015-05-19", "2015-05-20", folder / "state")


def test_users_are_those_of_the_export(june: Digests) -> None:
    [day] = [row for row in rows("ga-engagement/ga4_daily_users_cienciadedatos.csv") if row["date"] == "20210614"]
    assert june.figures("ga-engagement") == {"Users": f"{day['totalUsers']} users"}


def test_bandwidth_is_that_of_the_file_and_the_month_is_summed(june: Digests) -> None:
    month = [row for row in rows("webflow-bandwidth/bandwidth_daily_DERIVED.csv") if row["date"][:7] == "2021-06"]
    so_far = [row for row in month if row["date"] <= "2021-06-14"]
    assert june.figures("webflow-bandwidth") == {"Bandwidth": f"{so_far[-1]['bandwidth_gb']} GB"}
    used = sum(Decimal(row["bandwidth_gb"]) for row in so_far)
    plan = f"Since 2021-06-01: {used} GB of {so_far[-1]['plan_limit_gb_month_ASSUMED']} GB a month."
    assert june.lines("webflow-bandwidth", "Looked at more closely") == [plan]


def test_traffic_is_summed_by_where_it_came_from(may: Digests) -> None:
    day = [row for row in rows("ga-engagement/ga4_traffic_acquisition_semicomplete.csv") if row["date"] == "20150518"]
    by_medium = {
        medium: total([row for row in day if row["sessionMedium"] == medium], "totalUsers")
        for medium in ("organic", "referral")
    }
    engaged = share(total(day, "engagedSessions"), total(day, "sessions"))
    assert may.figures("ga-engagement") == {
        "Users from search": f"{by_medium['organic']} users",
        "Users from other sites": f"{by_medium['referral']} users",
        "Engaged sessions": f"{engaged} %",
    }


def test_sessions_are_summed_by_the_hours_of_the_day(may: Digests) -> None:
    hours = rows("clarity-sessions/clarity_hourly_semicomplete.csv")
    day = [row for row in hours if row["hour_utc"].startswith("2015-05-18")]
    people = total(day, "totalSessionCount") - total(day, "totalBotSessionCount")
    assert may.figures("clarity-sessions") == {
        "Sessions": f"{people} sessions",
        "Sessions that went straight back": f"{share(total(day, 'returnsToPreviousPage'), people)} %",
        "Sessions of robots": f"{total(day, 'totalBotSessionCount')} sessions",
    }
    worst = [row for row in day if row["returnsToPreviousPage"] != "0"]
    worst.sort(key=lambda row: (-int(row["returnsToPreviousPage"]), row["hour_utc"]))
    assert may.lines("clarity-sessions", "Looked at more closely") == [
        f"{row['hour_utc']}:00: {row['returnsToPreviousPage']} went straight back" for row in worst[:3]
    ]


def test_requests_are_those_of_the_log_sample(may: Digests) -> None:
    hours = rows("webflow-bandwidth/bandwidth_hourly_semicomplete.csv")
    day = [row for row in hours if row["hour_utc"].startswith("2015-05-18")]
    assert may.figures("webflow-bandwidth") == {"Requests": f"{total(day, 'requests')} requests"}


def test_broken_pages_are_those_first_seen_that_day(may: Digests) -> None:
    new = [
        row for row in rows("ahrefs-audit/broken_pages_semicomplete.csv") if row["First seen"].startswith("2015-05-18")
    ]
    people = total(new, "Hits") - total(new, "Bot hits")
    assert may.figures("ahrefs-audit") == {"Visits that met an error": f"{people} visits"}
    by_visits = sorted((int(row["Bot hits"]) - int(row["Hits"]), row["URL"]) for row in new)
    shown = [f"{url}: {-visits} visits met an error" for visits, url in by_visits if -visits >= 5]
    assert may.lines("ahrefs-audit", "Looked at more closely") == shown


def test_gaps_are_queries_far_down_that_no_page_is_named_after(june: Digests) -> None:
    small = {"a", "an", "and", "for", "how", "of", "per", "the", "to"}
    names = [words(row["Name"]) - small for row in _published("2021-06-15")]
    found = [
        (-int(row["Impressions"]), row["Top queries"])
        for row in rows("ga-engagement/gsc_queries_scanapp.csv")
        if float(row["Position"]) >= 12 and int(row["Impressions"]) >= 300
    ]
    expected = [
        f"{query}: searched {-shown} times"
        for shown, query in sorted(found)[:20]
        if not any(words(query) - small <= one for one in names)
    ]
    assert june.lines("content-pipeline", "Looked at more closely") == expected


def words(text: str) -> set[str]:
    return set(text.lower().replace(",", " ").split())


def _published(before: str) -> list[dict[str, str]]:
    inventory = rows("content-pipeline/content_inventory_18f.csv")
    return sorted((row for row in inventory if row["Published On"] < before), key=lambda row: row["Name"])[:200]


@pytest.mark.parametrize(
    ("agent", "sources"),
    [("ga-engagement", ["ga4-traffic"]), ("clarity-sessions", ["clarity-hourly"]), ("ahrefs-audit", ["broken-pages"])],
)
def test_a_worker_without_data_for_the_window_says_so(june: Digests, agent: str, sources: list[str]) -> None:
    silent = [line.split(":")[0] for line in june.unseen(agent) if f": {NO_DATA}" in line]
    assert silent == sources


def test_each_window_has_data_of_its_own_only(june: Digests, may: Digests) -> None:
    assert june.figures("clarity-sessions") == june.figures("ahrefs-audit") == {}
    assert f"ga4-users: {NO_DATA}: the first row is of 1 Jul 2020." in may.unseen("ga-engagement")
    assert any(line.startswith(f"bandwidth-daily: {NO_DATA}") for line in may.unseen("webflow-bandwidth"))
    assert any(line.startswith("bandwidth-hourly: No data") for line in june.unseen("webflow-bandwidth"))
    assert "search-pages: No file matches ga-engagement/gsc_pages*.csv." in june.unseen("content-pipeline")


def test_real_data_are_never_said_to_be_made_up(june: Digests, may: Digests) -> None:
    assert {card["made_up"] for card in (*june.cards, *may.cards)} == {None}
    assert "Generated data" not in json.dumps((*june.cards, *may.cards))


TELLER = """
async def run(ctx):
    window = {"window_from": "2010-01-01T00:00:00Z", "window_until": ctx.due_at.isoformat()}
    figures = []
    for label, sql in ctx.settings["figures"].items():
        found = await ctx.call("data.query", sql=sql, **window)
        figures.append({"label": label, "value": str(found["rows"][0][0])})
    await ctx.call("digest.publish", headline="All files.", figures=figures)
    return {}
"""
OTHERS = """
name: Files
timezone: UTC
sources:
  pageviews: {reads: ga4-pages, file: "ga-engagement/ga4_daily_pageviews*.csv"}
  pages: {reads: ga4-pages, file: "ga-engagement/ga4_pages_hourly*.csv"}
  sessions: {reads: clarity-sessions, file: "clarity-sessions/sessions*.csv"}
  shop: {reads: csv, file: "clarity-sessions/online_shoppers*.csv"}
  assets: {reads: webflow-assets, file: "webflow-bandwidth/top_assets*.csv"}
  network: {reads: csv, file: "webflow-bandwidth/network_in*.csv", time: hour_utc}
  backlinks: {reads: ahrefs-backlinks, file: "ahrefs-audit/backlinks*.csv"}
  audit: {reads: ahrefs-audit-pages, file: "ahrefs-audit/site_audit_pages*.csv"}
  issues: {reads: ahrefs-audit-issues, file: "ahrefs-audit/site_audit_issues*.csv"}
  inventory: {reads: webflow-cms, file: "content-pipeline/content_inventory*.csv"}
  queries: {reads: search-console-queries, file: "ga-engagement/gsc_queries*.csv"}
  terms: {reads: search-console-queries, file: "ga-engagement/search_terms*.csv"}
agents:
  teller:
    purpose: Tells a figure of each file.
    routine: tell.py
    sources: [pageviews, pages, sessions, shop, assets, network, backlinks, audit, issues, inventory, queries, terms]
    tools: [data.query, digest.publish]
    settings:
      figures:
        views: SELECT sum(views) FROM pageviews
        days: SELECT count(DISTINCT date) FROM pageviews WHERE page_path LIKE '%Peyton%'
        hourly: SELECT sum(views) FROM pages WHERE hour < TIMESTAMP '2015-05-18 00:00'
        human: SELECT count(*) FROM sessions WHERE is_bot = 0 AND pages_viewed > 1
        bought: SELECT count(*) FROM shop WHERE "Revenue" = 1
        duration: SELECT round(sum("ProductRelated_Duration"), 3) FROM shop WHERE "Month" = 'Nov'
        served: SELECT sum(bandwidth_bytes) FROM assets
        network: SELECT sum(network_in_bytes) FROM network WHERE server = 'iio_NetworkIn'
        visits: SELECT sum(visits) FROM backlinks WHERE target_status = 200
        orphans: SELECT count(*) FROM audit WHERE issues LIKE '%Orphan page%'
        issues: SELECT sum(pages) FROM issues
        words: SELECT sum(words) FROM inventory WHERE published_on < '2016-01-01'
        clicks: SELECT sum(clicks) FROM queries
        ctr: SELECT max(ctr) FROM queries
        terms: SELECT count(*) FROM terms
    schedules: {daily: {cron: "0 7 * * *"}}
people: {ana: {roles: [approver]}}
policy: ask-for-writes
"""


def test_a_figure_of_every_other_file_is_what_the_csv_module_says(tmp_path: Path) -> None:
    folder = write_team(tmp_path / "team", OTHERS, tell=TELLER)
    told = simulated(folder, "2025-01-01", "2025-01-02", tmp_path / "state").recorded("teller")
    shop = rows("clarity-sessions/online_shoppers_sessions.csv")
    november = [Decimal(row["ProductRelated_Duration"]) for row in shop if row["Month"] == "Nov"]
    pageviews = rows("ga-engagement/ga4_daily_pageviews_wikipedia.csv")
    hourly = rows("ga-engagement/ga4_pages_hourly_semicomplete.csv")
    sessions = rows("clarity-sessions/sessions_semicomplete.csv")
    network = rows("webflow-bandwidth/network_in_hourly_aws.csv")
    links = rows("ahrefs-audit/backlinks_semicomplete.csv")
    inventory = rows("content-pipeline/content_inventory_18f.csv")
    queries = rows("ga-engagement/gsc_queries_scanapp.csv")
    assert {label: Decimal(value) for label, value in told.items()} == {
        "views": total(pageviews, "screenPageViews"),
        "days": len({row["date"] for row in pageviews if "Peyton" in row["pagePath"]}),
        "hourly": total([row for row in hourly if row["dateHour"] < "2015051800"], "screenPageViews"),
        "human": sum(row["is_bot"] == "0" and int(row["pages_viewed"]) > 1 for row in sessions),
        "bought": sum(row["Revenue"] == "1" for row in shop),
        "duration": round(sum(november), 3),
        "served": total(rows("webflow-bandwidth/top_assets_semicomplete.csv"), "bandwidth_bytes"),
        "network": total([row for row in network if row["server"] == "iio_NetworkIn"], "network_in_bytes"),
        "visits": total([row for row in links if row["Target HTTP code"] == "200"], "Visits"),
        "orphans": sum("Orphan page" in row["Issues"] for row in rows("ahrefs-audit/site_audit_pages_18f.csv")),
        "issues": total(rows("ahrefs-audit/site_audit_issues_18f.csv"), "Pages"),
        "words": total([row for row in inventory if row["Published On"] < "2016-01-01"], "Word count"),
        "clicks": total(queries, "Clicks"),
        "ctr": max(Decimal(row["CTR"].rstrip("%")) for row in queries) / 100,
        "terms": len(rows("ga-engagement/search_terms_semicomplete.csv")),
    }
