"""The weekly report of the team that everybody starts with, over a week made up for the picture."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from agents.roster import Team
from agents.tools.builtin import builtin_tools
from agents.tools.registry import tool_facts
from agents.week_digest import week_digest
from blocks.cards import digest_card
from blocks.elements import Card
from bot.workspace import load_workspace
from store.records import (
    AgentWeek,
    Answers,
    ApprovalsWeek,
    Asked,
    Digest,
    Feedback,
    FeedbackVerdict,
    Frame,
    RunState,
    TasksWeek,
    Week,
    WorkCounts,
)
from tests.blocks.samples import NOW, VIEW

_WORKSPACE = Path(__file__).parents[2] / "examples" / "first-light"
_MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
_LENGTH = timedelta(days=7)
_ANSWERS = Answers(answered=2, total=2)


def weekly_card() -> Card:
    """The report as its digest card."""
    report = week_digest(_this_week(), _last_week(), _team())
    known = {"id": "digest_week", "agent_id": "machine-watch", "run_id": "run_aaaaaaaaaaaaaaaa", "frame": _frame()}
    said = {name: value for name, value in report.items() if name != "scope"}
    digest = Digest.model_validate(
        {**said, **known, "written_by": "Machine Watch (routine)", "published_at": _MONDAY + _LENGTH}
    )
    return digest_card(digest, replace(VIEW, timezone=_team().timezone), revision=1)


def _frame() -> Frame:
    return Frame(
        as_of=_MONDAY + _LENGTH,
        scope=("machine-watch", "note-taker"),
        work=WorkCounts(finished=3, running=1),
        spent_micros=212_000,
        cap_micros=28_000_000,
        answers=_ANSWERS,
    )


@cache
def _team() -> Team:
    return load_workspace(_WORKSPACE, known_tools={tool.spec.name: tool_facts(tool.spec) for tool in builtin_tools()})


def _this_week() -> Week:
    watch = AgentWeek(
        agent_id="machine-watch", runs={RunState.DONE: 1_004, RunState.FAILED: 3, RunState.NEEDS_ATTENTION: 1}
    )
    notes = AgentWeek(agent_id="note-taker", runs={RunState.DONE: 7}, spent_micros=212_000)
    return Week(
        window_from=_MONDAY,
        window_until=_MONDAY + _LENGTH,
        agents=(watch, notes),
        approvals=ApprovalsWeek(asked=4, approved=2, rejected=1, expired=1, median_seconds=540, p90_seconds=1_500),
        asked=(
            Asked(person_id="captain", approvals=4, stopped_runs=1, alerts=2, by_day=(3, 0, 2, 0, 2, 0, 0)),
            Asked(person_id="mate", approvals=4, by_day=(1, 0, 1, 0, 2, 0, 0)),
        ),
        tasks=TasksWeek(opened=4, closed=3, overdue=1),
        answers=_ANSWERS,
        late=1,
        feedback=(
            _verdict("digest_one", "captain", None),
            _verdict("digest_two", "mate", "The commits are not news to anybody here."),
        ),
        missed=2,
    )


def _last_week() -> Week:
    watch = AgentWeek(agent_id="machine-watch", runs={RunState.DONE: 1_001})
    notes = AgentWeek(agent_id="note-taker", runs={RunState.DONE: 7}, spent_micros=198_000)
    return Week(
        window_from=_MONDAY - _LENGTH,
        window_until=_MONDAY,
        agents=(watch, notes),
        approvals=ApprovalsWeek(asked=2, approved=2, median_seconds=1_260, p90_seconds=2_100),
    )


def _verdict(digest_id: str, person_id: str, words: str | None) -> Feedback:
    return Feedback(
        card_key=f"digest:{digest_id}",
        person_id=person_id,
        agent_id="machine-watch",
        record_id=digest_id,
        verdict=FeedbackVerdict.NOT_USEFUL if words else FeedbackVerdict.USEFUL,
        words=words,
        surface="slack",
        at=NOW,
    )
