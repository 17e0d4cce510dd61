"""Chief of Staff: reads what the workers found as one story, says what caused it, and keeps the tasks that follow.

What caused what is decided by the rules below, in their order. A rule names what it explains; what no rule explains is
said to be unexplained. Where a figure is missing, no rule concludes anything from it.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from agents.minds.routine import Context
from agents.routines.diary import read_diary, recent_causes, write_diary
from agents.routines.lookout import WITHIN, figure, request_of
from agents.routines.story import Incident, Morning, Rule, attribute, causes_of, gather, recommended, told, unseen

WORKERS = ("ga-engagement", "clarity-sessions", "webflow-bandwidth", "ahrefs-audit", "content-pipeline")
HIGH, LOW = ("high", "drift_high"), ("low", "drift_low")
VISITS = ("users", "organic_users", "referral_users", "sessions", "bandwidth", "requests")
ALWAYS_SHOWN = ("users", "sessions", "bandwidth", "search_clicks")
LEFT_ALONE = ("viral", "tracking_outage")
"""Causes that look like trouble and are none: what is decided about them must be known, so that nobody acts."""
NO_TASK = ("aftermath", "unexplained")
A_DAY = timedelta(days=1)
DIARY, REMEMBERED = "incidents", timedelta(days=28)
UNOWNED = "It belonged to nobody."
LOOK_AT_HOST = "The redirects are written; look whether the host has taken them up."


async def run(ctx: Context) -> dict:
    """The morning's digest, Monday's report, or an answer to whoever asked how things stand."""
    if ctx.input.get("task") == "week":
        return await week(ctx)
    diary = await read_diary(ctx, DIARY)
    tasks = (await ctx.call("task.list", whose="everybody"))["tasks"]
    known = {"recent": recent_causes(diary, ctx.due_at - REMEMBERED), "standing": causes_of(tasks)}
    morning = replace(await gather(ctx, WORKERS), **known)
    incidents = attribute(morning, RULES)
    if not request_of(ctx):
        await follow_up(ctx, incidents, diary, tasks)
    await publish(ctx, morning, incidents)
    late = [one["agent"] for one in morning.late]
    return {"summary": headline(incidents, morning), "incidents": [told(one) for one in incidents], "late": late}


# What caused it


def source_trouble(morning: Morning) -> Iterator[Incident]:
    """A source that is missing or late, or a figure that does not move: nothing is concluded from it."""
    stuck = tuple(one for one in morning.of_kind("anomaly") if one["verdict"] == "stuck")
    troubled = (*morning.of_kind("source"), *stuck)
    for domain in dict.fromkeys(one["domain"] for one in troubled):
        mine = [one for one in troubled if one["domain"] == domain]
        names = ", ".join(dict.fromkeys(one["evidence"]["source"] for one in mine))
        missing = all(one["verdict"] == "missing" for one in mine)
        yield Incident(
            cause="source",
            title=f"{domain} has no data for this day" if missing else f"The data of {domain} cannot be relied on",
            why=f"{names}: {', '.join(dict.fromkeys(one['verdict'] for one in mine))}. Nothing is concluded from it.",
            owner=domain,
            next_step="Look whether the export still runs, and send what is missing.",
            effect="The figures of these days can be told.",
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
        next_step=LOOK_AT_HOST
        if mended
        else "See that the redirects Ahrefs Audit proposes are decided, and that the host takes them up.",
        effect="Visitors of the old addresses reach the pages again.",
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
        effect="The month stays within the plan.",
        due_days=3,
        explains=more | morning.outside(LOW, "engagement_rate"),
        domains=morning.domains(more),
    )


def search_drop(morning: Morning) -> Iterator[Incident]:
    """Search shows the site further down, or sends fewer people: fewer visits are its consequence.

    While its task is open it explains fewer users also on a day on which search itself is not out of its range, unless
    those from other sites are fewer too: search never sent them.
    """
    worse = morning.outside(LOW, "search_clicks") | morning.outside(HIGH, "search_position")
    if not (worse or (fewer_from_search(morning) and "search_drop" in morning.standing)):
        return
    fewer = worse | morning.outside(LOW, *VISITS)
    fallen = tuple(page for one in morning.findings if one["metric"] == "search_position" for page in one["pages"])
    yield Incident(
        cause="search_drop",
        title="Search shows us further down",
        why="Search sends fewer people to a cluster of pages; what else fell are visits that it used to send.",
        owner="content-pipeline",
        next_step="Look at what changed on these pages, and at who stands above them now.",
        effect="Search sends as many people as before.",
        due_days=5,
        explains=fewer,
        domains=morning.domains(fewer),
        pages=fallen,
    )


def fewer_from_search(morning: Morning) -> bool:
    """Whether fewer users came, and as many as ever from other sites."""
    return bool(morning.outside(LOW, "users", "organic_users")) and not morning.outside(LOW, "referral_users")


def tracking_outage(morning: Morning) -> Iterator[Incident]:
    """Fewer users are counted while sessions and requests, counted elsewhere, are as usual.

    A tag that does not load misses users wherever they come from: fewer from search alone are no sign of it.
    """
    if not morning.any_of(("users",), LOW) or not morning.is_within("sessions", "requests"):
        return
    fewer = morning.outside(LOW, "users", "organic_users", "referral_users")
    yield Incident(
        cause="tracking_outage",
        title="Visits are not counted, but they happen",
        why="Analytics counts fewer users, while sessions and requests are as usual: it is the tag, not the visits.",
        owner="ga-engagement",
        next_step="Check the analytics tag and the consent banner on the live site.",
        effect="Users are counted as before.",
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
        effect="Requests are those of people again.",
        due_days=2,
        explains=more,
        domains=morning.domains(more),
    )


def aftermath(morning: Morning) -> Iterator[Incident]:
    """What is still out of range, or on its way back, after search showed the site further down."""
    left = morning.outside(HIGH + LOW, "search_clicks", "search_position", *VISITS) - morning.explained
    if not left or "search_drop" not in morning.recent:
        return
    yield Incident(
        cause="aftermath",
        title="Visits from search are settling",
        why="What moved with the position in search is finding its new level.",
        owner="content-pipeline",
        next_step="Look whether it comes all the way back.",
        effect="Search sends as many people as before.",
        due_days=2,
        explains=left,
        domains=morning.domains(left),
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
            effect="It is explained, or the range learns from it.",
            due_days=3,
            explains=frozenset({one["metric"]}),
            domains=(one["domain"],),
        )


RULES: tuple[Rule, ...] = (
    source_trouble,
    deploy,
    viral,
    search_drop,
    tracking_outage,
    bot_crawl,
    aftermath,
    unexplained,
)


# What follows


async def follow_up(ctx: Context, incidents: list[Incident], diary: dict, tasks: list[dict]) -> None:
    """Makes a task for each new incident, writes it into the diary, and sees to work that belongs to nobody."""
    open_marks = {one["details"].partition("\n")[0] for one in tasks}
    new = [one for one in incidents if one.mark not in open_marks and one.cause not in NO_TASK]
    for one in new:
        due = ctx.due_at + timedelta(days=one.due_days)
        details = "\n".join([one.mark, one.why, one.next_step, *one.pages])
        await ctx.call("task.create", title=one.title, details=details, owner=one.owner, due_at=due.isoformat())
        if one.cause in LEFT_ALONE:
            await decide(ctx, one)
    if new:
        await write_diary(ctx, diary, [f"{one.cause}: {one.title} ({', '.join(one.domains)})" for one in new])
    for one in tasks:
        await escalate(ctx, one)


async def escalate(ctx: Context, task: dict) -> None:
    """Work that belongs to nobody goes to a person; a worker that is late with its own is asked about it, once."""
    if not task["owner"]:
        await ctx.call("task.update", task=task["id"], owner=ctx.settings["takes_what_nobody_has"], reason=UNOWNED)
    elif task["owner"] in WORKERS and task["overdue"] and task["due_at"] > (ctx.due_at - A_DAY).isoformat():
        text = f"{task['title']}: this was due {task['due_at']}. Close it, or say what keeps you."
        await ctx.call("note.send", to=task["owner"], text=text, due_at=(ctx.due_at + 2 * A_DAY).isoformat())


async def decide(ctx: Context, one: Incident) -> None:
    """What looks like trouble and is none is decided on once, and whoever would have acted on it must know."""
    await ctx.call(
        "decision.record",
        subject=f"{one.title}, {ctx.due_at:%Y-%m-%d}",
        choice="Nothing is switched off or rolled back for it.",
        why=one.why,
        affects=sorted({one.owner, "webflow-bandwidth"}),
    )


# What is said


async def publish(ctx: Context, morning: Morning, incidents: list[Incident]) -> dict:
    """The digest; what needs whom, who is late, alerts, tasks and money are added to it from the record."""
    sections = {
        "What happened, and why": [f"{one.title}. {one.why}" for one in incidents],
        "Pages": [page for one in incidents for page in one.pages],
    }
    return await ctx.call(
        "digest.publish",
        name="daily",
        title=f"{ctx.due_at:%A}, {ctx.due_at:%Y-%m-%d}",
        headline=headline(incidents, morning),
        figures=[figure(one) for one in worth_showing(morning)],
        sections=[{"heading": name, "lines": lines[:12]} for name, lines in sections.items() if lines],
        recommendations=[recommended(one, morning) for one in incidents][:3],
        cannot_see=unseen(morning),
        scope="team",
    )


def headline(incidents: list[Incident], morning: Morning) -> str:
    """The morning in one line."""
    if incidents:
        return " ".join(f"{one.title}." for one in incidents)[:200]
    return "Not everybody has been heard from." if morning.late else "A quiet day: every figure is as expected."


def worth_showing(morning: Morning) -> list[dict]:
    """What is out of its range first, then the figures that are always shown."""
    valued = [one for one in morning.figures if one["value"]]
    outside = [one for one in valued if one["verdict"] not in WITHIN]
    return [*outside, *(one for one in valued if one["metric"] in ALWAYS_SHOWN and one not in outside)]


async def week(ctx: Context) -> dict:
    """The report on the team's last whole week: its words and figures are ready-made; the Chief adds what happened."""
    report = (await ctx.call("team.week", until=ctx.due_at.isoformat()))["digest"]
    since, until = report["window_from"][:10], report["window_until"][:10]
    happened = [line for line in (await read_diary(ctx, DIARY))["text"].splitlines() if since < line[:10] <= until]
    told_first = [{"heading": "What happened", "lines": happened[:12] or ["Nothing out of the ordinary."]}]
    await ctx.call("digest.publish", **report | {"sections": [*told_first, *report["sections"]][:8]})
    return {"summary": "The report on the week is published."}
