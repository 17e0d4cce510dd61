"""`quarterdeck doctor`: effective settings with their origin, and what is reachable."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, NamedTuple

from cyclopts import Parameter

from blocks.text import count
from bot.cli import exits
from bot.cli.local_api import answers
from bot.cli.local_api import health as health_of_team
from bot.cli.membership import ask_of_channel
from bot.cli.opening import DEFAULT_WORKSPACE, Workspace, open_record
from bot.discord_access import discord_settings, wanted_of
from bot.foundation import Foundation, lay_foundation, state_folder
from bot.roots import require_one_root
from bot.settings import effective, provider_environment, read_settings
from bot.slack_access import slack_settings
from bot.surfaces.base import Health
from store.kernel.canonical import JsonObject
from store.kernel.clock import WallClock
from store.kernel.crash import all_points
from store.kernel.errors import QuarterdeckError

INBOX_PATIENCE = timedelta(minutes=1)
"""An event that waits longer than this shows that nobody is working."""


class Finding(NamedTuple):
    """One thing looked at: `ok` None means it is not set up, which is no fault."""

    what: str
    ok: bool | None
    said: str


def doctor(
    *,
    workspace: Workspace = DEFAULT_WORKSPACE,
    health: Annotated[
        bool, Parameter(negative=(), show_default=False, help="Only say by exit code whether the team answers.")
    ] = False,
    crash_points: Annotated[
        bool, Parameter(negative=(), show_default=False, help="List the crash points for QUARTERDECK_CRASH_AT.")
    ] = False,
) -> int:
    """Show the effective settings and where each comes from, and test what is reachable."""
    if crash_points:
        return _list_crash_points()
    if health:
        return (
            exits.DONE
            if answers(state_folder(workspace, read_settings(workspace), simulated=False))
            else exits.NOT_RUNNING
        )
    settings = read_settings(workspace)
    for row in effective(settings, workspace):
        print(f"{row.name:<34} {row.value or '-':<44} {row.origin}")
    print()
    findings = _examine(workspace)
    for finding in findings:
        mark = {True: "ok  ", False: "FAIL", None: "-   "}[finding.ok]
        print(f"{mark} {finding.what}: {finding.said}")
    return exits.MISTAKE if any(finding.ok is False for finding in findings) else exits.DONE


def _list_crash_points() -> int:
    import store.actions  # noqa: F401 - declares the transactions

    for name, text in all_points().items():
        print(f"{name:<34} {text}")
    return exits.DONE


def _examine(workspace: Path) -> list[Finding]:
    foundation: list[Foundation] = []

    def load() -> str:
        foundation.append(lay_foundation(workspace, read_settings(workspace)))
        return f"{foundation[0].team.name}, {count(len(foundation[0].team.agents), 'agent')}"

    findings = [_looked("rooms", _rooms), _looked("workspace", load)]
    if not foundation:
        return findings
    base = foundation[0]
    findings.append(_looked("database", lambda: _database(base)))
    findings.append(_looked("storage", lambda: _storage(base, workspace)))
    findings += running_findings(health_of_team(base.folder), WallClock().now())
    findings += _slack(base)
    findings += _discord(base)
    findings += _watches(base)
    findings += [_model_key(base, name) for name in base.team.models]
    if not base.team.models:
        findings.append(Finding("models", None, "none configured; routines need none"))
    return findings


def running_findings(told: JsonObject | None, now: datetime) -> list[Finding]:
    """The team that runs here: how each of its chat surfaces is connected, and what waits in its inbox."""
    if told is None:
        return [Finding("running team", None, "not running")]
    findings = [Finding("running team", ok=True, said="answers")]
    surfaces = told.get("surfaces")
    for each in surfaces if isinstance(surfaces, list) else ():
        health = Health.model_validate(each)
        findings.append(Finding(f"{health.surface}, running", health.connected, health.detail))
    return [*findings, _inbox(told.get("oldest_event_at"), now)]


def _inbox(oldest: object, now: datetime) -> Finding:
    if not isinstance(oldest, str):
        return Finding("inbox", ok=True, said="nothing waits")
    age = now - datetime.fromisoformat(oldest)
    said = f"the oldest event nobody has acted on came in {age.total_seconds():.0f} s ago"
    return Finding("inbox", age < INBOX_PATIENCE, said)


def _looked(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what, ok=True, said=look())
    except QuarterdeckError as error:
        return Finding(what, ok=False, said=str(error))


def _rooms() -> str:
    require_one_root()
    return "all five from one place"


def _database(foundation: Foundation) -> str:
    from store.database import Database
    from store.migrate import schema_version

    if foundation.database_url.startswith("sqlite:///"):
        file = Path(foundation.database_url.removeprefix("sqlite:///"))
        if not file.exists():
            return f"SQLite, made at the first start in {file.parent}"
    database = Database(foundation.database_url)
    try:
        with database.read() as connection:
            return f"{database.url.get_backend_name()}, schema {schema_version(connection) or 'none yet'}"
    finally:
        database.close()


def _storage(foundation: Foundation, workspace: Path) -> str:
    """What the record and the given files take up, and how fast they grow."""
    from bot.inbound.files import FOLDER, Shelf
    from store.queries.retention import growth, last_swept_at

    files, file_bytes = Shelf(foundation.folder / FOLDER).size_bytes()
    held = f"{files} given files of {_megabytes(file_bytes)}"
    if not _has_record(foundation):
        return f"nothing on record yet; {held}"
    with open_record(workspace) as (store, presenter):
        grown, swept = growth(store), last_swept_at(store)
        record = _megabytes(store.database.size_bytes())
        when = presenter.view.when(swept) if swept else "never"
    runs = f"{grown.runs} runs ({grown.runs_week} in 7 days)"
    events = f"{grown.events} audit events ({grown.events_week} in 7 days)"
    return f"record {record}: {runs}, {events}; {held}; last forgot: {when}"


def _has_record(foundation: Foundation) -> bool:
    """True once a team has started on this database."""
    from store.database import Database
    from store.migrate import schema_version

    if foundation.database_url.startswith("sqlite:///"):
        return Path(foundation.database_url.removeprefix("sqlite:///")).exists()
    database = Database(foundation.database_url)
    try:
        with database.read() as connection:
            return schema_version(connection) is not None
    finally:
        database.close()


def _megabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1_000_000:.1f} MB"


def _slack(foundation: Foundation) -> list[Finding]:
    if "slack" not in foundation.team.surfaces:
        return [Finding("slack", None, "not a surface of this workspace")]
    settings = slack_settings(foundation.settings)
    if settings is None:
        said = "the workspace names it, but QUARTERDECK_SLACK_BOT_TOKEN is not set: quarterdeck slack setup"
        return [Finding("slack", ok=False, said=said)]
    from bot.surfaces.slack.setup import check_in

    try:
        checked = asyncio.run(check_in(settings))
    except QuarterdeckError as error:
        return [Finding("slack", ok=False, said=str(error))]
    return [Finding(f"slack, {each.what}", each.ok, each.said) for each in checked]


def _discord(foundation: Foundation) -> list[Finding]:
    if "discord" not in foundation.team.surfaces:
        return [Finding("discord", None, "not a surface of this workspace")]
    settings = discord_settings(foundation.settings, foundation.team)
    if settings is None:
        said = "the workspace names it, but QUARTERDECK_DISCORD_TOKEN is not set: quarterdeck discord setup"
        return [Finding("discord", ok=False, said=said)]
    from bot.surfaces.discord.checkup import check_in

    try:
        checked = asyncio.run(check_in(settings, wanted_of(foundation.team)))
    except QuarterdeckError as error:
        return [Finding("discord", ok=False, said=str(error))]
    return [Finding(f"discord, {each.what}", each.ok, each.said) for each in checked]


def _watches(foundation: Foundation) -> list[Finding]:
    """Whether the app is in each channel an agent watches: else nothing that is written there reaches it."""
    token = foundation.settings.slack_bot_token
    if token is None or "slack" not in foundation.team.surfaces:
        return []
    asked = foundation.settings.slack_api_url, token.get_secret_value()
    return [_looked(f"watch {one.id}", partial(ask_of_channel, *asked, one.channel)) for one in foundation.team.watches]


def _model_key(foundation: Foundation, name: str) -> Finding:
    spec = foundation.team.models[name]
    if not spec.is_priced:
        return Finding(f"model {name}", None, "price taken from the gateway's table, if it knows the model")
    if spec.key_env is None or provider_environment([spec.key_env], foundation.workspace):
        return Finding(f"model {name}", ok=True, said="key present" if spec.key_env else "needs no key")
    return Finding(f"model {name}", ok=False, said=f"the variable {spec.key_env} is not set")
