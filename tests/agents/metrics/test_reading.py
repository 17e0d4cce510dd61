"""Files: what is read, and how each kind of bad file is answered."""

from pathlib import Path

import pytest

from agents.metrics.gaps import gaps
from agents.metrics.holidays import holidays_of
from agents.metrics.reading import read_series
from agents.metrics.series import Frequency
from store.kernel.errors import UserMistake

HEAD = "timestamp,value\n"


def write(folder: Path, text: str | bytes) -> Path:
    file = folder / "visits.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_a_series_is_read_with_its_moments_as_written(tmp_path: Path) -> None:
    file = write(tmp_path, b"\xef\xbb\xbfvalue,note,timestamp\r\n1,a,2024-01-01\r\n2.5,b,2024-01-02\r\n")
    read = read_series(file, Frequency.DAILY)
    assert (read.name, read.stamps) == ("visits", ("2024-01-01", "2024-01-02"))
    assert [point.value for point in read.points] == [1.0, 2.5]


def test_moments_with_a_zone_are_taken_to_one(tmp_path: Path) -> None:
    read = read_series(write(tmp_path, HEAD + "2024-01-01T00:30+01:00,1\n2024-01-01T00:30Z,2\n"), Frequency.HOURLY)
    assert [point.at.hour for point in read.points] == [23, 0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no rows|no column"),
        (HEAD, "has no rows"),
        ("date,users\n2024-01-01,1\n", "visits.csv:1: there is no column `timestamp`.*date, users"),
        (HEAD + "2024-01-01,1\n2024-01-02,n/a\n", "visits.csv:3: `n/a` is not a number"),
        (HEAD + "2024-01-01,1\n2024-01-02,\n", "visits.csv:3: the value is empty"),
        (HEAD + "2024-01-01,inf\n", "visits.csv:2: `inf` is not a number"),
        (HEAD + "2024-01-01\n", "visits.csv:2: the value is empty"),
        (HEAD + "yesterday,1\n", "visits.csv:2: `yesterday` is not a moment"),
        (HEAD + "2024-01-02,1\n2024-01-01,1\n", "visits.csv:3: .*comes after.*sort the file"),
        (HEAD + "2024-01-01,1\n2024-01-02,1\n2024-01-02,1\n", "visits.csv:4: .*is there twice"),
        (HEAD + "2024-01-01T00:00,1\n2024-01-01T01:00,1\n", "say --freq H"),
        (HEAD + "2024-01-01,1\n2024-01-08,1\n2024-01-15,1\n", "bring the series to one value"),
        (b"PK\x03\x04\xff\xfe", "UTF-8"),
    ],
)
def test_a_bad_file_is_answered_with_its_line_and_what_to_do(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(UserMistake, match=said):
        read_series(write(tmp_path, text), Frequency.DAILY)


def test_an_hourly_reading_of_days_or_minutes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserMistake, match="say --freq D"):
        read_series(write(tmp_path, HEAD + "2024-01-01,1\n2024-01-02,1\n"), Frequency.HOURLY)
    with pytest.raises(UserMistake, match=r"visits.csv:3: less than an hour"):
        read_series(write(tmp_path, HEAD + "2024-01-01T00:00,1\n2024-01-01T00:05,1\n"), Frequency.HOURLY)


def test_a_folder_or_no_file_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent.csv"):
        with pytest.raises(UserMistake, match="cannot be read"):
            read_series(path, Frequency.DAILY)


def test_gaps_are_named(tmp_path: Path) -> None:
    read = read_series(
        write(tmp_path, HEAD + "2024-01-01,1\n2024-01-02,1\n2024-01-06,1\n2024-01-07,1\n"), Frequency.DAILY
    )
    (gap,) = gaps(read.points, Frequency.DAILY)
    assert (str(gap.first.date()), str(gap.last.date()), gap.points) == ("2024-01-03", "2024-01-05", 3)


def test_holidays_come_from_the_calendar_and_an_unknown_country_is_said() -> None:
    names = {str(day): name for day, name in holidays_of("es", range(2024, 2025)).items()}
    assert "2024-01-06" in names
    with pytest.raises(UserMistake, match="no holiday calendar for `XX`"):
        holidays_of("XX", range(2024, 2025))
