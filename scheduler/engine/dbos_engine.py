"""The engine on DBOS: segments are workflows in the store's own database; an enqueue commits with the rows it serves.

DBOS is global to its process: at most one DbosEngine may be started in a process at a time.
"""

import os
import socket
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer, EnqueueOptions
from dbos import error as dbos_error

from scheduler.engine.dbos_process import outside_any_loop, quieten
from scheduler.engine.executing import Executing
from scheduler.engine.file_lock import FileLock
from scheduler.engine.port import Handler
from store.database import Database
from store.kernel.clock import Clock
from store.kernel.errors import Retryable
from store.kernel.ids import derive
from store.kernel.ports import Segment, Transaction

APPLICATION = "quarterdeck"
QUEUE = "agents"
WORKFLOW = "segment"
VERSION = "1"
"""Constant, so that a new release takes over the segments of the old one instead of stranding them."""

POLLING_SECONDS = 0.2
MAX_THREADS = 32
_POSTGRES_CONNECTIONS = 8
"""Beside the store's own: enough for a poll, a claim and the outcomes of segments that end together."""

MAX_RECOVERIES = 50
"""How often one segment may take its process down with it before it is put aside."""

_RETRY_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
_CHUNK = 500
_LOCAL = "local"
_UNFINISHED = ["ENQUEUED", "DELAYED", "PENDING"]
_FINISHED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]

log = structlog.get_logger(__name__)


class SegmentFailedError(Exception):
    """A handler failed. DBOS keeps this in its tables, so it names the kind of failure and nothing of its content."""


class DbosEngine:
    """Executes segments with DBOS on the store's database. See `Engine` for the guarantees.

    On SQLite one process at a time holds the file; on PostgreSQL any number share the work, and the keeper takes over
    what a dead one held. A segment has no DBOS timeout: DBOS counts one from the first start and goes on counting while
    no process runs, so a segment cut off by a crash would be cancelled instead of continued.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        max_threads: int = MAX_THREADS,
        polling_seconds: float = POLLING_SECONDS,
    ) -> None:
        self._database = database
        self._max_threads = max_threads
        self._polling_seconds = polling_seconds
        self._executing = Executing()
        self._suspects: set[str] = set()
        self._lock = FileLock(Path(f"{database.url.database}.lock")) if database.is_sqlite else None
        self._client: DBOSClient | None = None
        self._launched = False
        self.executor_id = _LOCAL if database.is_sqlite else _new_executor_id(clock)
        """On SQLite always the same, so that a restart continues what it held; on PostgreSQL unique to this start."""

    def prepare(self) -> None:
        """Takes the lock and makes the engine's own tables; needed before the first enqueue. `start` calls it too."""
        if self._client is not None:
            return
        if self._lock is not None:
            self._lock.take()
        quieten()
        url = self._database.url.render_as_string(hide_password=False)
        outside_any_loop(lambda: DBOS.migrate(url))
        self._client = DBOSClient(
            system_database_engine=self._database.engine,
            serializer=DBOSPortableJSONSerializer(),
            application_name=APPLICATION,
            lazy=True,
        )
        outside_any_loop(self._register_queue)

    def enqueue(self, tx: Transaction, segment: Segment) -> None:
        connection: Any = tx  # opaque to every room above the store but this one: DBOS writes on the same connection
        self._opened().enqueue_in_transaction(connection, _options(segment), *segment)

    def start(self, handler: Handler) -> None:
        if self._launched:
            raise RuntimeError("the engine is already started")
        self.prepare()
        outside_any_loop(lambda: self._launch(handler))
        self._launched = True

    def known(self, keys: Iterable[str]) -> set[str]:
        states = self._states(list(keys))
        return {key for key, state in states.items() if state in _UNFINISHED}

    def ensure(self, segments: Sequence[Segment]) -> int:
        states = self._states([segment.key for segment in segments])
        lost = [segment for segment in segments if states.get(segment.key) not in _UNFINISHED]
        for segment in lost:
            log.warning("segment_revived", key=segment.key, engine_state=states.get(segment.key))
            self._revive(segment, finished=segment.key in states)
        return len(lost)

    def recover_stranded(self) -> int:
        absent = self._begun_and_absent()
        stranded = sorted(absent & self._suspects)
        self._suspects = absent.difference(stranded)
        if stranded:
            log.warning("segments_stranded", keys=stranded)
            self._opened().resume_workflows(stranded, queue_name=QUEUE)
        return len(stranded)

    def cancel(self, run_id: str) -> None:
        client = self._opened()
        waiting = client.list_workflows(
            workflow_id_prefix=f"{run_id}/", status=["ENQUEUED", "DELAYED"], load_input=False, load_output=False
        )
        # Only what waits: cancelling what executes would free its partition while its thread is still at work.
        if waiting:
            client.cancel_workflows([workflow.workflow_id for workflow in waiting])

    def overdue(self) -> list[Segment]:
        return self._executing.overdue()

    def forget_finished(self, before: datetime) -> int:
        client, forgotten = self._opened(), 0
        while True:
            ended = client.list_workflows(
                status=_FINISHED,
                completed_before=before.astimezone(UTC).isoformat(),
                limit=_CHUNK,
                load_input=False,
                load_output=False,
            )
            client.delete_workflows([workflow.workflow_id for workflow in ended])
            forgotten += len(ended)
            if len(ended) < _CHUNK:
                return forgotten

    def stop(self, timeout_seconds: float) -> bool:
        drained = self._executing.close(timeout_seconds)
        if self._launched:
            self._launched = False
            outside_any_loop(lambda: DBOS.destroy(destroy_registry=True))
        if self._client is not None:
            self._client.destroy()
            self._client = None
        if self._lock is not None and drained:  # what still executes goes on writing: the file stays ours till we exit
            self._lock.release()
        return drained

    def idle(self) -> bool:
        if self._executing.busy():
            return False
        client = self._opened()
        return not client.list_workflows(status=_UNFINISHED, limit=1, load_input=False, load_output=False)

    def executors_at_work(self) -> set[str]:
        """Ids of all executors, dead ones included, that hold segments they have begun; none before the start."""
        if not self._launched:
            return set()
        begun = self._opened().list_workflows(status="PENDING", load_input=False, load_output=False)
        return {workflow.executor_id for workflow in begun if workflow.executor_id is not None}

    def take_over(self, executor_ids: Iterable[str]) -> int:
        """Makes what these dead executors had begun runnable again; returns how many segments.

        A dead one that was only frozen cannot record an outcome any more. Safe to repeat and to race.
        """
        # Private in DBOS 3.4, whose public equivalents belong to its hosted service; a contract test pins it.
        recovered = outside_any_loop(lambda: DBOS._recover_pending_workflows(sorted(executor_ids)))  # noqa: SLF001
        return len(recovered)

    def _launch(self, handler: Handler) -> None:
        DBOS(config=self._config())

        def segment(run_id: str, number: int, partition: str, timeout_seconds: int) -> None:
            self._execute(handler, Segment(run_id, number, partition, timeout_seconds))

        DBOS.workflow(name=WORKFLOW, max_recovery_attempts=MAX_RECOVERIES)(segment)
        DBOS.launch()

    def _config(self) -> DBOSConfig:
        config = DBOSConfig(
            name=APPLICATION,
            system_database_url=self._database.url.render_as_string(hide_password=False),
            executor_id=self.executor_id,
            application_version=VERSION,
            serializer=DBOSPortableJSONSerializer(),
            max_executor_threads=self._max_threads,
            log_level="WARNING",
            enable_otlp=False,
            run_migrations=False,
            sys_db_pool_size=_POSTGRES_CONNECTIONS,
        )
        if self._database.is_sqlite:
            # DBOS's own SQLite engine has no write-ahead log; ours has, and repeats the pragmas DBOS relies on.
            config["system_database_engine"] = self._database.engine
        return config

    def _register_queue(self) -> None:
        self._opened().register_queue(
            QUEUE, partition_concurrency=1, polling_interval_sec=self._polling_seconds, on_conflict="always_update"
        )

    def _begun_and_absent(self) -> set[str]:
        """What is on record as begun by this process and is not there: about to begin, just ended, or stranded."""
        if not self._launched:
            return set()
        begun = self._opened().list_workflows(
            status="PENDING", executor_id=self.executor_id, load_input=False, load_output=False
        )
        present = self._executing.present()
        if len(present) >= self._max_threads:
            return set()  # what was begun may wait for a thread, for as long as others keep theirs
        return {workflow.workflow_id for workflow in begun}.difference(present)

    def _execute(self, handler: Handler, segment: Segment) -> None:
        with self._executing.hold(segment), structlog.contextvars.bound_contextvars(segment=segment.key):
            for pause_seconds in _pauses():
                try:
                    handler(segment)
                    break
                except Retryable as trouble:
                    log.warning("segment_retried", reason=trouble.message)
                    self._executing.pause(max(trouble.delay_seconds, pause_seconds))
                except Exception as failure:
                    log.exception("segment_failed")
                    raise SegmentFailedError(type(failure).__name__) from None

    def _states(self, keys: Sequence[str]) -> dict[str, str]:
        states: dict[str, str] = {}
        for start in range(0, len(keys), _CHUNK):
            found = self._opened().list_workflows(
                workflow_ids=list(keys[start : start + _CHUNK]), load_input=False, load_output=False
            )
            states |= {workflow.workflow_id: workflow.status for workflow in found}
        return states

    def _revive(self, segment: Segment, *, finished: bool) -> None:
        if not finished:
            self._opened().enqueue(_options(segment), *segment)
            return
        try:
            self._opened().rewind_workflow(segment.key, queue_name=QUEUE, queue_partition_key=segment.partition)
        except dbos_error.DBOSException:
            log.info("segment_already_revived", key=segment.key)  # another process was faster

    def _opened(self) -> DBOSClient:
        if self._client is None:
            raise RuntimeError("the engine is not prepared")
        return self._client


def _options(segment: Segment) -> EnqueueOptions:
    return EnqueueOptions(
        workflow_name=WORKFLOW,
        queue_name=QUEUE,
        workflow_id=segment.key,
        queue_partition_key=segment.partition,
    )


def _pauses() -> Iterator[float]:
    yield from _RETRY_SECONDS
    while True:
        yield _RETRY_SECONDS[-1]


def _new_executor_id(clock: Clock) -> str:
    return derive("executor", socket.gethostname(), os.getpid(), clock.now().isoformat())
