"""What the Chief of Staff concludes: the right cause from the right signs, and nothing from what is not there."""

import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

import pytest

ROUTINE = Path(__file__).parents[2] / "examples" / "web-analytics" / "routines" / "chief_of_staff.py"
METRICS = {
    "users": "ga-engagement",
    "organic_users": "ga-engagement",
    "referral_users": "ga-engagement",
    "engagement_rate": "ga-engagement",
    "sessions": "clarity-sessions",
    "quick_backs": "clarity-sessions",
    "bot_sessions": "clarity-sessions",
    "bandwidth": "webflow-bandwidth",
    "requests": "webflow-bandwidth",
    "broken_hits": "ahrefs-audit",
    "search_clicks": "content-pipeline",
    "search_position": "content-pipeline",
}

NORMAL: Mapping[str, str] = MappingProxyType({})


@pytest.fixture(scope="module")
def chief() -> ModuleType:
    spec = importlib.util.spec_from_file_location("chief_of_staff_under_test", ROUTINE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up by name
    spec.loader.exec_module(module)
    return module


def finding(metric: str, verdict: str, kind: str = "anomaly", **more: Any) -> dict[str, Any]:
    known = {"kind": kind, "metric": metric, "verdict": verdict, "domain": METRICS.get(metric, "ahrefs-audit")}
    return {**known, "subject": "", "pages": [], "evidence": {"source": "some-export"}, **more}


def morning(
    chief: ModuleType, *more: dict[str, Any], absent: tuple[str, ...] = (), verdicts: Mapping[str, str] = NORMAL
) -> Any:
    """A morning on which everything is normal, but for `verdicts`; nobody has judged what is `absent`."""
    judged = [
        {"metric": metric, "verdict": verdicts.get(metric, "normal")} for metric in METRICS if metric not in absent
    ]
    found = [finding(metric, verdict) for metric, verdict in verdicts.items() if verdict != "normal"]
    return chief.Morning(findings=(*found, *more), figures=tuple(judged), late=())


def causes(chief: ModuleType, day: Any) -> list[str]:
    return [one.cause for one in chief.attribute(day, chief.RULES)]


BROKEN = finding("broken_pages", "broken", "broken_page", pages=["/guides/a", "/guides/b"])


def test_a_quiet_day_has_no_cause(chief: ModuleType) -> None:
    assert causes(chief, morning(chief)) == []


@pytest.mark.parametrize(
    ("verdicts", "cause"),
    [
        ({"users": "high", "referral_users": "high", "bandwidth": "high", "engagement_rate": "low"}, "viral"),
        ({"users": "high", "sessions": "high"}, "viral"),
        ({"users": "low", "organic_users": "low", "referral_users": "low"}, "tracking_outage"),
        ({"organic_users": "drift_low", "search_clicks": "low", "sessions": "drift_low"}, "search_drop"),
        ({"search_position": "high"}, "search_drop"),
        ({"requests": "high", "bandwidth": "high", "bot_sessions": "high"}, "bot_crawl"),
        ({"requests": "high"}, "bot_crawl"),
        ({"bandwidth": "stuck"}, "source"),
        ({"engagement_rate": "low"}, "unexplained"),
        ({"bot_sessions": "high"}, "unexplained"),
        ({"organic_users": "low"}, "unexplained"),
        ({"bandwidth": "low"}, "unexplained"),
    ],
)
def test_the_signs_of_one_cause_are_one_incident(chief: ModuleType, verdicts: dict[str, str], cause: str) -> None:
    assert causes(chief, morning(chief, verdicts=verdicts)) == [cause]


def test_pages_that_broke_and_visitors_who_go_back_are_one_deploy(chief: ModuleType) -> None:
    day = morning(chief, BROKEN, verdicts={"quick_backs": "high", "engagement_rate": "low", "broken_hits": "high"})
    (incident,) = chief.attribute(day, chief.RULES)
    assert incident.cause == "deploy"
    assert incident.pages == ("/guides/a", "/guides/b")
    assert incident.domains == ("ahrefs-audit", "clarity-sessions", "ga-engagement") or set(incident.domains) == {
        "ahrefs-audit",
        "clarity-sessions",
        "ga-engagement",
    }


def test_more_people_and_more_bandwidth_are_no_crawl_and_a_crawl_is_no_crowd(chief: ModuleType) -> None:
    crowd = morning(
        chief,
        verdicts={"users": "high", "sessions": "high", "requests": "high", "bandwidth": "high", "bot_sessions": "high"},
    )
    assert "bot_crawl" not in causes(chief, crowd)
    assert "viral" not in causes(chief, morning(chief, verdicts={"requests": "high", "bot_sessions": "high"}))


def test_a_drop_that_everybody_counts_is_no_tracking_outage(chief: ModuleType) -> None:
    assert "tracking_outage" not in causes(
        chief, morning(chief, verdicts={"users": "low", "sessions": "low", "requests": "low"})
    )


@pytest.mark.parametrize("fewer", [{"users": "low"}, {"organic_users": "drift_low"}, {"users": "drift_low"}])
def test_a_drop_in_search_that_is_seen_to_explains_fewer_users(chief: ModuleType, fewer: dict[str, str]) -> None:
    day = chief.replace(morning(chief, verdicts=fewer), standing=frozenset({"search_drop"}))
    assert causes(chief, day) == ["search_drop"]
    (found,) = chief.attribute(day, chief.RULES)
    assert found.explains == frozenset(fewer)


def test_a_drop_in_search_explains_no_fewer_users_from_other_sites(chief: ModuleType) -> None:
    everywhere = morning(chief, verdicts={"users": "low", "organic_users": "low", "referral_users": "low"})
    assert causes(chief, chief.replace(everywhere, standing=frozenset({"search_drop"}))) == ["tracking_outage"]


def test_a_drop_in_search_that_nobody_works_on_any_more_explains_no_outage(chief: ModuleType) -> None:
    lately = chief.replace(morning(chief, verdicts={"users": "low"}), recent=frozenset({"search_drop"}))
    assert causes(chief, lately) == ["tracking_outage"]


def test_fewer_from_search_alone_are_what_is_left_of_a_drop_and_no_tracking_outage(chief: ModuleType) -> None:
    day = morning(chief, verdicts={"organic_users": "low"})
    assert causes(chief, chief.replace(day, recent=frozenset({"search_drop"}))) == ["aftermath"]


def test_a_cause_stands_while_a_task_about_it_is_open(chief: ModuleType) -> None:
    details = ("cause: search_drop\nLook.", "cause: source ga", "cause of all", "")
    mine = [{"details": one, "tainted": False} for one in details]
    assert chief.causes_of(mine) == {"search_drop", "source"}
    assert chief.causes_of([one | {"tainted": True} for one in mine]) == frozenset()


@pytest.mark.parametrize("absent", ["sessions", "requests"])
def test_nothing_is_concluded_from_a_figure_nobody_has(chief: ModuleType, absent: str) -> None:
    found = causes(chief, morning(chief, absent=(absent,), verdicts={"users": "low"}))
    assert found == ["unexplained"]


def test_without_the_count_of_people_nobody_says_that_it_was_a_robot(chief: ModuleType) -> None:
    assert causes(chief, morning(chief, absent=("users",), verdicts={"requests": "high"})) == ["unexplained"]


def test_a_missing_source_is_an_incident_and_not_a_drop(chief: ModuleType) -> None:
    late = finding("ga4_users", "late", "source", domain="ga-engagement")
    day = morning(chief, late, absent=("users", "organic_users", "referral_users", "engagement_rate"))
    (incident,) = chief.attribute(day, chief.RULES)
    assert (incident.cause, incident.domains) == ("source", ("ga-engagement",))


def test_two_things_on_one_day_are_two_incidents(chief: ModuleType) -> None:
    day = morning(chief, BROKEN, verdicts={"quick_backs": "high", "requests": "high", "bot_sessions": "high"})
    assert causes(chief, day) == ["deploy", "bot_crawl"]


def test_what_rises_again_is_the_aftermath_of_what_was_lately(chief: ModuleType) -> None:
    day = morning(chief, verdicts={"search_clicks": "high", "organic_users": "high"})
    assert causes(chief, day) == ["unexplained", "unexplained"]
    lately = chief.replace(day, recent=frozenset({"search_drop"}))
    assert causes(chief, lately) == ["aftermath"]
