"""The bot's end: one process that reads the sources, started at the first question and again whenever it had to end."""

import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, cast

import structlog

from agents.sources.port import Point, SourceState, SourceUnusable, Table, Window
from agents.sources.spec import Per, SourceSpec
from agents.sources.wire import LINE_MAX_BYTES, Ask, Errand, Op, Reply
from store.kernel.canonical import Json
from store.kernel.errors import Retryable, UserMistake

ANSWER_SECONDS = 110.0
"""How long one answer may take: large files that were never read before take seconds."""

CLOSE_SECONDS = 5.0

_ROOT = Path(__file__).parents[2]
_PROGRAM = f"import sys; sys.path.insert(0, {str(_ROOT)!r}); from agents.sources.process import main; main()"
COMMAND = (sys.executable, "-I", "-c", _PROGRAM)
"""-I: neither the working directory nor PYTHON* variables put code into it; it runs the very code of this process."""

_log = structlog.get_logger(__name__)


class SourceReader:
    """Keeps the promises of Sources through a process of its own, which sees the data folder and no secrets.

    Questions are answered one after the other. Safe from any thread.
    """

    def __init__(
        self,
        folder: Path,
        specs: Mapping[str, SourceSpec],
        command: Sequence[str] = COMMAND,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._errand = Errand(folder=folder, specs=tuple(specs.values()))
        self._command = command
        self._answer_seconds = answer_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()

    @property
    def pid(self) -> int | None:
        """The process id; None while none runs."""
        process = self._process
        return None if process is None or process.poll() is not None else process.pid

    def check(self, scope: Sequence[str], window: Window, now: datetime) -> tuple[SourceState, ...]:
        """As Sources says."""
        return self._ask(Ask(op=Op.CHECK, scope=tuple(scope), window=window, now=now.isoformat())).states

    def query(
        self, scope: Sequence[str], sql: str, parameters: Mapping[str, Json], window: Window, now: datetime
    ) -> Table:
        """As Sources says."""
        ask = Ask(
            op=Op.QUERY,
            scope=tuple(scope),
            window=window,
            now=now.isoformat(),
            sql=sql,
            parameters=dict(parameters),
        )
        return cast("Table", self._ask(ask).table)

    def series(self, source: str, value: str, where: str | None, per: Per, until: datetime) -> tuple[Point, ...]:
        """As Sources says."""
        ask = Ask(op=Op.SERIES, scope=(source,), now=until.isoformat(), value=value, where=where, per=per)
        return self._ask(ask).points

    def close(self) -> None:
        """Ends the process and waits until it is gone; safe to repeat, and a later question starts another."""
        with self._turn:
            self._end()

    def _ask(self, ask: Ask) -> Reply:
        with self._turn:
            line = self._exchange(ask.model_dump_json().encode() + b"\n")
        reply = Reply.model_validate_json(line)
        if reply.kind == "answer":
            return reply
        raise (SourceUnusable if reply.kind == "unusable" else UserMistake)(reply.mistake, reply.hint)

    def _exchange(self, question: bytes) -> bytes:
        """One question and its answer. Raises UserMistake past the time, Retryable when the process died."""
        process = self._running()
        overdue = threading.Event()

        def give_up() -> None:
            overdue.set()
            process.kill()

        timer = threading.Timer(self._answer_seconds, give_up)
        timer.daemon = True
        timer.start()
        try:
            cast("IO[bytes]", process.stdin).write(question)
            cast("IO[bytes]", process.stdin).flush()
            line = cast("IO[bytes]", process.stdout).readline(LINE_MAX_BYTES)
        except BrokenPipeError:
            line = b""
        finally:
            timer.cancel()
        if line.endswith(b"\n"):
            return line
        self._end()
        _log.warning("sources.process_lost", overdue=overdue.is_set())
        if overdue.is_set():
            raise UserMistake(f"The sources gave no answer within {self._answer_seconds:.0f} s.", "Ask for less.")
        raise Retryable("The process that reads the sources ended while it was asked; another one is started.")

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={}, start_new_session=True
            )
            cast("IO[bytes]", self._process.stdin).write(self._errand.model_dump_json().encode() + b"\n")
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait(CLOSE_SECONDS)
        for pipe in (process.stdin, process.stdout):
            try:
                cast("IO[bytes]", pipe).close()
            except BrokenPipeError:
                continue
