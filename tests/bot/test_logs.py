"""Logs: one line per event, and never a secret, whoever wrote the line."""

import logging
from collections.abc import Iterator

import pytest
import structlog

from bot.logs import set_up_logs
from store.kernel.errors import UserMistake

SECRETS = (
    "xoxb-123456789012-abcdefghijkl",
    "xapp-1-A012-345-abcdef",
    "sk-proj-abcdefghijklmnop1234",
    "Bearer eyJhbGciOi.abcdefgh",
    "http://127.0.0.1:8765/login?token=abcDEF_123-xyz",
    "postgresql://deck:hunter2secret@db/quarterdeck",
)
TELLING = ("123456789012", "A012-345", "abcdefghijklmnop", "eyJhbGciOi", "abcDEF_123", "hunter2secret")


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_secret_reaches_a_log(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("info", form)
    for secret in SECRETS:
        structlog.get_logger().warning("event", value=secret, nested={"deep": [secret]})
        logging.getLogger("a.library").error("said %s", secret)
        _log_exception(secret)
    written = capsys.readouterr().err
    assert len(written.splitlines()) >= 3 * len(SECRETS)
    assert [telling for telling in TELLING if telling in written] == []


def _log_exception(secret: str) -> None:
    try:
        dict[str, str]()[secret]
    except KeyError:
        structlog.get_logger().exception("failed")


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("logger", [structlog.get_logger("ours"), logging.getLogger("a.library")])
def test_a_named_failure_is_one_line_and_a_bug_is_a_traceback(
    form: str, logger: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logs("info", form)
    _fail(logger, UserMistake("The disk is full.", "Make room."))
    written = capsys.readouterr().err
    assert len(written.splitlines()) == 1
    assert "The disk is full. Make room." in written
    _fail(logger, ValueError("nobody expected this"))
    assert "Traceback" in capsys.readouterr().err
    set_up_logs("debug", form)
    _fail(logger, UserMistake("The disk is full."))
    assert "Traceback" in capsys.readouterr().err


def test_a_library_whose_connection_breaks_writes_a_line_and_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("info", "text")
    _fail(logging.getLogger("discord.client"), ConnectionError("wss://somewhere"))
    written = capsys.readouterr().err
    assert len(written.splitlines()) == 1
    assert "ConnectionError" in written
    set_up_logs("debug", "text")
    _fail(logging.getLogger("discord.client"), ConnectionError("wss://somewhere"))
    assert "Traceback" in capsys.readouterr().err


def _fail(logger: logging.Logger, error: Exception) -> None:
    try:
        raise error
    except type(error):
        logger.exception("failed")


def test_what_is_below_the_level_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("warning", "json")
    structlog.get_logger().info("quiet")
    logging.getLogger("apscheduler").info("quiet")
    structlog.get_logger().warning("loud", n=1)
    assert "quiet" not in (written := capsys.readouterr().err)
    assert '"event": "loud"' in written
