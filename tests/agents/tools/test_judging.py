"""metrics.judge through a whole session: the agent's own metrics, at the moment asked about, never later than now."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from agents.metrics.spec import MetricSpec
from agents.sources.port import NoSources, Point
from agents.sources.spec import Per, SourceSpec
from tests.agents.metrics.series import daily
from tests.agents.rig import AGENT, START, Rig
from tests.agents.tools.test_findings import failure, result

USERS = MetricSpec(
    id="users",
    name="Users",
    agent=AGENT,
    source="site",
    value="sum(users)",
    where="country = 'DE'",
    per="day",
    unit="users",
    next_step="Look.",
)


class Exports(NoSources):
    """Sources whose one series ends with the day before the rig's clock began, and what was asked of them."""

    def __init__(self, points: Sequence[Any]) -> None:
        first = START.replace(hour=0) - timedelta(days=len(points))
        self.points = tuple(
            Point(at=first + timedelta(days=day), value=str(int(point.value)), rows=day)
            for day, point in enumerate(points)
        )
        self.asked: list[tuple[str, str, str | None, str, datetime]] = []

    def series(self, source: str, value: str, where: str | None, per: Per, until: datetime) -> tuple[Point, ...]:
        self.asked.append((source, value, where, per, until))
        return tuple(point for point in self.points if point.at + timedelta(days=1) <= until)


@pytest.fixture
def exports(rig: Rig) -> Exports:
    found = Exports(daily(100, lambda day, value: value * 0.2 if day == 99 else value))
    rig.sources = found
    site = SourceSpec(id="site", reads="csv", file="site.csv", timezone="UTC")
    other = USERS.model_copy(update={"id": "others", "agent": "somebody-else"})
    metrics: Mapping[str, MetricSpec] = {"users": USERS, "others": other}
    rig.change_team(sources={"site": site}, metrics=metrics)
    return found


def test_the_last_whole_day_is_judged_with_all_a_card_needs(rig: Rig, exports: Exports) -> None:
    told = result(rig, 'return dict(await ctx.call("metrics.judge"))')
    (users,) = told["metrics"]
    assert told["as_of"] == START.isoformat(timespec="seconds")
    assert (users["metric"], users["label"], users["unit"], users["source"]) == ("users", "Users", "users", "site")
    assert (users["verdict"], users["rows"], users["next_step"]) == ("low", 99, "Look.")
    assert users["since"] == (START.replace(hour=0) - timedelta(days=1)).isoformat(timespec="seconds")
    assert int(users["value"]) < int(users["lower"]) < int(users["expected"]) < int(users["upper"])
    assert users["formed"].startswith("median of the last 6 days, adjusted for a ")
    assert users["series"][-1]["value"] == users["value"]
    assert len(users["series"]) == 100
    assert exports.asked == [("site", "sum(users)", "country = 'DE'", "day", START)]


def test_an_earlier_moment_may_be_asked_about_a_later_one_not(rig: Rig, exports: Exports) -> None:
    before = (START - timedelta(days=1)).isoformat()
    told = result(rig, f'return dict(await ctx.call("metrics.judge", at="{before}"))')
    assert told["metrics"][0]["verdict"] == "normal"
    later = (START + timedelta(days=30)).isoformat()
    told = result(rig, f'return dict(await ctx.call("metrics.judge", at="{later}"))', key="later")
    assert told["as_of"] == START.isoformat(timespec="seconds")
    assert exports.asked[-1][-1] == START


def test_a_day_that_did_not_arrive_is_missing(rig: Rig, exports: Exports) -> None:
    rig.later(days=2)
    told = result(rig, 'return dict(await ctx.call("metrics.judge", metrics=["users"]))')
    assert told["metrics"][0]["verdict"] == "missing"
    assert told["metrics"][0]["note"].startswith("nothing since ")


@pytest.mark.usefixtures("exports")
@pytest.mark.parametrize("name", ["others", "nobody"])
def test_the_metrics_of_others_are_refused_by_name(rig: Rig, name: str) -> None:
    assert failure(rig, f'"metrics.judge", metrics=["{name}"]') == f"Worker has no metric '{name}'. Its own are users."


def test_an_agent_without_metrics_is_told_of_none(rig: Rig) -> None:
    assert result(rig, 'return dict(await ctx.call("metrics.judge"))')["metrics"] == []


def test_the_same_call_again_is_answered_from_the_record(rig: Rig, exports: Exports) -> None:
    rig.routine('return dict(await ctx.call("metrics.judge"))')
    first = rig.run(key="one")
    again = rig.run(key="one")
    assert first.result == again.result
    assert len(exports.asked) == 1
