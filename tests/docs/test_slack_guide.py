"""The Slack guide says what the code does: its scopes, its settings, its paths."""

import re
from pathlib import Path

from bot.settings import Settings
from bot.surfaces.slack.manifest import EVENTS_PATH, OPTIONAL_SCOPES, PRIVATE_SCOPES, SCOPES

GUIDE = (Path(__file__).parents[2] / "docs" / "slack.md").read_text()


def test_every_scope_is_explained() -> None:
    assert dict(re.findall(r"^\| `([a-z:._]+)` \| (.+) \|$", GUIDE, re.MULTILINE)) == {
        **SCOPES,
        **OPTIONAL_SCOPES,
        **PRIVATE_SCOPES,
    }


def test_every_setting_named_exists() -> None:
    named = set(re.findall(r"QUARTERDECK_([A-Z_]+)", GUIDE))
    assert named
    assert {name.lower() for name in named} <= set(Settings.model_fields)


def test_the_path_is_ours() -> None:
    assert EVENTS_PATH in GUIDE
