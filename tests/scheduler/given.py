"""Schedules for tests: every field has an ordinary value unless the test says otherwise."""

from datetime import UTC, datetime
from typing import Any

from store.records.run import RunLimits
from store.records.schedule import Misfire, Overlap, Schedule

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def a_schedule(**fields: Any) -> Schedule:
    """A schedule of one agent, due every minute from START on."""
    usual: dict[str, Any] = {
        "id": "watch.minutely",
        "agent_id": "watch",
        "every_seconds": None if "cron" in fields else 60,
        "timezone": "UTC",
        "misfire": Misfire.RUN_LATEST,
        "overlap": Overlap.QUEUE,
        "lateness_seconds": 30,
        "limits": RunLimits(max_steps=10, max_cost_micros=0, wall_seconds=60),
        "workspace_digest": "digest",
        "next_fire_at": START,
    }
    return Schedule(**{**usual, **fields})
