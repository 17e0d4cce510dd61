"""What a query gives: exact values in a fixed order, bounded, with what it was read from; and series by day or hour."""

import hashlib
from datetime import UTC, datetime

import pytest

from agents.sources.port import State
from store.kernel.errors import UserMistake
from tests.agents.sources.shop import DAY, NOW, Shop, users


def test_numbers_leave_exactly(shop: Shop) -> None:
    shop.source("x", "csv", "n,price,label\n3,0.10,a\n4,0.20,b\n")
    large = "sum(n)::HUGEINT * 10000000000000000000"
    sql = f"SELECT sum(n), sum(price), avg(n), 1/3, 1/0, {large}, true, NULL, DATE '2021-07-04' FROM x"
    assert shop.rows(sql) == [
        [7, "0.30", "3.5", "0.3333333333333333", None, 70000000000000000000, True, None, "2021-07-04"]
    ]
    assert shop.rows("SELECT list(label ORDER BY label), {'a': max(price)}, INTERVAL 90 MINUTE FROM x") == [
        [["a", "b"], {"a": "0.20"}, "5400"]
    ]


def test_without_an_order_rows_come_in_that_of_all_columns(shop: Shop) -> None:
    shop.source("x", "csv", "a,b\n2,x\n1,y\n2,a\n")
    assert shop.rows("SELECT a, b FROM x") == [[1, "y"], [2, "a"], [2, "x"]]
    assert shop.rows("SELECT a, b FROM x ORDER BY b DESC") == [[1, "y"], [2, "x"], [2, "a"]]
    assert shop.rows("SELECT a FROM x UNION ALL SELECT 0 FROM x LIMIT 2") != []


def test_two_hundred_rows_are_given_and_the_rest_is_said(shop: Shop) -> None:
    shop.source("x", "csv", "n\n" + "".join(f"{n}\n" for n in range(300)))
    table = shop.ask("SELECT n FROM x")
    assert (len(table.rows), table.rows[-1], table.truncated) == (200, (199,), True)
    assert not shop.ask("SELECT n FROM x LIMIT 200").truncated


def test_large_rows_end_the_answer_early(shop: Shop) -> None:
    shop.source("x", "csv", "n\n" + "".join(f"{n}\n" for n in range(100)))
    table = shop.ask("SELECT repeat('é', 4000) AS long, n FROM x")
    assert (table.truncated, 20 <= len(table.rows) < 30) == (True, True)


def test_parameters_are_values_and_never_sql(shop: Shop) -> None:
    shop.source("x", "csv", "n,word\n1,a\n2,b\n")
    assert shop.ask("SELECT n FROM x WHERE word = $word", {"word": "b"}).rows == ((2,),)
    assert shop.ask("SELECT n FROM x WHERE word = $word", {"word": "b' OR '1'='1", "unused": 1}).rows == ()


def test_an_answer_names_its_files_and_how_its_sources_stand(shop: Shop) -> None:
    content = users()
    shop.source("x", "ga4-users", content, simulated=True)
    shop.source("y", "csv", "n\n1\n")
    table = shop.ask("SELECT count(*) FROM x")
    [state] = table.sources
    [file] = state.files
    assert (state.source, state.state, state.simulated) == ("x", State.OK, True)
    assert (file.name, file.sha256, file.rows) == ("x.csv", hashlib.sha256(content.encode()).hexdigest(), 34)
    assert (table.sql, table.as_of, table.may_hold_strangers_words) == ("SELECT count_star() FROM x", NOW, True)


def test_every_row_says_where_it_stands_in_its_file(shop: Shop) -> None:
    shop.source("x", "ga4-users", "date,totalUsers\n20210703,5\n20210704,6\n")
    assert shop.rows("SELECT _file, _line, _at, _local FROM x WHERE total_users = 6") == [
        ["x.csv", 3, "2021-07-04T00:00:00", "2021-07-04T00:00:00"]
    ]


def test_a_series_has_a_point_for_each_period_that_was_over(shop: Shop) -> None:
    shop.source("log", "access-log", None, file="log", timezone="Europe/Madrid")
    hours = ["21:59", "22:00", "22:30", "23:10"]
    shop.write("log", "".join(f'a - - [03/Jul/2021:{at}:00 +0000] "GET /x HTTP/1.1" 200 {10}\n' for at in hours))
    now = datetime(2021, 7, 3, 23, 30, tzinfo=UTC)
    hourly = shop.house.series("log", "count(*)", None, "hour", now)
    assert [(point.at.isoformat(), point.value, point.rows) for point in hourly] == [
        ("2021-07-03T23:00:00+02:00", "1", 1),
        ("2021-07-04T00:00:00+02:00", "2", 2),
    ]
    assert [point.value for point in shop.house.series("log", "sum(bytes)", "status = 200", "day", now)] == ["10"]
    later = datetime(2021, 7, 4, 22, tzinfo=UTC)
    assert [point.value for point in shop.house.series("log", "sum(bytes)", None, "day", later)] == ["10", "30"]


def test_days_of_a_series_are_days_of_the_zone_also_when_clocks_change(shop: Shop) -> None:
    shop.source("x", "ga4-users", "date,totalUsers\n20210327,1\n20210328,2\n20210329,3\n", timezone="Europe/Madrid")
    points = shop.house.series("x", "sum(total_users)", None, "day", datetime(2021, 3, 28, 22, tzinfo=UTC))
    assert [point.at.isoformat() for point in points] == ["2021-03-27T00:00:00+01:00", "2021-03-28T00:00:00+01:00"]


def test_a_series_of_nothing_that_can_be_counted_is_a_mistake(shop: Shop) -> None:
    shop.source("x", "ga4-pages", "date,pagePath,screenPageViews\n20210704,/a,5\n")
    shop.source("undated", "csv", "n\n1\n")
    for source, value, where, said in [
        ("x", "max(page_path)", None, "something else than numbers"),
        ("x", "sum(nothing)", None, "The query fails"),
        ("x", "sum(views)", "1); DROP TABLE x; --", "SQL cannot be used"),
        ("x", "sum(views)) FROM undated --", None, "SQL cannot be used"),
        ("undated", "sum(n)", None, "carry no time"),
        ("nowhere", "sum(n)", None, "There is no source 'nowhere'. There are: x, undated."),
    ]:
        with pytest.raises(UserMistake) as refused:
            shop.house.series(source, value, where, "day", NOW)
        assert said in str(refused.value)


def test_a_source_may_be_a_select_over_others(shop: Shop) -> None:
    shop.source("daily", "ga4-users", users())
    shop.source("busy", "sql", sql="SELECT date, total_users AS n FROM daily WHERE total_users > 120", time="date")
    assert shop.ask("SELECT count(*), max(date) FROM busy", scope=["busy"]).rows == ((13, "2021-07-04"),)
    with pytest.raises(UserMistake, match="there is no table 'daily'"):
        shop.ask("SELECT * FROM daily", scope=["busy"])
    state = shop.state("busy")
    assert (state.state, state.rows, state.in_window) == (State.OK, 13, 1)
    assert state.newest == datetime(2021, 7, 4, tzinfo=UTC)
    points = shop.house.series("busy", "sum(n)", None, "day", NOW)
    assert (len(points), points[-1].value) == (13, "133")


def test_a_select_over_a_source_in_trouble_is_in_trouble_itself(shop: Shop) -> None:
    shop.source("daily", "ga4-users", None)
    shop.source("busy", "sql", sql="SELECT date FROM daily", time="date")
    shop.source("wrong", "sql", sql="DELETE FROM daily")
    shop.source("circle", "sql", sql="SELECT * FROM circle")
    assert (shop.state("busy").state, shop.state("busy").detail) == (
        State.MISSING,
        "It reads daily: No file matches daily*.csv.",
    )
    assert shop.state("wrong").state is State.MALFORMED
    assert "there is no table 'circle'" in shop.state("circle").detail


def test_memory_stays_bounded_by_what_is_kept(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.sources.warehouse.ROOMS_KEPT", 2)
    monkeypatch.setattr("agents.sources.gathering.KEPT_CELLS_MAX", 100)
    monkeypatch.setattr("agents.sources.reading.shelf.KEPT_CELLS_MAX", 100)
    for name in "abcd":
        shop.source(name, "ga4-users", users())
    for name in "abcdab":
        assert shop.ask(f"SELECT count(*) FROM {name}", scope=[name]).rows == ((34,),)
    assert len(shop.house._rooms) == 2
    monkeypatch.setattr("agents.sources.warehouse.ROOM_CELLS_KEPT_MAX", 100)
    assert shop.ask("SELECT count(*) FROM c", scope=["c"]).rows == ((34,),)
    assert len(shop.house._rooms) == 1
    assert len(shop.house._gatherer._kept) == 1
    assert len(shop.house._gatherer._shelf._parsed) == 1


def test_the_same_question_has_the_same_answer(shop: Shop) -> None:
    shop.source("x", "csv", "k,v\n" + "".join(f"{n % 7},{n}.5\n" for n in range(2_000)))
    sql = "SELECT k, avg(v), first(v), list(v)[1:3] FROM x GROUP BY k"
    assert shop.rows(sql) == shop.rows(sql)
    assert shop.house.query(["x"], sql, {}, DAY, NOW) == shop.ask(sql)
