"""Presses at a steady pace, whichever platform they come from: how many, on whom, and how long each took."""

import itertools
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from benchmarks.measure import Comparison, Figure, percentile
from benchmarks.workers import Worker
from store.database import Database

SETTLE_SECONDS = 600.0


@dataclass(frozen=True)
class Pressing:
    """How much is pressed: `presses` a round at `per_second`."""

    presses: int
    per_second: float
    rounds: int

    @property
    def questions(self) -> int:
        """How many open questions one contender uses up, the round of warming up among them."""
        return self.presses * (self.rounds + 1)


@dataclass
class Contender:
    """One that is pressed: `worker` works behind `fake`, which is told `told` with each round."""

    fake: Worker
    worker: Worker
    told: Mapping[str, Any] = field(default_factory=dict)
    rounds: list[list[list[float]]] = field(default_factory=list)

    def settle(self, questions: int) -> None:
        """Returns when that many questions can be pressed."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while self.fake.ask("questions") < questions:
            assert time.monotonic() < deadline, "the questions are not posted"
            time.sleep(0.1)
        self.worker.ask("rest")

    def press(self, pressing: Pressing) -> None:
        """One round."""
        self.rounds.append(
            self.fake.ask("press", presses=pressing.presses, per_second=pressing.per_second, **self.told)
        )
        self.worker.ask("rest")

    def seconds(self, place: int) -> list[list[float]]:
        """Seconds of one measure, round by round, without the round of warming up."""
        return [[press[place] for press in one] for one in self.rounds[1:]]


def press_in_turns(contenders: Mapping[str, Contender], pressing: Pressing) -> None:
    """Every contender, round by round; none leaves a question open."""
    for contender in contenders.values():
        contender.settle(pressing.questions)
    for _, contender in itertools.product(range(pressing.rounds + 1), contenders.values()):
        contender.press(pressing)
    left = {name: contender.worker.ask("rest") for name, contender in contenders.items()}
    assert not any(left.values()), left


def percentiles(title: str, taken: Mapping[str, list[list[float]]], baseline: str) -> Iterator[Comparison]:
    """p50 of each round; p99 of all presses together, as one round has too few for it."""
    middle = {name: tuple(percentile(one, 50) * 1000 for one in rounds) for name, rounds in taken.items()}
    slow = {
        name: (percentile([press for one in rounds for press in one], 99) * 1000,) for name, rounds in taken.items()
    }
    for percent, found in (("p50", middle), ("p99", slow)):
        figures = tuple(Figure(name, values) for name, values in found.items())
        yield Comparison(f"{title}, {percent}", "ms", baseline, figures)


def later_than(
    title: str, seconds: float, contenders: Mapping[str, Contender], pressing: Pressing, baseline: str
) -> Comparison:
    """How many presses had to wait longer than that for the first of what is timed."""
    figures = tuple(
        Figure(name, (float(sum(press > seconds for one in contender.seconds(0) for press in one)),))
        for name, contender in contenders.items()
    )
    return Comparison(f"{title}, of {pressing.presses * pressing.rounds:,}", "presses", baseline, figures)


class Questions:
    """A table of open questions, each decided by one UPDATE on our engine; None for `url` keeps nothing."""

    def __init__(self, url: str | None, questions: int) -> None:
        self._database = None if url is None else Database(url)
        self._table = sa.Table(
            "bench_approvals", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("state", sa.Text)
        )
        if self._database is not None:
            self._fill(self._database, questions)

    def decide(self, number: int) -> None:
        """Decides one that is open. Blocks: call in a thread."""
        if self._database is None:
            return
        table = self._table
        with self._database.write() as connection:
            found = table.update().where(table.c.id == number, table.c.state == "open").values(state="approved")
            assert connection.execute(found).rowcount == 1

    @property
    def kept(self) -> bool:
        """True where deciding does anything."""
        return self._database is not None

    def open(self) -> int:
        """How many nobody has decided."""
        if self._database is None:
            return 0
        with self._database.read() as connection:
            waiting = sa.select(sa.func.count()).where(self._table.c.state == "open")
            return int(connection.execute(waiting).scalar_one())

    def close(self) -> None:
        if self._database is not None:
            self._database.close()

    def _fill(self, database: Database, questions: int) -> None:
        self._table.create(database.engine)
        with database.write() as connection:
            rows = [{"id": number, "state": "open"} for number in range(questions)]
            connection.execute(self._table.insert(), rows)
