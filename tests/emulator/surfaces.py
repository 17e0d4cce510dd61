"""Slack surfaces for tests: every pause short, every pace fast, unless a test is about pauses or paces."""

import asyncio
import time
from collections.abc import Callable
from types import MappingProxyType

from pydantic import SecretStr

from blocks.elements import Button, Card, Chart, Column, Style, Table, Text, Tone
from bot.surfaces.slack.pacing import PACES, Pace, Pacer
from bot.surfaces.slack.settings import SlackSettings, Transport
from bot.surfaces.slack.timing import Timing

BOT = "U0DECKBOT"
BOT_TOKEN = "xoxb-emulated-0001"
APP_TOKEN = "xapp-emulated-0001"
SIGNING_SECRET = "0123456789abcdef0123456789abcdef"

FAST = Pace(per_minute=6_000_000, burst=1000)
QUICK = Timing(
    call_seconds=2.0,
    check_seconds=0.02,
    new_address_after_seconds=0.3,
    rebuild_after_seconds=1.5,
    first_connection_seconds=2.0,
    ping_seconds=0.1,
    auth_test_every_seconds=0.1,
    start_again_seconds=0.05,
    chart_patience_seconds=5.0,
    scan_poll_seconds=0.01,
    catch_up_every_seconds=0.1,
    scan_seconds=2.0,
    session_pause_seconds=0.01,
)


def fast_pacer() -> Pacer:
    return Pacer(MappingProxyType(dict.fromkeys(PACES, FAST)), FAST)


def settings(api_url: str, transport: Transport = Transport.HTTP, connections: int = 1) -> SlackSettings:
    return SlackSettings(
        bot_token=SecretStr(BOT_TOKEN),
        app_token=SecretStr(APP_TOKEN),
        signing_secret=SecretStr(SIGNING_SECRET),
        transport=transport,
        connections=connections,
        http_port=0,
        api_url=api_url,
    )


def a_card(key: str = "approval:a1", revision: int = 1, pressed: str = "q1:approve:a1:1", **changes: object) -> Card:
    card = Card(
        key=key,
        revision=revision,
        kind="approval",
        tone=Tone.WAITING,
        state="Waiting",
        title="Move 3 files",
        summary="Approval needed: move 3 files.",
        elements=(Text(text="Moves 3 files older than 30 days."),),
        actions=(Button(label="Approve", token=pressed, style=Style.PRIMARY, about="moving 3 files"),),
    )
    return card.model_copy(update=changes)


def a_chart(title: str = "Disk") -> Chart:
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "data": {"values": [{"t": 1, "v": 2}, {"t": 2, "v": 5}]},
        "mark": "line",
        "encoding": {"x": {"field": "t", "type": "quantitative"}, "y": {"field": "v", "type": "quantitative"}},
        "title": title,
    }
    table = Table(columns=(Column(name="Time"), Column(name="Value")), rows=(("1", "2"), ("2", "5")), total_rows=2)
    return Chart(title=title, alt=f"{title} rose from 2 to 5.", spec=spec, file_name="disk.png", table=table)


async def until(met: Callable[[], object], seconds: float = 5.0) -> None:
    """Returns once `met()` is true; fails when it is not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < deadline, "what was waited for did not happen"
        await asyncio.sleep(0.005)
