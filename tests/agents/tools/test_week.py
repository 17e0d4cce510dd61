"""team.week: a week counted from the record, and the report on it, the same every time it is asked for."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agents.week_digest import week_digest
from blocks.cards import digest_card
from blocks.digest_check import check_digest
from blocks.render import slack
from blocks.render.slack_check import problems
from store.actions.feedback import give_feedback
from store.actions.incidents import record_incident
from store.actions.tasks import create_task
from store.queries import findings
from store.queries.interruptions import interruptions
from store.queries.week import Span, last_whole_week, week
from store.records import AgentWeek, Answers, Asked, Asking, Feedback, FeedbackVerdict, RunState, Task, Week
from tests.agents.rig import AGENT, ALLOW_ALL, ASK_FOR_PUSH, START, Rig, person
from tests.blocks.samples import HOSTILE, VIEW

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
SPAN = Span(MONDAY, MONDAY + timedelta(days=7))
REPORT = 'return dict(await ctx.call("team.week"))'
PUBLISH = 'report = await ctx.call("team.week")\nreturn await ctx.call("digest.publish", **report["digest"])'


@pytest.mark.parametrize(
    ("moment", "timezone", "start", "days"),
    [
        ("2026-01-12T00:00:00+00:00", "UTC", "2026-01-05T00:00:00+00:00", 7.0),
        ("2026-01-11T23:59:59+00:00", "UTC", "2025-12-29T00:00:00+00:00", 7.0),
        ("2026-01-11T23:30:00+00:00", "Europe/Berlin", "2026-01-04T23:00:00+00:00", 7.0),
        ("2026-03-30T09:00:00+00:00", "Europe/Berlin", "2026-03-22T23:00:00+00:00", 7 - 1 / 24),
        ("2026-10-26T09:00:00+00:00", "America/New_York", "2026-10-19T04:00:00+00:00", 7.0),
        ("2026-11-05T09:00:00+00:00", "America/New_York", "2026-10-26T04:00:00+00:00", 7 + 1 / 24),
    ],
)
def test_a_week_is_monday_to_sunday_where_the_team_is(moment: str, timezone: str, start: str, days: float) -> None:
    span = last_whole_week(datetime.fromisoformat(moment), timezone)
    assert span.start == datetime.fromisoformat(start)
    assert (span.end - span.start) == timedelta(days=days)


def verdict(name: str, who: str = "ana", words: str | None = None, at: datetime = START) -> Feedback:
    judged = FeedbackVerdict.NOT_USEFUL if words else FeedbackVerdict.USEFUL
    return Feedback(
        card_key=f"digest:{name}",
        person_id=who,
        agent_id=AGENT,
        record_id=name,
        verdict=judged,
        words=words,
        surface="slack",
        at=at,
    )


def a_week_of_work(rig: Rig) -> None:
    """Two runs done, one that failed, an approval approved after 90 s, one rejected after 30, one that nobody saw."""
    rig.routine("pass")
    rig.run(key="one")
    rig.run(key="two")
    rig.routine('raise RuntimeError("no")')
    rig.run(key="three")
    rig.govern(*ASK_FOR_PUSH)
    rig.routine('await ctx.call("push", n=1)')
    for key, seconds, approve in (("yes", 90, True), ("no", 30, False)):
        rig.run(key=key, by=person("ben") if approve else person("cat"))
        rig.later(seconds=seconds)
        rig.decide("ana", approve=approve)
        rig.drive()
    rig.routine('await ctx.call("push", n=2)')
    rig.run(key="open")
    give_feedback(rig.store, verdict("d1"))
    give_feedback(rig.store, verdict("d2", "ben", HOSTILE, START + timedelta(hours=1)))
    record_incident(
        rig.store, cause="c", kind="bug", title="The disk did not answer", detail="d", next_step="n", example={}
    )
    task = Task(
        id="task_aaaaaaaaaaaaaaaa",
        title="T",
        person_id="cat",
        created_by=person("ana"),
        created_at=START,
        changed_at=START,
    )
    create_task(rig.store, task)


def read(rig: Rig, span: Span = SPAN) -> Week:
    return week(rig.store, span, tuple(rig.team.agents), {one.id: one.roles for one in rig.team.people.values()})


def test_a_week_is_counted_from_the_record(rig: Rig) -> None:
    a_week_of_work(rig)
    found = read(rig)
    mine = next(one for one in found.agents if one.agent_id == AGENT)
    assert mine.runs == {RunState.DONE: 3, RunState.NEEDS_ATTENTION: 1, RunState.FAILED: 1, RunState.WAITING: 1}
    assert (mine.total, mine.runs[RunState.WAITING]) == (6, 1)
    asked = found.approvals
    assert (asked.asked, asked.approved, asked.rejected, asked.still_open) == (3, 1, 1, 1)
    assert (asked.median_seconds, asked.p90_seconds) == (30, 90), "of two, the lower; nine of ten, the upper"
    assert (found.tasks.opened, found.tasks.closed, found.tasks.overdue) == (1, 0, 0)
    assert {one.person_id: one.by_day for one in found.asked}["ana"] == (3, 0, 0, 0, 0, 0, 0)
    counted = {one.person_id: (one.approvals, one.tasks) for one in found.asked}
    assert counted == {"ana": (3, 0), "ben": (2, 0), "cat": (0, 1)}, "nobody is asked to approve their own request"
    assert [one.words is None for one in found.feedback] == [True, False]
    assert [one.title for one in found.incidents if one.kind == "bug" and one.cause == "c"] == [
        "The disk did not answer"
    ]
    assert found.began_at is not None


def test_the_week_before_and_the_week_after_hold_nothing_of_it(rig: Rig) -> None:
    a_week_of_work(rig)
    for days in (-7, 7):
        other = read(rig, Span(SPAN.start + timedelta(days=days), SPAN.end + timedelta(days=days)))
        assert sum(one.total for one in other.agents) == 0
        assert (other.approvals.asked, other.feedback, sum(one.total for one in other.asked)) == (0, (), 0)


def test_the_report_is_published_once_and_says_what_was_counted(rig: Rig) -> None:
    a_week_of_work(rig)
    rig.later(days=7)
    rig.govern(*ALLOW_ALL)
    rig.routine(PUBLISH)
    run = rig.run(key="week")
    assert run.state is RunState.DONE, run.reason
    [digest] = findings.digests_of_run(rig.store, run.id, AGENT, START)
    assert digest.name == "week"
    assert digest.title == "The week from 2026-01-05 to 2026-01-11"
    assert digest.headline.startswith("6 runs, 2 of them went wrong; 2 approvals decided; $0.00 spent")
    lines = {section.heading: section.lines for section in digest.sections}
    assert lines["Feedback"][0].endswith(": 1 useful, 1 not")
    assert any(line.startswith("Ana: 3 times (3 approvals; Mon 3)") for line in lines["Who was asked how often"])
    assert lines["Who was asked how often"][-1].startswith("Counted: ")
    assert {figure.label: figure.status for figure in digest.figures}["Runs that went wrong"] == "look"
    card = digest_card(digest, VIEW)
    assert check_digest(card, digest, VIEW) == ()
    assert problems(slack.render(card)) == []
    assert "<!channel>" not in json.dumps(slack.render(card))
    assert run.tainted, "words of people have been read"


def test_the_report_reads_the_same_every_time_it_is_asked_for(rig: Rig) -> None:
    a_week_of_work(rig)
    rig.later(days=7)
    rig.govern(*ALLOW_ALL)
    rig.routine(REPORT)
    rig.run(key="closes the incident of the runs before it")
    first = rig.run(key="first").result
    assert first is not None
    rig.later(hours=5)
    assert json.dumps(rig.run(key="second").result) == json.dumps(first)


def test_a_moment_without_a_zone_is_refused(rig: Rig) -> None:
    rig.routine('return dict(await ctx.call("team.week", until="2026-01-12T00:00:00"))')
    run = rig.run()
    assert run.state is RunState.NEEDS_ATTENTION
    assert "End it with Z" in str(run.reason)


def test_a_huge_week_stays_within_what_a_digest_takes(rig: Rig) -> None:
    words = [verdict(f"d{number}", "ana", HOSTILE * 9) for number in range(500)]
    agents = tuple(AgentWeek(agent_id=f"a{number}", runs={RunState.DONE: 10**6}) for number in range(60))
    people = tuple(Asked(person_id=f"p{number}", approvals=10**5, tasks=3) for number in range(80))
    huge = Week(
        window_from=SPAN.start, window_until=SPAN.end, agents=agents, asked=people, feedback=tuple(words), missed=10**9
    )
    report: Any = week_digest(huge, huge, rig.team)
    assert max(len(section["lines"]) for section in report["sections"]) <= 12
    assert max(len(line) for section in report["sections"] for line in section["lines"]) <= 300
    assert "… 49 more" in {line for section in report["sections"] for line in section["lines"]}
    assert len(report["headline"]) <= 200
    assert len(report["figures"]) <= 20


def test_a_quiet_week_says_so(rig: Rig) -> None:
    quiet: Any = week_digest(Week(window_from=SPAN.start, window_until=SPAN.end), read(rig), rig.team)
    assert quiet["headline"].startswith("0 runs, none of them went wrong; 0 approvals decided")
    assert quiet["sections"] == []
    assert {figure["status"] for figure in quiet["figures"]} == {"ok"}


def test_an_interruption_is_counted_on_the_day_it_fell_where_the_team_is(rig: Rig) -> None:
    late = datetime(2026, 1, 6, 23, 30, tzinfo=UTC)
    rig.clock.move_to(late)
    task = Task(id="task_b", title="T", person_id="cat", created_by=person("ana"), created_at=late, changed_at=late)
    create_task(rig.store, task)
    roles = {one.id: one.roles for one in rig.team.people.values()}
    for zone, day in (("UTC", 1), ("Europe/Berlin", 2)):
        found = week(rig.store, SPAN, (), roles, zone)
        [cat] = [one for one in found.asked if one.person_id == "cat"]
        assert [number for number, count in enumerate(cat.by_day) if count] == [day]


def test_every_interruption_can_be_named(rig: Rig) -> None:
    a_week_of_work(rig)
    roles = {one.id: one.roles for one in rig.team.people.values()}
    found = interruptions(rig.store, SPAN.start, SPAN.end, roles)
    per_person = {one.person_id: one.total for one in read(rig).asked}
    assert {who: sum(one.person_id == who for one in found) for who in per_person} == per_person
    assert {one.asking for one in found} >= {Asking.APPROVAL, Asking.TASK}
    assert all(one.card and one.text for one in found)


def test_the_share_of_alerts_that_were_answered_is_held_against_its_target(rig: Rig) -> None:
    some = Week(window_from=SPAN.start, window_until=SPAN.end, answers=Answers(answered=1, total=3))
    report: Any = week_digest(some, some, rig.team)
    [figure] = [one for one in report["figures"] if one["label"] == "Alerts answered"]
    assert (figure["value"], figure["lower"], figure["status"], figure["change"]) == ("33", "70", "look", "1 of 3")
