"""A restore: the record went back to a backup, while the world kept what was done since."""

from datetime import datetime

from store.records.record import Record


class Restore(Record):
    """One restore. What happened between `backup_at` and `restored_at` is not on record any more.

    A run made before `careful_until` may have been at work in the lost time: what it did is looked up before it is done
    again. None: the team was not started since the restore.
    """

    id: str
    backup_at: datetime
    restored_at: datetime
    careful_until: datetime | None = None
    archive_sha256: str

    def doubts(self, made_at: datetime) -> bool:
        """True when what was made then may have been made before, in the lost time."""
        return self.careful_until is None or made_at < self.careful_until
