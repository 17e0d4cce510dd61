"""A simulated month of both agents, run twice from nothing, gives the same cards to the byte; nothing real changes."""

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.commands import here, quarterdeck
from tests.scenarios.workspaces import EXAMPLE, changed, copied_example, fingerprint, in_memory, with_model

SCRIPTS = EXAMPLE / "simulation"
DATED = {"2026-02-07-late-invoices.csv": "on the 10th", "2026-02-11-photos.txt": "on the 14th"}
"""Files that become old while the simulated week passes: their name, and when somebody is asked about them."""


def test_the_recorded_month_is_what_its_generator_writes(tmp_path: Path) -> None:
    shutil.copy(SCRIPTS / "make_readings.py", tmp_path)
    source = compile((tmp_path / "make_readings.py").read_text(), str(tmp_path / "make_readings.py"), "exec")
    namespace = {"__name__": "generator", "__file__": str(tmp_path / "make_readings.py")}
    exec(source, namespace)  # noqa: S102  # the repository's own script, with a folder of this test as its place
    namespace["main"]()  # type: ignore[operator]  # what a module's namespace holds has no type
    assert (tmp_path / "readings.json").read_bytes() == (SCRIPTS / "readings.json").read_bytes()


@pytest.mark.timeout(300)
def test_a_week_with_a_priced_model_comes_out_the_same_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    people = tmp_path / "people.yaml"
    people.write_text(
        """answers:
  - {answer: nobody, times: 1}
  - {answer: approve, person: captain, after_minutes: 45, times: 1}
  - {answer: reject, person: mate, after_minutes: 90}
"""
    )
    with _twice(_week_of, tmp_path, "2026-03-09", "2026-03-16", people) as (first, second):
        assert first.cards == second.cards
        assert _spent_by_note_taker(_checked(first, mornings=7, mondays=1)) != "$0.00"
        monkeypatch.setenv("QUARTERDECK_STATE_DIR", first.env["QUARTERDECK_STATE_DIR"])
        _check_marks(first, capsys)
        _check_private_copy(first)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_month_of_the_example_comes_out_the_same_twice(tmp_path: Path) -> None:
    with _twice(copied_example, tmp_path, "2026-03-01", "2026-03-31", SCRIPTS / "people.yaml") as (first, second):
        assert first.cards == second.cards
        digests = [_words(card) for card in _checked(first, mornings=30, mondays=5) if card["kind"] == "digest"]
    for told in ("The disk filled up overnight", "The machine was overloaded", "Mate kept the old notes"):
        assert sum(told in words for words in digests) == 1


@dataclass(frozen=True)
class Simulated:
    """One simulation: where it was run, and the cards it printed."""

    folder: Path
    env: dict[str, str]
    cards: str


@contextmanager
def _twice(
    make: Callable[[Path], Path], tmp_path: Path, start: str, until: str, people: Path
) -> Iterator[tuple[Simulated, Simulated]]:
    """The same simulation of two copies at the same time; neither copy changes."""
    folders = [make(tmp_path / name) for name in ("one", "two")]
    before = [fingerprint(folder) for folder in folders]
    with in_memory(tmp_path / "s1") as one, in_memory(tmp_path / "s2") as two, ThreadPoolExecutor(2) as pool:
        first = pool.submit(_simulate, folders[0], one, start, until, people)
        second = pool.submit(_simulate, folders[1], two, start, until, people)
        pair = first.result(), second.result()
        assert [fingerprint(folder) for folder in folders] == before
        yield pair


def _simulate(folder: Path, env: dict[str, str], start: str, until: str, people: Path) -> Simulated:
    options = ("--simulate", start, "--until", until, "--speed", "max", "--headless")
    scripts = ("--people", people, "--readings", SCRIPTS / "readings.json", "--model-script", SCRIPTS / "model.yaml")
    done = quarterdeck("up", folder, *options, *scripts, env=env)
    assert (done.returncode, done.stderr) == (0, "")
    printed = quarterdeck("cards", "-w", folder, "--simulated", "--as", "json", env=env)
    assert (printed.returncode, printed.stderr) == (0, "")
    return Simulated(folder, env, printed.stdout)


def _checked(simulated: Simulated, mornings: int, mondays: int) -> list[dict[str, Any]]:
    """Every card says it is simulated; both wrote each morning, one each Monday; each incident was one alert."""
    cards: list[dict[str, Any]] = json.loads(simulated.cards)
    assert all(card["simulated"] for card in cards)
    kinds = Counter(card["kind"] for card in cards)
    weekly = [card for card in cards if card["title"].startswith("The week from ")]
    assert len({card["title"] for card in weekly}) == len(weekly) == mondays
    assert (kinds["digest"] - len(weekly), kinds["fleet"], kinds["incident"]) == (2 * mornings, 1, 0)
    alerts = [card for card in cards if card["kind"] == "alert"]
    assert [card["state"] for card in alerts] == ["Cleared", "Cleared"]
    assert ["287.0" in _words(card) for card in alerts] == [True, False]
    assert ["96.0" in _words(card) for card in alerts] == [False, True]
    assert {card["state"] for card in cards if card["kind"] == "run"} == {"Done"}
    answers = Counter(card["state"] for card in cards if card["kind"] == "approval")
    assert answers == {"Expired": 1, "Executed": 1, "Rejected": 1}
    return cards


def _check_marks(simulated: Simulated, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever is asked of a simulated record says that it is one."""
    place = ("-w", simulated.folder, "--simulated")
    for form in ("text", "html", "slack", "discord"):
        drawn = json.loads(here(capsys, "cards", *place, "--as", form))
        assert len(drawn) == len(json.loads(simulated.cards))
        assert all("Simulated time" in json.dumps(card) for card in drawn), form
    status = here(capsys, "status", *place)
    assert "Simulated time" in status
    assert "as of Mon 16 Mar 2026, 00:00 UTC" in status
    for command in ("runs", "schedules"):
        assert here(capsys, command, *place).startswith("Simulated time\n")
    assert here(capsys, "approvals", *place).startswith("Simulated time\n")
    assert "Whole" in here(capsys, "audit", "verify", *place)


def _check_private_copy(simulated: Simulated) -> None:
    """What was approved was done, to the copy."""
    files = Path(simulated.env["QUARTERDECK_STATE_DIR"]) / "simulation" / "files"
    moved = {path.name for path in (files / "archive").iterdir()} - {"README.md", ".quarterdeck-moves"}
    assert moved
    assert moved <= {path.name for path in (simulated.folder / "inbox").iterdir()}
    assert not (simulated.folder / "archive" / ".quarterdeck-moves").exists()


def _week_of(folder: Path) -> Path:
    """The example with a model, more dated files, and a sixth of the rounds, which a week has enough of."""
    changed(with_model(copied_example(folder)), "watch: {every: 10m,", "watch: {every: 1h,")
    for name in DATED:
        (folder / "inbox" / name).write_text("simulated later")
    return folder


def _spent_by_note_taker(cards: list[dict[str, Any]]) -> str:
    [run] = [card for card in cards if card["key"].startswith("run:note-taker")]
    rows = next(element["rows"] for element in run["elements"] if element["type"] == "facts")
    return str(next(row["value"] for row in rows if row["label"] == "Cost"))


def _words(card: dict[str, Any]) -> str:
    return json.dumps(card, ensure_ascii=False)
