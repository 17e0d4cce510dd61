"""Slack's secrets never reach a log: tokens, socket tickets and reply addresses are masked wherever text leaves us."""

import logging
import traceback

from bot.masking import redact


class RedactSlackSecrets(logging.Filter):
    """Masks Slack's secrets in a library's log record: message, arguments and traceback. Lets every record pass.

    The traceback becomes part of the message, so that no formatter prints the original. For loggers of the standard
    library's kind; a record of structlog, whose message is no text, passes as it is.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if not isinstance(record.msg, str):
            return True
        parts = [record.getMessage()]
        if record.exc_info and record.exc_info[0] is not None:
            parts += traceback.format_exception(*record.exc_info)
        record.msg, record.args = redact("\n".join(parts).rstrip()), ()
        record.exc_info = record.exc_text = None
        return True


def sdk_logger() -> logging.Logger:
    """The one logger that slack_sdk and slack_bolt are given: masked, and quiet below warnings.

    Below warnings the SDK writes whole payloads, which hold what people typed.
    """
    logger = logging.getLogger("bot.surfaces.slack.sdk")
    logger.setLevel(logging.WARNING)
    if not any(isinstance(present, RedactSlackSecrets) for present in logger.filters):
        logger.addFilter(RedactSlackSecrets())
    return logger
