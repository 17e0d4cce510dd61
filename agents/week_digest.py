"""The weekly report in words: figures beside last week's, then lines by agent and person. Deterministic; no model."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from agents.digests import FIRST_ON_RECORD, change
from agents.roster import Team
from store.kernel.canonical import Json, JsonObject
from store.kernel.money import MICROS_PER_USD, format_usd
from store.records import AgentWeek, Answers, ApprovalsWeek, Asked, Feedback, FeedbackVerdict, RunState, Week
from store.records.alert import ANSWERED_TARGET_PERCENT

NAME = "week"
_LINES = 12
_LINE_CHARS = 300
_CANNOT_SEE = 10
_WORDS_CHARS = 160
_STATES = (
    (RunState.DONE, "done"),
    (RunState.NEEDS_ATTENTION, "needed attention"),
    (RunState.FAILED, "failed"),
    (RunState.TIMED_OUT, "timed out"),
    (RunState.CANCELLED, "stopped"),
)
_WENT_WRONG = (RunState.NEEDS_ATTENTION, RunState.FAILED, RunState.TIMED_OUT)
_NO_WEEK_BEFORE = "none yet"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_HOW_COUNTED = "Counted: each approval for everybody in its role, and what each one owns; edits and threads are not."


def week_digest(week: Week, before: Week, team: Team) -> JsonObject:
    """The arguments of digest.publish. Every number in the words is one of the week's; text people wrote is quoted."""
    return {
        "name": NAME,
        "title": f"The week from {_day(week.window_from, team)} to {_last_day(week, team)}",
        "headline": _headline(week, team),
        "figures": list[Json](_figures(week, before)),
        "sections": [
            {"heading": heading, "lines": _bounded(lines)} for heading, lines in _sections(week, team) if lines
        ],
        "cannot_see": _bounded(list(_cannot_see(week, team)), _CANNOT_SEE),
        "window_from": week.window_from.isoformat(),
        "window_until": week.window_until.isoformat(),
        "scope": "team",
    }


def _headline(week: Week, team: Team) -> str:
    total, wrong = _runs(week), _went_wrong(week)
    decided = week.approvals.approved + week.approvals.rejected
    trouble = f"{wrong} of them went wrong" if wrong else "none of them went wrong"
    return f"{_counted(total, 'run')}, {trouble}; {_counted(decided, 'approval')} decided; {_budget(week, team)}."


def _budget(week: Week, team: Team) -> str:
    """What was spent, against what the day caps allow in seven days where every agent has one."""
    caps = [agent.limits.max_day_cost_micros for agent in team.agents.values()]
    known = [cap for cap in caps if cap is not None]
    spent, days = format_usd(_spent(week)), 7
    if len(known) < len(caps):
        return f"{spent} spent, and not every agent has a day cap"
    return f"{spent} spent of {format_usd(days * sum(known))} that the day caps allow"


def _figures(week: Week, before: Week) -> Iterator[JsonObject]:
    """The figures beside last week's; what was nothing in both weeks is left out, but for what is always looked for."""
    asked, earlier, first = week.approvals, before.approvals, week.began_at is not None
    yield _figure("Runs", _runs(week), _runs(before), first=first)
    yield _figure("Interruptions", _interruptions(week), _interruptions(before), first=first)
    if week.answers.total:
        yield _answered(week.answers)
    counts = (
        ("Runs that went wrong", _went_wrong(week), _went_wrong(before), True),
        ("Runs that began late", week.late, before.late, True),
        ("Due times missed", week.missed, before.missed, True),
        ("Incidents", len(week.incidents), len(before.incidents), True),
        ("Approvals asked", asked.asked, earlier.asked, False),
        ("Approvals that expired", asked.expired, earlier.expired, True),
        ("Tasks overdue", week.tasks.overdue, before.tasks.overdue, True),
        ("Found useful", _liked(week), _liked(before), False),
        ("Found not useful", _disliked(week), _disliked(before), False),
    )
    for label, now, then, look in counts:
        if now or then:
            yield _figure(label, now, then, look=look, first=first)
    yield from _waits(asked, earlier, first=first)
    yield _against("Spent", _usd(_spent(week)), _usd(_spent(before)), first=first) | {"unit": "USD"}


def _figure(label: str, now: int, before: int, *, first: bool, look: bool = False) -> JsonObject:
    status = "look" if look and now else "ok"
    return _against(label, str(now), str(before), first=first) | {"status": status}


def _against(label: str, now: str, before: str | None, *, first: bool) -> JsonObject:
    """A figure and last week's; the first week on record has none before it."""
    figure: JsonObject = {"label": label, "value": now, "status": "ok"}
    if first or before is None:
        return figure | {"expected": _NO_WEEK_BEFORE, "change": FIRST_ON_RECORD}
    return figure | {"baseline": before, "change": change(now, before)}


def _waits(asked: ApprovalsWeek, earlier: ApprovalsWeek, *, first: bool) -> Iterator[JsonObject]:
    for label, now, before in (
        ("Median time to decide", asked.median_seconds, earlier.median_seconds),
        ("Nine of ten decided within", asked.p90_seconds, earlier.p90_seconds),
    ):
        if now is not None:
            then = None if before is None else _in_minutes(before)
            yield _against(label, _in_minutes(now), then, first=first) | {"unit": "min"}


def _answered(answers: Answers) -> JsonObject:
    """The share of alerts that somebody acted on or dismissed with a reason, against what makes alerts worth having."""
    percent = 100 * answers.answered // answers.total
    status = "ok" if percent >= ANSWERED_TARGET_PERCENT else "look"
    counted = f"{answers.answered} of {answers.total}"
    figure = {"label": "Alerts answered", "value": str(percent), "unit": "%", "status": status, "change": counted}
    return {**figure, "lower": str(ANSWERED_TARGET_PERCENT)}


def _in_minutes(seconds: int) -> str:
    return f"{Decimal(seconds) / 60:.1f}"


def _usd(micros: int) -> str:
    return f"{Decimal(micros) / MICROS_PER_USD:.2f}"


def _sections(week: Week, team: Team) -> Iterator[tuple[str, list[str]]]:
    yield "Tasks", list(_tasks(week))
    yield "Feedback", list(_feedback(week, team))
    yield "Incidents", [f"{one.title}: {_counted(one.count, 'time')}, {one.state.value}" for one in week.incidents]
    yield "Runs by agent", [_agent(one, team) for one in week.agents]
    yield "Who was asked how often", _everybody_asked([_asked(one, team) for one in week.asked if one.total])


def _tasks(week: Week) -> Iterator[str]:
    found = week.tasks
    if found.opened or found.closed or found.overdue:
        yield f"{found.opened} opened, {found.closed} closed, {found.overdue} overdue at the end of the week"


def _everybody_asked(lines: list[str]) -> list[str]:
    shown = _LINES - 2
    return [*lines[:shown], *_left_out(lines, shown), _HOW_COUNTED] if lines else []


def _agent(one: AgentWeek, team: Team) -> str:
    spec = team.agents.get(one.agent_id)
    states = [f"{one.runs[state]} {word}" for state, word in _STATES if one.runs.get(state)]
    under_way = one.total - sum(one.runs.get(state, 0) for state, _ in _STATES)
    parts = [*states, *([f"{under_way} under way"] if under_way else [])]
    name = spec.name if spec else one.agent_id
    return f"{name}: {', '.join(parts) or 'no runs'}; {format_usd(one.spent_micros)}"


def _asked(one: Asked, team: Team) -> str:
    kinds = (
        (one.approvals, "approval"),
        (one.stopped_runs, "stopped run"),
        (one.alerts, "alert"),
        (one.tasks, "task"),
    )
    parts = ", ".join(_counted(number, noun) for number, noun in kinds if number)
    days = ", ".join(f"{day} {number}" for day, number in zip(_DAYS, one.by_day, strict=False) if number)
    on = f"; {days}" if days else ""
    return f"{_person(one.person_id, team)}: {_counted(one.total, 'time')} ({parts}{on})"


def _feedback(week: Week, team: Team) -> Iterator[str]:
    """Each agent's count, then the words under it, the latest last."""
    for agent_id in sorted({one.agent_id for one in week.feedback}):
        mine = [one for one in week.feedback if one.agent_id == agent_id]
        good = sum(one.verdict is FeedbackVerdict.USEFUL for one in mine)
        spec = team.agents.get(agent_id)
        yield f"{spec.name if spec else agent_id}: {good} useful, {len(mine) - good} not"
        yield from (_said(one, team) for one in mine if one.words)


def _said(one: Feedback, team: Team) -> str:
    words = " ".join((one.words or "").split())
    cut = words if len(words) <= _WORDS_CHARS else words[: _WORDS_CHARS - 1] + "…"
    return f"“{cut}” ({_person(one.person_id, team)})"


def _cannot_see(week: Week, team: Team) -> Iterator[str]:
    if week.began_at is not None:
        yield f"Before {_day(week.began_at, team)}: nothing was on record yet."


def _runs(week: Week) -> int:
    return sum(agent.total for agent in week.agents)


def _interruptions(week: Week) -> int:
    return sum(one.total for one in week.asked)


def _went_wrong(week: Week) -> int:
    return sum(agent.runs.get(state, 0) for agent in week.agents for state in _WENT_WRONG)


def _spent(week: Week) -> int:
    return sum(agent.spent_micros for agent in week.agents)


def _liked(week: Week) -> int:
    return sum(one.verdict is FeedbackVerdict.USEFUL for one in week.feedback)


def _disliked(week: Week) -> int:
    return len(week.feedback) - _liked(week)


def _person(person_id: str, team: Team) -> str:
    known = team.people.get(person_id)
    return known.name if known else person_id


def _day(moment: datetime, team: Team) -> str:
    return moment.astimezone(ZoneInfo(team.timezone)).date().isoformat()


def _last_day(week: Week, team: Team) -> str:
    return _day(week.window_until - timedelta(microseconds=1), team)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun if number == 1 else noun + 's'}"


def _bounded(lines: list[str], most: int = _LINES) -> list[Json]:
    """As many lines as a digest takes, each as long as it takes; what is left out is counted."""
    kept = lines if len(lines) <= most else [*lines[: most - 1], *_left_out(lines, most - 1)]
    return [line if len(line) <= _LINE_CHARS else line[: _LINE_CHARS - 1] + "…" for line in kept]


def _left_out(lines: list[str], shown: int) -> list[str]:
    return [f"… {len(lines) - shown:,} more"] if len(lines) > shown else []
