"""Figures and how they are told: median, spread, and a ratio to the contender they are compared with."""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

NOTHING = "–"


@dataclass(frozen=True)
class Figure:
    """What one contender measured, one value a round; no values when it could not be measured, for `missing`."""

    contender: str
    values: tuple[float, ...]
    missing: str = ""

    @property
    def median(self) -> float:
        """The middle value; of an even number, the mean of the two in the middle."""
        return statistics.median(self.values)


@dataclass(frozen=True)
class Comparison:
    """Contenders beside each other on one thing. `baseline` names the one that the ratios are to."""

    title: str
    unit: str
    baseline: str
    figures: tuple[Figure, ...]

    def ratio(self, figure: Figure) -> float | None:
        """How many times the baseline this is: the median of the ratios within each round where rounds were shared."""
        base = next((other for other in self.figures if other.contender == self.baseline), None)
        if base is None or not base.values or not figure.values or base.median == 0:
            return None
        if len(base.values) == len(figure.values) and all(base.values):
            pairs = zip(figure.values, base.values, strict=True)
            return statistics.median(mine / theirs for mine, theirs in pairs)
        return figure.median / base.median


@dataclass(frozen=True)
class Report:
    """One benchmark's outcome. `notes`, in Markdown, say what the figures do and do not mean."""

    name: str
    question: str
    comparisons: tuple[Comparison, ...]
    notes: str


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100).__trunc__() - 1)]


def in_markdown(report: Report) -> Iterator[str]:
    """The report, line by line."""
    yield from (f"### {report.name}", "", report.question, "")
    for comparison in report.comparisons:
        yield from _table(comparison)
    yield report.notes


def _table(comparison: Comparison) -> Iterator[str]:
    yield f"| {comparison.title} | median, {comparison.unit} | lowest to highest | × {comparison.baseline} |"
    yield "|---|---:|---:|---:|"
    for figure in comparison.figures:
        yield f"| {figure.contender} | {' | '.join(_cells(comparison, figure))} |"
    yield ""


def _cells(comparison: Comparison, figure: Figure) -> tuple[str, str, str]:
    if not figure.values:
        return figure.missing, NOTHING, NOTHING
    spread = f"{_short(min(figure.values))} to {_short(max(figure.values))}" if len(figure.values) > 1 else NOTHING
    ratio = comparison.ratio(figure)
    return _short(figure.median), spread, NOTHING if ratio is None else _short(ratio)


def _short(value: float) -> str:
    """Three significant digits, more only before the point."""
    size = abs(value)
    digits = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 0.1 else 4
    return f"{value:,.{digits}f}"
