"""Watches a git repository: publishes what was committed, and raises an alert when work lies uncommitted.

Settings: `repository`, its folder; `most_uncommitted`, how many uncommitted files are well (20).
"""

from datetime import timedelta
from typing import Any

from agents.minds.routine import Context

MOST_UNCOMMITTED = 20
COMMITS_SHOWN = 8
METRIC = "uncommitted_files"
NEXT_STEP = "Commit them, or put what should not be kept into .gitignore."


async def run(ctx: Context) -> dict[str, Any]:
    """One look at the repository, or the digest of the day before."""
    until, since = ctx.due_at, ctx.due_at - timedelta(days=1)
    git = await ctx.call("git.read", since=since.isoformat())
    alarm = await judge(ctx, git)
    if ctx.input.get("task") != "digest":
        return {"summary": said(git, alarm=alarm), "alarm": alarm, "commits": git["commit_count"]}
    published = await ctx.call(
        "digest.publish",
        name="daily",
        title=f"{ctx.due_at:%A}, {ctx.due_at:%Y-%m-%d}",
        headline=headline(git),
        figures=figures(git, alarm=alarm),
        sections=[{"heading": "Committed", "lines": lines(git)}] if git["commits"] else [],
        cannot_see=git["cannot_see"],
        window_from=since.isoformat(),
        window_until=until.isoformat(),
    )
    return {"summary": said(git, alarm=alarm), **published}


async def judge(ctx: Context, git: dict[str, Any]) -> bool:
    """Raises the alert when too much lies uncommitted, and clears it when it does not; says whether it stands."""
    most = int(ctx.settings.get("most_uncommitted", MOST_UNCOMMITTED))
    dirty = git["dirty_count"]
    if dirty is None:
        return False
    if dirty <= most:
        if METRIC in ctx.open_alerts:
            await ctx.call("alert.clear", metric=METRIC)
        return False
    await ctx.call(
        "alert.raise",
        metric=METRIC,
        value=str(dirty),
        unit="files",
        upper=str(most),
        title="Much lies uncommitted",
        next_step=NEXT_STEP,
    )
    return True


def headline(git: dict[str, Any]) -> str:
    """What happened, in one line."""
    if not git["is_repository"]:
        return "The repository cannot be read."
    count = git["commit_count"]
    where = f" on {git['branch']}" if git["branch"] else ""
    return f"{count or 'No'} commit{'' if count == 1 else 's'}{where} since yesterday."


def said(git: dict[str, Any], *, alarm: bool) -> str:
    """What came of the run, in one sentence."""
    return f"{headline(git).rstrip('.')}; {git['dirty_count']} files lie uncommitted." if alarm else headline(git)


def figures(git: dict[str, Any], *, alarm: bool) -> list[dict[str, str]]:
    """What can be counted; what could not be counted is left to `cannot_see`."""
    if not git["is_repository"]:
        return []
    found = [{"label": "Commits", "value": str(git["commit_count"])}]
    if git["dirty_count"] is not None:
        status = "more than is well" if alarm else "ok"
        found.append({"label": "Files not committed", "value": str(git["dirty_count"]), "status": status})
    return found


def lines(git: dict[str, Any]) -> list[str]:
    """The latest commits."""
    shown = [f"{one['id'][:8]} {one['subject']} ({one['author']})"[:300] for one in git["commits"][:COMMITS_SHOWN]]
    more = git["commit_count"] - len(shown)
    return [*shown, f"… {more} more"] if more > 0 else shown
