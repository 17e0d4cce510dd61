"""Google Analytics 4: names of the Data API and of the downloads of its reports.

Dimensions and metrics: https://developers.google.com/analytics/devguides/reporting/data/v1/api-schema (2026-11-21).
"""

from agents.sources.formats.format import Column, Format, Kind

_DAY = Column("date", ("date", "Day", "Nth day", "nthDay"), Kind.DAY)
_HOUR = Column("hour", ("dateHour", "Date + hour (YYYYMMDDHH)", "Date + hour"), Kind.HOUR)
_PLACES = (
    Column("page_path", ("pagePath", "Page path", "Page path and screen class", "pagePathPlusQueryString")),
    Column("page_title", ("pageTitle", "Page title", "Page title and screen class", "unifiedScreenName")),
    Column(
        "landing_page", ("landingPage", "Landing page", "landingPagePlusQueryString", "Landing page + query string")
    ),
    Column("country", ("country", "Country")),
    Column("device", ("deviceCategory", "Device category")),
)
_ORIGINS = (
    Column("source", ("sessionSource", "Session source")),
    Column("medium", ("sessionMedium", "Session medium")),
    Column("source_medium", ("sessionSourceMedium", "Session source / medium")),
    Column(
        "channel_group",
        (
            "sessionDefaultChannelGroup",
            "Session default channel group",
            "Session default channel grouping",
            "sessionPrimaryChannelGroup",
            "Session primary channel group (Default Channel Group)",
        ),
    ),
)
_COUNTS = (
    Column("total_users", ("totalUsers", "Total users", "Users"), Kind.WHOLE),
    Column("active_users", ("activeUsers", "Active users"), Kind.WHOLE),
    Column("new_users", ("newUsers", "New users"), Kind.WHOLE),
    Column("sessions", ("sessions",), Kind.WHOLE),
    Column("engaged_sessions", ("engagedSessions", "Engaged sessions"), Kind.WHOLE),
    Column("views", ("screenPageViews", "Views", "Page views"), Kind.WHOLE),
    Column("event_count", ("eventCount", "Event count"), Kind.WHOLE),
    Column("key_events", ("keyEvents", "Key events", "conversions", "Conversions"), Kind.DECIMAL),
    Column("engagement_rate", ("engagementRate", "Engagement rate"), Kind.RATIO),
    Column("bounce_rate", ("bounceRate", "Bounce rate"), Kind.RATIO),
    Column(
        "engagement_seconds",
        (
            "Average engagement time per session",
            "Average engagement time per active user",
            "Average engagement time",
            "averageSessionDuration",
        ),
        Kind.DECIMAL,
    ),
    Column("revenue", ("totalRevenue", "Total revenue", "purchaseRevenue", "Purchase revenue"), Kind.DECIMAL),
)


def _format(name: str, says: str, required: tuple[tuple[str, ...], ...], *columns: Column) -> Format:
    return Format(
        name=name,
        says=says,
        columns=(_DAY, _HOUR, *columns, *_COUNTS),
        required=required,
        times=("hour", "date"),
        commented=True,
    )


GA4 = (
    _format("ga4-users", "GA4 users by day or hour", (("date", "hour"), ("total_users", "active_users"))),
    _format("ga4-pages", "GA4 pages and screens", (("page_path", "page_title"), ("views",)), *_PLACES),
    _format(
        "ga4-traffic",
        "GA4 traffic acquisition",
        (("source", "medium", "source_medium", "channel_group"), ("sessions",)),
        *_ORIGINS,
        *_PLACES,
    ),
)
