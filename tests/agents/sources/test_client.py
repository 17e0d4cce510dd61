"""The process that reads sources: it answers, it dies and another answers, and it takes nothing with it."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.sources.client import COMMAND, SourceReader
from agents.sources.port import SourceState, State
from store.kernel.errors import Retryable, UserMistake
from tests.agents.sources.shop import DAY, NOW, Shop, users


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[SourceReader]:
    shop = Shop(tmp_path)
    shop.source("ga4-daily", "ga4-users", users())
    reader = SourceReader(tmp_path, shop.specs)
    yield reader
    reader.close()


def test_it_answers_what_the_warehouse_answers(reader: SourceReader) -> None:
    assert reader.pid is None, "nothing is started before the first question"
    [state] = reader.check(["ga4-daily"], DAY, NOW)
    assert (state.state, state.rows, state.in_window) == (State.OK, 34, 1)
    sql = "SELECT date, total_users, 9223372036854775807::HUGEINT * 10 AS large FROM ga4_daily WHERE date >= $day"
    table = reader.query(["ga4-daily"], sql, {"day": "2021-07-03"}, DAY, NOW)
    assert [list(row) for row in table.rows] == [
        ["2021-07-03", 132, 92233720368547758070],
        ["2021-07-04", 133, 92233720368547758070],
    ]
    points = reader.series("ga4-daily", "sum(total_users)", None, "day", NOW)
    assert (len(points), points[-1].value, points[-1].at.isoformat()) == (34, "133", "2021-07-04T00:00:00+00:00")


def test_a_mistake_is_told_with_its_hint_and_the_process_stays(reader: SourceReader) -> None:
    with pytest.raises(UserMistake) as refused:
        reader.query(["ga4-daily"], "DROP TABLE x", {}, DAY, NOW)
    assert str(refused.value) == "This SQL cannot be used: it is no SELECT. Write one SELECT over the agent's sources."
    first = reader.pid
    reader.check(["ga4-daily"], DAY, NOW)
    assert reader.pid == first


def test_one_that_was_killed_is_started_again(reader: SourceReader) -> None:
    reader.check(["ga4-daily"], DAY, NOW)
    first = reader.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    os.waitpid(first, os.WNOHANG)
    [state] = _until_answered(reader)
    assert state.state is State.OK
    assert reader.pid != first


def _until_answered(reader: SourceReader) -> tuple[SourceState, ...]:
    """A death that is only noticed in the middle of a question is to be tried again."""
    try:
        return reader.check(["ga4-daily"], DAY, NOW)
    except Retryable:
        return reader.check(["ga4-daily"], DAY, NOW)


def test_one_that_dies_of_what_it_was_asked_is_to_be_tried_again(tmp_path: Path) -> None:
    reader = SourceReader(tmp_path, {}, command=(COMMAND[0], "-c", "input(); input()"))
    with pytest.raises(Retryable):
        reader.check([], DAY, NOW)
    assert reader.pid is None


def test_one_that_gives_no_answer_is_ended(tmp_path: Path) -> None:
    silent = (COMMAND[0], "-c", "import sys\nfor line in sys.stdin: pass")
    reader = SourceReader(tmp_path, {}, command=silent, answer_seconds=0.3)
    with pytest.raises(UserMistake, match=r"gave no answer within 0 s"):
        reader.check([], DAY, NOW)
    assert reader.pid is None


def test_sql_that_would_eat_the_machine_costs_only_this_process(reader: SourceReader) -> None:
    with pytest.raises((UserMistake, Retryable)):
        reader.query(["ga4-daily"], "SELECT length(repeat('x', 4000000000))", {}, DAY, NOW)
    assert _until_answered(reader)


def test_it_sees_no_environment(reader: SourceReader) -> None:
    reader.check(["ga4-daily"], DAY, NOW)
    assert Path(f"/proc/{reader.pid}/environ").read_bytes().count(b"=") <= 1, "Python itself may set LC_CTYPE"


def test_many_threads_are_answered_one_after_the_other(reader: SourceReader) -> None:
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.append(reader.check(["ga4-daily"], DAY, NOW)[0].rows)) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [34] * 6


def test_the_bot_itself_never_loads_the_database(reader: SourceReader) -> None:
    import subprocess
    import sys

    program = "import sys, agents.sources.client, agents.tools.builtin, bot.compose; print('duckdb' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
