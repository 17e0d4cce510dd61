"""data.check and data.query: how the agent's sources stand, and rows of them in SQL, with what they were read from."""

import asyncio

from agents.sources.port import SourceState, Table, Window
from agents.tools.builtin.shapes import MOMENT, closed, list_of, moment_of, shown, text
from agents.tools.spec import Means, Tool, ToolCall, ToolSpec
from store.kernel.canonical import Json, JsonObject
from store.kernel.errors import Refused, UserMistake
from store.records import Access

SQL_MAX_CHARACTERS = 10_000
ROWS_MAX = 200
_NOTHING_OR_MOMENT: JsonObject = {"type": ["string", "null"], "maxLength": 40}
_COUNT: JsonObject = {"type": "integer", "minimum": 0}
_FLAG: JsonObject = {"type": "boolean"}
_WORDS: JsonObject = {"type": "string"}

_STATE = closed(
    {
        "source": _WORDS,
        "state": {"enum": ["ok", "missing", "late", "malformed", "empty", "outside_window"]},
        "detail": _WORDS,
        "oldest": _NOTHING_OR_MOMENT,
        "newest": _NOTHING_OR_MOMENT,
        "rows": _COUNT,
        "in_window": _COUNT,
        "refused": _COUNT,
        "simulated": _FLAG,
    }
)
_FILE = closed({"source": _WORDS, "file": _WORDS, "sha256": _WORDS, "rows": _COUNT})
_WINDOW: JsonObject = {"window_from": MOMENT, "window_until": MOMENT}


async def _check(call: ToolCall, means: Means) -> JsonObject:
    states = await asyncio.to_thread(means.sources.check, call.agent.sources, _window(call), call.now)
    return {"as_of": shown(call.now), "sources": [_state(one) for one in states]}


def _window(call: ToolCall) -> Window:
    since, until = moment_of(str(call.arguments["window_from"])), moment_of(str(call.arguments["window_until"]))
    if since >= until:
        raise UserMistake("The time from `window_from` to `window_until` is empty.")
    return Window(since=since, until=until)


def _state(state: SourceState) -> JsonObject:
    return {
        "source": state.source,
        "state": state.state.value,
        "detail": state.detail,
        "oldest": None if state.oldest is None else state.oldest.isoformat(timespec="seconds"),
        "newest": None if state.newest is None else state.newest.isoformat(timespec="seconds"),
        "rows": state.rows,
        "in_window": state.in_window,
        "refused": state.refused,
        "simulated": state.simulated,
    }


def _require_usable(call: ToolCall) -> None:
    if not call.agent.sources:
        raise Refused(f"{call.agent.name} has no sources, so it may read none.", "scope.sources")
    _window(call)


CHECK_DATA = Tool(
    spec=ToolSpec(
        name="data.check",
        description=(
            "Tells of each of the agent's sources whether it can be relied on for a time: ok, missing, late, "
            "malformed, empty or outside_window, with the newest row. Everything but ok is to be told."
        ),
        arguments=closed(_WINDOW),
        result=closed({"as_of": MOMENT, "sources": list_of(_STATE, at_most=100)}),
        access=Access.READ,
        timeout_seconds=120,
    ),
    run=_check,
    summarise=lambda _: "Looks whether the agent's sources can be relied on.",
    check=_require_usable,
)


async def _query(call: ToolCall, means: Means) -> JsonObject:
    window = _window(call)
    given = call.arguments.get("parameters")
    parameters: dict[str, Json] = {
        "window_from": _naive(window.since.isoformat()),
        "window_until": _naive(window.until.isoformat()),
        **(given if isinstance(given, dict) else {}),
    }
    table = await asyncio.to_thread(
        means.sources.query, call.agent.sources, str(call.arguments["sql"]), parameters, window, call.now
    )
    return _table(table)


def _naive(moment: str) -> str:
    """A moment in UTC as the column `_at` holds it."""
    return moment.removesuffix("+00:00").replace("T", " ")


def _table(table: Table) -> JsonObject:
    rows: list[Json] = [list(row) for row in table.rows]
    return {
        "columns": list(table.columns),
        "rows": rows,
        "truncated": table.truncated,
        "quotes_strangers": table.may_hold_strangers_words,
        "sources": [_state(one) for one in table.sources],
        "as_of": shown(table.as_of),
        "evidence": {
            "sql": table.sql,
            "files": [
                {"source": one.source, "file": file.name, "sha256": file.sha256, "rows": file.rows}
                for one in table.sources
                for file in one.files
            ],
            "row_count": len(rows),
            "as_of": shown(table.as_of),
        },
    }


QUERY_DATA = Tool(
    spec=ToolSpec(
        name="data.query",
        description=(
            "Reads the agent's sources with one SELECT (DuckDB). A source is a table named like it, with _ for -; each "
            "row also has _at (when it begins, UTC), _local, _file and _line. Only rows whose time is over are "
            "there. $name is a parameter; $window_from and $window_until always are. Gives at most 200 rows."
        ),
        arguments=closed(
            {
                "sql": text(SQL_MAX_CHARACTERS),
                "parameters": {
                    "type": "object",
                    "additionalProperties": {"type": ["string", "integer", "boolean", "null"]},
                    "maxProperties": 20,
                },
                **_WINDOW,
            },
            optional=("parameters",),
        ),
        result=closed(
            {
                "columns": list_of(_WORDS, at_most=200),
                "rows": list_of({"type": "array"}, at_most=ROWS_MAX),
                "truncated": _FLAG,
                "quotes_strangers": _FLAG,
                "sources": list_of(_STATE, at_most=100),
                "as_of": MOMENT,
                "evidence": closed(
                    {
                        "sql": _WORDS,
                        "files": list_of(_FILE, at_most=1000),
                        "row_count": _COUNT,
                        "as_of": MOMENT,
                    }
                ),
            }
        ),
        access=Access.READ,
        taints=True,
        timeout_seconds=120,
    ),
    run=_query,
    summarise=lambda _: "Reads rows of the agent's sources.",
    check=_require_usable,
    taints_with=lambda result: result["quotes_strangers"] is not False,
)
