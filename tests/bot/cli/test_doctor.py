"""What doctor makes of what a running team says of itself."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.cli.doctor import INBOX_PATIENCE, running_findings
from bot.surfaces.base import Health

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SLACK = Health(surface="slack", connected=True, detail="2 of 2 connections to Slack are open; last frame 3 s ago.")


def test_a_team_that_does_not_run_is_no_fault() -> None:
    [finding] = running_findings(None, NOW)
    assert (finding.ok, finding.said) == (None, "not running")


@pytest.mark.parametrize("connected", [True, False])
def test_each_surface_says_how_it_is_connected(connected: bool) -> None:
    slack = SLACK.model_copy(update={"connected": connected}).model_dump(mode="json")
    _, found, inbox = running_findings({"surfaces": [slack], "oldest_event_at": None}, NOW)
    assert (found.what, found.ok, found.said) == ("slack, running", connected, SLACK.detail)
    assert (inbox.ok, inbox.said) == (True, "nothing waits")


@pytest.mark.parametrize(("age", "ok"), [(timedelta(seconds=5), True), (INBOX_PATIENCE, False)])
def test_an_event_that_waits_too_long_is_a_fault(age: timedelta, ok: bool) -> None:
    *_, inbox = running_findings({"surfaces": [], "oldest_event_at": (NOW - age).isoformat()}, NOW)
    assert (inbox.ok, inbox.said) == (ok, f"the oldest event nobody has acted on came in {age.seconds} s ago")
