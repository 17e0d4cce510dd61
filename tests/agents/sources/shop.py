"""A data folder and the sources in it, as a test writes them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from agents.sources.port import SourceState, Table, Window
from agents.sources.spec import SourceSpec
from agents.sources.warehouse import Warehouse

NOW = datetime(2021, 7, 5, 7, tzinfo=UTC)
DAY = Window(since=datetime(2021, 7, 4, tzinfo=UTC), until=datetime(2021, 7, 5, tzinfo=UTC))


def days(first: str, count: int) -> list[str]:
    """So many days from the first, as GA4 writes them."""
    start = datetime.fromisoformat(first)
    return [(start + timedelta(days=number)).strftime("%Y%m%d") for number in range(count)]


def users(first: str = "2021-06-01", count: int = 34) -> str:
    """An export of daily users: 100 on the first day, then one more each day; it ends on 4 July 2021."""
    return "date,totalUsers\n" + "".join(f"{day},{100 + number}\n" for number, day in enumerate(days(first, count)))


class Shop:
    """One data folder. `source` declares a source and writes its file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.specs: dict[str, SourceSpec] = {}
        self._house: Warehouse | None = None

    def source(self, name: str, reads: str, content: str | bytes | None = None, **options: Any) -> None:
        file = options.pop("file", None if reads == "sql" else f"{name}*.csv")
        self.specs[name] = SourceSpec(
            id=name, reads=reads, file=file, timezone=options.pop("timezone", "UTC"), **options
        )
        if content is not None:
            self.write(f"{name}.csv", content)

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    @property
    def house(self) -> Warehouse:
        if self._house is None:
            self._house = Warehouse(self.folder, self.specs)
        return self._house

    def state(self, name: str, window: Window = DAY, now: datetime = NOW) -> SourceState:
        [state] = self.house.check([name], window, now)
        return state

    def ask(
        self,
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        now: datetime = NOW,
        scope: Sequence[str] | None = None,
    ) -> Table:
        return self.house.query(scope or list(self.specs), sql, parameters or {}, DAY, now)

    def rows(self, sql: str, now: datetime = NOW) -> list[list[Any]]:
        return [list(row) for row in self.ask(sql, now=now).rows]
