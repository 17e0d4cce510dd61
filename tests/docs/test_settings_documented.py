"""docs/settings.md lists exactly the settings there are, with their defaults and which of them are secret."""

import re
from pathlib import Path

from pydantic import SecretStr

from bot.settings import PREFIX, Settings

PAGE = (Path(__file__).parents[2] / "docs/settings.md").read_text("utf-8")
ROWS = re.findall(r"^\| `(QUARTERDECK_\w+)` \| (.+) \| (.+) \|$", PAGE, flags=re.MULTILINE)


def test_the_table_lists_exactly_the_settings() -> None:
    assert [name for name, _, _ in ROWS] == [f"{PREFIX}{field.upper()}" for field in Settings.model_fields]


def test_defaults_and_secrets_are_as_documented() -> None:
    for (name, text, default), field in zip(ROWS, Settings.model_fields.values(), strict=True):
        assert field.default is None or default == f"`{field.default}`", name
        assert text.endswith("; secret") == (field.annotation == SecretStr | None), name
