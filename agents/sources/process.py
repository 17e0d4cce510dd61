"""The process that reads sources: it alone loads the database, parses files and executes SQL.

What an agent asks for can cost this process its time or its memory, nothing more: the bot ends it and starts another.
Run by `agents.sources.client`; speaks lines of `agents.sources.wire` on its standard input and output.
"""

import os
import resource
import sys
from datetime import datetime
from typing import BinaryIO

from agents.sources.port import SourceUnusable, Window
from agents.sources.warehouse import Warehouse
from agents.sources.wire import LINE_MAX_BYTES, Ask, Errand, Op, Reply
from store.kernel.errors import UserMistake

ADDRESS_SPACE_MAX_BYTES = 3 * 1024 * 1024 * 1024
"""The libraries alone take about 1 GiB of it, nearly all of it never touched."""


def main() -> None:
    """Answers until standard input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_MAX_BYTES, ADDRESS_SPACE_MAX_BYTES))
    serve(sys.stdin.buffer, sys.stdout.buffer)
    os._exit(0)  # nothing is kept that would have to be put away


def serve(asked: BinaryIO, answered: BinaryIO) -> None:
    """Reads the errand and then question by question."""
    errand = Errand.model_validate_json(asked.readline(LINE_MAX_BYTES))
    warehouse = Warehouse(errand.folder, {spec.id: spec for spec in errand.specs})
    for line in iter(lambda: asked.readline(LINE_MAX_BYTES), b""):
        reply = _reply(warehouse, Ask.model_validate_json(line))
        answered.write(reply.model_dump_json().encode() + b"\n")
        answered.flush()


def _reply(warehouse: Warehouse, ask: Ask) -> Reply:
    try:
        return _answer(warehouse, ask)
    except SourceUnusable as unusable:
        return Reply(kind="unusable", mistake=unusable.message, hint=unusable.hint)
    except UserMistake as mistake:
        return Reply(kind="mistake", mistake=mistake.message, hint=mistake.hint)
    except MemoryError:
        return Reply(kind="mistake", mistake="This needs more memory than there is for it.", hint="Ask for less.")


def _answer(warehouse: Warehouse, ask: Ask) -> Reply:
    now = datetime.fromisoformat(ask.now)
    window = ask.window or Window(since=now, until=now)
    if ask.op is Op.CHECK:
        return Reply(kind="answer", states=warehouse.check(ask.scope, window, now))
    if ask.op is Op.QUERY:
        return Reply(kind="answer", table=warehouse.query(ask.scope, ask.sql, ask.parameters, window, now))
    return Reply(kind="answer", points=warehouse.series(ask.scope[0], ask.value, ask.where, ask.per, now))
