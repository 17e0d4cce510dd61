"""Whatever a file holds: reading it never fails, and every row is kept, refused and counted, or left out and said."""

import csv
import io
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.sources.formats import FORMATS
from agents.sources.guard import NotAllowed
from agents.sources.reading.content import Unreadable, text_of
from agents.sources.reading.log_file import read_log
from agents.sources.reading.parsed import ParsedFile
from agents.sources.reading.table_file import read_table
from agents.sources.room import Room

UTC = ZoneInfo("UTC")
CELLS = st.one_of(
    st.sampled_from(["20210704", "5", "1,234", "4.17%", "", "Total", "date", "totalUsers", "0001", "-", "07/08/2021"]),
    st.text(alphabet='ab1.,;"\t #\né', max_size=6),
)
ROWS = st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=12)


def parsed(text: str, form: str) -> ParsedFile:
    if form == "access-log":
        return read_log("x", "", text, UTC)
    return read_table("x", "", text, FORMATS[form], UTC, time=None)


def in_step(file: ParsedFile) -> bool:
    """True when every column and every time has one value for each row."""
    lengths = {len(column.cells) for column in file.columns} | {len(file.lines)}
    times = file.times
    lengths |= {len(times.begins), len(times.ends), len(times.locals)} if times is not None else set()
    return len(lengths) == 1


@given(ROWS, st.sampled_from(sorted(FORMATS)))
def test_every_row_of_a_table_is_kept_refused_or_left_out(rows: list[list[str]], form: str) -> None:
    written = io.StringIO()
    csv.writer(written).writerows([["date", "totalUsers"], *rows])
    file = parsed(written.getvalue(), form)
    assert in_step(file)
    blank = sum(not any(cell.strip() for cell in row) for row in rows)
    if form == "csv":
        headers = sum(int(note.partition("(")[2].partition(" ")[0] or 1) for note in file.notes)
        assert file.rows + file.refused + headers + blank == len(rows)


@given(st.binary(max_size=400), st.sampled_from(sorted(FORMATS)))
def test_any_bytes_are_read_or_said_to_be_unreadable(data: bytes, form: str) -> None:
    try:
        text = text_of(data)
    except Unreadable:
        return
    assert in_step(parsed(text, form))


@given(st.text(max_size=300), st.sampled_from(sorted(FORMATS)))
def test_any_text_is_read_without_failing(text: str, form: str) -> None:
    file = parsed(text, form)
    assert in_step(file)
    assert file.rows or file.problem


@pytest.fixture(scope="module")
def room() -> Room:
    return Room()


WORDS = st.sampled_from(
    [
        *(
            "SELECT",
            "*",
            "FROM",
            "secret",
            "own",
            "WITH",
            "AS",
            "(",
            ")",
            ",",
            "JOIN",
            "UNION",
            "ALL",
            ";",
            "WHERE",
            "1",
        ),
        *("read_csv('x')", "'x.csv'", "main.secret", "_rows_secret", "query('SELECT 1')", "x", "EXISTS", "PIVOT", "ON"),
        "--\n",
    ]
)


@given(st.lists(WORDS, max_size=14))
def test_no_sentence_of_sql_reads_a_table_it_was_not_given(room: Room, words: list[str]) -> None:
    sql = " ".join(words)
    try:
        judged = room.judge(sql, ["own"])
    except NotAllowed:
        return
    assert judged.tables <= {"own"}
    assert "read_csv(" not in room.normal(judged)
