"""Every mistake on the command line is one plain line that says what to do, an exit code, and never a traceback."""

import logging
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from bot.cli import exits
from bot.cli.app import run_command
from tests.scenarios.commands import quarterdeck
from tests.scenarios.workspaces import copied_example, fingerprint, with_model

SIMULATED = ("--simulate", "2026-03-09", "--until", "2026-03-10", "--headless")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied_example(tmp_path_factory.mktemp("mistakes") / "team")


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files for simulations, each wrong in its own way."""
    folder = tmp_path_factory.mktemp("scripts")
    (folder / "nobody.yaml").write_text("answers: [{answer: approve, person: nobody-here}]")
    (folder / "list.yaml").write_text("[]")
    (folder / "broken.yaml").write_text("answers: [")
    (folder / "nameless.yaml").write_text("answers: [{answer: approve}]")
    (folder / "readings.csv").write_text("when,what\n")
    return folder


@pytest.fixture(scope="module")
def taken_port() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield int(other.getsockname()[1])


@pytest.fixture
def here(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[..., None]]:
    """`refused` within this process, which is quicker; what it does to logging is undone."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level

    def refused_here(*arguments: object, said: str, code: int = exits.MISTAKE) -> None:
        assert run_command([str(one) for one in arguments]) == code
        written = capsys.readouterr()
        assert said in written.err
        assert written.out == ""

    yield refused_here
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


def refused(*arguments: object, said: str, code: int = exits.MISTAKE, env: dict[str, str] | None = None) -> None:
    """Runs a command that must end with this exit code and these words on standard error alone."""
    done = quarterdeck(*arguments, env=env)
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert (done.returncode, done.stdout) == (code, "")


def test_a_simulation_that_ends_before_it_begins(workspace: Path) -> None:
    options = ("--simulate", "2026-03-09", "--until", "2026-03-01", "--headless")
    refused("up", workspace, *options, said="would end (2026-03-01 00:00) before it begins (2026-03-09 00:00)")


def test_a_people_script_that_names_nobody(workspace: Path, scripts: Path) -> None:
    said = "names the person 'nobody-here'. The team has captain, mate."
    refused("up", workspace, *SIMULATED, "--people", scripts / "nobody.yaml", said=said)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--simulate", "2026-03-09", "--headless"), "A headless simulation needs an end. Add --until DAY."),
        (("--simulate", "tomorrow"), "'tomorrow' is not a day or moment. Write 2026-03-01"),
        ((*SIMULATED, "--speed", "warp"), "'warp' is not a speed. Write simulated/real"),
        ((*SIMULATED, "--people", "list.yaml"), "has no `answers`. Write `answers:`"),
        ((*SIMULATED, "--people", "broken.yaml"), "cannot be read: it is not YAML."),
        ((*SIMULATED, "--people", "nameless.yaml"), "wrong at answers.0: "),
        ((*SIMULATED, "--people", "none.yaml"), "cannot be read: No such file or directory."),
        ((*SIMULATED, "--readings", "readings.csv"), "needs the columns at, metric and value."),
        ((*SIMULATED, "--model-script", "broken.yaml"), "is not YAML"),
        (("--until", "2026-03-01"), "--until works only with --simulate. Add --simulate DAY."),
        (("--headless",), "--headless works only with --simulate."),
        (("--people", "nobody.yaml"), "--people works only with --simulate."),
        (("--port", "99999"), "Must be <= 65535"),
        (("--prot", "1"), "--prot"),
    ],
)
def test_what_up_is_asked(
    workspace: Path, scripts: Path, here: Callable[..., None], options: tuple[str, ...], said: str
) -> None:
    named = [str(scripts / option) if option.endswith((".yaml", ".csv")) else option for option in options]
    here("up", workspace, *named, said=said)
    assert not (workspace / ".quarterdeck" / "quarterdeck.db").exists()


def test_a_simulation_that_cannot_begin_leaves_the_last_one_there(tmp_path: Path, here: Callable[..., None]) -> None:
    folder = copied_example(tmp_path / "team")
    done = quarterdeck("up", folder, "--simulate", "2026-03-09T07:55", "--until", "2026-03-09T08:10", "--headless")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Simulated 2026-03-09T07:55 to 2026-03-09T08:10: ")
    before = fingerprint(folder / ".quarterdeck" / "simulation")
    here("up", with_model(folder), *SIMULATED, said="Note Taker thinks with the model 'small'")
    here("up", folder, *SIMULATED, "--model-script", folder / "none.yaml", said="cannot be read")
    assert fingerprint(folder / ".quarterdeck" / "simulation") == before


def test_a_setting_that_is_misspelt(workspace: Path) -> None:
    said = "QUARTERDECK_CONSOL_PORT: there is no such setting. Did you mean QUARTERDECK_CONSOLE_PORT?"
    refused("up", workspace, said=said, env={"QUARTERDECK_CONSOL_PORT": "1"})


def test_a_crash_point_that_does_not_exist(workspace: Path) -> None:
    said = "There is no crash point 'tx.nope.before'. `quarterdeck doctor --crash-points` lists them."
    refused("up", workspace, said=said, env={"QUARTERDECK_CRASH_AT": "tx.nope.before"})


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("CONSOLE_PORT=x", 'QUARTERDECK_CONSOLE_PORT: found "x"; input should be a valid integer'),
        ("CRASH_AT=tool.execute.before:0", "A crash point's count is a whole number from 1"),
        ("DATABASE_URL=mysql://u:p@h/d", "The database 'mysql' is not supported."),
        ("DATABASE_URL=postgresql://127.0.0.1:1/d", "The database cannot be reached. Look at QUARTERDECK_DATABASE_"),
    ],
)
def test_what_the_settings_say(
    workspace: Path,
    here: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    setting: str,
    said: str,
) -> None:
    name, _, value = setting.partition("=")
    monkeypatch.setenv(f"QUARTERDECK_{name}", value)
    here("up", workspace, "--port", 0, said=said)


@pytest.mark.parametrize("options", [(), ("--simulate", "2026-03-09")])
def test_a_port_that_is_taken(workspace: Path, taken_port: int, options: tuple[str, ...]) -> None:
    said = (
        f"Port {taken_port} is taken by another program, perhaps by another team. Stop that one, or start with --port"
    )
    refused("up", workspace, "--port", taken_port, *options, said=said)


def test_a_workspace_that_is_not_yaml(tmp_path: Path, here: Callable[..., None]) -> None:
    folder = copied_example(tmp_path / "team")
    (folder / "team.yaml").write_text("name: [a\n")
    said = "team.yaml:2:1: this is not YAML"
    refused("up", folder, said=said)
    here("status", "-w", folder, said=said)
    here("run", "machine-watch", "-w", folder, said=said)
    checked = quarterdeck("check", folder)
    assert (checked.returncode, checked.stderr) == (exits.MISTAKE, "")
    assert said in checked.stdout


def test_no_workspace(tmp_path: Path, here: Callable[..., None]) -> None:
    refused("up", tmp_path / "nowhere", said="there is no file")
    here("runs", "-w", tmp_path / "nowhere", said="there is no file")
    assert not (tmp_path / "nowhere").exists()


def test_no_record_yet(tmp_path: Path, here: Callable[..., None]) -> None:
    folder = copied_example(tmp_path / "team")
    said = f"There is no record yet. Start the team first: quarterdeck up {folder}"
    for command in (("status",), ("cards", "--as", "slack"), ("audit", "verify")):
        here(*command, "-w", folder, said=said)
    here("runs", "-w", folder, "--simulated", said=f"{said} --simulate DAY")


def test_no_running_team(workspace: Path, here: Callable[..., None]) -> None:
    said = f"No running team answers. Start it first: quarterdeck up {workspace}"
    refused("run", "machine-watch", "-w", workspace, said=said, code=exits.NOT_RUNNING)
    here("reject", "apv_x", "--reason", "no", "-w", workspace, said=said, code=exits.NOT_RUNNING)
    healthy = quarterdeck("doctor", "--health", "-w", workspace)
    assert (healthy.returncode, healthy.stdout, healthy.stderr) == (exits.NOT_RUNNING, "", "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("sail",), 'Unknown command "sail"'),
        (("run",), "requires an argument"),
        (("reject", "apv_x"), "--reason requires an argument"),
        (("cards", "--as", "fax"), "Choose from"),
        (("cards", "--kind", "joker"), "Choose from"),
        (("runs", "--limit", "many"), "unable to convert"),
    ],
)
def test_a_command_that_is_not_one(here: Callable[..., None], arguments: tuple[str, ...], said: str) -> None:
    here(*arguments, said=said)
