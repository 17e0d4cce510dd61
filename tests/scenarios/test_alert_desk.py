"""The example that watches a channel: recorded alerts become digests, each alert in exactly one of them."""

import json
import shutil
from pathlib import Path

import pytest

from agents.tools.builtin import builtin_tools
from agents.tools.registry import tool_facts
from bot.workspace import check_workspace
from tests.scenarios.commands import ROOT, quarterdeck

EXAMPLE = ROOT / "examples" / "alert-desk"
DAY = ("--simulate", "2026-03-02", "--until", "2026-03-03T12:00", "--headless")
RECORDED = EXAMPLE / "simulation" / "alerts.json"


def simulated(team: Path, state: Path, recording: Path = RECORDED) -> list[str]:
    """The digests of a day and a half, as text."""
    env = {"QUARTERDECK_STATE_DIR": str(state)}
    ended = quarterdeck("up", team, *DAY, "--readings", recording, env=env)
    assert ended.returncode == 0, ended.stderr
    cards = quarterdeck("cards", "-w", team, "--simulated", "--as", "text", env=env)
    return [card for card in json.loads(cards.stdout) if "Digest" in card]


def test_it_is_in_order() -> None:
    tools = {tool.spec.name: tool_facts(tool.spec) for tool in builtin_tools()}
    assert check_workspace(EXAMPLE, known_tools=tools) == []


@pytest.mark.timeout(120)
def test_each_alert_is_in_one_digest_and_its_change_in_a_later_one(tmp_path: Path) -> None:
    team = shutil.copytree(EXAMPLE, tmp_path / "team")
    storm, resolved, crawl = simulated(team, tmp_path / "state")
    assert "[FIRING] DiskFull" in storm
    assert "[FIRING] SlowCheckout" in storm
    assert "09:16 UTC" in storm  # two minutes after the last of them
    assert "Changed since\n• Grafana: [RESOLVED] DiskFull" in resolved
    assert "17 broken links" in crawl
    assert not any("I am on it" in digest for digest in (storm, resolved, crawl))
    assert simulated(team, tmp_path / "again") == [storm, resolved, crawl]


@pytest.mark.timeout(120)
def test_a_recording_of_a_channel_nobody_watches_is_a_mistake(tmp_path: Path) -> None:
    team = shutil.copytree(EXAMPLE, tmp_path / "team")
    wrong = tmp_path / "wrong.json"
    wrong.write_text(RECORDED.read_text().replace("C0ALERTS1", "C0PAYROLL"))
    started = quarterdeck(
        "up", team, "--simulate", "2026-03-02", "--until", "2026-03-03", "--headless", "--readings", wrong
    )
    assert started.returncode != 0
    assert "messages of C0PAYROLL, which no agent watches. The watched channels are C0ALERTS1." in started.stderr
    wrong.write_text(RECORDED.read_text().replace("09:14:03Z", "09:14:03"))
    started = quarterdeck(
        "up", team, "--simulate", "2026-03-02", "--until", "2026-03-03", "--headless", "--readings", wrong
    )
    assert "2026-03-02T09:14:03 has no time zone" in started.stderr
