"""The scores docs/metrics.md shows, on labelled series that are not part of this repository."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agents.metrics import Frequency, judge_series
from agents.metrics.reading import read_series

DATA = Path(__file__).parents[3].parent / "shared" / "data" / "anomaly"
PAGE = Path(__file__).parents[3] / "docs" / "metrics.md"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the labelled series are not here")


@pytest.fixture(scope="module")
def scores(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    found = tmp_path_factory.mktemp("scores") / "detections.jsonl"
    labels = json.loads((DATA / "labels.json").read_text())
    with found.open("w") as lines:
        for name, label in labels.items():
            frequency = Frequency(label["freq"].upper())
            read = read_series(DATA / "series" / f"{name}.csv", frequency)
            for stamp, verdict in zip(read.stamps, judge_series(read.points, frequency), strict=True):
                line = {"series": name, "timestamp": stamp, "anomaly": verdict.kind.anomalous}
                lines.write(json.dumps(line) + "\n")
    scorer = subprocess.run(
        [sys.executable, DATA / "score.py", found, "--json"], capture_output=True, text=True, check=True
    )
    told: dict[str, Any] = json.loads(scorer.stdout)
    return told


@pytest.mark.parametrize(
    ("track", "f1", "false_alarms"),
    [("daily-injected", 0.72, 0.15), ("daily-real", 0.70, 0.05), ("ms-hourly", 0.60, 0.80), ("nab-hourly", 0.51, 1.40)],
)
def test_a_track_is_scored_no_worse_than_told(
    scores: dict[str, Any], track: str, f1: float, false_alarms: float
) -> None:
    assert scores[track]["f1"] >= f1
    assert scores[track]["false_alarms_per_metric_month"] <= false_alarms


def test_clean_series_are_quiet(scores: dict[str, Any]) -> None:
    assert scores["daily-clean"]["false_alarms_per_metric_month"] <= 0.15


def test_most_week_long_falls_and_rises_are_found(scores: dict[str, Any]) -> None:
    found = {kind: int(of.split("/")[0]) for kind, of in scores["daily-injected"]["recall_by_type"].items()}
    assert found["shift_down"] >= 9
    assert found["shift_up"] >= 11


def test_the_page_shows_these_scores(scores: dict[str, Any]) -> None:
    page = PAGE.read_text()
    for track in ("daily-injected", "daily-real", "ms-hourly", "nab-hourly"):
        told = scores[track]
        assert f"| {track} | {told['f1']:.2f} | {told['false_alarms_per_metric_month']:.2f} |" in page
