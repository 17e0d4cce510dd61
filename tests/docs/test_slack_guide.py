"""The Slack guide says what the code does: its manifest, its scopes, its settings."""

import json
import re
from pathlib import Path

from bot.settings import Settings
from bot.surfaces.slack.manifest import EVENTS_PATH, SCOPES, slack_manifest

GUIDE = (Path(__file__).parents[2] / "docs" / "slack.md").read_text()


def test_the_manifest_to_paste_is_the_one_the_code_makes() -> None:
    [block] = re.findall(r"```json\n(.*?)```", GUIDE, re.DOTALL)
    assert json.loads(block) == slack_manifest("First Light")


def test_every_scope_is_explained() -> None:
    assert dict(re.findall(r"^\| `([a-z:_]+)` \| (.+) \|$", GUIDE, re.MULTILINE)) == dict(SCOPES)


def test_every_setting_named_exists() -> None:
    named = set(re.findall(r"QUARTERDECK_([A-Z_]+)", GUIDE))
    assert named
    assert {name.lower() for name in named} <= set(Settings.model_fields)


def test_the_path_is_ours() -> None:
    assert EVENTS_PATH in GUIDE
