"""Settings come from the environment and `.env`, are checked all at once, and never show a secret."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.settings import MASK, PREFIX, Settings, effective, provider_environment, read_settings
from store.kernel.errors import UserMistake


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
        monkeypatch.delenv(name)


def refusal(workspace: Path | None = None) -> str:
    with pytest.raises(UserMistake) as mistake:
        read_settings(workspace)
    return str(mistake.value)


def test_without_any_variable_everything_has_its_default(tmp_path: Path) -> None:
    settings = read_settings(tmp_path)
    assert (settings.console_host, settings.console_port, settings.sweep_seconds) == ("127.0.0.1", 8765, 30)
    assert settings.state_folder(tmp_path) == tmp_path / ".quarterdeck"
    assert settings.database_url_for(tmp_path) == f"sqlite:///{tmp_path.resolve()}/.quarterdeck/quarterdeck.db"


def test_the_state_of_a_workspace_named_by_its_file_stands_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "team.yaml").touch()
    assert read_settings(tmp_path / "team.yaml").state_folder(tmp_path / "team.yaml") == tmp_path / ".quarterdeck"


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text(
        "QUARTERDECK_CONSOLE_PORT=1111\nQUARTERDECK_SWEEP_SECONDS=7\nOPENAI_API_KEY=x\n# QUARTERDECK_NOTHING=1\n"
    )
    monkeypatch.setenv("QUARTERDECK_CONSOLE_PORT", "2222")
    settings = read_settings(tmp_path)
    assert (settings.console_port, settings.sweep_seconds) == (2222, 7)
    origins = {row.name: row.origin for row in effective(settings, tmp_path)}
    assert origins["QUARTERDECK_CONSOLE_PORT"] == "environment"
    assert origins["QUARTERDECK_SWEEP_SECONDS"] == "file"
    assert origins["QUARTERDECK_LOG_LEVEL"] == "default"


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTERDECK_DATABASE_URL", "")
    monkeypatch.setenv("QUARTERDECK_CONSOLE_PORT", "")
    settings = read_settings()
    assert settings.database_url is None
    assert {row.origin for row in effective(settings)} == {"default"}


def test_an_address_loses_its_last_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTERDECK_CONSOLE_URL", "https://deck.example/")
    assert read_settings().console_url == "https://deck.example"


def test_an_address_with_a_path_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTERDECK_CONSOLE_URL", "https://deck.example/team")
    assert "must be a name of its own, without a path" in refusal()


def test_all_mistakes_are_said_at_once_each_with_the_nearest_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUARTERDECK_CONSOLE_PROT", "1")
    monkeypatch.setenv("QUARTERDECK_CONSOLE_PORT", "many")
    monkeypatch.setenv("QUARTERDECK_SLACK_MODE", "pigeon")
    (tmp_path / ".env").write_text("QUARTERDECK_LOG_LEVLE=debug\n")
    said = refusal(tmp_path).splitlines()
    assert len(said) == 4
    assert "QUARTERDECK_CONSOLE_PROT: there is no such setting. Did you mean QUARTERDECK_CONSOLE_PORT?" in said
    assert "QUARTERDECK_LOG_LEVLE: there is no such setting. Did you mean QUARTERDECK_LOG_LEVEL?" in said
    assert any(
        line.startswith('QUARTERDECK_CONSOLE_PORT: found "many"; input should be a valid integer') for line in said
    )
    assert any(line.startswith('QUARTERDECK_SLACK_MODE: found "pigeon"; input should be') for line in said)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CONSOLE_PORT", "65536"),
        ("CONSOLE_PORT", "-1"),
        ("SWEEP_SECONDS", "0"),
        ("KEEPER_TTL_SECONDS", "2"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
        ("CONSOLE_URL", "deck.example"),
        ("SLACK_API_URL", "https://slack.com/api"),
    ],
)
def test_values_out_of_bounds_are_refused(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PREFIX + name, value)
    assert refusal().startswith(f'{PREFIX}{name}: found "{value}"; ')


SECRETS = {
    "DATABASE_URL": "postgresql://deck:hunter2/3@db.example/deck",
    "SLACK_BOT_TOKEN": "xoxb-not-a-real-token",
    "SLACK_APP_TOKEN": "xapp-not-a-real-token",
    "SLACK_SIGNING_SECRET": "hunter2signing",
}


@pytest.mark.parametrize(("name", "secret"), SECRETS.items())
def test_a_secret_is_never_shown(name: str, secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PREFIX + name, secret)
    settings = read_settings()
    [row] = [row for row in effective(settings) if row.name == PREFIX + name]
    assert MASK in row.value
    shown = f"{settings!r} {settings} {settings.model_dump_json()} {effective(settings)}"
    assert not [piece for piece in ("hunter2", "not-a-real-token", "db.example") if piece in shown]


def test_a_secret_in_the_wrong_variable_is_not_shown_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTERDECK_CONSOLE_PORT", SECRETS["SLACK_BOT_TOKEN"])
    monkeypatch.setenv("QUARTERDECK_SLACK_BOT_TOKN", SECRETS["SLACK_BOT_TOKEN"])
    said = refusal()
    assert "xoxb" not in said
    assert "QUARTERDECK_CONSOLE_PORT: input should be a valid integer" in said


def test_settings_cannot_be_changed_or_made_with_unknown_names() -> None:
    settings = read_settings()
    with pytest.raises(ValidationError):
        settings.console_port = 1  # type: ignore[misc]  # what a careless caller would write
    with pytest.raises(ValidationError):
        Settings.model_validate({"console_prot": 1})


def test_provider_keys_are_given_out_by_name_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("SMALL_KEY=from-file\nBIG_KEY=from-file\nEMPTY_KEY=\nOTHER=1\n")
    monkeypatch.setenv("BIG_KEY", "from-environment")
    given = provider_environment(["SMALL_KEY", "BIG_KEY", "EMPTY_KEY", "MISSING_KEY"], tmp_path)
    assert given == {"SMALL_KEY": "from-file", "BIG_KEY": "from-environment"}
    with pytest.raises(ValueError, match="QUARTERDECK_DATABASE_URL is a setting"):
        provider_environment(["QUARTERDECK_DATABASE_URL"])


def test_a_file_that_is_not_text_is_a_plain_mistake(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"\xff\xfe=\x00")
    assert "cannot be read as UTF-8 text" in refusal(tmp_path)
