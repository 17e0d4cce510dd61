"""`quarterdeck init`: five questions or none, one file that runs; wrong answers are answered and nothing is lost."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.cli import exits
from bot.cli.app import main, run_command
from bot.foundation import load_team

Answers = Callable[..., None]


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    """Types the given lines in, one for each question; then the end of input."""

    def give(*lines: str | type[BaseException]) -> None:
        typed = iter(lines)

        def read_line(prompt: str = "") -> str:
            print(prompt)
            line = next(typed, EOFError)
            if isinstance(line, str):
                return line
            raise line

        monkeypatch.setattr("builtins.input", read_line)

    return give


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_return_all_the_way_through_is_a_team_that_runs(
    here: Path, answers: Answers, capsys: pytest.CaptureFixture[str]
) -> None:
    answers("", "", "", "", "", "")
    assert run_command(["init"]) == exits.DONE
    assert [path.name for path in here.iterdir()] == ["team.yaml"]
    team = load_team(here)
    assert list(team.agents) == ["machine-watch"]
    assert {schedule.name: schedule.on_start for schedule in team.schedules} == {"digest": True, "look": False}
    assert "quarterdeck up" in capsys.readouterr().out
    assert run_command(["check", "."]) == exits.DONE


def test_every_wrong_answer_is_answered_and_asked_again(
    here: Path, answers: Answers, capsys: pytest.CaptureFixture[str]
) -> None:
    answers(
        *("discord", "telegram", "slack"),
        *("/nowhere", "https://", "machine"),
        *("25:00", "soon", "every 15m"),
        *("!!", "Ann Lee, ben"),
        *("anarchy", "trusted"),
        *("perhaps", "yes"),
    )
    assert run_command(["init", "--name", "Night: Shift"]) == exits.DONE
    said = capsys.readouterr().out
    for words in (
        "Which server on Discord?",
        "nothing at /nowhere",
        "no time of day",
        "no time I understand",
        "neither",
    ):
        assert words in said
    team = load_team(here)
    assert (team.name, set(team.surfaces), set(team.people)) == (
        "Night: Shift",
        {"console", "slack"},
        {"ann-lee", "ben"},
    )
    assert team.people["ann-lee"].roles == {"owner", "approver"}
    assert next(one.every_seconds for one in team.schedules if one.name == "look") == 900


def test_scripts_ask_nothing(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    order = ["init", "new/place", "--watch", "machine", "--at", "07:30", "--approver", "ann", "--policy", "watch-only"]
    assert run_command([*order, "--yes"]) == exits.DONE
    team = load_team(here / "new/place")
    assert (team.name, next(one.cron for one in team.schedules if one.cron)) == ("Place", "30 7 * * *")
    assert run_command([*order, "--yes"]) == exits.MISTAKE
    assert "is there already" in capsys.readouterr().err


def test_a_team_on_discord_names_its_server_and_what_to_run_next(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    order = ["init", "--watch", "machine", "--approver", "ann", "--talk", "discord 123456789012345678", "--yes"]
    assert run_command(order) == exits.DONE
    assert "quarterdeck discord setup -w" in capsys.readouterr().out
    assert load_team(here).surfaces["discord"].server == "123456789012345678"
    assert 'accounts: {discord: "…"}, the User ID' in (here / "team.yaml").read_text()


@pytest.mark.parametrize("wrong", [["--at", "25:00"], ["--talk", "fax"], ["--watch", "/nowhere"], ["--policy", "none"]])
def test_a_script_with_a_wrong_answer_writes_nothing(here: Path, wrong: list[str]) -> None:
    assert run_command(["init", "--watch", "machine", *wrong, "--yes"]) == exits.MISTAKE
    assert list(here.iterdir()) == []


def test_an_option_that_is_wrong_is_asked_for_when_somebody_is_there(here: Path, answers: Answers) -> None:
    answers("", "09:00", "", "", "", "")
    assert run_command(["init", "--at", "25:00", "--talk", "console"]) == exits.DONE
    assert next(one.cron for one in load_team(here).schedules if one.cron) == "0 9 * * *"


@pytest.mark.parametrize("last", [KeyboardInterrupt, EOFError])
@pytest.mark.parametrize("answered", range(6))
def test_whoever_stops_halfway_leaves_nothing_behind(
    here: Path, answers: Answers, answered: int, last: type[BaseException]
) -> None:
    answers(*[""] * answered, last)
    with pytest.raises(SystemExit) as ended:
        main(["init"])
    assert ended.value.code == (exits.INTERRUPTED if last is KeyboardInterrupt else exits.MISTAKE)
    assert list(here.iterdir()) == []


def test_no_is_an_answer(here: Path, answers: Answers) -> None:
    answers("", "", "", "", "", "no")
    assert run_command(["init"]) == exits.DONE
    assert list(here.iterdir()) == []


def test_a_team_that_is_there_is_kept_unless_somebody_says_otherwise(here: Path, answers: Answers) -> None:
    (here / "team.yaml").write_text("mine")
    answers("")
    assert run_command(["init"]) == exits.DONE
    assert (here / "team.yaml").read_text() == "mine"
    answers("what", "replace", "", "", "", "", "", "")
    assert run_command(["init"]) == exits.DONE
    assert load_team(here).agents.keys() == {"machine-watch"}
    (kept,) = here.glob("team.yaml.*.kept")
    assert kept.read_text() == "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_nobody_may_write_to_is_said(here: Path, answers: Answers) -> None:
    here.chmod(0o500)
    answers("", "", "", "", "", "")
    assert run_command(["init"]) == exits.MISTAKE


def test_a_file_in_the_folders_place_is_said(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "taken").write_text("")
    assert run_command(["init", "taken/below", "--watch", "machine", "--yes"]) == exits.MISTAKE
    assert "cannot be written" in capsys.readouterr().err


def test_a_repository_is_watched_from_where_the_team_stands(here: Path, answers: Answers) -> None:
    subprocess.run(["git", "init", "-q", "code"], check=True)
    answers("", "", "", "", "", "")
    assert run_command(["init", "team", "--watch", "code"]) == exits.DONE
    agent = load_team(here / "team").agents["git-watch"]
    assert agent.settings == {"repository": "../code"}


def test_a_page_at_a_private_address_must_be_said_to_be_ones_own(
    here: Path, answers: Answers, capsys: pytest.CaptureFixture[str]
) -> None:
    answers("", "http://127.0.0.1:1/", "own http://127.0.0.1:1/", "", "", "", "")
    assert run_command(["init"]) == exits.DONE
    assert "no public address" in capsys.readouterr().out
    assert load_team(here).agents["page-watch"].settings == {"url": "http://127.0.0.1:1/", "own_network": True}


def test_the_first_default_is_what_lies_here(here: Path, answers: Answers) -> None:
    subprocess.run(["git", "init", "-q"], check=True)
    answers("", "", "", "", "", "")
    assert run_command(["init"]) == exits.DONE
    assert load_team(here).agents.keys() == {"git-watch"}


def exports(folder: Path) -> Path:
    """A folder with one good table and one that is none."""
    folder.mkdir()
    rows = "".join(f"2026-03-{day:02d},{100 + day * 7 % 5},{day}.{day}%\n" for day in range(1, 29))
    (folder / "visits.csv").write_text(f"day,visits,bounced\n{rows}")
    (folder / "login.csv").write_text("<html>")
    return folder


def test_a_folder_of_exports_inside_the_team_s_becomes_its_data(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exports(here / "exports")
    assert run_command(["init", "--watch", "exports", "--yes"]) == exits.DONE
    team = load_team(here)
    assert (team.data, [source.file for source in team.sources.values()]) == ("exports", ["visits.csv"])
    assert {metric.name: metric.value for metric in team.metrics.values()} == {
        "visits": "sum(visits)",
        "bounced": "sum(TRY_CAST(replace(replace(bounced, '%', ''), ',', '') AS DECIMAL(18, 6)))",
    }
    said = capsys.readouterr().out
    assert "28 rows, dated by day, the newest of 2026-03-28" in said
    assert "Left out: login.csv is a web page" in said


def test_exports_elsewhere_get_the_team_beside_them_unless_a_folder_was_named(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = exports(here / "elsewhere")
    (here / "home").mkdir()
    monkeypatch.chdir(here / "home")
    assert run_command(["init", "team", "--watch", str(elsewhere), "--yes"]) == exits.MISTAKE
    assert f"quarterdeck init {elsewhere}" in capsys.readouterr().err
    assert run_command(["init", "--watch", str(elsewhere), "--yes"]) == exits.DONE
    assert load_team(elsewhere).data == "."
    assert list((here / "home").iterdir()) == []
