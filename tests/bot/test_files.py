"""Files that people give are fetched before anything is done with them, kept once by content, never for strangers."""

import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from agents.roster import Person, Team
from bot.inbound.files import Files, Shelf
from bot.inbound.intake import Intake
from bot.surfaces.base import Accepted, Answer, InboundEvent, InboundFile, InboundKind
from store.actions import Store
from store.kernel.clock import ManualClock
from store.kernel.errors import Retryable, UserMistake

PAPER = InboundFile(field="papers", id="F1", name="../../etc/passwd", type="text/plain", bytes=5, url="https://files/1")
DIGEST = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"


class Reader:
    """Hands over "hello", after the failures that were ordered."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.asked = 0

    async def read_file(self, file: InboundFile) -> bytes:
        self.asked += 1
        if self.failures:
            raise self.failures.pop(0)
        return b"hello"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "files")


@pytest.fixture
def seen() -> list[InboundEvent]:
    return []


@pytest.fixture
def intake_with(store: Store, team: Team, shelf: Shelf, seen: list[InboundEvent]) -> Callable[[Reader | None], Intake]:
    def handle(event: InboundEvent, person: Person) -> Answer:
        seen.append(event)
        return Answer(text="Thank you.")

    def make(reader: Reader | None) -> Intake:
        files = Files(shelf)
        if reader is not None:
            files.read_from("slack", reader)
        return Intake(store, team, {InboundKind.SUBMIT: handle}, {}, files=files)

    return make


def sent(account: str = "U000000001", account_class: str = "member", key: str = "e1") -> InboundEvent:
    return InboundEvent(
        surface="slack",
        key=key,
        kind=InboundKind.SUBMIT,
        account=account,
        account_class=account_class,
        files=(PAPER,),
    )


def test_a_content_is_kept_once_for_this_account_alone_and_a_change_is_noticed(shelf: Shelf, tmp_path: Path) -> None:
    assert shelf.keep(b"hello") == shelf.keep(b"hello") == DIGEST
    [file] = [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert shelf.read(DIGEST) == b"hello"
    file.write_bytes(b"hullo")
    with pytest.raises(UserMistake, match="changed"):
        shelf.read(DIGEST)
    with pytest.raises(UserMistake, match="not there"):
        shelf.read("0" * 64)


def test_what_a_crash_left_half_written_is_written_whole(shelf: Shelf, tmp_path: Path) -> None:
    half = tmp_path / "files" / DIGEST[:2] / f"{DIGEST}.1-1.part"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"hel")
    shelf.keep(b"hello")
    assert shelf.read(DIGEST) == b"hello"


async def test_the_handler_sees_a_file_that_is_on_the_shelf(
    intake_with: Callable[[Reader | None], Intake], shelf: Shelf, seen: list[InboundEvent]
) -> None:
    intake = intake_with(Reader())
    assert (await intake.act(await intake.accept(sent()))).text == "Thank you."
    [file] = seen[0].files
    assert file.given == {"name": "../../etc/passwd", "sha256": DIGEST, "bytes": 5, "type": "text/plain"}
    assert shelf.read(DIGEST) == b"hello"


@pytest.mark.parametrize(("account", "account_class"), [("U0STRANGER", "member"), ("U000000001", "guest")])
async def test_nothing_is_fetched_for_who_may_not_act(
    intake_with: Callable[[Reader | None], Intake], seen: list[InboundEvent], account: str, account_class: str
) -> None:
    reader = Reader()
    intake = intake_with(reader)
    answer = await intake.act(await intake.accept(sent(account, account_class)))
    assert (answer.ok, reader.asked, seen) == (False, 0, [])


async def test_a_fetch_that_failed_is_made_again_and_nothing_is_handed_on_before(
    intake_with: Callable[[Reader | None], Intake], seen: list[InboundEvent], clock: ManualClock
) -> None:
    intake = intake_with(Reader(Retryable("Slack is away")))
    answer = await intake.act(await intake.accept(sent()))
    assert "kept and will be carried out" in str(answer.text)
    assert seen == []
    clock.move_to(clock.now() + timedelta(seconds=1))
    assert await intake.recover() == 1
    assert [file.sha256 for event in seen for file in event.files] == [DIGEST]
    assert await intake.recover() == 0


async def test_an_event_that_a_crash_cut_off_is_fetched_again_and_carried_out_once(
    intake_with: Callable[[Reader | None], Intake], seen: list[InboundEvent], clock: ManualClock
) -> None:
    await intake_with(Reader()).accept(sent())  # and here the process died
    clock.move_to(clock.now() + timedelta(seconds=1))
    again = intake_with(Reader())
    assert await again.recover() == 1
    assert (await again.act(Accepted(event=sent(), repeat=True, earlier_answer="Thank you."))).text == "Thank you."
    assert len(seen) == 1


@pytest.mark.parametrize("reader", [Reader(UserMistake("It is larger than 5 MB.")), None])
async def test_a_file_that_cannot_be_had_is_said_and_closed(
    intake_with: Callable[[Reader | None], Intake],
    seen: list[InboundEvent],
    clock: ManualClock,
    reader: Reader | None,
) -> None:
    intake = intake_with(reader)
    answer = await intake.act(await intake.accept(sent()))
    clock.move_to(clock.now() + timedelta(seconds=1))
    assert answer.ok is False
    assert seen == []
    assert await intake.recover() == 0
