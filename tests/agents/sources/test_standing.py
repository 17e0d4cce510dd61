"""How a source stands: missing, late, out of the window, and what had arrived at the team's clock."""

from datetime import UTC, datetime, timedelta

from agents.sources.port import State, Window
from tests.agents.sources.shop import NOW, Shop, users

HOUR = timedelta(hours=1)


def test_a_file_that_is_not_there_is_missing_and_a_query_over_it_fails(shop: Shop) -> None:
    shop.source("ga4-daily", "ga4-users", None, file="ga4/daily*.csv")
    state = shop.state("ga4-daily")
    assert (state.state, state.detail, state.rows) == (State.MISSING, "No file matches ga4/daily*.csv.", 0)
    assert "The source ga4-daily is missing: No file matches" in refusal(shop, "SELECT count(*) FROM ga4_daily")


def test_an_empty_one_is_no_quiet_day(shop: Shop) -> None:
    shop.source("x", "ga4-users", "date,totalUsers\n")
    assert "The source x is empty" in refusal(shop, "SELECT coalesce(sum(total_users), 0) FROM x")


def test_rows_are_there_once_their_day_is_over_in_the_zone_of_the_source(shop: Shop) -> None:
    shop.source("x", "ga4-users", users(), timezone="America/New_York")
    before = datetime(2021, 7, 5, 3, 59, tzinfo=UTC)
    assert shop.state("x", now=before).newest == datetime.fromisoformat("2021-07-03T00:00-04:00")
    assert shop.state("x", now=before + timedelta(minutes=1)).newest == datetime.fromisoformat("2021-07-04T00:00-04:00")
    assert shop.rows("SELECT max(date) FROM x", now=before) == [["2021-07-03"]]


def test_the_future_is_not_seen(shop: Shop) -> None:
    shop.source("x", "ga4-users", users("2021-07-01", 62))
    assert shop.rows("SELECT count(*), max(date) FROM x") == [[4, "2021-07-04"]]
    assert len(shop.house.series("x", "sum(total_users)", None, "day", NOW)) == 4
    early = shop.state("x", now=datetime(2021, 6, 1, tzinfo=UTC))
    assert early.state is State.OUTSIDE_WINDOW
    assert early.detail == "No data for this window: the first row is of 1 Jul 2021."
    assert (early.rows, early.newest) == (0, None)


def test_a_source_is_late_once_its_newest_row_is_too_old_and_over_after_a_month(shop: Shop) -> None:
    shop.source("x", "ga4-users", users(), fresh_within_seconds=36 * 3600)
    on_time = datetime(2021, 7, 6, 12, tzinfo=UTC)
    recent = Window(since=on_time - timedelta(days=3), until=on_time)
    assert shop.state("x", recent, on_time).state is State.OK
    late = shop.state("x", recent, on_time + HOUR)
    assert (late.state, late.in_window) == (State.LATE, 1)
    assert late.detail == "The newest row is of 4 Jul 2021, 37 h old; expected within 36 h."
    nothing = Window(since=on_time, until=on_time + HOUR)
    later = shop.state("x", nothing, on_time + HOUR)
    assert later.state is State.LATE
    assert later.detail.startswith("No data for this window: the rows end with 4 Jul 2021. The newest row is")
    over = shop.state("x", nothing, datetime(2021, 8, 5, 0, 1, tzinfo=UTC))
    assert (over.state, "31 days old" in over.detail) == (State.OUTSIDE_WINDOW, True)


def test_without_a_limit_nothing_is_late_but_a_window_without_rows_is_said(shop: Shop) -> None:
    shop.source("x", "ga4-users", "date,totalUsers\n20210601,1\n20210704,2\n")
    between = Window(since=datetime(2021, 6, 10, tzinfo=UTC), until=datetime(2021, 6, 11, tzinfo=UTC))
    before = Window(since=datetime(2021, 5, 10, tzinfo=UTC), until=datetime(2021, 5, 11, tzinfo=UTC))
    hole, early = shop.state("x", between), shop.state("x", before)
    assert hole.state is early.state is State.OUTSIDE_WINDOW
    assert hole.detail == "No data for this window: there are rows until 1 Jun 2021 and again from 4 Jul 2021."
    assert early.detail == "No data for this window: the rows begin with 1 Jun 2021."


def test_the_window_is_half_open(shop: Shop) -> None:
    shop.source("x", "ga4-users", users())
    day = datetime(2021, 7, 3, tzinfo=UTC)
    assert shop.state("x", Window(since=day, until=day + timedelta(days=1))).in_window == 1
    assert shop.state("x", Window(since=day + HOUR, until=day + timedelta(days=1))).in_window == 0


def test_nothing_new_in_a_list_is_no_trouble_until_the_whole_list_is_old(shop: Shop) -> None:
    shop.source("items", "webflow-cms", "Name,Slug,Published On\nOne,one,2020-01-01\n")
    shop.source(
        "broken", "ahrefs-broken-pages", "URL,HTTP status code,First seen\n/a,404,2021-06-20\n/b,404,2021-07-09\n"
    )
    assert shop.state("items").state is State.OK
    assert shop.state("items").detail == "1 row, 0 of them of this window, the newest of 1 Jan 2020."
    assert shop.state("broken").rows == 1, "a page that breaks on the 9th is not broken on the 5th"
    later = datetime(2021, 9, 1, tzinfo=UTC)
    old = shop.state("broken", Window(since=later - timedelta(days=1), until=later), later)
    assert (old.state, old.detail) == (
        State.OUTSIDE_WINDOW,
        "No data for this window: nothing in the list is newer than 9 Jul 2021.",
    )


def test_of_lists_the_latest_that_was_there_counts(shop: Shop) -> None:
    head = "Top queries,Clicks\n"
    shop.source("q", "search-console-queries", None, fresh_within_seconds=8 * 86_400)
    shop.write("q-2021-06-20.csv", head + "june,1\n")
    shop.write("q-2021-07-03.csv", head + "july,2\n")
    shop.write("q-20210801.csv", head + "august,3\n")
    assert shop.rows("SELECT query FROM q") == [["july"]]
    assert shop.state("q").detail == "1 row of 3 Jul 2021; they carry no dates, so they are not of this window alone."
    assert shop.rows("SELECT query FROM q", now=datetime(2021, 7, 3, 23, tzinfo=UTC)) == [["june"]]
    late = shop.state("q", now=datetime(2021, 7, 13, tzinfo=UTC))
    assert (late.state, late.detail) == (
        State.LATE,
        "The export is of 3 Jul 2021; a newer one was expected within 8 days.",
    )
    none = shop.state("q", now=datetime(2021, 6, 1, tzinfo=UTC))
    assert (none.state, none.detail) == (
        State.OUTSIDE_WINDOW,
        "No data for this window: the first export is of 20 Jun 2021.",
    )
    assert shop.rows("SELECT count(*) FROM q", now=datetime(2021, 6, 1, tzinfo=UTC)) == [[0]]


def test_a_day_in_two_exports_counts_once_from_the_later_one(shop: Shop) -> None:
    head = "date,pagePath,screenPageViews\n"
    shop.source("pages", "ga4-pages", None)
    shop.write("pages-a.csv", head + "20210701,/a,10\n20210702,/a,20\n20210702,/b,5\n")
    shop.write("pages-b.csv", head + "20210702,/a,25\n20210703,/a,30\n")
    rows = shop.rows("SELECT date, page_path, views, _file FROM pages ORDER BY date, page_path")
    assert rows == [
        ["2021-07-01", "/a", 10, "pages-a.csv"],
        ["2021-07-02", "/a", 25, "pages-b.csv"],
        ["2021-07-02", "/b", 5, "pages-a.csv"],
        ["2021-07-03", "/a", 30, "pages-b.csv"],
    ]
    assert "1 row of earlier exports stand in a later one too and count once." in shop.state("pages").detail


def test_rows_of_several_plain_tables_all_count(shop: Shop) -> None:
    shop.source("sales", "csv", None, time="day")
    shop.write("sales-north.csv", "day,amount\n2021-07-01,5\n2021-07-01,5\n")
    shop.write("sales-south.csv", "day,amount\n2021-07-01,7\n")
    assert shop.rows("SELECT sum(amount), count(*) FROM sales") == [[17, 3]]


def test_lines_of_several_logs_all_count(shop: Shop) -> None:
    line = '1.2.3.4 - - [04/Jul/2021:10:05:03 +0000] "GET / HTTP/1.1" 200 15\n'
    shop.source("log", "access-log", None, file="access.log*")
    shop.write("access.log.1", line * 2)
    shop.write("access.log", line)
    assert shop.rows("SELECT count(*) FROM log") == [[3]]


def refusal(shop: Shop, sql: str) -> str:
    import pytest

    from store.kernel.errors import UserMistake

    with pytest.raises(UserMistake) as refused:
        shop.rows(sql)
    return str(refused.value)
