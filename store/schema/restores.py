"""From which backups this record was restored."""

import sqlalchemy as sa

from store.schema.columns import PREFIX, key, metadata, moment, text

restores = sa.Table(
    f"{PREFIX}restores",
    metadata,
    key(),
    moment("backup_at"),
    moment("restored_at"),
    moment("careful_until", null=True),
    text("archive_sha256"),
)
