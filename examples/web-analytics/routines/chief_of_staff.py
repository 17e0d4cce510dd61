"""Chief of Staff: reads what the workers found as one story, says what caused it, and keeps the tasks that follow.

What caused what is decided by the rules below, in their order. A rule names what it explains; what no rule explains is
said to be unexplained. Where a figure is missing, no rule concludes anything from it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from agents.minds.routine import Context
from agents.routines.lookout import FINDING, MORNING, WITHIN, midnight, request_of

WORKERS = ("ga-engagement", "clarity-sessions", "webflow-bandwidth", "ahrefs-audit", "content-pipeline")
HIGH, LOW = ("high", "drift_high"), ("low", "drift_low")
VISITS = ("users", "organic_users", "referral_users", "sessions", "bandwidth", "requests")
MARK = "cause: "
"""The first line of a task's details begins with this: it is how the Chief knows its own incidents again."""
LOOK_AT_HOST = "The redirects are written; look whether the host has taken them up."


@dataclass(frozen=True)
class Incident:
    """What happened, and what follows. `explains` are the metrics it accounts for, `owner` who must see to it."""

    cause: str
    title: str
    why: str
    owner: str
    next_step: str
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
    """Everything the workers handed over. `verdicts` are of every metric that was judged, `open` causes with a task."""

    findings: tuple[dict, ...]
    verdicts: dict[str, str]
    late: tuple[dict, ...]
    open: frozenset[str] = frozenset()
    explained: frozenset[str] = field(default=frozenset())

    def any_of(self, metrics: tuple[str, ...], verdicts: tuple[str, ...]) -> bool:
        """True when one of the metrics has one of the verdicts and is not explained yet."""
        return any(self.verdicts.get(one) in verdicts and one not in self.explained for one in metrics)

    def is_within(self, *metrics: str) -> bool:
        """True when each was judged and within its range; a missing one is not."""
        return all(self.verdicts.get(one) in WITHIN for one in metrics)

    def outside(self, verdicts: tuple[str, ...], *metrics: str) -> frozenset[str]:
        """Those of the metrics that have one of the verdicts."""
        return frozenset(one for one in metrics if self.verdicts.get(one) in verdicts)

    def of_kind(self, kind: str) -> tuple[dict, ...]:
        """The findings of a kind."""
        return tuple(one for one in self.findings if one["kind"] == kind)

    def subject(self, *metrics: str) -> str:
        """Who a worker named behind a metric; empty when none did."""
        named = [one.get("subject", "") for one in self.findings if one["metric"] in metrics]
        return next((one for one in named if one), "")

    def domains(self, metrics: frozenset[str]) -> tuple[str, ...]:
        """Who found something about these metrics."""
        return tuple(dict.fromkeys(one["domain"] for one in self.findings if one["metric"] in metrics))


async def run(ctx: Context) -> dict:
    """The morning's digest, Monday's report, or an answer to whoever asked how things stand."""
    if ctx.input.get("task") == "week":
        return await week(ctx)
    morning = await gather(ctx)
    tasks = await open_tasks(ctx)
    incidents = attribute(replace(morning, open=frozenset(tasks)))
    if not request_of(ctx):
        await follow_up(ctx, incidents, tasks)
    await publish(ctx, morning, incidents, await overdue(ctx))
    return {"incidents": [told(one) for one in incidents], "late": [one["agent"] for one in morning.late]}


def told(one: Incident) -> dict:
    """An incident as the run's result keeps it."""
    return {"cause": one.cause, "domains": list(one.domains), "metrics": sorted(one.explains), "pages": list(one.pages)}


# What the workers handed over


async def gather(ctx: Context) -> Morning:
    """Today's findings and mornings, and who has sent none. Only typed fields are read, so nobody's words count."""
    zone = ZoneInfo(ctx.timezone)
    today = {"since": midnight(ctx.due_at.astimezone(zone), zone).isoformat(), "words": False}
    found = await ctx.call("handoff.list", contract=FINDING, **today)
    mornings = await ctx.call("handoff.list", contract=MORNING, expected=list(WORKERS), **today)
    for one in (*found["handoffs"], *mornings["handoffs"]):
        if one["state"] == "sent" and one["validity"] == "valid":
            await ctx.call("handoff.accept", handoff=one["handoff"])
    valid = [one["payload"] for one in found["handoffs"] if one["validity"] == "valid"]
    figures = [figure for one in mornings["handoffs"] for figure in one["payload"].get("figures", ())]
    return Morning(
        findings=tuple(one for one in valid if one["kind"] != "none"),
        verdicts={one["metric"]: one["verdict"] for one in figures},
        late=tuple(mornings["late"]),
    )


# What caused it


def attribute(morning: Morning) -> list[Incident]:
    """Every incident of the morning; each rule sees what the rules before it left unexplained."""
    incidents: list[Incident] = []
    for rule in RULES:
        for found in rule(morning):
            incidents.append(found)
            morning = replace(morning, explained=morning.explained | found.explains)
    return incidents


def source_trouble(morning: Morning) -> Iterator[Incident]:
    """A source that is missing or late, or a figure that does not move: nothing is concluded from it."""
    stuck = tuple(one for one in morning.of_kind("anomaly") if one["verdict"] == "stuck")
    troubled = (*morning.of_kind("source"), *stuck)
    for domain in dict.fromkeys(one["domain"] for one in troubled):
        mine = [one for one in troubled if one["domain"] == domain]
        names = ", ".join(dict.fromkeys(one["evidence"]["source"] for one in mine))
        yield Incident(
            cause="source",
            title=f"The data of {domain} cannot be relied on",
            why=f"{names}: {', '.join(dict.fromkeys(one['verdict'] for one in mine))}. Nothing is concluded from it.",
            owner=domain,
            next_step="Look whether the export still runs, and send what is missing.",
            due_days=2,
            explains=frozenset(one["metric"] for one in mine),
            domains=(domain,),
        )


def deploy(morning: Morning) -> Iterator[Incident]:
    """Pages that people found broken, together on one day; that visitors go straight back belongs to it."""
    broken = morning.of_kind("broken_page")
    if not broken:
        return
    pages = tuple(page for one in broken for page in one["pages"])
    felt = morning.outside(HIGH, "quick_backs") | morning.outside(LOW, "engagement_rate")
    said = "Visitors go straight back." if felt else "Few visitors have met them so far."
    mended = all(one["verdict"] == "mended" for one in broken)
    yield Incident(
        cause="deploy",
        title="A deploy broke pages",
        why=f"These addresses answer with an error since the same day. {said}",
        owner="ahrefs-audit",
        next_step=LOOK_AT_HOST if mended else "Decide on the redirects that Ahrefs Audit proposes.",
        due_days=2,
        explains=felt | frozenset({"broken_pages", "broken_hits"}),
        domains=("ahrefs-audit", *morning.domains(felt)),
        pages=pages,
    )


def viral(morning: Morning) -> Iterator[Incident]:
    """More people than expected, and the host serves more: people explain the bandwidth."""
    more = morning.outside(HIGH, *VISITS)
    if not (morning.any_of(("users",), HIGH) and more & {"sessions", "bandwidth", "requests"}):
        return
    who = morning.subject("referral_users", "users") or "one referrer"
    yield Incident(
        cause="viral",
        title="Many more people came than usual",
        why=f"They come from {who}, and explain what the host serves: neither an outage nor an attack.",
        owner="webflow-bandwidth",
        next_step="Watch the plan's limit; make the page lighter if it lasts.",
        due_days=3,
        explains=more | morning.outside(LOW, "engagement_rate"),
        domains=morning.domains(more),
    )


def search_drop(morning: Morning) -> Iterator[Incident]:
    """Search shows the site further down, or sends fewer people: fewer visits are its consequence."""
    worse = morning.outside(LOW, "search_clicks") | morning.outside(HIGH, "search_position")
    if not worse:
        return
    fewer = worse | morning.outside(LOW, *VISITS)
    fallen = tuple(page for one in morning.findings if one["metric"] == "search_position" for page in one["pages"])
    yield Incident(
        cause="search_drop",
        title="Search shows us further down",
        why="Search sends fewer people to a cluster of pages; what else fell are visits that it used to send.",
        owner="content-pipeline",
        next_step="Look at what changed on these pages, and at who stands above them now.",
        due_days=5,
        explains=fewer,
        domains=morning.domains(fewer),
        pages=fallen,
    )


def tracking_outage(morning: Morning) -> Iterator[Incident]:
    """Fewer users are counted while sessions and requests, counted elsewhere, are as usual."""
    if not morning.any_of(("users", "organic_users"), LOW) or not morning.is_within("sessions", "requests"):
        return
    fewer = morning.outside(LOW, "users", "organic_users", "referral_users")
    yield Incident(
        cause="tracking_outage",
        title="Visits are not counted, but they happen",
        why="Analytics counts fewer users, while sessions and requests are as usual: it is the tag, not the visits.",
        owner="ga-engagement",
        next_step="Check the analytics tag and the consent banner on the live site.",
        due_days=1,
        explains=fewer | morning.outside(LOW + HIGH, "engagement_rate"),
        domains=morning.domains(fewer),
    )


def bot_crawl(morning: Morning) -> Iterator[Incident]:
    """The host serves more, and people did not become more: something asks that is nobody."""
    more = morning.outside(HIGH, "requests", "bandwidth", "bot_sessions")
    if not morning.any_of(("requests", "bandwidth"), HIGH) or not morning.is_within("users", "sessions"):
        return
    who = morning.subject("requests", "bandwidth") or "a robot"
    yield Incident(
        cause="bot_crawl",
        title="A robot asks for page after page",
        why=f"Requests rose and people did not. It calls itself {who}.",
        owner="webflow-bandwidth",
        next_step="Slow it down or shut it out in robots.txt, or at the host.",
        due_days=2,
        explains=more,
        domains=morning.domains(more),
    )


def recovery(morning: Morning) -> Iterator[Incident]:
    """What rises again after an incident that is still open belongs to that incident."""
    back = morning.outside(HIGH, "search_clicks", "organic_users") - morning.explained
    if not back or f"{MARK}search_drop" not in morning.open:
        return
    yield Incident(
        cause="recovery",
        title="Search sends people again",
        why="What had fallen with the position in search is rising again.",
        owner="content-pipeline",
        next_step="Close the task once a whole day is within its range.",
        due_days=2,
        explains=back,
        domains=morning.domains(back),
    )


def unexplained(morning: Morning) -> Iterator[Incident]:
    """What no rule explains is said to be so, and is somebody's to look at."""
    left = [one for one in morning.of_kind("anomaly") if one["metric"] not in morning.explained]
    for one in left:
        yield Incident(
            cause="unexplained",
            title=f"{one['metric'].replace('_', ' ').capitalize()} is out of its range",
            why="No other domain shows anything that would explain it.",
            owner=one["domain"],
            next_step="Look at it, or say that it is a false alarm.",
            due_days=3,
            explains=frozenset({one["metric"]}),
            domains=(one["domain"],),
        )


RULES: tuple[Callable[[Morning], Iterator[Incident]], ...] = (
    source_trouble,
    deploy,
    viral,
    search_drop,
    tracking_outage,
    bot_crawl,
    recovery,
    unexplained,
)


# What follows


async def open_tasks(ctx: Context) -> dict[str, str]:
    """The tasks of incidents that nobody has closed, by the mark in their details."""
    listed = await ctx.call("task.list", whose="everybody")
    first_lines = {one["id"]: one["details"].partition("\n")[0] for one in listed["tasks"]}
    return {line: task for task, line in first_lines.items() if line.startswith(MARK)}


async def follow_up(ctx: Context, incidents: list[Incident], tasks: dict[str, str]) -> None:
    """Makes a task for each new incident, and puts on record what was decided about it."""
    for one in incidents:
        if one.mark in tasks or one.cause in ("recovery", "unexplained"):
            continue
        due = ctx.due_at + timedelta(days=one.due_days)
        details = "\n".join([one.mark, one.why, one.next_step, *one.pages])
        await ctx.call("task.create", title=one.title, details=details, owner=one.owner, due_at=due.isoformat())
        if one.cause in ("viral", "tracking_outage"):
            await decide(ctx, one)


async def decide(ctx: Context, one: Incident) -> None:
    """What looks like trouble and is none is decided on once, and whoever would have acted on it must know."""
    await ctx.call(
        "decision.record",
        subject=one.title,
        choice="Nothing is switched off or rolled back for it.",
        why=one.why,
        affects=sorted({one.owner, "webflow-bandwidth"}),
    )


async def overdue(ctx: Context) -> list[str]:
    """What is stuck or belongs to nobody, one line each."""
    listed = await ctx.call("task.list", whose="everybody")
    stuck = [one for one in listed["tasks"] if one["overdue"] or one["state"] == "blocked" or not one["owner"]]
    return [f"{one['title']}: {_why_stuck(one)}" for one in stuck]


def _why_stuck(task: dict) -> str:
    if not task["owner"]:
        return "it belongs to nobody"
    return f"{task['owner']} is blocked" if task["state"] == "blocked" else f"{task['owner']} is late with it"


# What is said


async def publish(ctx: Context, morning: Morning, incidents: list[Incident], stuck: list[str]) -> dict:
    """The digest: what needs somebody, what happened and why, who has not been heard from."""
    late = [
        f"{one['agent']} has handed nothing over; its last was {one['last_at'] or 'never'}." for one in morning.late
    ]
    happened = [f"{one.title}. {one.why}" for one in incidents]
    found = [figure(one) for one in morning.of_kind("anomaly") if one["value"]]
    sections = {
        "Needs you": [*(one.next_step for one in incidents if one.cause != "recovery"), *stuck],
        "What happened, and why": happened,
        "Pages": [page for one in incidents for page in one.pages],
    }
    return await ctx.call(
        "digest.publish",
        name="daily",
        title=f"{ctx.due_at:%A}, {ctx.due_at:%Y-%m-%d}",
        headline=headline(incidents, late),
        figures=found[:20],
        sections=[{"heading": name, "lines": lines[:12]} for name, lines in sections.items() if lines],
        cannot_see=late[:10],
    )


def headline(incidents: list[Incident], late: list[str]) -> str:
    """The morning in one line."""
    if incidents:
        return " ".join(f"{one.title}." for one in incidents)[:200]
    return "Not everybody has been heard from." if late else "A quiet day: every figure is within its range."


def figure(one: dict) -> dict[str, str]:
    """A finding as a figure, beside what was expected."""
    shown = {"label": one["metric"].replace("_", " ").capitalize(), "value": one["value"], "unit": one["unit"]}
    expected = {"baseline": one["expected"]} if one["expected"] else {}
    return shown | expected | {"status": one["verdict"].replace("_", " "), "source": one["evidence"]["source"]}


async def week(ctx: Context) -> dict:
    """The report on the team's last whole week; its words and figures are ready-made."""
    report = await ctx.call("team.week", until=ctx.due_at.isoformat())
    return await ctx.call("digest.publish", **report["digest"])
