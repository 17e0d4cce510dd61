"""A team whose workspace is edited while it runs: taken up when it is in order, refused with a card when it is not."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.cli.local_api import LocalApi
from store.database import Database
from store.handle import Store
from store.kernel.clock import WallClock
from store.queries import approvals, incidents, runs, schedules
from store.records import Run, RunState
from tests.scenarios.commands import TeamProcess, launch, quarterdeck, team_up, until
from tests.scenarios.workspaces import changed, write_team

TEAM = """
name: Edited
timezone: UTC
agents:
  tidy:
    purpose: Tidies.
    routine: tidy.py
    tools: [files.list_old, files.move_old, files.undo_move]
    settings: {in_folder: inbox, out_folder: archive}
  looker:
    purpose: Looks.
    routine: look.py
    tools: [metrics.record]
    schedules: {often: {every: 1h}}
people:
  ana: {roles: [owner, approver]}
  ben: {roles: [approver]}
policy: ask-for-writes
"""
TIDY = """
async def run(ctx):
    done = await ctx.call(
        "files.move_old", folder="inbox", to_folder="archive", paths=["2020-01-01-old.txt"], older_than_days=30
    )
    return {"version": VERSION, "moved": len(done["moved"])}
"""
LOOK = """
async def run(ctx):
    return {"version": VERSION}
"""


class Edited:
    """The running team, its folder and its record."""

    def __init__(self, folder: Path, process: TeamProcess, store: Store) -> None:
        self.folder = folder
        self.process = process
        self.store = store

    def order(self, text: str, person: str = "ana") -> str:
        said = LocalApi(self.folder, person).command(text)
        assert said.ok, said.words
        return said.words

    def last(self, agent: str) -> Run:
        return runs.recent_runs(self.store, agent)[0]

    def ended(self, agent: str) -> Run:
        self.order(f"run {agent}")
        until(f"{agent} has ended", lambda: self.last(agent).state.is_final)
        return self.last(agent)

    def parked(self) -> Run:
        self.order("run tidy", "ana")
        until("it waits", lambda: self.last("tidy").state is RunState.WAITING)
        return self.last("tidy")

    def write(self, name: str, text: str) -> None:
        """Saves a file as editors do: a new one takes the old one's place."""
        draft = self.folder / f".{name}.swp"
        draft.write_text(text)
        draft.replace(self.folder / name)

    def reload(self) -> str:
        done = quarterdeck("reload", "-w", self.folder)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def routine_version(self, agent: str) -> object:
        return (self.ended(agent).result or {}).get("version")


def prepared(folder: Path) -> Path:
    """The workspace, with one old file to be moved."""
    write_team(folder, TEAM, tidy=TIDY.replace("VERSION", "1"), look=LOOK.replace("VERSION", "1"))
    for name in ("inbox", "archive"):
        (folder / name).mkdir()
    (folder / "inbox" / "2020-01-01-old.txt").write_text("old")
    return folder


@contextmanager
def edited(folder: Path) -> Iterator[Edited]:
    with team_up(prepared(folder)) as process, watched(folder, process) as team:
        yield team


@contextmanager
def watched(folder: Path, process: TeamProcess) -> Iterator[Edited]:
    """The team with its record open to be read."""
    database = Database(f"sqlite:///{folder / '.quarterdeck' / 'quarterdeck.db'}")
    try:
        yield Edited(folder, process, Store(database, WallClock(), lambda tx, segment: None))
    finally:
        database.close()


def test_an_edit_is_taken_up_and_what_waits_goes_on_as_it_began(tmp_path: Path) -> None:
    with edited(tmp_path / "team") as team:
        parked = team.parked()
        look_first = 'await ctx.call("files.list_old", folder="inbox", older_than_days=1)\n    done ='
        team.write("tidy.py", TIDY.replace("VERSION", "2").replace("done =", look_first))
        team.write("look.py", LOOK.replace("VERSION", "2"))
        until("the edit is noticed", lambda: team.routine_version("looker") == 2)
        (asked,) = approvals.open_approvals(team.store)
        done = quarterdeck("approve", asked.id, "-w", team.folder, "--as", "ben")
        assert done.returncode == 0, done.stderr
        until("it goes on", lambda: runs.run(team.store, parked.id).state.is_final)
        assert runs.run(team.store, parked.id).result == {"version": 1, "moved": 1}


def test_a_broken_file_changes_nothing_and_says_where_until_it_is_mended(tmp_path: Path) -> None:
    with edited(tmp_path / "team") as team:
        good = (team.folder / "team.yaml").read_text()
        team.write("team.yaml", good.replace("every: 1h", "every: often"))
        until("a card says so", lambda: incidents.open_incidents(team.store))
        (incident,) = incidents.open_incidents(team.store)
        assert "team.yaml:14:32 agents.looker.schedules.often.every" in incident.detail
        assert team.routine_version("looker") == 1
        team.write("team.yaml", good.replace("every: 1h", "every: 2h"))
        until("it is mended", lambda: not incidents.open_incidents(team.store))
        until("and taken up", lambda: schedules.live_schedules(team.store)[0].every_seconds == 7200)


def test_an_agent_that_is_taken_out_leaves_nothing_waiting_and_a_new_one_works(tmp_path: Path) -> None:
    with edited(tmp_path / "team") as team:
        parked = team.parked()
        text = (team.folder / "team.yaml").read_text()
        head, _, rest = text.partition("  tidy:\n")
        _, _, tail = rest.partition("  looker:\n")
        (team.folder / "new.py").write_text(LOOK.replace("VERSION", "9"))
        newcomer = "  newcomer: {purpose: Is new., routine: new.py, tools: [], schedules: {daily: {every: 1d}}}\n"
        team.write("team.yaml", f"{head}{newcomer}  looker:\n{tail}")
        said = team.reload()
        if "nothing to take up" not in said:  # on a slow machine the team notices the edit before it is asked
            assert "agent newcomer is new" in said
            assert "agent tidy is gone" in said
        until("it was cancelled", lambda: runs.run(team.store, parked.id).state is RunState.CANCELLED)
        assert approvals.open_approvals(team.store) == []
        assert team.routine_version("newcomer") == 9
        assert {one.id for one in schedules.live_schedules(team.store)} == {"looker.often", "newcomer.daily"}


@pytest.mark.slow
def test_two_edits_in_a_row_end_with_the_last(tmp_path: Path) -> None:
    with edited(tmp_path / "team") as team:
        for hours in (2, 3, 4):
            changed(team.folder, f"every: {1 if hours == 2 else hours - 1}h", f"every: {hours}h")
            team.reload()
        until("the last one counts", lambda: schedules.live_schedules(team.store)[0].every_seconds == 4 * 3600)
        assert "nothing to take up" in team.reload()


@pytest.mark.parametrize("when", [pytest.param("before", marks=pytest.mark.slow), "after"])
def test_killed_while_an_edit_is_taken_up_nothing_is_lost(tmp_path: Path, when: str) -> None:
    folder = prepared(tmp_path / "team")
    process = launch(folder, env={"QUARTERDECK_CRASH_AT": f"tx.workspace.adopt.{when}:2"}).ready()
    with watched(folder, process) as team:
        parked = team.parked()
        team.write("tidy.py", TIDY.replace("VERSION", "2"))
        team.write("look.py", LOOK.replace("VERSION", "2"))
        assert process.ended() == -signal.SIGKILL
    with team_up(folder) as again, watched(folder, again) as team:
        (asked,) = approvals.open_approvals(team.store)
        assert quarterdeck("approve", asked.id, "-w", folder, "--as", "ben").returncode == 0
        until("it goes on", lambda: runs.run(team.store, parked.id).state.is_final)
        assert runs.run(team.store, parked.id).result == {"version": 1, "moved": 1}
        assert team.routine_version("looker") == 2
