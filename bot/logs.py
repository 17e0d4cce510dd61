"""Logging: one line per event on standard error, ours and foreign ones alike; never a secret, never a prompt."""

import logging
import re
import sys

import structlog

from bot.masking import MASK, redact
from store.kernel.errors import QuarterdeckError

_OTHER_SECRETS = re.compile(
    r"\bsk-[\w-]{16,}|(?<=[?&]token=)[\w-]+|(?<=Bearer )[\w.~+/=-]{8,}|(?<=://)[^\s/:@]+:[^\s/@]+(?=@)"
)
"""Provider keys, login tokens, bearer tokens, and name:password in an address."""

_SHARED = (
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)
_TOLD_ELSEWHERE = frozenset({"discord.client"})
"""Libraries that write a traceback for every connection that breaks; the surface's health says what came of it."""
_QUIET = ("aiohttp.access", "discord", "slack_bolt", "slack_sdk", "apscheduler", "dbos", "alembic", "asyncio")


def set_up_logs(level: str, form: str) -> None:
    """Sets up all logging of the process: `level` is the least that is written, `form` is text or json.

    A failure that this program names itself is written as its sentence; its traceback too at level debug alone.
    """
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(form, whole=level == "debug"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(number)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))


def _formatter(form: str, *, whole: bool) -> logging.Formatter:
    renderer: structlog.typing.Processor = structlog.processors.JSONRenderer()
    if form == "text":
        # Plain tracebacks: a richer one prints local variables, and those may hold secrets.
        plain = structlog.dev.plain_traceback
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)
    finish: list[structlog.typing.Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        renderer,
    ]
    if form == "text":
        finish.remove(structlog.processors.format_exc_info)  # the renderer prints exceptions itself
    if not whole:
        finish.insert(0, _say_plainly)
    return _Masked(foreign_pre_chain=list(_SHARED), processors=finish)


def _say_plainly(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Puts a named failure's sentence in place of its traceback, which is for what nobody expected."""
    given = event.get("exc_info")
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    record = event.get("_record")
    told = isinstance(record, logging.LogRecord) and record.name in _TOLD_ELSEWHERE
    if isinstance(error, QuarterdeckError) or (told and error is not None):
        del event["exc_info"]
        event.setdefault("error", type(error).__name__ if told else str(error))
    return event


class _Masked(structlog.stdlib.ProcessorFormatter):
    """The last hand on every line, ours or a library's, traceback included: what looks like a secret is masked."""

    def format(self, record: logging.LogRecord) -> str:
        return _OTHER_SECRETS.sub(MASK, redact(super().format(record)))
