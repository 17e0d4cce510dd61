"""No token of Discord's reaches a log, neither the bot's nor that of an interaction."""

import base64

import pytest
from pydantic import SecretStr

from bot.masking import MASK, redact
from bot.surfaces.discord import DiscordSettings
from bot.surfaces.discord.settings import BadToken, check_settings

BOT = ".".join((base64.b64encode(b"112233445566778899").decode(), "Gabcde", "x" * 38))  # made up, in Discord's form
INTERACTION = base64.b64encode(b"interaction:112233445566778899:madeupmadeupmadeup").decode()


@pytest.mark.parametrize("secret", [BOT, INTERACTION])
def test_a_secret_is_masked_wherever_it_stands(secret: str) -> None:
    for text in (secret, f"Bot {secret}", f'{{"token":"{secret}"}}', f"/interactions/1/{secret}/callback"):
        masked = redact(text)
        assert secret not in masked
        assert MASK in masked
        assert redact(masked) == masked


def test_settings_print_no_secret() -> None:
    settings = DiscordSettings(token=SecretStr(BOT), server_id="1")
    assert BOT not in f"{settings!r}{settings}{settings.model_dump()}{settings.model_dump_json()}"


@pytest.mark.parametrize("token", ["", f"Bot {BOT}", f"{BOT}\n"])
def test_a_token_that_cannot_be_one_is_refused_without_showing_it(token: str) -> None:
    with pytest.raises(BadToken) as caught:
        check_settings(DiscordSettings(token=SecretStr(token), server_id="1"))
    assert BOT not in str(caught.value)
    assert "Reset Token" in str(caught.value)
