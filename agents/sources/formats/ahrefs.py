"""Ahrefs: exports of broken pages, backlinks and Site Audit, as UTF-8 with commas or UTF-16 with tabs.

Column names as in the exports: https://help.ahrefs.com/en/articles/2569353 (2026-11-21).
"""

from agents.sources.formats.format import Column, Format, Kind, Several

_FIRST_SEEN = Column("first_seen", ("First seen",), Kind.MOMENT)
_LAST_SEEN = Column("last_seen", ("Last seen", "Last check", "Lost"), Kind.MOMENT)
_URL = Column("url", ("URL", "Page URL"))

AHREFS = (
    Format(
        name="ahrefs-broken-pages",
        says="Ahrefs broken pages",
        columns=(
            _URL,
            Column("status", ("HTTP status code", "HTTP code", "Page HTTP code"), Kind.WHOLE),
            Column("hits", ("Hits", "Page traffic", "Organic traffic"), Kind.WHOLE),
            Column("bot_hits", ("Bot hits",), Kind.WHOLE),
            _FIRST_SEEN,
            _LAST_SEEN,
            Column("found_at", ("Found at", "Referring page URL", "First found at")),
            Column("referring_domains", ("Referring domains", "Ref. domains Dofollow"), Kind.WHOLE),
        ),
        required=(("url",), ("status",)),
        times=("first_seen",),
        several=Several.LATEST,
        goes_stale=True,
    ),
    Format(
        name="ahrefs-backlinks",
        says="Ahrefs backlinks",
        columns=(
            Column("referring_url", ("Referring page URL", "Referring Page URL")),
            Column("referring_title", ("Referring page title", "Referring Page Title")),
            Column("domain", ("Domain", "Referring domain")),
            Column("domain_rating", ("Domain rating", "DR"), Kind.DECIMAL),
            Column("target_url", ("Target URL", "Link URL")),
            Column("anchor", ("Anchor", "Link Anchor")),
            Column("visits", ("Visits", "Page traffic", "Traffic"), Kind.WHOLE),
            Column("target_status", ("Target HTTP code",), Kind.WHOLE),
            _FIRST_SEEN,
            _LAST_SEEN,
        ),
        required=(("referring_url",), ("target_url",)),
        times=("first_seen",),
        several=Several.LATEST,
        goes_stale=True,
    ),
    Format(
        name="ahrefs-audit-pages",
        says="Ahrefs Site Audit, one row a page",
        columns=(
            _URL,
            Column("status", ("HTTP status code",), Kind.WHOLE),
            Column("title", ("Title",)),
            Column("title_length", ("Title length",), Kind.WHOLE),
            Column("description_length", ("Meta description length",), Kind.WHOLE),
            Column("words", ("Content words", "No. of content words"), Kind.WHOLE),
            Column("inlinks", ("No. of inlinks (content)", "No. of all inlinks", "No. of inlinks"), Kind.WHOLE),
            Column("outlinks", ("Internal outlinks", "No. of internal outlinks"), Kind.WHOLE),
            Column("external_outlinks", ("External outlinks", "No. of external outlinks"), Kind.WHOLE),
            Column("http_links", ("Links to HTTP",), Kind.WHOLE),
            Column("images", ("Images",), Kind.WHOLE),
            Column("images_without_alt", ("Images without alt",), Kind.WHOLE),
            Column("broken_links", ("Broken internal links",)),
            Column("issues", ("Issues",)),
            Column("crawled_at", ("Crawled at", "Crawl datetime"), Kind.MOMENT),
        ),
        required=(("url",), ("issues", "status")),
        times=("crawled_at",),
        several=Several.LATEST,
    ),
    Format(
        name="ahrefs-audit-issues",
        says="Ahrefs Site Audit, one row an issue",
        columns=(
            Column("issue", ("Issue", "Issue name")),
            Column("importance", ("Importance", "Type")),
            Column("pages", ("Pages", "Crawled", "URLs", "Number of issues"), Kind.WHOLE),
        ),
        required=(("issue",), ("pages",)),
        several=Several.LATEST,
    ),
)
