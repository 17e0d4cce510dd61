"""Google Search Console: the CSV files of a performance export.

Columns: https://support.google.com/webmasters/answer/7576553 (2026-11-21).
"""

from agents.sources.formats.format import Column, Format, Kind, Several

_FIGURES = (
    Column("clicks", ("Clicks",), Kind.WHOLE),
    Column("impressions", ("Impressions",), Kind.WHOLE),
    Column("ctr", ("CTR", "URL CTR"), Kind.RATIO),
    Column("position", ("Position", "Average position"), Kind.DECIMAL),
)
_QUERY = Column("query", ("Top queries", "Query", "Queries"))
_PAGE = Column("page", ("Top pages", "Page", "Pages", "Landing page"))
_DAY = Column("date", ("Date", "Dates", "Week ending"), Kind.DAY)


def _format(name: str, says: str, key: str, several: Several) -> Format:
    return Format(
        name=name,
        says=says,
        columns=(_DAY, _QUERY, _PAGE, *_FIGURES),
        required=((key,), ("clicks",)),
        times=("date",),
        several=several,
    )


SEARCH_CONSOLE = (
    _format("search-console-queries", "Search Console queries", "query", Several.LATEST),
    _format("search-console-pages", "Search Console pages", "page", Several.LATEST),
    _format("search-console-dates", "Search Console by day", "date", Several.LATEST_PER_PERIOD),
)
