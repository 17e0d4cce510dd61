"""Microsoft Clarity: names of its data export, and of lists of sessions.

Data export: https://learn.microsoft.com/clarity/setup-and-installation/clarity-data-export-api (2026-11-21).
"""

from agents.sources.formats.format import Column, Format, Kind

_DAY = Column("date", ("date",), Kind.DAY)
_HOUR = Column("hour", ("hour_utc", "hour"), Kind.HOUR, utc=True)
_SIGNALS = (
    Column("quick_backs", ("returnsToPreviousPage", "QuickbackClick", "Quick backs", "quickBacks"), Kind.WHOLE),
    Column("dead_clicks", ("DeadClickCount", "Dead clicks", "deadClicks"), Kind.WHOLE),
    Column("rage_clicks", ("RageClickCount", "Rage clicks", "rageClicks"), Kind.WHOLE),
    Column("excessive_scrolls", ("ExcessiveScroll", "Excessive scrolling", "excessiveScroll"), Kind.WHOLE),
    Column("script_errors", ("ScriptErrorCount", "Script errors", "scriptErrorCount"), Kind.WHOLE),
    Column("http_errors", ("httpErrorCount", "http_errors"), Kind.WHOLE),
)

CLARITY = (
    Format(
        name="clarity-hourly",
        says="Clarity sessions and signals by hour or day",
        columns=(
            _DAY,
            _HOUR,
            Column("sessions", ("totalSessionCount", "Total session count", "Sessions"), Kind.WHOLE),
            Column("bot_sessions", ("totalBotSessionCount", "Total bot session count", "Bot sessions"), Kind.WHOLE),
            Column("users", ("distinctUserCount", "distantUserCount", "Distinct user count"), Kind.WHOLE),
            Column("pages_per_session", ("pagesPerSession", "pagesPerSessionPercentage"), Kind.DECIMAL),
            *_SIGNALS,
        ),
        required=(("date", "hour"), ("sessions",)),
        times=("hour", "date"),
        strangers=False,
    ),
    Format(
        name="clarity-sessions",
        says="Clarity sessions, one row each",
        columns=(
            _DAY,
            _HOUR,
            Column("session_id", ("session_id", "Session ID", "sessionId")),
            Column("visitor_id", ("visitor_id", "Clarity user ID", "userId")),
            Column("pages_viewed", ("pages_viewed", "Page count", "Pages viewed"), Kind.WHOLE),
            Column("requests", ("requests",), Kind.WHOLE),
            Column("bytes", ("bytes",), Kind.WHOLE),
            Column("entry_page", ("entry_page", "Entry URL", "Entry page")),
            Column("exit_page", ("exit_page", "Exit URL", "Exit page")),
            Column("source", ("source", "Source", "Referrer")),
            Column("medium", ("medium",)),
            Column("device", ("device", "Device")),
            Column("browser", ("browser", "Browser")),
            Column("os", ("os", "Operating system", "OS")),
            Column("is_bot", ("is_bot",), Kind.WHOLE),
            Column("quick_backs", ("returns_to_previous_page", "Quick backs", "Quickback clicks"), Kind.WHOLE),
            Column("http_errors", ("http_errors",), Kind.WHOLE),
        ),
        required=(("session_id",), ("pages_viewed",)),
        times=("hour", "date"),
    ),
)
