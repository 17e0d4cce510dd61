"""A series read from a CSV file with the columns `timestamp` and `value`; whatever is wrong is said with its line."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from math import isfinite
from pathlib import Path
from statistics import median_low

from agents.metrics.series import Frequency, Point
from store.kernel.errors import UserMistake

TIMESTAMP, VALUE = "timestamp", "value"
MAX_POINTS = 1_000_000


@dataclass(frozen=True, slots=True)
class Read:
    """A series and its moments exactly as the file writes them, in the same order. `name` is the file's stem."""

    name: str
    points: tuple[Point, ...]
    stamps: tuple[str, ...]


def read_series(path: Path, frequency: Frequency) -> Read:
    """The series of a CSV file, checked: numbers, ascending moments, as far apart as `frequency` says.

    Raises UserMistake naming the file, the line and what to do. Reads at most `MAX_POINTS` rows.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            found = tuple(_rows(file, path))
    except UnicodeDecodeError:
        raise UserMistake(f"{path} is not text in UTF-8: save it as a CSV file in UTF-8.") from None
    except csv.Error as error:
        raise UserMistake(f"{path} is not a CSV file: {error}.") from None
    except OSError as error:
        raise UserMistake(f"{path} cannot be read: {error.strerror}.") from None
    if not found:
        raise UserMistake(f"{path} has no rows: a series needs at least one line below `{TIMESTAMP},{VALUE}`.")
    points = tuple(point for _, point in found)
    _require_order(points, path, frequency)
    _require_step(points, path, frequency)
    return Read(path.stem, points, tuple(stamp for stamp, _ in found))


def _rows(lines: Iterable[str], path: Path) -> Iterator[tuple[str, Point]]:
    reader = csv.DictReader(lines)
    columns = reader.fieldnames or ()
    for name in (TIMESTAMP, VALUE):
        if name not in columns:
            shown = ", ".join(columns) or "none"
            raise UserMistake(f"{path}:1: there is no column `{name}` (columns found: {shown[:200]}).")
    for number, row in enumerate(reader, start=2):
        if number > MAX_POINTS + 1:
            raise UserMistake(f"{path}:{number}: more than {MAX_POINTS} rows; split the file.")
        stamp = (row[TIMESTAMP] or "").strip()
        yield stamp, Point(_moment(stamp, path, number), _number(row[VALUE] or "", path, number))


def _moment(text: str, path: Path, line: int) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UserMistake(
            f"{path}:{line}: `{text[:40]}` is not a moment; write it like 2021-03-01 or 2021-03-01T14:00."
        ) from None
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


def _number(text: str, path: Path, line: int) -> float:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        shown = text.strip()[:40]
        said = f"`{shown}` is not a number" if shown else "the value is empty"
        raise UserMistake(f"{path}:{line}: {said}; leave the whole line out where nothing was measured.")
    return number


def _require_order(points: tuple[Point, ...], path: Path, frequency: Frequency) -> None:
    for line, (before, after) in enumerate(pairwise(points), start=3):
        if after.at < before.at:
            raise UserMistake(f"{path}:{line}: {after.at} comes after {before.at}; sort the file by `{TIMESTAMP}`.")
        if after.at == before.at:
            raise UserMistake(f"{path}:{line}: {after.at} is there twice; keep one value for each moment.")
        if after.at - before.at < frequency.step and frequency is Frequency.HOURLY:
            raise UserMistake(f"{path}:{line}: less than an hour after the line before; bring the series to one hour.")


def _require_step(points: tuple[Point, ...], path: Path, frequency: Frequency) -> None:
    apart = [after.at - before.at for before, after in pairwise(points)]
    usual = median_low(apart) if apart else frequency.step
    if usual == frequency.step:
        return
    other = next((one for one in Frequency if one.step == usual), None)
    advice = f"say --freq {other.value}" if other else "bring the series to one value a day or an hour"
    raise UserMistake(f"{path}: its points are usually {usual} apart, not {frequency.step}; {advice}.")
