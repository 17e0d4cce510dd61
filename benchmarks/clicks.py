"""Click to committed decision: a press over HTTP on a running team, beside a handler that does one UPDATE."""

import asyncio
import http.client
import itertools
import json
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from benchmarks.databases import BOTH, SQLITE, databases
from benchmarks.measure import Comparison, Figure, Report, percentile
from benchmarks.team import ASKER, PERSON, lay_team, trigger
from benchmarks.workers import Worker
from store.database import Database

WARM_UP = 3
DEADLINE_SECONDS = 120.0


@dataclass(frozen=True)
class Size:
    """How much is measured: `presses` in each of `rounds`, for each contender."""

    presses: int
    rounds: int
    databases: Sequence[str]

    @property
    def questions(self) -> int:
        """How many open questions one contender uses up."""
        return self.presses * self.rounds + WARM_UP


FULL = Size(presses=20, rounds=6, databases=BOTH)
TINY = Size(presses=1, rounds=1, databases=(SQLITE,))
PRESS = "press over HTTP, running team"
ACTION = "the decision's action alone, running team"
BASELINE = "bare handler, one UPDATE"


class Team:
    """A whole running team with open questions: engine, alarm clock, outbox and console, as `quarterdeck up` has."""

    def __init__(self, url: str, questions: int, **team: Any) -> None:
        from bot.logs import set_up_logs
        from bot.process import start, work_threads

        set_up_logs("error", "text")
        self._temporary = tempfile.TemporaryDirectory(prefix="quarterdeck-bench-team-")
        self._foundation = lay_team(Path(self._temporary.name), url, **team)
        _ask(self._foundation, questions)
        self._loop = asyncio.new_event_loop()
        self._loop.set_default_executor(work_threads())
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._running = self._await(start(self._foundation, free_port()))
        self._open = iter(self._questions())

    def address(self) -> tuple[str, str]:
        """Where to press, and the token that goes with it."""
        from bot.surfaces.console import local_token

        return f"{self._running.shift.console.url}/api/press", local_token(self._foundation.folder)

    def body(self) -> dict[str, str]:
        """The press that approves the next question."""
        from blocks.tokens import Verb, encode

        asked = next(self._open)
        return {"token": encode(Verb.APPROVE, asked.id, asked.revision), "key": asked.id, "person": PERSON}

    def decide(self) -> float:
        """Approves the next question without HTTP, inbox and words; returns the seconds it took."""
        from store.actions.approvals import Verdict, decide_approval

        asked, start = next(self._open), time.perf_counter()
        decision = decide_approval(
            self._running.shift.crew.store,
            asked.id,
            person_id=PERSON,
            account=PERSON,
            surface="console",
            approve=True,
            eligible=frozenset({PERSON}),
        )
        seconds = time.perf_counter() - start
        assert decision.verdict is Verdict.DECIDED, decision
        return seconds

    def rest(self) -> int:
        """Waits until the decided runs are over and every card shows it; returns how many questions are still open."""
        from store.queries import cards, runs

        store = self._running.shift.crew.store
        deadline = time.monotonic() + DEADLINE_SECONDS
        names = [surface.name for surface in self._running.shift.surfaces]
        while runs.runnable_segments(store) or any(
            cards.due_deliveries(store, name, store.clock.now(), 1) for name in names
        ):
            assert time.monotonic() < deadline, "the decided runs do not come to an end"
            time.sleep(0.05)
        return len(self._questions())

    def close(self) -> None:
        from bot.process import stop

        self._await(stop(self._running))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._temporary.cleanup()

    def _questions(self) -> list[Any]:
        from store.queries.approvals import open_approvals

        return open_approvals(self._running.shift.crew.store)

    def _await(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(DEADLINE_SECONDS)


class Bare:
    """An aiohttp server whose one handler does UPDATE … WHERE state = 'open' and commit, in a thread, on our engine."""

    def __init__(self, url: str, questions: int) -> None:
        from aiohttp import web

        self._database, metadata = Database(url), sa.MetaData()
        columns = (sa.Column("id", sa.Integer, primary_key=True), sa.Column("state", sa.Text))
        self._table = sa.Table("bench_approvals", metadata, *columns)
        metadata.create_all(self._database.engine)
        with self._database.write() as connection:
            rows = [{"id": number, "state": "open"} for number in range(questions)]
            connection.execute(self._table.insert(), rows)
        app = web.Application()
        app.router.add_post("/api/press", self._handle)
        self._port, self._serial, self._loop = free_port(), itertools.count(), asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        asyncio.run_coroutine_threadsafe(_listen(app, self._port), self._loop).result(DEADLINE_SECONDS)

    def address(self) -> tuple[str, str]:
        return f"http://127.0.0.1:{self._port}/api/press", "none"

    def body(self) -> dict[str, int]:
        return {"id": next(self._serial)}

    def rest(self) -> int:
        with self._database.read() as connection:
            waiting = sa.select(sa.func.count()).where(self._table.c.state == "open")
            return int(connection.execute(waiting).scalar_one())

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._database.close()

    async def _handle(self, request: Any) -> Any:
        from aiohttp import web

        body = await request.json()
        return web.json_response({"ok": await asyncio.to_thread(self._decide, body["id"])})

    def _decide(self, number: int) -> bool:
        table = self._table
        with self._database.write() as connection:
            found = table.update().where(table.c.id == number, table.c.state == "open").values(state="approved")
            return connection.execute(found).rowcount == 1


NOTES = """\
- A press is three transactions: the event goes into the inbox before anything else (so that it survives a crash and
  a second click changes nothing), then the decision, then the answer for whoever repeats the click. The decision
  checks role, quorum, expiry and requester, writes the vote, its audit events and the card rows, and enqueues
  the run's next segment. The bare handler does one UPDATE and none of that.
- Presses of one round follow one another without a pause, while the team works on what they set free: the run
  executes its approved call, the outbox redraws the cards. The bare handler's process has nothing else to do.
- Timed at the client, over one kept-alive loopback connection: the answer is sent after the commit.
"""


def run(size: Size) -> Report:
    """Every contender on every database, taking turns."""
    with databases(size.databases) as new:
        compared = [table for kind in size.databases for table in _on(kind, size, new)]
    return Report("clicks", "How long is it from a press to its committed decision?", tuple(compared), NOTES)


def _on(kind: str, size: Size, new: Callable[[str], str]) -> tuple[Comparison, Comparison]:
    with ExitStack() as stack:
        pressed = stack.enter_context(Worker(Team, url=new(kind), questions=size.questions))
        direct = stack.enter_context(Worker(Team, url=new(kind), questions=size.questions))
        bare = stack.enter_context(Worker(Bare, url=new(kind), questions=size.questions))
        over_http, plain = _Client(stack, pressed), _Client(stack, bare)
        ways = {PRESS: over_http.press, ACTION: lambda: direct.ask("decide"), BASELINE: plain.press}
        owners = {PRESS: pressed, ACTION: direct, BASELINE: bare}
        taken: dict[str, list[list[float]]] = {name: [] for name in ways}
        for name, way in ways.items():
            for _ in range(WARM_UP):
                way()
            owners[name].ask("rest")
        for _, name in itertools.product(range(size.rounds), ways):
            taken[name].append([ways[name]() * 1000 for _ in range(size.presses)])
            owners[name].ask("rest")
        left = {name: owner.ask("rest") for name, owner in owners.items()}
        assert not any(left.values()), left
    return _compared(f"{kind}, p50", taken, 50), _compared(f"{kind}, p99", taken, 99)


def _compared(title: str, taken: dict[str, list[list[float]]], percent: float) -> Comparison:
    """p50 of each round; p99 of all presses together, as one round has too few for it."""
    figures = [
        Figure(name, tuple(percentile(one, percent) for one in rounds))
        if percent == 50
        else Figure(name, (percentile([press for one in rounds for press in one], percent),))
        for name, rounds in taken.items()
    ]
    return Comparison(title, "ms", BASELINE, tuple(figures))


class _Client:
    """Presses over one connection that is kept open."""

    def __init__(self, stack: ExitStack, worker: Worker) -> None:
        self._worker = worker
        url, token = worker.ask("address")
        self._path = urlsplit(url).path
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        stack.callback(self._connection.close)

    def press(self) -> float:
        """Seconds from the request to the whole answer."""
        body = json.dumps(self._worker.ask("body"))
        start = time.perf_counter()
        self._connection.request("POST", self._path, body, self._headers)
        answer = json.loads(self._connection.getresponse().read())
        seconds = time.perf_counter() - start
        assert answer["ok"], answer
        return seconds


def _ask(foundation: Any, questions: int) -> None:
    """Has that many runs of the asking agent wait for a decision, before the engine starts."""
    from bot.compose import make_crew
    from store.actions.runs import request_run
    from store.handle import Store
    from store.kernel.clock import WallClock
    from store.kernel.ports import Segment

    database = foundation.open_database()
    store = Store(database, WallClock(), lambda _tx, _segment: None)
    crew = make_crew(foundation, store, _no_readings(), None, None)
    askers = [agent for agent in foundation.team.agents.values() if agent.id.startswith(ASKER)]
    for number, agent in zip(range(questions), itertools.cycle(askers)):
        run = request_run(
            store,
            agent_id=agent.id,
            trigger=trigger(f"question {number}", 1, first=number),
            limits=agent.limits,
            workspace_digest=foundation.team.digest,
        )
        crew.handler(Segment(run.id, 0, agent.id, 60))
    database.close()


async def _listen(app: Any, port: int) -> None:
    from aiohttp import web

    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()


def _no_readings() -> Any:
    from agents.readings.replay import Recording, ReplayReadings

    return ReplayReadings(Recording(machine=()))


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
