"""files.list_old, files.move_old, files.undo_move: tidying a folder the workspace names, one list at a time."""

import asyncio

from agents.tools.builtin import moving
from agents.tools.builtin.aging import is_plain_name, old_files
from agents.tools.builtin.lanes import opened, require_own_folder
from agents.tools.builtin.shapes import closed, list_of, text
from agents.tools.spec import Means, Tool, ToolCall, ToolSpec
from store.kernel.canonical import Json, JsonObject
from store.kernel.errors import UserMistake
from store.records import Access

FILES_MAX = 200
"""The most files one call lists or moves; more are said to exist."""
_NAMES_SHOWN = 3

_FOLDER = {**text(200), "description": "One of the agent's folders, as its settings name it"}
_DAYS: JsonObject = {"type": "integer", "minimum": 1, "maximum": 36500}
_NAMES = list_of(text(255), at_least=1, at_most=FILES_MAX)


def _list(call: ToolCall) -> JsonObject:
    folder, days = str(call.arguments["folder"]), _days(call)
    with opened(call.root, folder) as source:
        found = old_files(source, call.now, days)
    listed: list[Json] = [
        {"path": one.name, "dated": one.dated.isoformat(), "size_bytes": one.size_bytes} for one in found[:FILES_MAX]
    ]
    return {
        "folder": folder,
        "older_than_days": days,
        "files": listed,
        "count": len(found),
        "total_bytes": sum(one.size_bytes for one in found),
    }


async def _list_old(call: ToolCall, _: Means) -> JsonObject:
    return await asyncio.to_thread(_list, call)


LIST_OLD = Tool(
    spec=ToolSpec(
        name="files.list_old",
        description=(
            "Lists the files right in one of the agent's folders that are older than so many days, oldest first (at "
            "most 200; `count` is of all). A date at the start of a name counts before the date of the last change."
        ),
        arguments=closed({"folder": _FOLDER, "older_than_days": _DAYS}),
        result=closed(
            {
                "folder": text(200),
                "older_than_days": _DAYS,
                "files": list_of(
                    closed({"path": text(255), "dated": text(10), "size_bytes": {"type": "integer"}}), at_most=FILES_MAX
                ),
                "count": {"type": "integer"},
                "total_bytes": {"type": "integer"},
            }
        ),
        access=Access.READ,
        taints=True,
    ),
    run=_list_old,
    summarise=lambda arguments: f"Lists what is old in {arguments['folder']}.",
    check=lambda call: require_own_folder(call.agent, str(call.arguments["folder"])),
)


def _require_movable(call: ToolCall) -> None:
    folder, to_folder = _folders(call)
    require_own_folder(call.agent, folder)
    require_own_folder(call.agent, to_folder)
    if folder == to_folder:
        raise UserMistake("Files are moved from one folder to another; these are the same.")
    odd = next((name for name in _names(call) if not is_plain_name(name)), None)
    if odd is not None:
        raise UserMistake(f"{odd!r} is not the name of a file right in the folder.")


def _move(call: ToolCall) -> JsonObject:
    folder, to_folder = _folders(call)
    with opened(call.root, folder) as source, opened(call.root, to_folder) as target:
        planned = moving.plan(
            source,
            target,
            key=call.idempotency_key,
            names=_names(call),
            now=call.now,
            older_than_days=_days(call),
        )
        return _moved(call, moving.carry_out(source, target, planned))


def _look_up(call: ToolCall) -> JsonObject | None:
    folder, to_folder = _folders(call)
    with opened(call.root, folder) as source, opened(call.root, to_folder) as target:
        planned = moving.recorded_plan(target, call.idempotency_key)
        if planned is None or not moving.is_carried_out(source, target, planned):
            return None
        return _moved(call, moving.carry_out(source, target, planned))


def _moved(call: ToolCall, done: moving.Moved) -> JsonObject:
    folder, to_folder = _folders(call)
    return {
        "move": call.idempotency_key,
        "folder": folder,
        "to_folder": to_folder,
        "moved": [{"path": name, "to": target} for name, target in done.moved],
        "skipped": [{"path": name, "reason": reason} for name, reason in done.skipped],
    }


async def _move_old(call: ToolCall, _: Means) -> JsonObject:
    return await asyncio.to_thread(_move, call)


async def _look_up_move(call: ToolCall, _: Means) -> JsonObject | None:
    return await asyncio.to_thread(_look_up, call)


def _says_move(arguments: JsonObject) -> str:
    names = [str(name) for name in _items(arguments["paths"])]
    shown = ", ".join(names[:_NAMES_SHOWN]) + (f" and {len(names) - _NAMES_SHOWN} more" if names[_NAMES_SHOWN:] else "")
    files = "1 file" if len(names) == 1 else f"{len(names)} files"
    days, folder, to_folder = arguments["older_than_days"], arguments["folder"], arguments["to_folder"]
    return f"Moves {files} older than {days} days from {folder} to {to_folder}: {shown}."


def _undo_arguments(result: JsonObject) -> JsonObject | None:
    moved: list[Json] = [one["path"] for one in _items(result["moved"]) if isinstance(one, dict)]
    if not moved:
        return None
    return {"move": result["move"], "folder": result["folder"], "to_folder": result["to_folder"], "paths": moved}


_RESULT = closed(
    {
        "move": text(64),
        "folder": text(200),
        "to_folder": text(200),
        "moved": list_of(closed({"path": text(255), "to": text(300)}), at_most=FILES_MAX),
        "skipped": list_of(closed({"path": text(255), "reason": text(300)}), at_most=FILES_MAX),
    }
)

MOVE_OLD = Tool(
    spec=ToolSpec(
        name="files.move_old",
        description=(
            "Moves exactly the named files from one of the agent's folders to another, if they are still there and "
            "older than so many days; nothing is overwritten. Says what was moved, and what was not and why."
        ),
        arguments=closed({"folder": _FOLDER, "to_folder": _FOLDER, "paths": _NAMES, "older_than_days": _DAYS}),
        result=_RESULT,
        access=Access.WRITE,
        undo_tool="files.undo_move",
    ),
    run=_move_old,
    summarise=_says_move,
    check=_require_movable,
    lookup=_look_up_move,
    undo=_undo_arguments,
    undo_says="Moves the files back under the names they had; a file whose name is taken by then stays where it is.",
)


def _require_undoable(call: ToolCall) -> None:
    _require_movable(call)
    if not is_plain_name(str(call.arguments["move"])):
        raise UserMistake("`move` is the name a move was given in its result.")


def _undo(call: ToolCall) -> JsonObject:
    folder, to_folder = _folders(call)
    with opened(call.root, folder) as source, opened(call.root, to_folder) as target:
        planned = moving.recorded_plan(target, str(call.arguments["move"]))
        if planned is None:
            raise UserMistake(f"There is no record of the move {call.arguments['move']!r} in {to_folder}.")
        wanted = set(_names(call))
        done = moving.take_back(source, target, [one for one in planned if one.name in wanted])
    return {
        "move": call.arguments["move"],
        "folder": folder,
        "to_folder": to_folder,
        "moved": [{"path": target, "to": name} for name, target in done.moved],
        "skipped": [{"path": name, "reason": reason} for name, reason in done.skipped],
    }


async def _undo_move(call: ToolCall, _: Means) -> JsonObject:
    return await asyncio.to_thread(_undo, call)


def _says_undo(arguments: JsonObject) -> str:
    count = len(_items(arguments["paths"]))
    files = "1 file" if count == 1 else f"{count} files"
    return f"Moves {files} back from {arguments['to_folder']} to {arguments['folder']}."


UNDO_MOVE = Tool(
    spec=ToolSpec(
        name="files.undo_move",
        description="Moves files of an earlier `files.move_old` back under the names they had; nothing is overwritten.",
        arguments=closed({"move": text(64), "folder": _FOLDER, "to_folder": _FOLDER, "paths": _NAMES}),
        result=_RESULT,
        access=Access.WRITE,
        idempotent=True,
    ),
    run=_undo_move,
    summarise=_says_undo,
    check=_require_undoable,
)


def _folders(call: ToolCall) -> tuple[str, str]:
    return str(call.arguments["folder"]), str(call.arguments["to_folder"])


def _names(call: ToolCall) -> list[str]:
    return [str(name) for name in _items(call.arguments["paths"])]


def _days(call: ToolCall) -> int:
    days = call.arguments["older_than_days"]
    return days if isinstance(days, int) else 0


def _items(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
