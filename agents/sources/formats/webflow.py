"""Webflow: bandwidth by hour or day, bandwidth by asset, and the CSV of a CMS collection.

CMS export: https://help.webflow.com/hc/en-us/articles/33961251862035 (2026-11-21).
"""

from agents.sources.formats.format import Column, Format, Kind, Several

_BYTES = Column("bandwidth_bytes", ("bandwidth_bytes", "Bandwidth (bytes)"), Kind.WHOLE)
_REQUESTS = Column("requests", ("requests", "Requests", "Total requests"), Kind.WHOLE)

WEBFLOW = (
    Format(
        name="webflow-bandwidth",
        says="Webflow bandwidth by hour or day",
        columns=(
            Column("date", ("date", "Day"), Kind.DAY),
            Column("hour", ("hour_utc", "hour"), Kind.HOUR, utc=True),
            _REQUESTS,
            _BYTES,
            Column("bot_bytes", ("bot_bytes",), Kind.WHOLE),
            Column("bandwidth_gb", ("bandwidth_gb", "Bandwidth (GB)"), Kind.DECIMAL),
            Column(
                "plan_limit_gb",
                ("plan_limit_gb_month", "plan_limit_gb_month_ASSUMED", "Plan limit (GB)"),
                Kind.DECIMAL,
            ),
        ),
        required=(("date", "hour"), ("bandwidth_bytes", "bandwidth_gb")),
        times=("hour", "date"),
        strangers=False,
    ),
    Format(
        name="webflow-assets",
        says="Webflow bandwidth by asset",
        columns=(
            Column("date", ("date", "Day"), Kind.DAY),
            Column("asset_path", ("asset_path", "Asset", "Path", "URL")),
            _REQUESTS,
            _BYTES,
        ),
        required=(("asset_path",), ("bandwidth_bytes",)),
        times=("date",),
    ),
    Format(
        name="webflow-cms",
        says="Webflow CMS items",
        columns=(
            Column("name", ("Name", "Title")),
            Column("slug", ("Slug",)),
            Column("item_id", ("Item ID",)),
            Column("created_on", ("Created On",), Kind.MOMENT),
            Column("published_on", ("Published On",), Kind.MOMENT),
            Column("updated_on", ("Updated On",), Kind.MOMENT),
            Column("tags", ("Tags",)),
            Column("words", ("Word count",), Kind.WHOLE),
            Column("url", ("URL",)),
        ),
        required=(("name",), ("slug",)),
        times=("published_on", "created_on"),
        several=Several.LATEST,
    ),
)
