"""One archive and back: what is in it, what never is, and every way in which it is refused."""

import io
import json
import os
import re
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.backup.archive import read_manifest
from bot.cli.app import run_command
from bot.inbound.files import FOLDER, Shelf
from tests.scenarios.commands import here, quarterdeck, team_up, until, within
from tests.scenarios.workspaces import copied_example

GIVEN = b"month,users\n2026-01,12\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the example's workspace after its team ran, somebody gave a file, and a backup of it."""
    folder = tmp_path_factory.mktemp("backup")
    team = copied_example(folder / "team")
    (team / ".env").write_text("QUARTERDECK_SLACK_SIGNING_SECRET=do-not-back-me-up\nSOME_KEY=sk-never-in-an-archive\n")
    with team_up(team):
        until("somebody is asked", lambda: json.loads(within("approvals", "-w", team, "--json").stdout))
        Shelf(team / ".quarterdeck" / FOLDER).keep(GIVEN)
        made = quarterdeck("backup", folder / "first.tar.gz", "-w", team)
        assert made.returncode == 0, made.stderr
        assert str(folder / "first.tar.gz") in made.stdout
    return folder


@pytest.fixture
def elsewhere(home: Path, tmp_path: Path) -> Path:
    """The same workspace on another machine, where nothing has run yet."""
    return copied_example(tmp_path / "elsewhere")


def test_the_manifest_tells_what_is_in_it(home: Path) -> None:
    manifest = read_manifest(home / "first.tar.gz")
    assert (manifest.database, manifest.team, manifest.audit_seq > 0) == ("sqlite", "First Light", True)
    assert [part.name.partition("/")[0] for part in manifest.parts] == ["database.sqlite3", "files"]
    assert (home / "first.tar.gz").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in home.glob(".*")) == []


def test_doctor_tells_how_the_record_grows(home: Path, elsewhere: Path) -> None:
    grown = re.search(
        r"storage: record ([\d.]+) MB: (\d+) runs .* 1 given files", within("doctor", "-w", home / "team").stdout
    )
    assert grown is not None
    assert float(grown[1]) > 0
    assert int(grown[2]) > 0
    assert "storage: nothing on record yet" in within("doctor", "-w", elsewhere).stdout


def test_nothing_fresh_is_forgotten_and_a_running_team_is_left_to_itself(home: Path) -> None:
    due = within("retention", "--dry-run", "-w", home / "team")
    assert due.returncode == 0, due.stderr
    assert "Would be forgotten:\n  nothing" in due.stdout
    assert "Last sweep: none yet" not in due.stdout
    with team_up(home / "team"):
        refused = within("retention", "-w", home / "team")
    assert (refused.returncode, "every night by itself" in refused.stderr) == (2, True)


def test_no_secret_is_in_it(home: Path) -> None:
    state = home / "team" / ".quarterdeck"
    secrets = [*json.loads((state / "console-tokens.json").read_text()).values()]
    secrets += [(state / name).read_text().strip() for name in ("local-token", "console-cookie-key")]
    secrets += ["do-not-back-me-up", "sk-never-in-an-archive"]
    with tarfile.open(home / "first.tar.gz") as tar:
        held = b"".join(content.read() for member in tar if (content := tar.extractfile(member)) is not None)
    assert len(secrets) > 4
    assert [secret for secret in secrets if secret.encode() in held] == []


def test_it_is_restored_into_an_empty_place_and_says_what_comes_next(
    home: Path, elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = quarterdeck("restore", home / "first.tar.gz", "-w", elsewhere)
    assert done.returncode == 0, done.stderr
    assert "1 approval still open" in done.stdout
    assert "the audit trail is whole" in done.stdout
    assert within("audit", "verify", "-w", elsewhere).returncode == 0
    was, now = (within("approvals", "-w", place, "--json").stdout for place in (home / "team", elsewhere))
    assert json.loads(now) == json.loads(was)
    [kept] = (elsewhere / ".quarterdeck" / FOLDER).glob("??/*")
    assert kept.read_bytes() == GIVEN
    with team_up(elsewhere):
        until("people are told", lambda: "restored from a backup" in here(capsys, "status", "-w", elsewhere))
        assert within("audit", "verify", "-w", elsewhere).returncode == 0


def test_a_living_record_is_never_written_over(home: Path, elsewhere: Path) -> None:
    assert within("restore", home / "first.tar.gz", "-w", elsewhere).returncode == 0
    record = elsewhere / ".quarterdeck" / "quarterdeck.db"
    before = record.read_bytes()
    again = within("restore", home / "first.tar.gz", "-w", elsewhere)
    assert (again.returncode, record.read_bytes()) == (2, before)
    assert "--replace moves it aside first" in again.stderr
    replaced = within("restore", home / "first.tar.gz", "-w", elsewhere, "--replace")
    assert replaced.returncode == 0, replaced.stderr
    [aside] = record.parent.glob("quarterdeck.db.replaced-*Z")
    assert aside.read_bytes() == before
    assert str(aside) in replaced.stdout


def test_a_running_team_is_not_replaced(home: Path, elsewhere: Path) -> None:
    with team_up(elsewhere):
        refused = within("restore", home / "first.tar.gz", "-w", elsewhere, "--replace")
    assert refused.returncode == 2
    assert "is running on this database" in refused.stderr


def test_what_a_killed_backup_left_is_taken_away_and_one_under_way_is_not(home: Path, tmp_path: Path) -> None:
    left, under_way = tmp_path / ".quarterdeck-backup-left", tmp_path / ".quarterdeck-backup-now"
    for folder in (left, under_way):
        folder.mkdir()
        (folder / "database.sqlite3").write_bytes(b"half of it")
    os.utime(left, (0, 0))
    made = within("backup", tmp_path, "-w", home / "team")
    assert made.returncode == 0, made.stderr
    assert sorted(path.name for path in tmp_path.glob(".*")) == [under_way.name]


def test_an_archive_is_never_written_over(home: Path) -> None:
    before = (home / "first.tar.gz").read_bytes()
    refused = within("backup", home / "first.tar.gz", "-w", home / "team")
    assert (refused.returncode, (home / "first.tar.gz").read_bytes()) == (2, before)
    into_folder = within("backup", home, "-w", home / "team")
    assert into_folder.returncode == 0, into_folder.stderr
    assert [path.name[:24] for path in home.glob("quarterdeck-*.tar.gz")] == ["quarterdeck-first-light-"]


Members = list[tuple[str, bytes]]


def rewritten(archive: Path, target: Path, change: Callable[[Members], Members]) -> Path:
    """The archive with its members changed."""
    with tarfile.open(archive) as tar:
        found = [(member.name, content.read()) for member in tar if (content := tar.extractfile(member)) is not None]
    with tarfile.open(target, "w:gz") as tar:
        for name, held in change(found):
            info = tarfile.TarInfo(name)
            info.size = len(held)
            tar.addfile(info, io.BytesIO(held))
    return target


def flipped(members: Members) -> Members:
    name, content = members[1]
    middle = len(content) // 2
    return [members[0], (name, content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]), *members[2:]]


def renamed(members: Members) -> Members:
    manifest = members[0][1].replace(b"database.sqlite3", b"../../outside.db")
    return [("manifest.json", manifest), ("../../outside.db", members[1][1])]


def newer(members: Members) -> Members:
    return [("manifest.json", members[0][1].replace(b'"format": 1', b'"format": 2')), *members[1:]]


@pytest.fixture
def refused(home: Path, elsewhere: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[Path], str]]:
    """Restores an archive that must be refused, and gives what is said; the place must stay as it was."""

    def run(archive: Path) -> str:
        assert run_command(["restore", str(archive), "-w", str(elsewhere)]) == 2
        return capsys.readouterr().err

    yield run
    state = elsewhere / ".quarterdeck"
    assert not (state / "quarterdeck.db").exists()
    assert list(state.glob(".quarterdeck-restore-*")) == []
    assert not list(elsewhere.parent.rglob("outside.db"))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (flipped, "is not what the manifest says"),
        (renamed, "manifest of changed.tar.gz cannot be read"),
        (newer, "was made by Quarterdeck"),
        (lambda members: members[:1], "it was cut short"),
        (lambda members: members[1:], "is no backup of Quarterdeck"),
        (lambda members: [*members, ("extra", b"x")], "which its manifest does not name"),
    ],
)
def test_a_changed_archive_is_refused(
    home: Path, tmp_path: Path, refused: Callable[[Path], str], change: Callable[[Members], Members], says: str
) -> None:
    assert says in refused(rewritten(home / "first.tar.gz", tmp_path / "changed.tar.gz", change))


def test_a_file_that_is_no_archive_or_half_of_one_is_refused(
    home: Path, tmp_path: Path, refused: Callable[[Path], str]
) -> None:
    half = tmp_path / "half.tar.gz"
    half.write_bytes((home / "first.tar.gz").read_bytes()[:2000])
    assert "cannot be read as a backup" in refused(half)
    half.write_bytes(b"hello")
    assert "cannot be read as a backup" in refused(half)
    assert "There is no file" in refused(tmp_path / "absent.tar.gz")


def test_another_kind_of_database_is_refused(
    home: Path, refused: Callable[[Path], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUARTERDECK_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert "holds a sqlite database; this workspace uses postgresql" in refused(home / "first.tar.gz")
