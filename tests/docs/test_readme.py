"""README and ARCHITECTURE are true: what they show runs, what they name exists."""

import re
from pathlib import Path

import pytest

from bot.cli.app import app, run_command

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
ROUTINE = "async def run(ctx):\n    return {}\n"


def test_the_team_in_the_readme_is_ready_to_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    [team] = re.findall(r"^```yaml\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
    (tmp_path / "team.yaml").write_text(team, encoding="utf-8")
    (tmp_path / "watch.py").write_text(ROUTINE, encoding="utf-8")
    assert run_command(["check", str(tmp_path)]) == 0
    assert "ready to run" in capsys.readouterr().out


@pytest.mark.parametrize("page", [README, ARCHITECTURE], ids=["README", "ARCHITECTURE"])
def test_every_link_leads_somewhere(page: str) -> None:
    targets = set(re.findall(r"\]\(([^)#:]+)\)", page)) | set(re.findall(r'(?:src|srcset)="([^":]+)"', page))
    assert targets
    assert sorted(target for target in targets if not (ROOT / target).exists()) == []


def test_every_command_in_the_readme_exists() -> None:
    shown = set(re.findall(r"^quarterdeck ([a-z-]+)", README, flags=re.MULTILINE))
    assert {"check", "up", "status", "doctor", "audit"} <= shown
    assert shown <= set(app)


def test_every_file_the_architecture_names_exists() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", ARCHITECTURE, flags=re.MULTILINE)
    assert {room for room, _ in rows} == {"agents", "blocks", "bot", "scheduler", "store"}
    named = [(ROOT / room / name) for room, text in rows for name in re.findall(r"`([\w/.]+)`", text)]
    assert [str(path) for path in named if not path.exists()] == []


def test_the_architecture_is_one_page() -> None:
    assert len(ARCHITECTURE.splitlines()) <= 100
