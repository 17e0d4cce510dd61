"""What the machine tells the program: the only reader of the environment. What the team is stands in the workspace."""

import os
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, DotEnvSettingsSource, SettingsConfigDict

from bot.workspace.problems import quoted
from bot.workspace.secret_scan import secret_kind
from store.kernel.errors import UserMistake
from store.records import Record

PREFIX = "QUARTERDECK_"
ENV_FILE = ".env"
STATE_FOLDER = ".quarterdeck"
DATABASE_FILE = "quarterdeck.db"
MASK = "********"
_SECRET = SecretStr | None
_MONITOR = re.compile(r"(https://[^/@\s]+|http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?)(/[^\s]*)?$")

Origin: TypeAlias = Literal["default", "environment", "file"]


class Settings(BaseSettings):
    """Every setting, each the environment variable QUARTERDECK_NAME. Frozen; a secret prints as asterisks."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        env_file_encoding="utf-8",
        dotenv_filtering="only_existing",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    database_url: SecretStr | None = Field(
        None, description="PostgreSQL to use; without it, SQLite in the state folder"
    )
    state_dir: Path | None = Field(
        None, description="where the state is kept; without it, .quarterdeck in the workspace"
    )
    console_host: str = Field("127.0.0.1", min_length=1, description="address the console listens on")
    console_port: int = Field(8765, ge=0, le=65535, description="port of the console; 0 takes any free one")
    console_url: str | None = Field(
        None, pattern=r"^https?://[^\s@]+$", description="address people reach the console at"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="the least that is logged")
    log_format: Literal["text", "json"] = Field("text", description="how a log line is written")
    crash_at: str | None = Field(
        None, description="crash point NAME or NAME:N at which the process kills itself, for tests"
    )
    slack_bot_token: SecretStr | None = Field(None, description="bot token, begins with xoxb-")
    slack_app_token: SecretStr | None = Field(None, description="app-level token for Socket Mode, begins with xapp-")
    slack_signing_secret: SecretStr | None = Field(None, description="signing secret, for Slack over HTTP")
    slack_mode: Literal["socket", "http"] = Field("socket", description="how Slack's events arrive")
    slack_connections: int = Field(2, ge=1, le=10, description="how many connections Socket Mode keeps")
    slack_http_host: str = Field("127.0.0.1", min_length=1, description="address Slack over HTTP listens on")
    slack_http_port: int = Field(3000, ge=0, le=65535, description="port Slack over HTTP listens on")
    slack_api_url: str = Field(
        "https://slack.com/api/",
        pattern=r"^https?://[^\s@]+/$",
        description="address of Slack's API, ending in a slash",
    )
    discord_token: SecretStr | None = Field(None, description="token of the Discord bot")
    discord_api_url: str = Field(
        "https://discord.com/api/v10",
        pattern=r"^https?://[^\s@]+[^\s@/]$",
        description="address of Discord's API, without a slash at the end",
    )
    keeper_ttl_seconds: int = Field(30, ge=3, le=3600, description="silence after which a process counts as dead")
    sweep_seconds: int = Field(30, ge=1, le=3600, description="how often overdue work is looked for")

    deadman_url: SecretStr | None = Field(None, description="monitor that is told every while that the team is alive")
    deadman_seconds: int = Field(60, ge=1, le=3600, description="how often the monitor is told")

    @field_validator("deadman_url")
    @classmethod
    def _kept_from_others(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and not _MONITOR.match(url.get_secret_value()):
            raise ValueError("must begin with https:// (http:// only for 127.0.0.1), and hold no user or password")
        return url

    @field_validator("console_url")
    @classmethod
    def _without_last_slash(cls, url: str | None) -> str | None:
        bare = url.rstrip("/") if url else None
        if bare is not None and urlsplit(bare).path:
            raise ValueError("must be a name of its own, without a path: the console cannot stand behind one")
        return bare

    def state_folder(self, workspace: Path) -> Path:
        """Where this workspace's state is kept. It need not exist yet."""
        return self.state_dir if self.state_dir is not None else _root(workspace) / STATE_FOLDER

    def database_url_for(self, workspace: Path) -> str:
        """The database's address, password included: never log it."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.state_folder(workspace).resolve() / DATABASE_FILE}"


class SettingRow(Record):
    """One setting as it stands, fit to be shown: secrets are masked, an empty `value` means there is none."""

    name: str
    value: str
    origin: Origin
    description: str


def read_settings(workspace: Path | None = None) -> Settings:
    """The settings from the environment and, second to it, from `.env` in the workspace's folder.

    Raises UserMistake that names every wrong and every misspelt variable at once; it never shows a secret's value.
    """
    file = _env_file(workspace)
    given = {**_file_variables(file), **os.environ}
    complaints = [
        _misspelt(name)
        for name in sorted(given)
        if name.upper().startswith(PREFIX) and _field(name) not in Settings.model_fields
    ]
    settings: Settings | None = None
    try:
        settings = Settings(_env_file=file)
    except ValidationError as error:
        complaints += [_complaint(details, given) for details in error.errors(include_url=False, include_input=False)]
    if settings is None or complaints:
        raise UserMistake("\n".join(complaints), "docs/settings.md lists every setting.")
    return settings


def effective(settings: Settings, workspace: Path | None = None) -> list[SettingRow]:
    """Every setting with its value and where it came from, secrets masked, in the order of their declaration."""
    environment, file = _set_in(os.environ), _set_in(_file_variables(_env_file(workspace)))
    return [
        SettingRow(
            name=variable(field),
            value=_masked(getattr(settings, field)),
            origin="environment" if field in environment else "file" if field in file else "default",
            description=info.description or "",
        )
        for field, info in Settings.model_fields.items()
    ]


def provider_environment(names: Iterable[str], workspace: Path | None = None) -> dict[str, str]:
    """The named variables that are set and not empty, from the environment and, second to it, the workspace's `.env`.

    For the process that speaks to model providers and for webhook secrets, whose NAMES stand in the workspace. The
    program's own settings are never given out (ValueError).
    """
    wanted = tuple(names)
    own = next((name for name in wanted if name.upper().startswith(PREFIX)), None)
    if own is not None:
        raise ValueError(f"{own} is a setting of the program itself")
    given = {**_file_variables(_env_file(workspace)), **os.environ}
    return {name: given[name] for name in wanted if given.get(name)}


def env_file(workspace: Path) -> Path:
    """Where a workspace keeps what is only for this machine. It need not exist."""
    return _root(workspace) / ENV_FILE


def variable(field: str) -> str:
    """The name of a setting as a variable."""
    return f"{PREFIX}{field.upper()}"


def _root(workspace: Path) -> Path:
    return workspace.parent if workspace.is_file() else workspace


def _env_file(workspace: Path | None) -> Path | None:
    file = None if workspace is None else env_file(workspace)
    return file if file is not None and file.is_file() else None


def _file_variables(file: Path | None) -> dict[str, str]:
    """All variables of a `.env` file, names as written; those without a value are left out."""
    if file is None:
        return {}
    try:
        source = DotEnvSettingsSource(Settings, env_file=file, case_sensitive=True)
    except (OSError, UnicodeDecodeError):
        raise UserMistake(f"The file {file} cannot be read as UTF-8 text.", "Mend it or take it away.") from None
    return {name: value for name, value in source.env_vars.items() if value is not None}


def _field(variable: str) -> str:
    return variable.upper().removeprefix(PREFIX).lower()


def _misspelt(name: str) -> str:
    known = [variable(field) for field in Settings.model_fields]
    near = get_close_matches(name.upper(), known, n=1, cutoff=0.6)
    return f"{name}: there is no such setting." + (f" Did you mean {near[0]}?" if near else "")


def _complaint(error: ErrorDetails, given: Mapping[str, str]) -> str:
    field = str(error["loc"][0])
    shown = next((value for name, value in given.items() if _field(name) == field), "")
    secret = Settings.model_fields[field].annotation == _SECRET or secret_kind(shown) is not None
    found = "" if secret else f" found {quoted(shown)};"
    return f"{variable(field)}:{found} {error['msg'][:1].lower()}{error['msg'][1:]}."


def _set_in(variables: Mapping[str, str]) -> frozenset[str]:
    """The settings that are given a value there."""
    return frozenset(_field(name) for name, value in variables.items() if value and name.upper().startswith(PREFIX))


def _masked(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, SecretStr):
        return str(value)
    scheme, found, _ = value.get_secret_value().partition("://")
    return f"{scheme}://{MASK}" if found else MASK
