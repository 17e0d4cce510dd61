"""Events delivered one to four times, shuffled, side by side and ten minutes late: each is acted on once."""

import asyncio
import json
import random
import time
from collections import Counter
from datetime import timedelta
from urllib.parse import urlencode

from blocks.tokens import Verb, encode
from bot.inbound.intake import Intake
from bot.surfaces.slack import SlackSurface
from store.handle import Store
from store.kernel.clock import ManualClock
from store.queries.inbox import unhandled_events
from store.queries.runs import recent_runs
from tests.bot.slack.conftest import member
from tests.bot.slack.test_http import FORM, port_of
from tests.emulator.fake_slack import TEAM, FakeSlack
from tests.emulator.person import Person
from tests.emulator.surfaces import QUICK, fast_pacer, settings, until

ANA = "U000000001"
EACH = 40
AT_ONCE = 12
LATE_SECONDS = 600
ASKS = "<@U0DECKBOT> run watch"


def commands(fake: FakeSlack) -> list[tuple[str, str]]:
    """`/deck run watch`, typed so often."""
    common = {"command": "/deck", "text": "run watch", "team_id": TEAM, "user_id": ANA, "channel_id": "C1"}
    answers = {"response_url": f"{fake.url}/respond"}
    return [(urlencode({**common, **answers, "trigger_id": f"{number}.1.t"}), FORM) for number in range(EACH)]


def mentions() -> list[tuple[str, str]]:
    """`@Quarterdeck run watch`, each under two ids of its own, as has been seen."""
    bodies = []
    for number in range(EACH):
        ts = f"{time.time() - LATE_SECONDS:.0f}.{number:06d}"
        inner = {
            "type": "app_mention",
            "user": ANA,
            "channel": "C1",
            "ts": ts,
            "event_ts": ts,
            "text": "<@U0BOT> run watch",
        }
        for event_id in (f"Ev{number}", f"EvAgain{number}"):
            body = {"type": "event_callback", "team_id": TEAM, "event_id": event_id, "event": inner}
            bodies.append((json.dumps(body), "application/json"))
    return bodies


def presses(fake: FakeSlack) -> list[tuple[str, str]]:
    """The button "Run now", pressed so often."""
    bodies = []
    for number in range(EACH):
        ts = f"{time.time() - LATE_SECONDS:.0f}.{number:06d}"
        action = {"type": "button", "action_id": encode(Verb.RUN_NOW, "watch", 0), "block_id": "b", "action_ts": ts}
        payload = {
            "type": "block_actions",
            "team": {"id": TEAM},
            "user": {"id": ANA},
            "channel": {"id": "C1"},
            "container": {"type": "message", "message_ts": "1.1", "channel_id": "C1"},
            "trigger_id": f"p{number}.1.t",
            "response_url": f"{fake.url}/respond",
            "actions": [{**action, "value": action["action_id"]}],
        }
        bodies.append((urlencode({"payload": json.dumps(payload)}), FORM))
    return bodies


async def test_each_is_acted_on_once(fake: FakeSlack, intake: Intake, store: Store, clock: ManualClock) -> None:
    fake.users[ANA] = member(ANA)
    surface = SlackSurface(settings(fake.api_url), clock, (), pacer=fast_pacer(), timing=QUICK)
    await surface.start(intake)
    ana = Person(ANA, TEAM, port_of(surface))
    chance = random.Random(20261121)  # noqa: S311 - an order, not a secret
    distinct = [*commands(fake), *mentions(), *presses(fake)]
    # Each redelivery is signed anew, at a moment of its own: a signature counts once.
    deliveries = [(body, minutes) for body in distinct for minutes in range(chance.randint(1, 4))]
    chance.shuffle(deliveries)
    door = asyncio.Semaphore(AT_ONCE)

    async def deliver(body: str, content_type: str, minutes: int) -> None:
        async with door:
            await ana.send(body, content_type, age_seconds=60 * minutes)

    await asyncio.gather(*(deliver(*body, minutes) for body, minutes in deliveries))
    assert Counter(ana.statuses) == {200: len(deliveries)}
    soon = clock.now() + timedelta(seconds=1)
    await until(lambda: not unhandled_events(store, soon), seconds=20)
    runs = recent_runs(store, "watch", limit=1000)
    assert len(runs) == 3 * EACH
    assert Counter(run.trigger.kind.value for run in runs)["button"] == EACH
    await surface.stop()
