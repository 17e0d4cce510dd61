"""Reads the alerts that arrived since the last digest and publishes what they come to."""

from collections import Counter
from typing import Any

from agents.minds.routine import Context

Message = dict[str, Any]

LINES = 12
LINE_CHARACTERS = 300


async def run(ctx: Context) -> dict[str, Any]:
    """One digest of everything that nobody has read yet; none where there is nothing to tell."""
    messages, cannot_see = await unread(ctx)
    if not messages and not cannot_see:
        return {"alerts": 0}
    fresh = [message for message in messages if not message["edited"] and not message["deleted"]]
    changed = [message for message in messages if message["edited"]]
    await ctx.call(
        "digest.publish",
        name="alerts",
        headline=headline(fresh),
        figures=figures(fresh, changed),
        sections=sections(fresh, changed),
        cannot_see=[line[:200] for line in cannot_see],
    )
    return {"alerts": len(fresh)}


async def unread(ctx: Context) -> tuple[list[Message], list[str]]:
    """Every page there is: a run that leaves some unread leaves them to the next."""
    messages, more, cannot_see = [], True, []
    while more:
        page = await ctx.call("channel.read", watch="alerts", limit=100)
        messages, more, cannot_see = messages + page["messages"], page["more"], page["cannot_see"]
    return messages, cannot_see


def severity(message: Message) -> str:
    """As the app says it, in a field or in its words."""
    named = {field["name"].lower(): field["value"].lower() for field in message["fields"]}
    return named.get("severity") or ("resolved" if "resolved" in message["text"].lower() else "unrated")


def headline(fresh: list[Message]) -> str:
    """The worst of it in one line."""
    critical = sum(severity(message) == "critical" for message in fresh)
    if critical:
        return "Critical alerts have come in."
    return "New alerts, none of them critical." if fresh else "Nothing new; earlier alerts have changed."


def figures(fresh: list[Message], changed: list[Message]) -> list[dict[str, str]]:
    """How many of each severity."""
    counted = Counter(severity(message) for message in fresh)
    rows = [{"label": f"Alerts, {name}", "value": str(counted[name])} for name in sorted(counted)]
    return (rows + ([{"label": "Changed since they were read", "value": str(len(changed))}] if changed else []))[:20]


def sections(fresh: list[Message], changed: list[Message]) -> list[dict[str, Any]]:
    """The alerts themselves, in the order they were written."""
    told = {"New": fresh, "Changed since": changed}
    return [{"heading": heading, "lines": lines(found)} for heading, found in told.items() if found]


def lines(messages: list[Message]) -> list[str]:
    """One line an alert, from whom it is first; what does not fit is said to be left out."""
    shown = [f"{message['author']}: {' '.join(message['text'].split())}"[:LINE_CHARACTERS] for message in messages]
    return shown if len(shown) <= LINES else [*shown[: LINES - 1], "More of them stand in the channel."]
