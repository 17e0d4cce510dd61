"""Every benchmark runs, measures every contender that is installed, and is told of in its page."""

import importlib
import re
from pathlib import Path

import pytest

from benchmarks.__main__ import NAMES, main, run
from benchmarks.measure import Comparison, Figure, Report, in_markdown, percentile
from benchmarks.slack_cards import busiest_minute, over_pace
from bot.surfaces.slack.pacing import Pace

PAGE = (Path(__file__).parents[2] / "docs" / "benchmarks.md").read_text()

LAUNCHING = ("steps", "clicks", "starting", "slack", "discord")
"""These launch many whole processes, one after another."""
LATE = "acknowledged too late"
"""In the title of the tables that count what must not happen."""


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in LAUNCHING else name for name in NAMES]
)
def test_it_runs_in_a_tiny_size(name: str) -> None:
    report = run(name, tiny=True)
    assert report.comparisons
    for comparison in report.comparisons:
        assert comparison.baseline in {figure.contender for figure in comparison.figures}
        assert all(figure.values or "is not installed" in figure.missing for figure in comparison.figures)
        assert all(value >= 0 for figure in comparison.figures for value in figure.values)
        if LATE in comparison.title:
            assert not any(value for figure in comparison.figures for value in figure.values)
    assert report.notes.startswith("- ")


@pytest.mark.parametrize("name", NAMES)
def test_its_full_size_is_larger(name: str) -> None:
    module = importlib.import_module(f"benchmarks.{name}")
    assert module.FULL.rounds > module.TINY.rounds == 1


@pytest.mark.parametrize("name", NAMES)
def test_the_page_has_its_figures_and_the_conditions_they_were_made_in(name: str) -> None:
    _, found, section = PAGE.partition(f"\n### {name}\n")
    assert found
    section = section.partition("\n### ")[0]
    assert re.search(r"^\|.+\| ×", section, re.MULTILINE)
    assert re.search(
        r"^- \d{4}-\d\d-\d\d \d\d:\d\d UTC; load average before this benchmark [\d., ]+", section, re.MULTILINE
    )


def test_on_the_page_no_press_in_discord_is_answered_too_late() -> None:
    late = [table for table in PAGE.split("\n\n") if "answered too late" in table and table.startswith("|")]
    assert late
    for table in late:
        assert re.findall(r"^\| Quarterdeck[^|]*\| ([^|]*) \|", table, re.MULTILINE) == ["0.0000"]


def test_on_the_page_no_press_in_slack_is_acknowledged_too_late() -> None:
    late = [table for table in PAGE.split("\n\n") if LATE in table]
    assert late
    for table in late:
        assert re.findall(r"^\| Quarterdeck[^|]*\| ([^|]*) \|", table, re.MULTILINE) == ["0.0000", "0.0000"]


def test_the_page_names_the_commands() -> None:
    assert all(f"python -m benchmarks {name}" in PAGE for name in NAMES)


def test_the_busiest_minute_is_any_sixty_seconds() -> None:
    assert busiest_minute([0.0, 59.9, 60.0, 61.0, 119.0]) == 4
    assert busiest_minute([300.0, 0.0, 100.0]) == 1


def test_a_slack_that_counts_refuses_what_is_over_its_pace() -> None:
    pace = Pace(per_minute=60, burst=3)
    assert over_pace([float(second) for second in range(100)], pace) == 0
    assert over_pace([0.0] * 4, pace) == 0
    assert over_pace([0.0] * 6, pace) == 2
    assert over_pace([0.0] * 4 + [0.5, 1.5, 1.6], pace) == 2


def test_a_name_that_is_none_is_told_the_names(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["stpes"])
    assert "steps, clicks" in capsys.readouterr().err


def test_ratios_are_those_of_the_rounds() -> None:
    base, other = Figure("base", (1.0, 10.0, 100.0)), Figure("other", (2.0, 20.0, 900.0))
    assert Comparison("", "s", "base", (base, other)).ratio(other) == 2
    assert Comparison("", "s", "base", (base, other)).ratio(Figure("alone", (30.0,))) == 3
    assert Comparison("", "s", "gone", (base, other)).ratio(other) is None


def test_percentiles_are_values_that_were_measured() -> None:
    values = [float(value) for value in range(1, 101)]
    assert (percentile(values, 50), percentile(values, 99), percentile([7.0], 99)) == (50, 99, 7)


def test_what_could_not_be_measured_says_why() -> None:
    figures = (Figure("ours", (2.0, 4.0)), Figure("theirs", (), "langgraph is not installed"))
    table = "\n".join(in_markdown(Report("x", "How?", (Comparison("SQLite", "s", "ours", figures),), "- A note.")))
    assert "| ours | 3.00 | 2.00 to 4.00 | 1.00 |" in table
    assert "| theirs | langgraph is not installed | – | – |" in table
