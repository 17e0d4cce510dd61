"""The hash-chained trail."""

import sqlalchemy as sa

from store.schema.columns import PREFIX, count, metadata, moment, text

audit = sa.Table(
    f"{PREFIX}audit",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    moment("at"),
    text("kind"),
    text("subject_kind"),
    text("subject_id"),
    text("body"),
    text("prev_hash"),
    text("hash"),
    sa.Index(f"ix_{PREFIX}audit_subject", "subject_kind", "subject_id", "seq"),
    sa.Index(f"ix_{PREFIX}audit_kind", "kind", "at"),
)

audit_head = sa.Table(
    f"{PREFIX}audit_head",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    count("seq"),
    text("hash"),
)
