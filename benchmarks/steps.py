"""Steps a second: a run of recorded steps, beside as many steps in DBOS, in LangGraph and as bare inserts."""

import asyncio
import itertools
import queue
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

import sqlalchemy as sa

from benchmarks.databases import BOTH, SQLITE, NewDatabase, databases
from benchmarks.measure import Comparison, Figure, Report
from benchmarks.team import READER, WRITER, lay_team, trigger
from benchmarks.workers import NotInstalledError, Worker
from store.database import BUSY_TIMEOUT_MS, Database
from store.kernel.ports import Segment


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    steps: int
    rounds: int
    databases: Sequence[str]


FULL = Size(steps=100, rounds=6, databases=BOTH)
TINY = Size(steps=3, rounds=1, databases=(SQLITE,))
BASELINE = "DBOS, workflow of N steps"


class Own:
    """Quarterdeck: engine, session, gate, store; with `delivered`, an outbox that draws and delivers every change."""

    def __init__(self, url: str, agent: str, *, delivered: bool = False) -> None:
        from bot.compose import make_crew
        from bot.logs import set_up_logs
        from scheduler.engine.dbos_engine import DbosEngine
        from store.handle import Store
        from store.kernel.clock import WallClock

        set_up_logs("warning", "text")
        self._folder = tempfile.TemporaryDirectory(prefix="quarterdeck-bench-team-")
        self._foundation = lay_team(Path(self._folder.name), url)
        self._agent, self._serial = self._foundation.team.agents[agent], itertools.count()
        self._database = self._foundation.open_database()
        self._engine = DbosEngine(self._database, WallClock())
        self._engine.prepare()
        self._store = Store(self._database, WallClock(), self._engine.enqueue)
        self._crew = make_crew(self._foundation, self._store, _no_readings(), None, None)
        self._seconds: queue.Queue[float] = queue.Queue()
        self._engine.start(self._timed)
        if delivered:
            threading.Thread(target=self._deliver, daemon=True).start()

    def round(self, steps: int) -> float:
        """Steps a second of one run, from the moment its segment is taken up until the run is over on record."""
        from store.actions.runs import request_run
        from store.queries import runs

        run = request_run(
            self._store,
            agent_id=self._agent.id,
            trigger=trigger(f"round {next(self._serial)}", steps),
            limits=self._agent.limits,
            workspace_digest=self._foundation.team.digest,
        )
        seconds = self._seconds.get(timeout=120)
        ended = runs.run(self._store, run.id)
        assert (ended.state, ended.step_count) == ("done", steps), ended
        return steps / seconds

    def close(self) -> None:
        self._engine.stop(5)
        self._database.close()
        self._folder.cleanup()

    def _timed(self, segment: Segment) -> None:
        start = time.perf_counter()
        self._crew.handler(segment)
        self._seconds.put(time.perf_counter() - start)

    def _deliver(self) -> None:
        from bot.delivery.outbox import Outbox
        from bot.surfaces.memory import MemorySurface

        surface = MemorySurface(self._store.clock)
        outbox = Outbox(self._store, self._foundation.team, self._crew.presenter, (surface,))
        asyncio.run(outbox.run())


class Dbos:
    """One DBOS workflow that calls a DBOS step N times; on SQLite on the same engine as ours."""

    def __init__(self, url: str) -> None:
        from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer

        self._database = Database(url)
        url = self._database.url.render_as_string(hide_password=False)
        config = DBOSConfig(
            name="bench", system_database_url=url, serializer=DBOSPortableJSONSerializer(), log_level="WARNING"
        )
        if self._database.is_sqlite:
            config["system_database_engine"] = self._database.engine
        self._dbos = DBOS
        DBOS(config=config)

        @DBOS.step()
        def step(number: int) -> dict[str, int]:
            return {"n": number}

        @DBOS.workflow()
        def flow(steps: int) -> None:
            for number in range(steps):
                step(number)

        self._flow = flow
        DBOS.launch()

    def round(self, steps: int) -> float:
        start = time.perf_counter()
        self._flow(steps)
        return steps / (time.perf_counter() - start)

    def close(self) -> None:
        self._dbos.destroy()
        self._database.close()


class State(TypedDict):
    """What a graph hands from node to node."""

    n: int


class LangGraph:
    """A LangGraph graph with its own checkpointer: a chain of N nodes, or one node that is visited N times."""

    def __init__(self, url: str, *, chain: bool, durability: str) -> None:
        from langgraph.graph import StateGraph

        self._graph, self._chain, self._durability = StateGraph, chain, durability
        self._stack, self._serial = ExitStack(), itertools.count()
        self._saver = self._stack.enter_context(_saver(url))
        self._compiled: dict[int, Any] = {}

    def round(self, steps: int) -> float:
        graph = self._compiled.get(steps) or self._compiled.setdefault(steps, self._make(steps))
        config = {"configurable": {"thread_id": str(next(self._serial))}, "recursion_limit": steps + 5}
        start = time.perf_counter()
        ended = graph.invoke({"n": 0}, config, durability=self._durability)
        seconds = time.perf_counter() - start
        assert ended["n"] == steps
        return steps / seconds

    def close(self) -> None:
        self._stack.close()

    def _make(self, steps: int) -> Any:
        graph = self._graph(State)
        for number in range(steps if self._chain else 1):
            graph.add_node(f"step{number}", _advance)
        graph.set_entry_point("step0")
        if self._chain:
            for number in range(steps - 1):
                graph.add_edge(f"step{number}", f"step{number + 1}")
            graph.set_finish_point(f"step{steps - 1}")
        else:
            graph.add_conditional_edges("step0", lambda state: "__end__" if state["n"] >= steps else "step0")
        return graph.compile(checkpointer=self._saver)


class Inserts:
    """What the database itself can do: one row and one commit a step, on our engine."""

    def __init__(self, url: str) -> None:
        self._database = Database(url)
        metadata = sa.MetaData()
        self._table = sa.Table(
            "bench", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Text)
        )
        metadata.create_all(self._database.engine)

    def round(self, steps: int) -> float:
        start = time.perf_counter()
        for number in range(steps):
            with self._database.write() as connection:
                connection.execute(self._table.insert().values(n=f'{{"n": {number}}}'))
        return steps / (time.perf_counter() - start)

    def close(self) -> None:
        self._database.close()


CONTENDERS: tuple[tuple[str, type, dict[str, object]], ...] = (
    ("Quarterdeck, writes (2 transactions)", Own, {"agent": WRITER}),
    ("Quarterdeck, writes, outbox delivering", Own, {"agent": WRITER, "delivered": True}),
    ("Quarterdeck, reads (1 transaction)", Own, {"agent": READER}),
    (BASELINE, Dbos, {}),
    ("LangGraph, chain of N nodes, sync", LangGraph, {"chain": True, "durability": "sync"}),
    ("LangGraph, one node N times, sync", LangGraph, {"chain": False, "durability": "sync"}),
    ("LangGraph, one node N times, async", LangGraph, {"chain": False, "durability": "async"}),
    ("bare INSERT and commit", Inserts, {}),
)

NOTES = """\
- A Quarterdeck write is judged by policy and stored twice, before and after the call: step row, run row, card row,
  and an event on the hash chain, the head of which is locked. A DBOS step is one row after the call. LangGraph
  writes a checkpoint of the whole state and the pending writes for each node, in up to two transactions.
- Ours and DBOS repeat at most the call in flight after a crash. LangGraph with `sync` repeats the node in flight;
  with `async`, its default, the last checkpoints may not be on disk yet. Only ours leaves an intent on record
  before the call, which is what tells a crash in the middle of it from one before it.
- Ours is timed from the moment the engine has taken the segment up, through boot and close-out, to the end on
  record; the wait in the queue (at most 0.2 s) is left out, as DBOS and LangGraph are called directly.
- A real step is a model call or a tool that takes 0.1 to 30 s; none of these engines is what one waits for.
"""


def run(size: Size) -> Report:
    """Every contender on every database, taking turns."""
    with databases(size.databases) as new:
        compared = tuple(_on(kind, size, new) for kind in size.databases)
    return Report("steps", f"How many steps a second does one run of {size.steps} steps record?", compared, NOTES)


def _on(kind: str, size: Size, new: NewDatabase) -> Comparison:
    with ExitStack() as stack:
        workers: dict[str, Worker] = {}
        missing: dict[str, str] = {}
        for name, contender, settings in CONTENDERS:
            try:
                workers[name] = stack.enter_context(Worker(contender, url=new(kind), **settings))
            except NotInstalledError as error:
                missing[name] = str(error)
        values: dict[str, list[float]] = {name: [] for name, _, _ in CONTENDERS}
        for round_number in range(size.rounds + 1):
            for name, worker in workers.items():
                rate = worker.ask("round", steps=size.steps)
                if round_number:  # the first warms up
                    values[name].append(rate)
    figures = (Figure(name, tuple(rates), missing.get(name, "")) for name, rates in values.items())
    return Comparison(kind, "steps/s", BASELINE, tuple(figures))


def _advance(state: State) -> State:
    return {"n": state["n"] + 1}


@contextmanager
def _saver(url: str) -> Iterator[Any]:
    """LangGraph's checkpointer for the database, with the flushes of ours."""
    if not url.startswith("sqlite"):
        from langgraph.checkpoint.postgres import PostgresSaver

        with PostgresSaver.from_conn_string(url) as saver:
            saver.setup()
            yield saver
        return
    from langgraph.checkpoint.sqlite import SqliteSaver

    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), check_same_thread=False)) as connection:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={BUSY_TIMEOUT_MS}", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        yield SqliteSaver(connection)


def _no_readings() -> Any:
    from agents.readings.replay import Recording, ReplayReadings

    return ReplayReadings(Recording(machine=()))
