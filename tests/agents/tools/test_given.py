"""request.file: only what came with this very run, only as text, piece by piece."""

import hashlib

import pytest

from agents.tools.builtin.given import CHARS, READ_GIVEN
from agents.tools.spec import Means, ToolCall
from store.actions.runs import request_run
from store.kernel.canonical import JsonObject
from store.kernel.errors import Refused, UserMistake
from store.records import SYSTEM, GivenFile, Request, Trigger, TriggerKind
from store.records.run import REQUEST
from tests.agents.rig import AGENT, LIMITS, START, Rig


class Kept(dict[str, bytes]):
    """Contents by digest."""

    def read(self, digest: str) -> bytes:
        return self[digest]

    def file(self, name: str, content: bytes) -> GivenFile:
        digest = hashlib.sha256(content).hexdigest()
        self[digest] = content
        return GivenFile(name=name, sha256=digest, bytes=len(content), type="text/csv")


async def read(rig: Rig, kept: Kept, *files: GivenFile, **arguments: object) -> JsonObject:
    request = Request(text="Look at this.", files=files).model_dump(mode="json")
    trigger = Trigger(kind=TriggerKind.FORM, key="asked", initiator=SYSTEM, input={REQUEST: request})
    run = request_run(rig.store, agent_id=AGENT, trigger=trigger, limits=LIMITS, workspace_digest="w")
    call = ToolCall(
        agent=rig.team.agents[AGENT],
        run_id=run.id,
        arguments=dict(arguments),  # type: ignore[arg-type]  # JSON by construction
        idempotency_key="k",
        now=START,
        root=rig.root,
    )
    return await READ_GIVEN.run(call, Means(store=rig.store, team=rig.team, readings=rig.readings, given=kept))


async def test_the_only_file_needs_no_name(rig: Rig) -> None:
    kept = Kept()
    told = await read(rig, kept, kept.file("pages.csv", b"\xef\xbb\xbfpage,views\n/,7\n"))
    described = {"name": "pages.csv", "type": "text/csv", "bytes": 18}
    assert told == {**described, "text": "page,views\n/,7\n", "next_start": None}


async def test_a_long_one_is_read_piece_by_piece(rig: Rig) -> None:
    kept = Kept()
    file = kept.file("long.txt", b"a" * CHARS + b"end")
    assert (await read(rig, kept, file))["next_start"] == CHARS
    rest = await read(rig, kept, file, start=CHARS)
    assert (rest["text"], rest["next_start"]) == ("end", None)


async def test_of_several_one_must_be_named(rig: Rig) -> None:
    kept = Kept()
    files = (kept.file("a.csv", b"1"), kept.file("b.csv", b"2"))
    with pytest.raises(UserMistake, match=r"a\.csv, b\.csv"):
        await read(rig, kept, *files)
    assert (await read(rig, kept, *files, name="b.csv"))["text"] == "2"


async def test_what_is_no_text_is_said(rig: Rig) -> None:
    kept = Kept()
    with pytest.raises(UserMistake, match=r"photo\.png is no text"):
        await read(rig, kept, kept.file("photo.png", b"\x89PNG\xff"))


async def test_nothing_but_this_runs_files(rig: Rig) -> None:
    kept = Kept()
    kept.file("of-another-run.csv", b"secret")
    with pytest.raises(Refused, match="No file came with"):
        await read(rig, kept, name="of-another-run.csv")
