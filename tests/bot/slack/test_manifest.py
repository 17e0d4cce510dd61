"""The manifest is one Slack accepts, and asks for exactly what the surface uses."""

import json
import os
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from bot.surfaces.slack.manifest import (
    COMMAND,
    EVENTS_PATH,
    NAME_CHARS,
    OPTIONAL_SCOPES,
    PRIVATE_EVENTS,
    PRIVATE_SCOPES,
    SCOPES,
    slack_manifest,
)
from bot.surfaces.slack.settings import Transport
from store.kernel.errors import UserMistake

ROOT = Path(__file__).parents[3]
SCHEMA = Path(os.environ.get("QUARTERDECK_TEST_DATA", ROOT.parent / "shared" / "data")) / "slack-manifest-schema.json"

BOTH = [
    slack_manifest("First Light"),
    slack_manifest("First Light", Transport.HTTP, "https://deck.example.test/"),
]
AGENT = slack_manifest("First Light", agent=True)
PRIVATE = slack_manifest("First Light", private=True)


@pytest.mark.skipif(not SCHEMA.is_file(), reason=f"Slack's manifest schema is not at {SCHEMA}")
@pytest.mark.parametrize("manifest", [*BOTH, PRIVATE, AGENT])
def test_slacks_own_schema_accepts_it(manifest: dict[str, object]) -> None:
    schema = json.loads(SCHEMA.read_text())
    validator = Draft7Validator(schema)
    assert [error.message for error in validator.iter_errors(manifest)] == []
    broken = {**manifest, "settings": {"socket_mode_enabled": "perhaps"}}
    assert list(validator.iter_errors(broken))


def test_socket_mode_names_no_address_and_http_names_ours() -> None:
    socket, http = BOTH
    assert "url" not in json.dumps(socket)
    assert socket["settings"]["socket_mode_enabled"] is True  # type: ignore[index,call-overload]
    assert json.dumps(http).count(f"https://deck.example.test{EVENTS_PATH}") == 3
    assert http["settings"]["socket_mode_enabled"] is False  # type: ignore[index,call-overload]


def test_it_asks_for_private_channels_only_where_one_may_be_used() -> None:
    assert "group" not in json.dumps(BOTH)
    assert all(name in json.dumps(PRIVATE) for name in (*PRIVATE_SCOPES, *PRIVATE_EVENTS))


def test_it_is_declared_an_agent_only_when_told_so() -> None:
    names = ("agent_view", "assistant:write", "agent_session_stopped")
    assert all(name in json.dumps(AGENT) for name in names)
    assert not any(name in json.dumps(BOTH) for name in names)


def test_no_scope_is_asked_for_twice_and_the_optional_ones_may_be_left_out() -> None:
    scopes = PRIVATE["oauth_config"]["scopes"]  # type: ignore[index,call-overload]
    assert scopes["bot"] == sorted([*SCOPES, *PRIVATE_SCOPES])  # type: ignore[index,call-overload]
    assert scopes["bot_optional"] == [*OPTIONAL_SCOPES]  # type: ignore[index,call-overload]
    assert len({*SCOPES, *PRIVATE_SCOPES, *OPTIONAL_SCOPES}) == len([*SCOPES, *PRIVATE_SCOPES, *OPTIONAL_SCOPES])


def test_the_command_is_declared() -> None:
    assert COMMAND in json.dumps(BOTH[0])


def test_a_long_team_name_still_makes_a_name_slack_takes() -> None:
    manifest = json.loads(json.dumps(slack_manifest("The Department of Very Long Names and Titles")))
    assert len(manifest["display_information"]["name"]) <= NAME_CHARS


@pytest.mark.parametrize("address", [None, "http://deck.example.test"])
def test_http_needs_an_address_with_tls(address: str | None) -> None:
    with pytest.raises(UserMistake, match="https"):
        slack_manifest("First Light", Transport.HTTP, address)
