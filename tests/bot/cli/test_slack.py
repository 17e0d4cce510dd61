"""`quarterdeck slack`: the manifest of this workspace, and setting it up, with everything that can go wrong."""

import json
from pathlib import Path

import pytest

from bot.cli import exits
from bot.cli.app import run_command
from bot.surfaces.slack.manifest import PRIVATE_SCOPES
from tests.scenarios.workspaces import write_team

TEAM = """
name: Night Shift
timezone: UTC
agents:
  helper: {name: Helper, purpose: Helps., routine: help.py, icon: lighthouse, tools: [metrics.record]}
people:
  ana: {roles: [approver], accounts: {slack: U0DANA00001}}
policy: trusted
surfaces: {slack: {channel_prefix: deck-}}
"""
HELP = "async def run(ctx):\n    return {}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_team(tmp_path / "team", TEAM, help=HELP)


def test_the_manifest_is_the_workspaces_own(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["slack", "manifest", "-w", str(folder)]) == exits.DONE
    made = json.loads(capsys.readouterr().out)
    assert made["display_information"]["name"] == "Quarterdeck Night Shift"
    assert not set(made["oauth_config"]["scopes"]["bot"]) & set(PRIVATE_SCOPES)


def test_a_workspace_with_a_channel_of_others_asks_to_see_private_ones(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = TEAM.replace("purpose: Helps.", "purpose: Helps., channel: C0123ABCDE")
    write_team(folder, text)
    assert run_command(["slack", "manifest", "-w", str(folder)]) == exits.DONE
    made = json.loads(capsys.readouterr().out)
    assert set(PRIVATE_SCOPES) <= set(made["oauth_config"]["scopes"]["bot"])


def test_over_http_the_manifest_needs_our_address(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUARTERDECK_SLACK_MODE", "http")
    assert run_command(["slack", "manifest", "-w", str(folder)]) == exits.MISTAKE
    assert "https://" in capsys.readouterr().err
    url = "https://deck.example.test"
    assert run_command(["slack", "manifest", "-w", str(folder), "--public-url", url]) == exits.DONE
    assert f"{url}/slack/events" in capsys.readouterr().out
