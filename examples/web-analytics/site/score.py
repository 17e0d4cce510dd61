"""Holds the record of a simulated team against incidents.yaml: `python score.py DATABASE`.

Reads the database and the labels, and nothing else. Prints a line for each incident whose days were simulated, then the
false alarms; ends with 1 when an incident was missed, named wrongly or left alone.
"""

import json
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

LABELS = Path(__file__).with_name("incidents.yaml")
CHIEF = "chief-of-staff"
A_DAY = timedelta(days=1)
MICROS = 1_000_000


@dataclass(frozen=True)
class Scored:
    """One incident: what was found of what should be seen, what the Chief named when, and what was done."""

    incident: str
    cause: str
    seen: tuple[str, ...]
    unseen: tuple[str, ...]
    named_after_days: int | None
    wrong: tuple[str, ...]
    done: str | None
    expected: str
    within_days: int

    @property
    def is_right(self) -> bool:
        """True when all of it was seen, the cause was named in time and no other, and something was done."""
        if self.expected == "nothing":
            return not self.wrong
        in_time = self.named_after_days is not None and self.named_after_days <= self.within_days
        return not self.unseen and in_time and not self.wrong and self.done is not None


class Record:
    """What a simulated team left behind, by the day it is about."""

    def __init__(self, database: Path) -> None:
        connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
        self._rows = connection.execute
        self.named = self._named()
        self.found = self._found()

    def _named(self) -> dict[date, list[dict[str, Any]]]:
        """What the Chief named on the morning after each day."""
        query = "SELECT result, trigger FROM qd_runs WHERE agent_id = ? AND result IS NOT NULL ORDER BY created_at"
        mornings = [(json.loads(result), json.loads(trigger)) for result, trigger in self._rows(query, (CHIEF,))]
        return {
            datetime.fromisoformat(trigger["due_at"]).date() - A_DAY: result["incidents"]
            for result, trigger in mornings
            if "incidents" in result
        }

    def _found(self) -> dict[date, set[tuple[str, str]]]:
        """What each worker handed over about each day: (agent, metric) and (agent, kind)."""
        found: dict[date, set[tuple[str, str]]] = {}
        query = "SELECT sender, body FROM qd_handoffs WHERE contract = 'finding@1'"
        for sender, body in self._rows(query):
            payload = json.loads(body)["payload"]
            day = datetime.fromisoformat(payload["window_from"]).date()
            found.setdefault(day, set()).update({(sender, payload["metric"]), (sender, payload["kind"])})
        return found

    def redirects(self, since: date, until: date) -> str | None:
        """What became of the redirects that were asked for in these days; None when none were."""
        query = "SELECT state, created_at FROM qd_approvals WHERE tool = 'redirects.write' ORDER BY created_at"
        states = [state for state, at in self._rows(query) if since <= _day(at) <= until]
        return "; ".join(f"redirects {state}" for state in states) or None

    def tasks(self, cause: str, since: date, until: date) -> str | None:
        """What became of the task of this cause that was made in these days; None when there is none."""
        query = "SELECT state, created_at, details, evidence, agent_id FROM qd_tasks ORDER BY created_at"
        made = [
            f"task of {owner} {state}" + (", with evidence" if state == "done" and json.loads(evidence or "[]") else "")
            for state, at, details, evidence, owner in self._rows(query)
            if details.startswith(f"cause: {cause}") and since <= _day(at) <= until
        ]
        return "; ".join(made) or None

    def alerts(self) -> Iterator[tuple[date, str, str]]:
        """Every alert: the day its figure began to be out of range, whose it is, and of which metric."""
        for since, agent, metric in self._rows(
            "SELECT since, agent_id, metric FROM qd_alerts ORDER BY since, agent_id"
        ):
            yield _day(since), agent, metric


def _day(micros: int) -> date:
    return datetime.fromtimestamp(micros / MICROS, UTC).date()


def labels() -> list[dict[str, Any]]:
    """The incidents as they are labelled."""
    found: list[dict[str, Any]] = yaml.safe_load(LABELS.read_text(encoding="utf-8"))["incidents"]
    return found


def days_of(label: dict[str, Any], after_days: int = 0) -> list[date]:
    """Every day of an incident, and so many after it."""
    return [label["from"] + A_DAY * n for n in range((label["until"] - label["from"]).days + 1 + after_days)]


def score(record: Record, label: dict[str, Any]) -> Scored:
    """One incident held against the record."""
    days = days_of(label)
    seen = {pair for day in days for pair in record.found.get(day, ())}
    wanted = {(agent, what) for agent, names in label["sees"].items() for what in names}
    named = {day: [one["cause"] for one in record.named.get(day, ())] for day in days}
    first = next((number for number, day in enumerate(days, 1) if label["cause"] in named[day]), None)
    wrong = {cause for causes in named.values() for cause in causes} - {label["cause"]} - _others(days)
    since, until = days[0] + A_DAY, days[-1] + A_DAY
    done = record.redirects(since, until) if label["does"] == "redirects" else None
    task = record.tasks(label["cause"], since, until)
    return Scored(
        incident=label["id"],
        cause=label["cause"],
        seen=tuple(sorted(f"{agent}: {what}" for agent, what in wanted & seen)),
        unseen=tuple(sorted(f"{agent}: {what}" for agent, what in wanted - seen)),
        named_after_days=first,
        wrong=tuple(sorted(wrong)),
        done="; ".join(one for one in (done, task) if one) or None if label["does"] != "nothing" else "nothing",
        expected=label["does"],
        within_days=label["within_days"],
    )


def _others(days: list[date]) -> set[str]:
    """Causes that another incident of the same days accounts for, and what may follow any that has an aftermath."""
    near = [one for one in labels() if set(days_of(one, one.get("aftermath_days", 0))) & set(days)]
    return {one["cause"] for one in near} | ({"aftermath"} if any("aftermath_days" in one for one in near) else set())


def false_alarms(record: Record, until: date) -> list[str]:
    """What the Chief named, and what workers alerted about, on days on which nothing happened."""
    busy = {day for one in labels() if one["does"] != "nothing" for day in days_of(one, one.get("aftermath_days", 0))}
    named = [
        f"{day}: the Chief named {one['cause']} ({', '.join(one['metrics'])})"
        for day, incidents in sorted(record.named.items())
        if day not in busy and day <= until
        for one in incidents
    ]
    alerts = [f"{day}: {agent} alerted about {metric}" for day, agent, metric in record.alerts() if day not in busy]
    return named + alerts


def unexplained(record: Record) -> list[str]:
    """What happened to be out of range during an incident and was explained by nobody."""
    return [
        f"{day}: {', '.join(one['metrics'])}"
        for day, incidents in sorted(record.named.items())
        for one in incidents
        if one["cause"] == "unexplained"
    ]


def main() -> int:
    """Prints the table; 1 when something is not as it should be."""
    record = Record(Path(sys.argv[1]))
    since, until = min(record.named), max(record.named)
    scored = [score(record, one) for one in labels() if one["from"] >= since and one["until"] <= until]
    print("| incident | cause | seen | named | done | |\n|---|---|---|---|---|---|")
    for one in scored:
        seen = f"{len(one.seen)} of {len(one.seen) + len(one.unseen)}"
        named = "–" if one.named_after_days is None else f"morning {one.named_after_days}"
        wrong = f", also {', '.join(one.wrong)}" if one.wrong else ""
        print(f"| {one.incident} | {one.cause} | {seen} | {named}{wrong} | {one.done or '–'} | {_mark(one)} |")
    alarms = false_alarms(record, until)
    print(f"\nMornings: {len(record.named)}. False alarms: {len(alarms)}.", *alarms, sep="\n- ")
    print(f"Unexplained during an incident: {len(unexplained(record))}.", *unexplained(record), sep="\n- ")
    return 0 if all(one.is_right for one in scored) else 1


def _mark(one: Scored) -> str:
    return "right" if one.is_right else "WRONG"


if __name__ == "__main__":
    sys.exit(main())
