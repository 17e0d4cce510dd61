"""`quarterdeck metrics detect`: lines for machines, a table for people, one line for a mistake."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.cli import exits
from bot.cli.app import run_command


def write(folder: Path, name: str, days: int = 60, strange: int = 50) -> Path:
    file = folder / name
    rows = (
        f"{date(2024, 1, 1) + timedelta(days=day)},{0 if day == strange else 1000 + (day * 37) % 41}"
        for day in range(days)
    )
    file.write_text("\n".join(["timestamp,value", *rows]))
    return file


def test_every_judged_point_is_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(write(tmp_path, "a.csv")), str(write(tmp_path, "b.csv", strange=55))]
    assert run_command(["metrics", "detect", *files, "--freq", "D", "--json"]) == exits.DONE
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == 120
    assert [(line["series"], line["timestamp"], line["kind"]) for line in lines if line["anomaly"]] == [
        ("a", "2024-02-20", "low"),
        ("b", "2024-02-25", "low"),
    ]
    last = lines[-1]
    assert last["lower"] < last["expected"] < last["upper"]
    assert lines[0]["lower"] is None


def test_the_findings_are_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path, "visits.csv")
    file.write_text("\n".join(line for line in file.read_text().splitlines() if "2024-02-10" not in line))
    assert run_command(["metrics", "detect", str(file), "--freq", "D"]) == exits.DONE
    head, columns, missing, found = capsys.readouterr().out.splitlines()
    assert head == "visits: 59 points, 31 judged, 1 out of the ordinary"
    assert columns.split() == ["when", "what", "value", "expected", "range"]
    assert missing.split() == ["2024-02-10", "missing", "1", "missing", "until", "2024-02-10"]
    assert found.split()[:3] == ["2024-02-20", "low", "0"]


def test_a_holiday_is_not_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path, "visits.csv", days=130, strange=121)
    assert run_command(["metrics", "detect", str(file), "--freq", "D", "--country", "DE"]) == exits.DONE
    assert "0 out of the ordinary" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--freq", "D"], "Name at least one CSV file"),
        (["absent.csv", "--freq", "D"], "absent.csv cannot be read"),
        (["absent.csv"], "freq"),
        (["absent.csv", "--freq", "W"], "D"),
    ],
)
def test_a_mistake_is_said_in_a_line(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["metrics", "detect", *arguments]) == exits.MISTAKE
    assert said in capsys.readouterr().err


def test_a_country_without_a_calendar_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(write(tmp_path, "visits.csv"))
    assert run_command(["metrics", "detect", file, "--freq", "D", "--country", "XX"]) == exits.MISTAKE
    assert "no holiday calendar for `XX`" in capsys.readouterr().err
