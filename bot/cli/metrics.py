"""`quarterdeck metrics detect`: what is out of the ordinary in a file of values."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from agents.metrics.gaps import Gap, gaps
from agents.metrics.holidays import holidays_of
from agents.metrics.judge import NO_HOLIDAYS, judge_series
from agents.metrics.reading import Read, read_series
from agents.metrics.series import Frequency, Kind, Verdict
from bot.cli.opening import AsJson
from store.kernel.errors import UserMistake

metrics = App(name="metrics", help="Expected ranges and what falls out of them.")

_SIGNIFICANT = 6


@metrics.command
def detect(
    *files: Annotated[Path, Parameter(help="CSV files with the columns `timestamp` and `value`, oldest line first.")],
    freq: Annotated[Literal["D", "H"], Parameter(help="One point a day (D) or an hour (H).")],
    country: Annotated[str | None, Parameter(help="Whose public holidays are not judged: ES, DE, US …")] = None,
    as_json: AsJson = False,
) -> None:
    """Judge every point of a series with the points before it; print the findings, or every judged point as JSON."""
    if not files:
        raise UserMistake("Name at least one CSV file with the columns `timestamp` and `value`.")
    frequency = Frequency(freq)
    for file in files:
        read = read_series(file, frequency)
        verdicts = _judged(read, frequency, country)
        print(_lines(read, verdicts) if as_json else _report(read, verdicts, frequency))


def _judged(read: Read, frequency: Frequency, country: str | None) -> tuple[Verdict, ...]:
    years = range(read.points[0].at.year, read.points[-1].at.year + 1)
    return judge_series(read.points, frequency, holidays_of(country, years) if country else NO_HOLIDAYS)


def _lines(read: Read, verdicts: Sequence[Verdict]) -> str:
    """One JSON object a line for every point; the bounds are null until enough is known."""
    return "\n".join(
        json.dumps(
            {
                "series": read.name,
                "timestamp": stamp,
                "anomaly": verdict.kind.anomalous,
                "kind": verdict.kind.value,
                "value": verdict.value,
                "expected": _short(verdict.expected),
                "lower": _short(verdict.lower),
                "upper": _short(verdict.upper),
            }
        )
        for stamp, verdict in zip(read.stamps, verdicts, strict=True)
    )


def _report(read: Read, verdicts: Sequence[Verdict], frequency: Frequency) -> str:
    rows: list[tuple[str, ...]] = [
        (stamp, verdict.kind.value, *(_shown(one) for one in (verdict.value, verdict.expected)), _range(verdict))
        for stamp, verdict in zip(read.stamps, verdicts, strict=True)
        if verdict.kind.anomalous
    ]
    found = len(rows)
    rows += [_gap_row(gap, frequency) for gap in gaps(read.points, frequency)]
    judged = sum(verdict.lower is not None for verdict in verdicts)
    head = f"{read.name}: {len(verdicts)} points, {judged} judged, {found} out of the ordinary"
    return _table(head, sorted(rows))


def _gap_row(gap: Gap, frequency: Frequency) -> tuple[str, ...]:
    until = f"{gap.points} missing until {_stamp(gap.last, frequency)}"
    return (_stamp(gap.first, frequency), Kind.MISSING.value, "", "", until)


def _table(head: str, rows: Sequence[tuple[str, ...]]) -> str:
    titled = [("when", "what", "value", "expected", "range"), *rows] if rows else []
    widths = [max(len(row[column]) for row in titled) for column in range(5)] if titled else []
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in titled]
    return "\n".join([head, *(f"  {line}" for line in lines)])


def _range(verdict: Verdict) -> str:
    return "" if verdict.lower is None else f"{_shown(verdict.lower)} to {_shown(verdict.upper)}"


def _stamp(moment: object, frequency: Frequency) -> str:
    return str(moment).replace(" ", "T")[: 10 if frequency is Frequency.DAILY else 16]


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.{_SIGNIFICANT}g}")


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:.{_SIGNIFICANT}g}"
