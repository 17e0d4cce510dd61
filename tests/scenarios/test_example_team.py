"""The example team on the generated site: each incident seen, its cause named by the Chief, acted on; no false alarm.

What is checked is what stands in the database, against site/incidents.yaml and nothing else.
"""

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from blocks.elements import Card
from blocks.render.discord import FileSpec, files_of
from blocks.render.discord_check import problems
from bot.foundation import lay_foundation, load_team
from bot.settings import Settings
from bot.surfaces.discord.rendering import card_message, nonce_of
from bot.surfaces.discord.web import Attached
from store.kernel.canonical import JsonObject
from tests.blocks.schemas import discord_schema
from tests.scenarios.commands import quarterdeck

EXAMPLE = Path(__file__).parents[2] / "examples" / "web-analytics"
SCORE = EXAMPLE / "site" / "score.py"
WHOLE = ("2021-09-01", "2021-11-30")
"""What was simulated when docs/example-team.md was written."""


def simulated(folder: Path, since: str, until: str) -> Path:
    """The state folder of a headless simulation of the example."""
    env = {"QUARTERDECK_STATE_DIR": str(folder)}
    options = ("--simulate", since, "--until", until, "--speed", "max", "--headless")
    done = quarterdeck("up", EXAMPLE, *options, "--people", EXAMPLE / "people-script.yaml", env=env)
    assert done.returncode == 0, done.stderr
    return folder / "simulation"


def scored(state: Path) -> str:
    """What score.py says of it; it must find everything right."""
    done = subprocess.run(
        [sys.executable, SCORE, state / "quarterdeck.db"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def rows(state: Path, query: str) -> list[tuple[str, ...]]:
    with sqlite3.connect(state / "quarterdeck.db") as connection:
        return connection.execute(query).fetchall()


def cards(state: Path) -> list[tuple[str, ...]]:
    return rows(state, "SELECT key, revision, snapshot FROM qd_cards ORDER BY key")


@pytest.fixture(scope="module")
def deploy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The days around the deploy that breaks five pages."""
    return simulated(tmp_path_factory.mktemp("deploy"), "2021-09-13T12:00", "2021-09-18T12:00")


def test_a_deploy_is_seen_by_three_named_by_the_chief_and_mended(deploy: Path) -> None:
    said = scored(deploy)
    assert "| deploy-guides | deploy | 3 of 3 | morning 1 | redirects executed; task of ahrefs-audit done" in said
    assert "False alarms: 0." in said
    assert "Unexplained during an incident: 0." in said


def test_the_redirects_are_written_once_after_somebody_approved_them(deploy: Path) -> None:
    written = (deploy / "files" / "out" / "_redirects").read_text().splitlines()
    assert len(written) == len(set(written)) == 6, "a line that names the call, and five redirects"
    assert "/guides/haul-out-checklist /handbook/haul-out-checklist 301" in written
    assert rows(deploy, "SELECT state, decided_by FROM qd_approvals") == [("executed", '["ana"]')]
    assert not (EXAMPLE / "out" / "_redirects").exists(), "the real workspace is not touched"


def test_every_session_ends_well_and_says_what_came_of_it(deploy: Path) -> None:
    ended = rows(deploy, "SELECT state, result FROM qd_runs")
    assert {state for state, _ in ended} == {"done"}
    assert all(json.loads(result)["summary"] for _, result in ended)


def _attached(file: FileSpec) -> Attached:
    return Attached(file_name=file.name, content=file.content or b"drawn", description=file.description)


def _for_discord(deploy: Path) -> Iterator[tuple[str, JsonObject]]:
    """Every card of the run as the request that posts it, with the files it brings along."""
    for key, _, snapshot in cards(deploy):
        card = Card.model_validate_json(snapshot)
        attached = [_attached(file) for file in files_of(card)]
        yield key, {**card_message(card, attached), "nonce": nonce_of(key, "1"), "enforce_nonce": True}


def test_discord_takes_every_card_of_the_team(deploy: Path) -> None:
    sent = dict(_for_discord(deploy))
    assert {key.partition(":")[0] for key in sent} >= {"alert", "approval", "digest", "fleet", "log", "run", "task"}
    assert {key: found for key, message in sent.items() if (found := problems(message))} == {}
    validator = discord_schema("MessageCreateRequest")
    assert {key: [one.message for one in validator.iter_errors(message)] for key, message in sent.items()} == {
        key: [] for key in sent
    }


def test_every_card_says_that_its_data_are_made_up(deploy: Path) -> None:
    marked = [json.loads(snapshot) for _, _, snapshot in cards(deploy)]
    assert len(marked) > 10
    assert all(card["simulated"] and card["made_up"].startswith("Generated data") for card in marked)


def test_with_data_of_ones_own_no_card_says_that_they_are_made_up(tmp_path: Path) -> None:
    team = load_team(EXAMPLE)
    assert team.simulated is not None
    assert all(spec.simulated for spec in team.sources.values())
    settings = Settings(state_dir=tmp_path / "state")
    real = lay_foundation(EXAMPLE, settings, data=tmp_path).team
    assert real.simulated is None
    assert not any(spec.simulated for spec in real.sources.values())


def test_nobody_waited_for_anybody_but_the_approver(deploy: Path) -> None:
    """A worker that had to ask before it may hand over would be late every morning."""
    results = [
        json.loads(result) for (result,) in rows(deploy, "SELECT result FROM qd_runs WHERE agent_id = 'chief-of-staff'")
    ]
    assert [one.get("late", []) for one in results] == [[]] * len(results)


def test_a_worker_that_is_late_is_named_and_nothing_is_concluded_from_its_silence(tmp_path: Path) -> None:
    folder = tmp_path / "late"
    shutil.copytree(EXAMPLE, folder)
    team = (folder / "team.yaml").read_text()
    (folder / "team.yaml").write_text(team.replace('cron: "5 7 * * *"', 'cron: "5 9 * * *"'))
    env = {"QUARTERDECK_STATE_DIR": str(tmp_path / "state")}
    options = ("--simulate", "2021-10-06T12:00", "--until", "2021-10-07T12:00", "--headless")
    done = quarterdeck("up", folder, *options, env=env)
    assert done.returncode == 0, done.stderr
    state = tmp_path / "state" / "simulation"
    [(result,)] = rows(state, "SELECT result FROM qd_runs WHERE agent_id = 'chief-of-staff'")
    assert json.loads(result)["late"] == ["clarity-sessions"]
    causes = {one["cause"] for one in json.loads(result)["incidents"]}
    assert causes == {"unexplained"}, "without the count of sessions nobody can say that only the counting fell"


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_three_months_are_right_and_come_out_alike_twice(tmp_path: Path) -> None:
    first = simulated(tmp_path / "one", *WHOLE)
    said = scored(first)
    assert said.count("| right |") == 9
    assert "False alarms: 0." in said
    assert cards(first) == cards(simulated(tmp_path / "two", *WHOLE))
