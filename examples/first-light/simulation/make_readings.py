"""Writes readings.json: a month of one machine and its repository as they might have been, with two known incidents.

Seeded, and whole numbers only, so that every machine writes the same file: `python make_readings.py`. The disk fills up
on Friday the 13th until somebody clears it on Saturday morning; load spikes on Wednesday the 11th in the evening.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

SEED = "first-light"
START = datetime(2026, 3, 1, tzinfo=UTC)
DAYS = 31
EVERY = timedelta(hours=2)
DISK_GB = 500

SPIKE_FROM = datetime(2026, 3, 11, 18, tzinfo=UTC)
SPIKE_TENTHS = (2140, 2870)
FILLING_FROM = datetime(2026, 3, 13, 8, tzinfo=UTC)
FILLING_UNTIL = datetime(2026, 3, 14, 8, tzinfo=UTC)
FILLING_TENTHS = 32
"""What the disk gains from one reading to the next while it fills up."""

AWAKE = (0, 0, 0, 0, 0, 0, 1, 3, 6, 9, 10, 10, 7, 9, 10, 10, 9, 7, 4, 2, 1, 1, 0, 0)
"""How busy each hour of a working day is, in tenths."""
WEEKEND = (5, 6)
SUBJECTS = ("Tidy the importer", "Fix a rounding mistake", "Add a test", "Document the export", "Shorten the start")
AUTHORS = ("Ada", "Grace", "Linus")


def main() -> None:
    """Writes the file beside this one."""
    machine = [reading for at in moments(EVERY) for reading in readings(at)]
    days = [day + timedelta(hours=17) for day in moments(timedelta(days=1))]
    recording = {
        "max_age_seconds": EVERY // timedelta(seconds=1),
        "repository": {
            "branch": "main",
            "commits": [commit for day in days for commit in commits(day)],
            "dirty": [{"at": written(day), "count": chance("dirty", day, 4)} for day in days],
        },
        "machine": machine,
    }
    Path(__file__).with_name("readings.json").write_text(one_line_each(recording), encoding="utf-8")


def moments(every: timedelta) -> list[datetime]:
    """The month in equal steps."""
    return [START + every * step for step in range(timedelta(days=DAYS) // every)]


def readings(at: datetime) -> Iterator[dict[str, str]]:
    """Everything read at one moment."""
    disk = disk_tenths(at)
    yield reading(at, "disk_used_pct", disk)
    yield reading(at, "disk_free_gb", (1000 - disk) * DISK_GB // 100)
    yield reading(at, "memory_used_pct", 380 + 25 * busy(at) + chance("memory", at, 40))
    yield reading(at, "load_per_core_pct", load_tenths(at))


def disk_tenths(at: datetime) -> int:
    """A fifth of a percent a day, and the incident."""
    filling = (at - FILLING_FROM) // EVERY * FILLING_TENTHS
    incident = filling if FILLING_FROM <= at < FILLING_UNTIL else 0
    return 582 + (at - START).days * 2 + chance("disk", at, 3) + incident


def load_tenths(at: datetime) -> int:
    """Quiet nights, busy days, and the incident."""
    spike = (at - SPIKE_FROM) // EVERY
    if 0 <= spike < len(SPIKE_TENTHS):
        return SPIKE_TENTHS[spike]
    return 30 + 55 * busy(at) + chance("load", at, 90)


def busy(at: datetime) -> int:
    """How busy the hour is, 0 to 10; weekends are quiet."""
    return AWAKE[at.hour] // 4 if at.weekday() in WEEKEND else AWAKE[at.hour]


def commits(day: datetime) -> Iterator[dict[str, str]]:
    """What was committed on one day; nothing on weekends."""
    for number in range(0 if day.weekday() in WEEKEND else chance("commits", day, 4)):
        at = day - timedelta(minutes=97 * number)
        digest = hashlib.sha256(f"{SEED} commit {at}".encode()).hexdigest()
        author, subject = AUTHORS[chance("author", at, 3)], SUBJECTS[chance("subject", at, 5)]
        yield {"id": digest[:40], "author": author, "at": written(at), "subject": subject}


def chance(what: str, at: datetime, sides: int) -> int:
    """A whole number from 0 up to `sides`, the same for the same seed, thing and moment."""
    digest = hashlib.sha256(f"{SEED} {what} {at:%Y-%m-%dT%H:%M}".encode()).digest()
    return int.from_bytes(digest[:8]) % sides


def reading(at: datetime, metric: str, tenths: int) -> dict[str, str]:
    """One recorded value, given in tenths."""
    return {"at": written(at), "metric": metric, "value": f"{tenths // 10}.{tenths % 10}"}


def written(at: datetime) -> str:
    """A moment as JSON holds it."""
    return f"{at:%Y-%m-%dT%H:%MZ}"


def one_line_each(recording: dict) -> str:
    """JSON with one reading or commit on a line, so that a change can be read."""
    whole = json.dumps(recording, separators=(",", ":"))
    return whole.replace("},{", "},\n{").replace("[{", "[\n{").replace("}]", "}\n]") + "\n"


if __name__ == "__main__":
    main()
