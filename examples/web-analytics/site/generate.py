"""Writes the exports of the invented site: `python generate.py [FOLDER]`, by default ../data beside this folder.

Standard library only, and seeded by keys, so that every machine writes the same files. What happens in them, and what
a team should make of it, is told in incidents.yaml.
"""

import csv
import gzip
import io
import sys
from collections.abc import Iterable
from pathlib import Path

import access_log
import exports
from traffic import Day, record

LOG = "webflow-bandwidth/access.log.gz"
FILES = {
    "ga-engagement/ga4_daily_users.csv": exports.daily_users,
    "ga-engagement/ga4_traffic_acquisition.csv": exports.traffic_acquisition,
    "ga-engagement/ga4_daily_pageviews.csv": exports.page_views,
    "ga-engagement/gsc_pages.csv": exports.search_days,
    "clarity-sessions/clarity_hourly.csv": exports.clarity_hourly,
    "webflow-bandwidth/bandwidth_daily.csv": exports.bandwidth_daily,
    "webflow-bandwidth/bandwidth_hourly.csv": exports.bandwidth_hourly,
    "webflow-bandwidth/top_assets.csv": exports.top_assets,
    "ahrefs-audit/broken_pages.csv": exports.broken_pages,
    "ahrefs-audit/backlinks.csv": exports.backlinks,
    "ahrefs-audit/site_audit_pages.csv": exports.audit_pages,
    "ahrefs-audit/site_audit_issues.csv": exports.audit_issues,
    "content-pipeline/content_inventory.csv": exports.inventory,
    "ga-engagement/gsc_queries_weekly.csv": exports.search_weeks,
}


def main() -> None:
    """Writes every file into the folder named on the command line."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "data"
    days = record()
    for name, export in FILES.items():
        _write(folder / name, _csv(export(days)))
    _write(folder / LOG, _packed(days))


def _csv(rows: Iterable[exports.Row]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _packed(days: list[Day]) -> bytes:
    return gzip.compress("".join(access_log.lines(days)).encode(), compresslevel=9, mtime=0)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


if __name__ == "__main__":
    main()
