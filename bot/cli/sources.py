"""`quarterdeck sources`: how each export and log stands, whether or not the team is running."""

import json
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from cyclopts import Parameter

from agents.sources.client import SourceReader
from agents.sources.port import State
from blocks.text import count
from bot.cli import exits
from bot.cli.opening import DEFAULT_WORKSPACE, AsJson, Data, Place
from bot.foundation import load_team
from bot.inbound.source_listing import STATE_WORD, readers_of, states_now
from store.kernel.clock import WallClock
from store.kernel.errors import UserMistake


def sources(
    workspace: Place = DEFAULT_WORKSPACE,
    /,
    *,
    data: Data = None,
    at: Annotated[str | None, Parameter(help="As of this day or moment, instead of now.")] = None,
    as_json: AsJson = False,
) -> int:
    """Each source: its state the day before, newest row, rows, and who reads it."""
    team = load_team(workspace)
    now = WallClock().now() if at is None else _moment(at, ZoneInfo(team.timezone))
    reader = SourceReader((data or team.root / team.data).absolute(), team.sources)
    try:
        states = states_now(team, reader, now)
    finally:
        reader.close()
    if as_json:
        shown = [one.model_dump(mode="json") | {"read_by": readers_of(team, one.source)} for one in states]
        print(json.dumps(shown, indent=2, ensure_ascii=False))
        return exits.DONE
    for one in states:
        readers = ", ".join(readers_of(team, one.source)) or "nobody"
        print(f"{one.source}: {STATE_WORD[one.state]}\n    {one.detail}\n    {one.rows} rows, read by {readers}")
    troubles = sum(one.state is not State.OK for one in states)
    print(f"{count(len(states), 'source')}, {troubles} in trouble." if states else "This team has no sources.")
    return exits.DONE


def _moment(text: str, zone: ZoneInfo) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UserMistake(f"{text!r} is not a day or moment.", "Write 2026-03-01 or 2026-03-01T08:00.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
