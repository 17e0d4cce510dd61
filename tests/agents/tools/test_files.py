"""The file tools on a real folder: exactly what was approved, nothing overwritten, whole after a crash."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agents.tools.builtin.files import LIST_OLD, MOVE_OLD, UNDO_MOVE
from agents.tools.spec import Means, Tool, ToolCall
from store.kernel.canonical import JsonObject
from store.kernel.errors import QuarterdeckError, Refused, UserMistake
from tests.agents.rig import AGENT, START, Killed, Rig

LONG_AGO = START - timedelta(days=60)


@pytest.fixture
def folders(rig: Rig) -> Path:
    for name in ("inbox", "archive"):
        (rig.root / name).mkdir()
    rig.change_agent(settings={"tidy_folder": "inbox", "archive_folder": "archive", "note": "elsewhere"})
    (rig.root / "elsewhere").mkdir()
    return rig.root


def put(path: Path, text: str = "x", at: Any = LONG_AGO) -> Path:
    path.write_text(text)
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


def call(rig: Rig, key: str = "move-1", **arguments: Any) -> ToolCall:
    return ToolCall(
        agent=rig.team.agents[AGENT],
        run_id="run",
        arguments=arguments,
        idempotency_key=key,
        now=START,
        root=rig.root,
    )


async def use(rig: Rig, tool: Tool, key: str = "move-1", **arguments: Any) -> Any:
    asked = call(rig, key, **arguments)
    if tool.check is not None:
        tool.check(asked)
    return await tool.run(asked, Means(store=rig.store, team=rig.team, readings=rig.readings))


def move(*names: str, **changes: Any) -> dict[str, Any]:
    return {"folder": "inbox", "to_folder": "archive", "paths": list(names), "older_than_days": 30} | changes


async def look(rig: Rig, *names: str) -> JsonObject | None:
    assert MOVE_OLD.lookup is not None
    means = Means(store=rig.store, team=rig.team, readings=rig.readings)
    return await MOVE_OLD.lookup(call(rig, **move(*names)), means)


def seen(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(folder.iterdir()) if path.is_file()}


async def test_old_means_by_the_date_in_the_name_else_by_the_last_change(rig: Rig, folders: Path) -> None:
    put(folders / "inbox" / "b-old.txt", "12")
    put(folders / "inbox" / "new.txt", at=START)
    put(folders / "inbox" / "2025-03-14-dated.txt", at=START)
    put(folders / "inbox" / "2025-12-31-young.txt")
    put(folders / "inbox" / "2025-13-99-no-date.txt", at=START)
    put(folders / "inbox" / ".hidden")
    (folders / "inbox" / "folder").mkdir()
    (folders / "inbox" / "link").symlink_to(put(folders / "elsewhere" / "secret"))
    listed = await use(rig, LIST_OLD, folder="inbox", older_than_days=30)
    assert listed["files"] == [
        {"path": "2025-03-14-dated.txt", "dated": "2025-03-14", "size_bytes": 1},
        {"path": "b-old.txt", "dated": "2025-11-06", "size_bytes": 2},
    ]
    assert (listed["count"], listed["total_bytes"]) == (2, 3)


async def test_a_file_exactly_as_old_as_the_limit_is_not_older(rig: Rig, folders: Path) -> None:
    put(folders / "inbox" / "2025-12-06-thirty-days.txt")
    put(folders / "inbox" / "2025-12-05-thirty-one-days.txt")
    listed = await use(rig, LIST_OLD, folder="inbox", older_than_days=30)
    assert [file["path"] for file in listed["files"]] == ["2025-12-05-thirty-one-days.txt"]


async def test_exactly_the_named_files_are_moved(rig: Rig, folders: Path) -> None:
    for name in ("a.txt", "b.txt", "c.txt"):
        put(folders / "inbox" / name, name)
    done = await use(rig, MOVE_OLD, **move("a.txt", "c.txt"))
    assert done["moved"] == [{"path": "a.txt", "to": "a.txt"}, {"path": "c.txt", "to": "c.txt"}]
    assert seen(folders / "inbox") == {"b.txt": "b.txt"}
    assert seen(folders / "archive") == {"a.txt": "a.txt", "c.txt": "c.txt"}


async def test_nothing_is_overwritten(rig: Rig, folders: Path) -> None:
    put(folders / "inbox" / "a.txt", "new")
    put(folders / "archive" / "a.txt", "first")
    put(folders / "archive" / "a-2.txt", "second")
    done = await use(rig, MOVE_OLD, **move("a.txt"))
    assert done["moved"] == [{"path": "a.txt", "to": "a-3.txt"}]
    assert seen(folders / "archive") == {"a.txt": "first", "a-2.txt": "second", "a-3.txt": "new"}


async def test_what_changed_since_the_question_stays_and_is_said(rig: Rig, folders: Path) -> None:
    put(folders / "inbox" / "a.txt")
    put(folders / "inbox" / "touched.txt", at=START)
    done = await use(rig, MOVE_OLD, **move("a.txt", "touched.txt", "gone.txt"))
    assert [one["path"] for one in done["moved"]] == ["a.txt"]
    assert [one["path"] for one in done["skipped"]] == ["touched.txt", "gone.txt"]
    assert "touched.txt" in seen(folders / "inbox")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (move("a", folder="elsewhere"), Refused),
        (move("a", to_folder="elsewhere"), Refused),
        (move("a", to_folder="."), Refused),
        (move("a", to_folder="inbox"), UserMistake),
        (move("../secret"), UserMistake),
        (move("folder/a"), UserMistake),
        (move("/etc/passwd"), UserMistake),
        (move(".."), UserMistake),
        (move(".hidden"), UserMistake),
        (move("a\x00b"), UserMistake),
        (move("a\nb"), UserMistake),
        (move("\u202eexe.txt"), UserMistake),
    ],
)
async def test_no_call_leaves_the_agents_own_folders(
    rig: Rig, folders: Path, arguments: dict[str, Any], error: type[QuarterdeckError]
) -> None:
    with pytest.raises(error):
        await use(rig, MOVE_OLD, **arguments)


async def test_a_symlink_is_never_moved_nor_followed(rig: Rig, folders: Path) -> None:
    secret = put(folders / "elsewhere" / "secret", "secret")
    (folders / "inbox" / "link.txt").symlink_to(secret)
    done = await use(rig, MOVE_OLD, **move("link.txt"))
    assert done["moved"] == []
    assert (folders / "inbox" / "link.txt").is_symlink()


@pytest.mark.parametrize("name", ["inbox", "archive"])
async def test_a_folder_exchanged_for_a_symlink_is_not_entered(rig: Rig, folders: Path, name: str) -> None:
    put(folders / "elsewhere" / "secret", "secret")
    (folders / name).rename(folders / "was")
    (folders / name).symlink_to(folders / "elsewhere")
    with pytest.raises(UserMistake, match="cannot be opened"):
        await use(rig, MOVE_OLD, **move("secret"))
    assert seen(folders / "elsewhere") == {"secret": "secret"}


async def test_a_folder_reached_over_a_symlink_is_not_entered(rig: Rig, folders: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (outside / "inner").mkdir(parents=True)
    (folders / "way").symlink_to(outside)
    rig.change_agent(settings={"tidy_folder": "way/inner", "archive_folder": "archive", "up_folder": "../outside"})
    for folder in ("way/inner", "../outside"):
        with pytest.raises(UserMistake):
            await use(rig, LIST_OLD, folder=folder, older_than_days=1)


def dying_at(monkeypatch: pytest.MonkeyPatch, name: str, nth: int) -> None:
    """The process dies right before the n-th call of this operating system function."""
    original: Callable[..., Any] = getattr(os, name)
    count = 0

    def counted(*args: Any, **options: Any) -> Any:
        nonlocal count
        count += 1
        if count == nth:
            monkeypatch.undo()
            raise Killed
        return original(*args, **options)

    monkeypatch.setattr(os, name, counted)


@pytest.mark.parametrize("point", ["mkdir", "rename", "link", "unlink", "fsync"])
@pytest.mark.parametrize("nth", [1, 2, 3, 4])
async def test_a_crash_anywhere_is_seen_and_finished_once(
    rig: Rig, folders: Path, monkeypatch: pytest.MonkeyPatch, point: str, nth: int
) -> None:
    names = ["a.txt", "b.txt", "c.txt"]
    for name in names:
        put(folders / "inbox" / name, name)
    put(folders / "archive" / "b.txt", "mine")
    dying_at(monkeypatch, point, nth)
    try:
        await use(rig, MOVE_OLD, **move(*names))
    except Killed:
        known = await look(rig, *names)
        assert known is None or not seen(folders / "inbox"), "done is said only when all is done"
    monkeypatch.undo()
    done: Any = await look(rig, *names) or await use(rig, MOVE_OLD, **move(*names))
    assert [one["to"] for one in done["moved"]] == ["a.txt", "b-2.txt", "c.txt"]
    assert seen(folders / "inbox") == {}
    assert seen(folders / "archive") == {"a.txt": "a.txt", "b.txt": "mine", "b-2.txt": "b.txt", "c.txt": "c.txt"}
    assert await use(rig, MOVE_OLD, **move(*names)) == done, "again with the same key changes nothing more"


async def test_a_look_before_anything_happened_finds_nothing(rig: Rig, folders: Path) -> None:
    put(folders / "inbox" / "a.txt")
    assert await look(rig, "a.txt") is None


async def test_a_file_exchanged_after_the_plan_is_not_moved(
    rig: Rig, folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = put(folders / "inbox" / "a.txt", "planned")
    dying_at(monkeypatch, "link", 1)
    with pytest.raises(Killed):
        await use(rig, MOVE_OLD, **move("a.txt"))
    old.rename(folders / "inbox" / "kept")
    put(folders / "inbox" / "a.txt", "another file of that name")
    done = await use(rig, MOVE_OLD, **move("a.txt"))
    assert (done["moved"], len(done["skipped"])) == ([], 1)
    assert seen(folders / "archive") == {}


async def undone(rig: Rig, done: JsonObject) -> Any:
    assert MOVE_OLD.undo is not None
    arguments = MOVE_OLD.undo(done)
    assert arguments is not None
    return await use(rig, UNDO_MOVE, key="undo-1", **arguments)


async def test_a_move_is_taken_back_under_the_old_names(rig: Rig, folders: Path) -> None:
    put(folders / "inbox" / "a.txt", "a")
    put(folders / "archive" / "a.txt", "mine")
    done = await use(rig, MOVE_OLD, **move("a.txt"))
    back = await undone(rig, done)
    assert back["moved"] == [{"path": "a-2.txt", "to": "a.txt"}]
    assert seen(folders / "inbox") == {"a.txt": "a"}
    assert seen(folders / "archive") == {"a.txt": "mine"}
    assert await undone(rig, done) == back


async def test_taking_back_overwrites_nothing_either(rig: Rig, folders: Path) -> None:
    put(folders / "inbox" / "a.txt", "a")
    done = await use(rig, MOVE_OLD, **move("a.txt"))
    put(folders / "inbox" / "a.txt", "new")
    back = await undone(rig, done)
    assert (back["moved"], len(back["skipped"])) == ([], 1)
    assert seen(folders / "inbox") == {"a.txt": "new"}
    assert seen(folders / "archive") == {"a.txt": "a"}


async def test_only_a_move_on_record_can_be_taken_back(rig: Rig, folders: Path) -> None:
    put(folders / "archive" / "mine.txt")
    arguments: dict[str, Any] = {"move": "never", "folder": "inbox", "to_folder": "archive", "paths": ["mine.txt"]}
    with pytest.raises(UserMistake, match="no record of the move"):
        await use(rig, UNDO_MOVE, **arguments)
    with pytest.raises(UserMistake):
        await use(rig, UNDO_MOVE, **{**arguments, "move": "../x"})


def test_a_move_of_nothing_leaves_nothing_to_take_back() -> None:
    assert MOVE_OLD.undo is not None
    assert MOVE_OLD.undo({"move": "m", "folder": "a", "to_folder": "b", "moved": [], "skipped": []}) is None


def test_the_summary_names_the_files_and_stays_short() -> None:
    assert MOVE_OLD.summarise(move("a", "b", "c", "d", "e")) == (
        "Moves 5 files older than 30 days from inbox to archive: a, b, c and 2 more."
    )
    assert MOVE_OLD.summarise(move("a")) == "Moves 1 file older than 30 days from inbox to archive: a."


def test_the_tool_promises_only_what_it_keeps() -> None:
    assert not MOVE_OLD.spec.may_repeat, "it is looked up after a crash, not blindly repeated"
    assert UNDO_MOVE.spec.may_repeat
