"""The weekly report in words: figures beside last week's, then lines by agent and person. Deterministic; no model."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from agents.roster import Team
from store.kernel.canonical import Json, JsonObject
from store.kernel.money import MICROS_PER_USD, format_usd
from store.records import AgentWeek, Asked, Feedback, FeedbackVerdict, RunState, Week

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
    }


def _headline(week: Week, team: Team) -> str:
    total, wrong = sum(agent.total for agent in week.agents), _went_wrong(week)
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
    asked, earlier = week.approvals, before.approvals
    yield _figure("Runs", sum(one.total for one in week.agents), sum(one.total for one in before.agents))
    yield _figure("Runs that went wrong", _went_wrong(week), _went_wrong(before), look=True)
    yield _figure("Approvals asked", asked.asked, earlier.asked)
    yield _figure("Approvals that expired", asked.expired, earlier.expired, look=True)
    if asked.median_seconds is not None:
        yield _minutes("Median time to decide", asked.median_seconds, earlier.median_seconds)
    yield _figure("Incidents", len(week.incidents), len(before.incidents), look=True)
    yield _figure("Due times missed", week.missed, before.missed, look=True)
    for label, verdict in (("Found useful", FeedbackVerdict.USEFUL), ("Found not useful", FeedbackVerdict.NOT_USEFUL)):
        yield _figure(label, _judged(week, verdict), _judged(before, verdict))
    spent, earlier_spent = _usd(_spent(week)), _usd(_spent(before))
    yield {"label": "Spent", "value": spent, "unit": "USD", "change": f"last week {earlier_spent}", "status": "ok"}


def _figure(label: str, now: int, before: int, *, look: bool = False) -> JsonObject:
    status = "look" if look and now else "ok"
    return {"label": label, "value": str(now), "change": f"last week {before}", "status": status}


def _minutes(label: str, now: int, before: int | None) -> JsonObject:
    change = {"change": f"last week {_in_minutes(before)}"} if before is not None else {}
    return {"label": label, "value": _in_minutes(now), "unit": "min", "status": "ok", **change}


def _in_minutes(seconds: int) -> str:
    return f"{Decimal(seconds) / 60:.1f}"


def _usd(micros: int) -> str:
    return f"{Decimal(micros) / MICROS_PER_USD:.2f}"


def _sections(week: Week, team: Team) -> Iterator[tuple[str, list[str]]]:
    yield "Feedback", list(_feedback(week, team))
    yield "Incidents", [f"{one.title}: {_counted(one.count, 'time')}, {one.state.value}" for one in week.incidents]
    yield "Runs by agent", [_agent(one, team) for one in week.agents]
    yield "Who was asked how often", _everybody_asked([_asked(one, team) for one in week.asked if one.total])


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
    return f"{_person(one.person_id, team)}: {_counted(one.total, 'time')} ({parts})"


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


def _went_wrong(week: Week) -> int:
    return sum(agent.runs.get(state, 0) for agent in week.agents for state in _WENT_WRONG)


def _spent(week: Week) -> int:
    return sum(agent.spent_micros for agent in week.agents)


def _judged(week: Week, verdict: FeedbackVerdict) -> int:
    return sum(one.verdict is verdict for one in week.feedback)


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
