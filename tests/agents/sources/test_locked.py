"""SQL of an agent reads its own sources and nothing else: two locks, each tried without the other."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from agents.sources.room import Room
from store.kernel.errors import UserMistake
from tests.agents.sources.shop import Shop, users

SECRET = "nobody may read this"

OUTWARD = [
    "SELECT * FROM read_csv('{secret}')",
    "SELECT * FROM '{secret}'",
    "SELECT * FROM read_text('{secret}')",
    "SELECT * FROM read_blob('{secret}')",
    "SELECT * FROM read_json('{secret}')",
    "SELECT * FROM read_parquet('{secret}')",
    "SELECT * FROM glob('{folder}/*')",
    "SELECT * FROM sniff_csv('{secret}')",
    "COPY (SELECT 1) TO '{folder}/out.csv'",
    "COPY ga4_daily FROM '{secret}'",
    "ATTACH '{folder}/other.db'",
    "EXPORT DATABASE '{folder}/all'",
    "IMPORT DATABASE '{folder}'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "LOAD '{secret}'",
    "SELECT * FROM read_csv('https://example.com/x.csv')",
    "SET enable_external_access = true",
    "SET threads = 4",
    "RESET enable_external_access",
]
INWARD = [
    "PRAGMA version",
    "PRAGMA database_list",
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP VIEW ga4_daily",
    "DROP TABLE ga4_daily",
    "CREATE OR REPLACE VIEW ga4_daily AS SELECT 1",
    "CREATE TABLE t AS SELECT 1",
    "INSERT INTO ga4_daily VALUES (1)",
    "UPDATE ga4_daily SET total_users = 0",
    "DELETE FROM ga4_daily",
    "ALTER VIEW ga4_daily RENAME TO mine",
    "EXPLAIN SELECT 1",
    "DESCRIBE ga4_daily",
    "SUMMARIZE ga4_daily",
    "SHOW TABLES",
    "CALL duckdb_settings()",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_tables()",
    "SELECT * FROM duckdb_tables",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM pg_catalog.pg_class",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM query('SELECT 1')",
    "SELECT * FROM query_table('_rows_ga4_daily')",
    "SELECT * FROM json_execute_serialized_sql('{{}}')",
    "SELECT * FROM _rows_ga4_daily",
    'SELECT * FROM "_rows_ga4_daily"',
    "SELECT * FROM main._rows_ga4_daily",
    "SELECT * FROM memory.main.ga4_daily",
    "SELECT * FROM temp.ga4_daily",
    "WITH _rows_ga4_daily AS (SELECT 1) SELECT * FROM _rows_ga4_daily",
    "SELECT * FROM _rows_ga4_daily WHERE EXISTS (WITH _rows_ga4_daily AS (SELECT 1) SELECT 1)",
    "WITH ga4_daily AS (SELECT 1) SELECT * FROM ga4_daily",
    "SELECT * FROM orders",
    "SELECT (SELECT max(amount) FROM orders) FROM ga4_daily",
    "SELECT * FROM ga4_daily WHERE date IN (SELECT day FROM orders)",
    "SELECT * FROM ga4_daily UNION ALL SELECT * FROM orders",
    "SELECT * FROM ga4_daily USING SAMPLE 3",
    "SELECT * FROM ga4_daily TABLESAMPLE 10%",
    "SELECT now()",
    "SELECT current_date",
    "SELECT current_timestamp",
    "SELECT localtimestamp",
    "SELECT today()",
    "SELECT ago(INTERVAL 1 DAY)",
    "SELECT random()",
    "SELECT uuid()",
    "SELECT getvariable('x')",
    "SELECT current_setting('threads')",
    "SELECT pg_sleep(1)",
    "SELECT sleep_ms(1000)",
    "",
    "nonsense",
    "SELECT",
    "SELECT " + "1," * 6_000 + "1",
]


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One source in scope, one outside it, and a file beside them."""
    shop = Shop(tmp_path_factory.mktemp("data"))
    shop.source("ga4-daily", "ga4-users", users())
    shop.source("orders", "csv", "day,amount\n2021-07-01,5\n", time="day")
    shop.write("secret.csv", f"word\n{SECRET}\n")
    yield shop
    shop.house.close()


def asked(shop: Shop, sql: str) -> str:
    """What the refusal says; empty when the SQL was answered."""
    sql = sql.format(secret=shop.folder / "secret.csv", folder=shop.folder) if "{" in sql else sql
    try:
        table = shop.ask(sql, scope=["ga4-daily"])
    except UserMistake as refused:
        return str(refused)
    assert SECRET not in str(table.rows)
    return ""


@pytest.mark.parametrize("sql", [*OUTWARD, *INWARD])
def test_everything_but_one_select_over_the_own_sources_is_refused(full: Shop, sql: str) -> None:
    before = sorted(full.folder.iterdir())
    assert "SQL cannot be used" in asked(full, sql)
    assert sorted(full.folder.iterdir()) == before


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM ga4_daily",
        "FROM ga4_daily LIMIT 3",
        "TABLE ga4_daily",
        "VALUES (1), (2)",
        "WITH last AS (SELECT * FROM ga4_daily ORDER BY date DESC LIMIT 7) SELECT avg(total_users) FROM last",
        "SELECT a.date FROM ga4_daily a JOIN ga4_daily b ON b.date = a.date - 7",
        "SELECT date, sum(total_users) OVER (ORDER BY date ROWS 6 PRECEDING) FROM ga4_daily",
        "SELECT * FROM generate_series(1, 3)",
        "SELECT unnest([1, 2])",
        "SELECT max(total_users) FROM GA4_DAILY -- the name in any case",
        "SELECT date_trunc('week', date) AS week, sum(total_users) FROM ga4_daily GROUP BY ALL;",
        "SELECT median(total_users) FILTER (WHERE dayofweek(date) = 2) FROM ga4_daily",
    ],
)
def test_what_an_analyst_writes_is_answered(full: Shop, sql: str) -> None:
    assert asked(full, sql) == ""


@pytest.fixture
def room() -> Iterator[Room]:
    room = Room()
    yield room
    room.close()


@pytest.mark.parametrize("sql", OUTWARD)
def test_the_database_itself_reaches_nothing_outside_without_any_guard(room: Room, tmp_path: Path, sql: str) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text(f"word\n{SECRET}\n")
    room._connection.execute("CREATE TABLE ga4_daily (word VARCHAR)")
    with pytest.raises(duckdb.Error):
        room._connection.execute(sql.format(secret=secret, folder=tmp_path)).fetchall()
    assert [path.name for path in tmp_path.iterdir()] == ["secret.csv"]


def test_the_variables_of_the_program_are_no_tables(room: Room) -> None:
    shadow = room._connection.sql(f"SELECT '{SECRET}' AS word")
    with pytest.raises(duckdb.Error):
        room._connection.execute("SELECT * FROM shadow").fetchall()
    assert shadow.columns == ["word"]


def test_a_query_that_takes_too_long_is_ended(full: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.sources.room.QUERY_SECONDS", 0.2)
    endless = "SELECT count(*) FROM range(1000000) a, range(1000000) b, range(1000) c WHERE a.range + b.range = -1"
    assert "took longer than" in asked(full, endless)
    assert asked(full, "SELECT count(*) FROM ga4_daily") == ""


def test_a_query_that_takes_too_much_memory_is_ended(full: Shop) -> None:
    assert "memory" in asked(full, "SELECT list(a.range) FROM range(200000000) a")
    assert asked(full, "SELECT count(*) FROM ga4_daily") == ""


def test_a_value_that_is_missing_or_too_large_is_said(full: Shop) -> None:
    assert asked(full, "SELECT $nowhere") == "This SQL needs a value for $nowhere. Give it under `parameters`."
    assert "bytes" in asked(full, "SELECT repeat('x', 20000)")
    assert "The query fails" in asked(full, "SELECT no_such_column FROM ga4_daily")
