"""No token, ticket, signature or reply address reaches a log, whichever way it got into the record."""

import io
import logging
from collections.abc import Iterator

import pytest

from bot.masking import MASK, redact
from bot.surfaces.slack.secrets import RedactSlackSecrets, sdk_logger
from bot.surfaces.slack.settings import SlackSettings
from tests.emulator.surfaces import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, settings

HIDDEN = {
    "xoxb-1-2-abcDEF": "abcDEF",
    "xoxp-1-abc": "-abc",
    "xoxe.xoxp-1-abc": "-abc",
    "xapp-1-A0B-99-abcdef": "abcdef",
    "https://hooks.slack.com/actions/T1/2/abc": "T1/2/abc",
    "wss://wss-primary.slack.com/link/?ticket=abc-def&app_id=1": "abc-def",
    "v0=" + "0f" * 32: "0f0f",
}
"""What looks like a secret → the part of it that must not be seen."""


@pytest.mark.parametrize("secret", HIDDEN)
def test_a_secret_is_masked_wherever_it_stands(secret: str) -> None:
    hidden = HIDDEN[secret]
    for text in (secret, f"Bearer {secret}", f'{{"token":"{secret}"}}', f"({secret})"):
        masked = redact(text)
        assert hidden not in masked
        assert MASK in masked
        assert redact(masked) == masked


def test_ordinary_words_stay_as_they_are() -> None:
    text = "Slack refused chat.postMessage: channel_not_found. See https://docs.slack.dev/ or v0=1."
    assert redact(text) == text


@pytest.fixture
def written() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    logger, stream = logging.getLogger("tests.slack.foreign"), io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(message)s"))
    handler.addFilter(RedactSlackSecrets())
    logger.addHandler(handler)
    yield logger, stream
    logger.removeHandler(handler)


def test_arguments_and_tracebacks_are_masked_too(written: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = written
    logger.warning("calling with %s and %s", BOT_TOKEN, {"Authorization": f"Bearer {APP_TOKEN}"})
    try:
        int(f"ticket={'x' * 9} for {BOT_TOKEN}")
    except ValueError:
        logger.exception("failed")
    output = stream.getvalue()
    assert "ValueError" in output
    assert "Traceback" in output
    for secret in (BOT_TOKEN, APP_TOKEN, "x" * 9):
        assert secret not in output


def test_no_formatter_gets_the_original_exception_to_print() -> None:
    with pytest.raises(ValueError, match="invalid literal") as raised:
        int(BOT_TOKEN)
    caught = (raised.type, raised.value, raised.tb)
    record = logging.LogRecord("any", logging.ERROR, "here.py", 1, "failed", (), caught)
    assert RedactSlackSecrets().filter(record)
    assert record.exc_info is None
    assert BOT_TOKEN not in str(vars(record))


def test_the_sdks_logger_is_masked_and_never_writes_whole_payloads() -> None:
    logger = sdk_logger()
    assert any(isinstance(present, RedactSlackSecrets) for present in logger.filters)
    assert not logger.isEnabledFor(logging.INFO)
    assert len(sdk_logger().filters) == len(logger.filters)


def test_settings_print_no_secret() -> None:
    shown = settings("http://127.0.0.1:1/api/")
    for text in (
        repr(shown),
        str(shown),
        shown.model_dump_json(),
        str(SlackSettings.model_validate(shown.model_dump())),
    ):
        for secret in (BOT_TOKEN, APP_TOKEN, SIGNING_SECRET):
            assert secret not in text
