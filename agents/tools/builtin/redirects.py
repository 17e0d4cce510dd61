"""redirects.read, redirects.write and redirects.undo: from broken addresses to where pages are."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from agents.sources.port import Window
from agents.tools.builtin import redirect_file, redirect_rules
from agents.tools.builtin.lanes import opened, require_own_folder
from agents.tools.builtin.redirect_rules import Redirect
from agents.tools.builtin.shapes import closed, list_of, text
from agents.tools.spec import Means, Tool, ToolCall, ToolSpec
from store.kernel.canonical import Json, JsonObject
from store.kernel.errors import Refused, UserMistake
from store.records import Access

FOLDER_SETTING = "redirects_folder"
BROKEN_SETTING, PAGES_SETTING, HOSTS_SETTING = "broken_source", "pages_source", "redirect_hosts"
BROKEN_WITHIN = timedelta(days=14)
"""How long ago an address may last have been seen broken."""
ENTRIES_MAX = 50
"""Both paths of each are asked for at once, and a query gives no more than 200 rows."""
READ_MAX = 1_000
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_SHOWN = 3
_SINCE = "(_at IS NULL OR _at >= CAST($since AS TIMESTAMP))"
_PATH_SQL = "regexp_replace(url, '^https?://[^/]+', '')"

_PATH = text(redirect_rules.PATH_MAX)
_ENTRIES = list_of(
    closed({"from": _PATH, "to": _PATH, "status": {"enum": list[Json](redirect_rules.STATUSES)}}),
    at_least=1,
    at_most=ENTRIES_MAX,
)


def _require_sound(call: ToolCall) -> None:
    with opened(call.root, _folder(call)) as folder:
        there = redirect_file.content(folder)
    redirect_rules.require_sound(_redirects(call), redirect_rules.written(there or ""), _hosts(call))


async def _require_known(call: ToolCall, means: Means) -> None:
    """Raises UserMistake unless every address is broken and every target there, as the agent's own sources say."""
    recent = Window(since=call.now - BROKEN_WITHIN, until=call.now)
    ever = Window(since=_EARLIEST, until=call.now)
    broken = await asyncio.to_thread(_paths, call, means, BROKEN_SETTING, recent)
    pages = await asyncio.to_thread(_paths, call, means, PAGES_SETTING, ever)
    redirect_rules.require_known(_redirects(call), broken=broken, pages=pages)


def _paths(call: ToolCall, means: Means, setting: str, window: Window) -> frozenset[str]:
    source = call.agent.settings.get(setting)
    spec = means.team.sources.get(source) if isinstance(source, str) else None
    if spec is None or spec.id not in call.agent.sources:
        raise Refused(f"{call.agent.name} has no source of its own under the setting `{setting}`.", "lane.source")
    asked = sorted({path for one in _redirects(call) for path in (one.source, one.target)})
    names = {f"path_{number}": path for number, path in enumerate(asked)}
    some = ", ".join(f"${name}" for name in names)
    # Nothing of the call is in the text: the view's name comes from the workspace, the paths are parameters.
    sql = f"SELECT DISTINCT {_PATH_SQL} AS path FROM {spec.view} WHERE {_SINCE} AND {_PATH_SQL} IN ({some})"  # noqa: S608
    since = window.since.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
    table = means.sources.query((spec.id,), sql, {**names, "since": since}, window, call.now)
    return frozenset(str(row[0]) for row in table.rows)


def _write(call: ToolCall) -> JsonObject:
    with opened(call.root, _folder(call)) as folder:
        known = redirect_file.recorded(folder, call.idempotency_key)
        if known is not None and redirect_file.is_made(folder, known):
            return _wrote(call, known)
        before, new = redirect_file.content(folder), _redirects(call)
        redirect_rules.require_sound(new, redirect_rules.written(before or ""), _hosts(call))
        wanted = redirect_file.change(call.idempotency_key, before, new)
        redirect_file.make(folder, wanted)
        return _wrote(call, wanted)


def _look_up(call: ToolCall) -> JsonObject | None:
    with opened(call.root, _folder(call)) as folder:
        known = redirect_file.recorded(folder, call.idempotency_key)
        return _wrote(call, known) if known is not None and redirect_file.is_made(folder, known) else None


def _wrote(call: ToolCall, change: redirect_file.Change) -> JsonObject:
    return {
        "write": change.key,
        "file": f"{_folder(call)}/{redirect_file.FILE}",
        "entries": call.arguments["entries"],
        "sha256": redirect_file.digest(change.after),
    }


async def _run_write(call: ToolCall, means: Means) -> JsonObject:
    await _require_known(call, means)
    return await asyncio.to_thread(_write, call)


async def _run_look_up(call: ToolCall, _: Means) -> JsonObject | None:
    return await asyncio.to_thread(_look_up, call)


def _says_write(arguments: JsonObject) -> str:
    new = [f"{one.source} to {one.target}" for one in _entries(arguments)]
    shown = ", ".join(new[:_SHOWN]) + (f" and {len(new) - _SHOWN} more" if new[_SHOWN:] else "")
    return f"Writes {len(new)} redirect{'' if len(new) == 1 else 's'}: {shown}."


WRITE_REDIRECTS = Tool(
    spec=ToolSpec(
        name="redirects.write",
        description=(
            "Adds redirects to the file `_redirects` in the agent's `redirects_folder`, all of them or none: from "
            "addresses its sources know as broken, to pages its sources know as there. No chains, circles or doubles."
        ),
        arguments=closed({"entries": _ENTRIES}),
        result=closed({"write": text(64), "file": text(300), "entries": _ENTRIES, "sha256": text(64)}),
        access=Access.WRITE,
        undo_tool="redirects.undo",
    ),
    run=_run_write,
    summarise=_says_write,
    check=_require_sound,
    admit=_require_known,
    lookup=_run_look_up,
    undo=lambda result: {"write": result["write"]},
    undo_says="Makes the file exactly what it was before; refused when somebody has changed it since.",
)


def _undo(call: ToolCall) -> JsonObject:
    with opened(call.root, _folder(call)) as folder:
        known = redirect_file.recorded(folder, str(call.arguments["write"]))
        if known is None:
            raise UserMistake(f"There is no record of the write {call.arguments['write']!r}.")
        redirect_file.take_back(folder, known)
    return {"write": known.key, "file": f"{_folder(call)}/{redirect_file.FILE}", "existed": known.before is not None}


async def _run_undo(call: ToolCall, _: Means) -> JsonObject:
    return await asyncio.to_thread(_undo, call)


UNDO_REDIRECTS = Tool(
    spec=ToolSpec(
        name="redirects.undo",
        description="Takes an earlier `redirects.write` back, exactly; refused when the file was changed since.",
        arguments=closed({"write": {"type": "string", "pattern": "^[A-Za-z0-9_]{1,64}$"}}),
        result=closed({"write": text(64), "file": text(300), "existed": {"type": "boolean"}}),
        access=Access.WRITE,
        idempotent=True,
    ),
    run=_run_undo,
    summarise=lambda arguments: f"Takes back the redirects written as {arguments['write']}.",
)


def _read(call: ToolCall) -> JsonObject:
    with opened(call.root, _folder(call)) as folder:
        there = redirect_rules.written(redirect_file.content(folder) or "")
    entries: list[Json] = [{"from": one.source, "to": one.target, "status": one.status} for one in there[:READ_MAX]]
    return {"entries": entries, "count": len(there)}


async def _run_read(call: ToolCall, _: Means) -> JsonObject:
    return await asyncio.to_thread(_read, call)


READ_REDIRECTS = Tool(
    spec=ToolSpec(
        name="redirects.read",
        description="The redirects that stand in the file `_redirects` of the agent's `redirects_folder`.",
        arguments=closed({}),
        result=closed(
            {
                "entries": list_of(
                    closed({"from": {"type": "string"}, "to": {"type": "string"}, "status": {"type": "integer"}}),
                    at_most=READ_MAX,
                ),
                "count": {"type": "integer"},
            }
        ),
        access=Access.READ,
    ),
    run=_run_read,
    summarise=lambda _: "Reads the redirects that are there.",
)


def _folder(call: ToolCall) -> str:
    folder = call.agent.settings.get(FOLDER_SETTING)
    if not isinstance(folder, str):
        raise Refused(f"{call.agent.name} has no setting `{FOLDER_SETTING}`.", "lane.folder")
    require_own_folder(call.agent, folder)
    return folder


def _hosts(call: ToolCall) -> frozenset[str]:
    hosts = call.agent.settings.get(HOSTS_SETTING)
    return frozenset(str(host) for host in hosts) if isinstance(hosts, list | tuple) else frozenset()


def _redirects(call: ToolCall) -> list[Redirect]:
    return _entries(call.arguments)


def _entries(arguments: Mapping[str, Json]) -> list[Redirect]:
    given = arguments["entries"]
    entries = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    return [Redirect(str(one["from"]), str(one["to"]), int(str(one["status"]))) for one in entries]
