"""Files of no vendor: any CSV, and web-server access logs."""

from agents.sources.formats.format import Column, Format, Kind, Several

CSV = Format(name="csv", says="any CSV", several=Several.JOIN, open_columns=True)

ACCESS_LOG = Format(
    name="access-log",
    says="a web server's access log, common or combined",
    columns=(
        Column("requested_at", (), Kind.MOMENT, utc=True),
        Column("date", (), Kind.DAY),
        Column("visitor", ()),
        Column("method", ()),
        Column("path", ()),
        Column("status", (), Kind.WHOLE),
        Column("bytes", (), Kind.WHOLE),
        Column("referrer", ()),
        Column("user_agent", ()),
        Column("is_bot", (), Kind.WHOLE),
    ),
    times=("requested_at",),
    several=Several.JOIN,
)
