"""What workers handed over this morning, as one story: who found what, what was within its range, what explains it.

For the routine of whoever stands above them. What causes what is the routine's own: it brings rules, in their order.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from agents.minds.routine import Context
from agents.routines.lookout import FINDING, MARK, MORNING, WITHIN, midnight

_CANNOT_SEE = 10
_EVIDENCE = 3


@dataclass(frozen=True)
class Incident:
    """What happened, and what follows. `explains` are the metrics it accounts for, `owner` who must see to it."""

    cause: str
    title: str
    why: str
    owner: str
    next_step: str
    effect: str
    due_days: int
    explains: frozenset[str]
    domains: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()

    @property
    def mark(self) -> str:
        """What the incident's task is known by: a source by its domain, anything else by its cause."""
        return f"{MARK}{self.cause}" + (f" {self.domains[0]}" if self.cause == "source" else "")


@dataclass(frozen=True)
class Morning:
    """Everything the workers handed over. `figures` are of every metric that was judged, `recent` the causes lately.

    `standing` are the causes that a task is still open for.
    """

    findings: tuple[Mapping[str, Any], ...]
    figures: tuple[Mapping[str, Any], ...]
    late: tuple[Mapping[str, Any], ...]
    recent: frozenset[str] = frozenset()
    standing: frozenset[str] = frozenset()
    explained: frozenset[str] = frozenset()

    @property
    def verdicts(self) -> dict[str, str]:
        """What became of each metric."""
        return {one["metric"]: one["verdict"] for one in self.figures}

    def any_of(self, metrics: tuple[str, ...], verdicts: tuple[str, ...]) -> bool:
        """True when one of the metrics has one of the verdicts and is not explained yet."""
        return any(self.verdicts.get(one) in verdicts and one not in self.explained for one in metrics)

    def is_within(self, *metrics: str) -> bool:
        """True when each was judged and within its range; a missing one is not."""
        return all(self.verdicts.get(one) in WITHIN for one in metrics)

    def outside(self, verdicts: tuple[str, ...], *metrics: str) -> frozenset[str]:
        """Those of the metrics that have one of the verdicts."""
        return frozenset(one for one in metrics if self.verdicts.get(one) in verdicts)

    def of_kind(self, kind: str) -> tuple[Mapping[str, Any], ...]:
        """The findings of a kind."""
        return tuple(one for one in self.findings if one["kind"] == kind)

    def subject(self, *metrics: str) -> str:
        """Who a worker named behind a metric; empty when none did."""
        named = [one.get("subject", "") for one in self.findings if one["metric"] in metrics]
        return next((one for one in named if one), "")

    def domains(self, metrics: frozenset[str]) -> tuple[str, ...]:
        """Who found something about these metrics."""
        return tuple(dict.fromkeys(one["domain"] for one in self.findings if one["metric"] in metrics))


Rule = Callable[[Morning], Iterator[Incident]]
"""What a rule finds in what no rule before it has explained."""


async def gather(ctx: Context, workers: Sequence[str]) -> Morning:
    """Today's findings and mornings, and which worker sent none. Only typed fields are read: nobody's words count."""
    zone = ZoneInfo(ctx.timezone)
    today: dict[str, Any] = {"since": midnight(ctx.due_at.astimezone(zone), zone).isoformat(), "words": False}
    found = await ctx.call("handoff.list", contract=FINDING, **today)
    mornings = await ctx.call("handoff.list", contract=MORNING, expected=list(workers), **today)
    for one in (*found["handoffs"], *mornings["handoffs"]):
        if one["state"] == "sent" and one["validity"] == "valid":
            await ctx.call("handoff.accept", handoff=one["handoff"])
    valid = [one["payload"] for one in found["handoffs"] if one["validity"] == "valid"]
    figures = [figure for one in mornings["handoffs"] for figure in one["payload"].get("figures", ())]
    return Morning(
        findings=tuple(one for one in valid if one["kind"] != "none"),
        figures=tuple(figures),
        late=tuple(mornings["late"]),
    )


def causes_of(tasks: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The causes of the incidents that these tasks, as `task.list` gives them, are about.

    No other task has one, and none that may hold a stranger's words: those count for nothing.
    """
    marks = [str(one["details"]).partition("\n")[0] for one in tasks if not one["tainted"]]
    return frozenset(mark.removeprefix(MARK).split(" ")[0] for mark in marks if mark.startswith(MARK))


def attribute(morning: Morning, rules: Iterable[Rule]) -> list[Incident]:
    """Every incident of the morning; each rule sees what the rules before it left unexplained."""
    incidents: list[Incident] = []
    for rule in rules:
        for found in rule(morning):
            incidents.append(found)
            morning = replace(morning, explained=morning.explained | found.explains)
    return incidents


def told(one: Incident) -> dict[str, Any]:
    """An incident as the run's result keeps it."""
    return {"cause": one.cause, "domains": list(one.domains), "metrics": sorted(one.explains), "pages": list(one.pages)}


def recommended(one: Incident, morning: Morning) -> dict[str, Any]:
    """What to do, what it should change, and the rows that say so."""
    behind = [found for domain in one.domains for found in morning.findings if found["domain"] == domain]
    rows = [f"{found['domain']}: {found['metric']} in {found['evidence']['source']}" for found in behind]
    return {
        "text": one.next_step,
        "effect": one.effect,
        "evidence": list(dict.fromkeys(rows))[:_EVIDENCE] or [one.title],
    }


def unseen(morning: Morning) -> list[str]:
    """Who has handed nothing over, and whose figures are missing."""
    late = [f"{one['agent']} has handed nothing over; last heard: {one['last_at'] or 'never'}." for one in morning.late]
    missing = [one["metric"].replace("_", " ") for one in morning.figures if one["verdict"] == "missing"]
    return [*late, *(f"No figure: {name}." for name in missing)][:_CANNOT_SEE]
