"""Tables as people export them: what is understood, and what is said of files that are none."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.first_hour.folder import understand_folder
from bot.first_hour.table import Grain, Measure, moment_in, understand
from store.kernel.errors import UserMistake

DAYS = [(datetime(2026, 9, 1) + timedelta(days=day)).date().isoformat() for day in range(60)]  # noqa: DTZ001 - as files write them


def table(folder: Path, headings: str, row: str, name: str = "t.csv", encoding: str = "utf-8") -> Path:
    """A file of sixty rows; `{day}` and `{n}` in the row are filled in."""
    lines = [headings, *(row.format(day=day, n=100 + number * 7 % 50) for number, day in enumerate(DAYS))]
    path = folder / name
    path.write_text("\n".join(lines), encoding=encoding)
    return path


def test_the_time_and_the_numbers_are_found(tmp_path: Path) -> None:
    found = understand(table(tmp_path, "Order ID,day,Visitors,Refund rate,Town", "{n}1,{day},{n},4.{n}%,Malta"))
    assert (found.time, found.grain, found.rows, found.whole) == ("day", Grain.DAY, 60, True)
    assert found.measures == (Measure("Visitors", "Visitors"), Measure("Refund rate", "Refund rate", averaged=True))
    assert (found.first.date().isoformat(), found.last.date().isoformat()) == (DAYS[0], DAYS[-1])


@pytest.mark.parametrize(
    ("headings", "row", "time"),
    [
        ("date;sessions", "{day};{n}", "date"),
        ("Event date\tsessions", "{day}\t{n}", "Event date"),
        ("sessions,createdAt", "{n},{day} 08:30:00", "createdAt"),
        ("sessions|due_date|date", "{n}|2026-01-01|{day}", "date"),
    ],
)
def test_other_separators_and_names(tmp_path: Path, headings: str, row: str, time: str) -> None:
    assert understand(table(tmp_path, headings, row)).time == time


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "latin-1"])
def test_other_encodings(tmp_path: Path, encoding: str) -> None:
    found = understand(table(tmp_path, "date,sessions,Städte", "{day},{n},Köln", encoding=encoding))
    assert found.headings == ("date", "sessions", "Städte")


def test_a_table_without_numbers_is_counted(tmp_path: Path) -> None:
    assert understand(table(tmp_path, "date,country", "{day},Malta")).measures == (Measure(None, "Rows"),)


def test_a_huge_file_is_understood_by_its_beginning(tmp_path: Path) -> None:
    path = table(tmp_path, "date,sessions", "{day},{n}")
    with path.open("ab") as file:
        file.write(f"\n{DAYS[-1]},107".encode() * 80_000)
        file.truncate(500_000_000)
    found = understand(path)
    assert not found.whole
    assert found.measures == (Measure("sessions", "sessions"),)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"  \n\n", "is empty"),
        (b"<!DOCTYPE html><html>Sign in</html>", "web page"),
        (b"PK\x03\x04 sheet", "spreadsheet"),
        (b"\x00\x01\x02", "no text"),
        (b"just some words\nand more\n", "no columns"),
        (b"date,users\n", "no rows"),
        (b"date,date\n2026-01-01,2\n", "stand twice"),
        (b"country,users\nMalta,7\n", "no column of dates"),
        (b"date,users\nMarch 3rd,7\nMarch 4th,8\n", "'March 3rd', which is no date"),
        (b"date,users\n03/04/2026,7\n04/04/2026,8\n", "which is no date"),
    ],
)
def test_what_is_no_table_with_a_time_is_said_kindly(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "wrong.csv"
    path.write_bytes(content)
    with pytest.raises(UserMistake, match=says):
        understand(path)


def test_a_folder_is_its_tables_and_says_what_is_none(tmp_path: Path) -> None:
    for month in ("2026-07", "2026-08"):
        table(tmp_path, "date,sessions", "{day},{n}", name=f"traffic-{month}.csv")
    table(tmp_path, "date,orders", "{day},{n}", name="orders.csv")
    (tmp_path / "login.csv").write_text("<html>")
    (tmp_path / "notes.md").write_text("no table")
    found = understand_folder(tmp_path)
    assert [(export.glob, export.files) for export in found.exports] == [("orders.csv", 1), ("traffic-*.csv", 2)]
    assert len(found.troubles) == 1
    assert "login.csv is a web page" in found.troubles[0]


def test_a_folder_with_nothing_to_watch_says_what_each_file_is(tmp_path: Path) -> None:
    with pytest.raises(UserMistake, match="no CSV file"):
        understand_folder(tmp_path)
    (tmp_path / "login.csv").write_text("<html>")
    with pytest.raises(UserMistake, match=r"None of the files there can be watched:\n  login.csv is a web page"):
        understand_folder(tmp_path)


@pytest.mark.parametrize("cell", ["20260901", "2026090113", "2026-09-01", "2026/09/01", "2026-09-01T08:00:00Z"])
def test_dates_that_can_mean_one_day_only(cell: str) -> None:
    assert moment_in(cell) is not None


@pytest.mark.parametrize("cell", ["", "1.9.2026", "09/01/2026", "2026-13-01", "12345678", "yesterday"])
def test_dates_that_could_mean_another_day_are_none(cell: str) -> None:
    assert moment_in(cell) is None


def test_a_vendor_s_export_is_recognised_by_its_columns(tmp_path: Path) -> None:
    found = understand(table(tmp_path, "Date,Total users,New users,Sessions", "{day},{n},1{n},2{n}"))
    assert found.reads != "csv"
    assert found.time_is_known
    assert found.measures[0].label == "Total users"
    assert found.measures[0].value == "sum(total_users)"


def test_headings_are_quoted_in_sql_where_they_must_be(tmp_path: Path) -> None:
    found = understand(table(tmp_path, 'day,"Bounce rate, %",visits', "{day},{n}%,1{n}"))
    assert [measure.value for measure in found.measures] == ['avg("Bounce rate, %")', "sum(visits)"]
