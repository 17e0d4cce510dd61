"""The bot's end of one gateway process: start it, ask it, hear it die. Safe from any thread and any event loop."""

import queue
import subprocess
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from itertools import count
from typing import IO, cast

import structlog

from agents.models.faults import FaultKind, ModelFault
from agents.models.protocol import GREETING_ID, MAX_LINE_BYTES, Op, decode, encode
from store.kernel.canonical import Json, JsonObject

CLOSE_SECONDS = 5
"""How long a gateway may take to end once its stdin is closed; then it is killed."""

_log = structlog.get_logger(__name__)


class Faulted(Exception):
    """The request was answered with a fault."""

    def __init__(self, fault: ModelFault) -> None:
        super().__init__(fault.kind)
        self.fault = fault


class GatewayChild:
    """One process, from start to death. Every request is answered, at the latest with a fault when the process dies.

    `greeting` is done when the process has loaded its libraries, some seconds after its start; it raises Faulted when
    it cannot work.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        # In a session of its own: Ctrl-C at the terminal reaches the bot alone, which then lets its calls finish.
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=dict(environment),
            start_new_session=True,
        )
        self.greeting = _pending()
        self._waiting: dict[int, Future[JsonObject]] = {GREETING_ID: self.greeting}
        self._ids = count(GREETING_ID + 1)
        self._over = False
        self._lock = threading.Lock()
        self._outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._read, self._write)]
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def over(self) -> bool:
        """True once it was killed, or its death was noticed."""
        return self._over

    def ask(self, op: Op, payload: Json) -> tuple[int, "Future[JsonObject]"]:
        """Sends a request without waiting: its id, and the answer to come, which raises Faulted when it is a fault.

        Raises LineTooLong for a request that does not fit; nothing is sent then.
        """
        request_id, future = next(self._ids), _pending()
        line = encode({"id": request_id, "op": op, "payload": payload})
        with self._lock:
            if self._over:
                future.set_exception(Faulted(ModelFault(kind=FaultKind.GATEWAY_LOST, may_be_billed=False)))
                return request_id, future
            self._waiting[request_id] = future
        self._outgoing.put(line)
        return request_id, future

    def drop(self, request_id: int) -> None:
        """Abandons a request: nobody waits for its answer any more, and the provider is hung up on."""
        with self._lock:
            was_waiting = self._waiting.pop(request_id, None) is not None
        if was_waiting:
            self._outgoing.put(encode({"id": request_id, "op": Op.CANCEL}))

    def kill(self) -> None:
        """Ends a process that no longer answers; from now on it is over, and its requests are answered with a fault."""
        with self._lock:
            self._over = True
        self._process.kill()

    def close(self) -> None:
        """Ends the process and waits until it is gone; safe to repeat."""
        self._outgoing.put(None)
        reader, writer = self._threads
        reader.join(CLOSE_SECONDS)
        self.kill()
        reader.join()
        writer.join()

    def _read(self) -> None:
        stdout = cast("IO[bytes]", self._process.stdout)
        try:
            for line in iter(partial(stdout.readline, MAX_LINE_BYTES), b""):
                self._settle(decode(line))
        except ValueError:
            _log.error("model_gateway.spoke_nonsense", pid=self.pid)
        finally:
            stdout.close()
            self._bury()

    def _settle(self, message: JsonObject) -> None:
        with self._lock:
            future = self._waiting.pop(int(str(message["id"])), None)
        if future is None:
            return
        result = message.get("result")
        if isinstance(result, dict):
            future.set_result(result)
        else:
            future.set_exception(Faulted(ModelFault.model_validate(message.get("fault"))))

    def _bury(self) -> None:
        self._process.kill()
        status = self._process.wait()
        with self._lock:
            self._over = True
            orphans = list(self._waiting.values())
            self._waiting.clear()
        # Before its greeting a gateway has been sent nothing that could reach a provider.
        lost = ModelFault(
            kind=FaultKind.GATEWAY_LOST,
            may_be_billed=self.greeting.done(),
            detail=f"the gateway process ended with status {status}",
        )
        for future in orphans:
            future.set_exception(Faulted(lost))
        self._outgoing.put(None)

    def _write(self) -> None:
        stdin = cast("IO[bytes]", self._process.stdin)
        # A broken pipe means the process died: the reader hears that too and answers for it.
        with suppress(BrokenPipeError), stdin:
            while (line := self._outgoing.get()) is not None:
                stdin.write(line)
                stdin.flush()


def _pending() -> "Future[JsonObject]":
    """A future its waiters cannot cancel, so that the reader may always settle it."""
    future: Future[JsonObject] = Future()
    future.set_running_or_notify_cancel()
    return future
