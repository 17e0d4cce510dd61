"""Redirects on a real folder: only sound ones, written once and whole, and taken back exactly."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agents.sources.port import NoSources, Table, Window
from agents.sources.spec import SourceSpec
from agents.tools.builtin.redirect_file import FILE, RECORDS
from agents.tools.builtin.redirects import READ_REDIRECTS, UNDO_REDIRECTS, WRITE_REDIRECTS
from agents.tools.spec import Means, Tool, ToolCall
from store.kernel.canonical import Json, JsonObject
from store.kernel.errors import OutcomeUnknown, QuarterdeckError, Refused, UserMistake
from tests.agents.rig import AGENT, START, Killed, Rig

OLD, NEW = "/guides/checklist", "/handbook/checklist"
OTHER, OTHER_NEW = "/guides/contract", "/handbook/contract"
KEY = "write_1"


@dataclass
class Known(NoSources):
    """Sources whose rows are given: which addresses are broken, which pages are there."""

    paths: dict[str, set[str]] = field(default_factory=dict)
    windows: dict[str, Window] = field(default_factory=dict)

    def query(
        self, scope: Sequence[str], sql: str, parameters: Mapping[str, Json], window: Window, now: datetime
    ) -> Table:
        (name,) = scope
        self.windows[name] = window
        rows = tuple((path,) for path in sorted(self.paths[name] & {str(one) for one in parameters.values()}))
        return Table(columns=("path",), rows=rows, truncated=False, sources=(), sql=sql, as_of=now)


@pytest.fixture
def sources(rig: Rig) -> Known:
    (rig.root / "out").mkdir()
    settings = {"redirects_folder": "out", "broken_source": "broken", "pages_source": "pages"}
    rig.change_agent(settings=settings, sources=("broken", "pages"))
    specs = {name: SourceSpec(id=name, reads="csv", file=f"{name}.csv", timezone="UTC") for name in ("broken", "pages")}
    rig.team = rig.team.model_copy(update={"sources": specs})
    return Known(paths={"broken": {OLD, OTHER}, "pages": {NEW, OTHER_NEW, "/"}})


def entry(source: str = OLD, target: str = NEW, status: int = 301) -> dict[str, Any]:
    return {"from": source, "to": target, "status": status}


def asked(rig: Rig, arguments: JsonObject, key: str = KEY) -> ToolCall:
    return ToolCall(
        agent=rig.team.agents[AGENT],
        run_id="run",
        arguments=arguments,
        idempotency_key=key,
        now=START,
        root=rig.root,
    )


async def use(rig: Rig, sources: Known, tool: Tool, arguments: JsonObject, key: str = KEY) -> Any:
    call = asked(rig, arguments, key)
    means = Means(store=rig.store, team=rig.team, readings=rig.readings, sources=sources)
    if tool.check is not None:
        tool.check(call)
    if tool.admit is not None:
        await tool.admit(call, means)
    return await tool.run(call, means)


async def write(rig: Rig, sources: Known, *entries: dict[str, Any], key: str = KEY) -> Any:
    return await use(rig, sources, WRITE_REDIRECTS, {"entries": list(entries)}, key)


async def undo(rig: Rig, sources: Known, key: str = KEY) -> Any:
    return await use(rig, sources, UNDO_REDIRECTS, {"write": key}, "undo_1")


async def look(rig: Rig, *entries: dict[str, Any]) -> JsonObject | None:
    assert WRITE_REDIRECTS.lookup is not None
    means = Means(store=rig.store, team=rig.team, readings=rig.readings)
    return await WRITE_REDIRECTS.lookup(asked(rig, {"entries": list(entries)}), means)


def there(rig: Rig) -> Path:
    return rig.root / "out" / FILE


async def test_redirects_are_added_below_what_stands_there(rig: Rig, sources: Known) -> None:
    there(rig).write_text("# by hand\n/old /new 302\n")
    done = await write(rig, sources, entry(), entry(OTHER, OTHER_NEW, 308))
    assert there(rig).read_text() == (f"# by hand\n/old /new 302\n# {KEY}\n{OLD} {NEW} 301\n{OTHER} {OTHER_NEW} 308\n")
    assert done["file"] == "out/_redirects"


async def test_what_stands_there_can_be_read(rig: Rig, sources: Known) -> None:
    assert await use(rig, sources, READ_REDIRECTS, {}) == {"entries": [], "count": 0}
    there(rig).write_text("# by hand\n/old /new\n/a /b 302 # why\nnot a redirect at all\n")
    listed = [entry("/old", "/new"), entry("/a", "/b", 302)]
    assert await use(rig, sources, READ_REDIRECTS, {}) == {"entries": listed, "count": 2}


async def test_the_same_call_again_writes_nothing_again(rig: Rig, sources: Known) -> None:
    first = await write(rig, sources, entry())
    means = Means(store=rig.store, team=rig.team, readings=rig.readings, sources=sources)
    assert await WRITE_REDIRECTS.run(asked(rig, {"entries": [entry()]}), means) == first
    assert there(rig).read_text().count(OLD) == 1


@pytest.mark.parametrize("before", [None, "", "/a /b 301", "# nothing yet\r\n"])
async def test_an_undo_restores_the_file_to_the_byte(rig: Rig, sources: Known, before: str | None) -> None:
    if before is not None:
        there(rig).write_bytes(before.encode())
    await write(rig, sources, entry())
    await undo(rig, sources)
    assert (there(rig).read_bytes().decode() if there(rig).exists() else None) == before
    await undo(rig, sources)  # once more changes nothing


async def test_an_undo_is_refused_once_somebody_has_changed_the_file(rig: Rig, sources: Known) -> None:
    await write(rig, sources, entry())
    with there(rig).open("a") as file:
        file.write("/mine /too 301\n")
    with pytest.raises(UserMistake, match="Somebody has changed _redirects since"):
        await undo(rig, sources)
    assert "/mine /too 301" in there(rig).read_text()


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([entry(OLD, OLD)], "in a circle"),
        ([entry(), entry(NEW, OLD)], "a circle|a chain"),
        ([entry(), entry()], "two redirects from"),
        ([entry("/there", NEW)], "two redirects from"),
        ([entry(OLD, OTHER), entry(OTHER, OTHER_NEW)], "one of a chain"),
        ([entry(OLD, "/there")], "one of a chain"),
        ([entry("/kept", NEW)], "one of a chain"),
        ([entry("guides", NEW)], "not a plain path"),
        ([entry("/guides/../etc", NEW)], "not a plain path"),
        ([entry("//evil.example/x", NEW)], "not a plain path"),
        ([entry("/guides/*", NEW)], "not a plain path"),
        ([entry("/guides/x y", NEW)], "not a plain path"),
        ([entry("/guides?x=1", NEW)], "not a plain path"),
        ([entry("/guides\n/a /b", NEW)], "not a plain path"),
        ([entry(OLD, "https://evil.example/x")], "leads out of the site"),
        ([entry(OLD, "http://[")], "leads out of the site"),
        ([entry(OLD, "javascript:alert(1)")], "leads out of the site"),
        ([entry("/about", NEW)], "not among the broken addresses"),
        ([entry(OLD, "/nowhere")], "not a page that is there"),
    ],
)
async def test_an_unsound_redirect_is_refused_and_nothing_written(
    rig: Rig, sources: Known, entries: list[dict[str, Any]], said: str
) -> None:
    there(rig).write_text("/there /kept 301\n")
    with pytest.raises(UserMistake, match=said):
        await write(rig, sources, *entries)
    assert there(rig).read_text() == "/there /kept 301\n"


async def test_a_page_that_is_broken_itself_is_no_target(rig: Rig, sources: Known) -> None:
    sources.paths["pages"].add(OTHER)
    with pytest.raises(UserMistake, match="not a page that is there"):
        await write(rig, sources, entry(OLD, OTHER))


async def test_an_allowed_host_may_be_led_to(rig: Rig, sources: Known) -> None:
    settings = dict(rig.team.agents[AGENT].settings)
    rig.change_agent(settings={**settings, "redirect_hosts": ["help.example"]})
    await write(rig, sources, entry(OLD, "https://help.example/checklist"))
    assert f"{OLD} https://help.example/checklist 301" in there(rig).read_text()


async def test_only_what_broke_lately_counts_as_broken(rig: Rig, sources: Known) -> None:
    await write(rig, sources, entry())
    assert sources.windows["broken"] == Window(since=START - timedelta(days=14), until=START)
    assert sources.windows["pages"].since.year < 2000


@pytest.mark.parametrize("setting", ["redirects_folder", "broken_source", "pages_source"])
async def test_an_agent_without_the_setting_is_refused(rig: Rig, sources: Known, setting: str) -> None:
    settings = {key: value for key, value in rig.team.agents[AGENT].settings.items() if key != setting}
    rig.change_agent(settings=settings)
    with pytest.raises(Refused, match=setting):
        await write(rig, sources, entry())


async def test_a_source_of_another_agent_is_none_of_this_one(rig: Rig, sources: Known) -> None:
    rig.change_agent(sources=("pages",))
    with pytest.raises(Refused, match="broken_source"):
        await write(rig, sources, entry())


async def test_a_link_out_of_the_workspace_is_not_followed(rig: Rig, sources: Known, tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("mine")
    there(rig).symlink_to(outside)
    with pytest.raises(UserMistake, match="cannot be read"):
        await write(rig, sources, entry())
    assert outside.read_text() == "mine"


async def test_looking_tells_whether_it_happened(rig: Rig, sources: Known) -> None:
    assert await look(rig, entry()) is None
    done = await write(rig, sources, entry())
    assert await look(rig, entry()) == done
    with there(rig).open("a") as file:
        file.write("/mine /too 301\n")
    assert await look(rig, entry()) == done, "what came later does not undo it"


async def test_looking_says_when_the_file_tells_neither(rig: Rig, sources: Known) -> None:
    await write(rig, sources, entry())
    there(rig).write_text("/all /new 301\n")
    with pytest.raises(OutcomeUnknown, match="neither what it was"):
        await look(rig, entry())


@pytest.mark.parametrize("step", range(1, 7))
async def test_a_crash_at_any_write_is_finished_by_the_next_attempt(
    rig: Rig, sources: Known, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    there(rig).write_text("/there /kept 301\n")
    die_at(monkeypatch, step)
    with pytest.raises(Killed):
        await write(rig, sources, entry())
    monkeypatch.undo()
    assert await look(rig, entry()) is None or "# write_1" in there(rig).read_text()
    await write(rig, sources, entry()) if await look(rig, entry()) is None else None
    assert there(rig).read_text() == f"/there /kept 301\n# {KEY}\n{OLD} {NEW} 301\n"
    await undo(rig, sources)
    assert there(rig).read_text() == "/there /kept 301\n"


def die_at(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Dies at the n-th change of a name or flush of a file."""
    import os

    done = 0

    def counting(real: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any, **named: Any) -> Any:
            nonlocal done
            done += 1
            if done == step:
                raise Killed
            return real(*given, **named)

        return counted

    for name in ("rename", "fsync"):
        monkeypatch.setattr(os, name, counting(getattr(os, name)))


async def test_two_writes_are_taken_back_in_the_order_of_a_stack(rig: Rig, sources: Known) -> None:
    await write(rig, sources, entry())
    await write(rig, sources, entry(OTHER, OTHER_NEW), key="write_2")
    with pytest.raises(QuarterdeckError):
        await undo(rig, sources, KEY)
    await undo(rig, sources, "write_2")
    await undo(rig, sources, KEY)
    assert not there(rig).exists()
    assert (rig.root / "out" / RECORDS).is_dir()
