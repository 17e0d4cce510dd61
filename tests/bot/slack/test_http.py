"""Over HTTP: signed, fresh, single-use; stored before it is acknowledged; acted on once."""

import asyncio
import io
import json
import time
from urllib.parse import urlencode

import aiohttp
import pytest
from slack_sdk.signature import SignatureVerifier

from bot.surfaces.base import Answer, InboundEvent
from bot.surfaces.slack import SlackSurface
from bot.surfaces.slack.manifest import EVENTS_PATH
from bot.surfaces.slack.webserver import HttpLink
from store.kernel.errors import UserMistake
from tests.bot.slack.conftest import member
from tests.emulator.fake_slack import TEAM, FakeSlack, Fault
from tests.emulator.inbound import RecordingInbound
from tests.emulator.person import Person
from tests.emulator.surfaces import SIGNING_SECRET, a_card, until

FORM = "application/x-www-form-urlencoded"


def port_of(slack: SlackSurface) -> int:
    assert slack._parts is not None
    assert isinstance(slack._parts.link, HttpLink)
    return slack._parts.link.port


@pytest.fixture
def dana(slack: SlackSurface, fake: FakeSlack) -> Person:
    return Person("U0DANA", TEAM, port_of(slack), f"{fake.url}/respond")


async def test_a_press_is_stored_acknowledged_and_answered_to_that_person_alone(
    slack: SlackSurface, fake: FakeSlack, inbound: RecordingInbound, dana: Person
) -> None:
    channel = fake.add_channel("ops")
    await slack.post(channel, a_card())
    inbound.answer = lambda _: Answer(text="Somebody else already *approved* <!channel>.")
    assert await dana.press(fake.messages[channel][0], channel) == 200
    await until(lambda: fake.said_privately)
    [event] = inbound.stored
    assert (event.token, event.account, event.account_class) == ("q1:approve:a1:1", "U0DANA", "member")
    [answer] = fake.said_privately
    assert answer["response_type"] == "ephemeral"
    assert answer["replace_original"] is False
    assert "<!channel>" not in json.dumps(answer)
    assert answer["blocks"][0]["text"]["type"] == "plain_text"


async def test_the_acknowledgement_does_not_wait_for_the_work(
    slack: SlackSurface, inbound: RecordingInbound, dana: Person
) -> None:
    inbound.hold = asyncio.Event()
    async with asyncio.timeout(1.0):
        assert await dana.command("status", "C1") == 200
    assert inbound.stored
    assert not inbound.acted
    inbound.hold.set()
    await until(lambda: inbound.acted)


async def test_what_could_not_be_stored_is_not_acknowledged_and_its_redelivery_is(
    slack: SlackSurface, inbound: RecordingInbound, dana: Person
) -> None:
    inbound.refusals = 1
    inner = {"type": "app_mention", "user": "U0DANA", "channel": "C1", "event_ts": "3.1", "text": "<@U0DECKBOT> status"}
    assert await dana.event(inner) == 500
    assert inbound.stored == []
    # Slack's first redelivery follows at once: the same second, so the same signature.
    assert await dana.event(inner, headers={"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_error"}) == 200
    await until(lambda: inbound.acted)
    assert len(inbound.stored) == 1


async def test_an_event_four_times_and_under_two_ids_is_acted_on_once(
    slack: SlackSurface, inbound: RecordingInbound, dana: Person
) -> None:
    inner = {"type": "app_mention", "user": "U0DANA", "channel": "C1", "event_ts": "3.1", "text": "<@U0DECKBOT> status"}
    body = json.dumps({"type": "event_callback", "team_id": TEAM, "event_id": "Ev1", "event": inner})
    for age_seconds in range(4):
        assert await dana.send(body, "application/json", {"X-Slack-Retry-Num": "1"}, age_seconds=age_seconds) == 200
    assert await dana.event(inner, event_id="Ev2") == 200
    await until(lambda: inbound.acted)
    assert inbound.attempts == 5
    assert (len(inbound.stored), len(inbound.acted)) == (1, 1)


async def test_the_same_signed_request_counts_once(
    slack: SlackSurface, inbound: RecordingInbound, dana: Person
) -> None:
    body, stamp = (
        urlencode({"command": "/deck", "text": "status", "team_id": TEAM, "user_id": "U0DANA", "trigger_id": "1"}),
        str(int(time.time())),
    )
    signature = str(SignatureVerifier(SIGNING_SECRET).generate_signature(timestamp=stamp, body=body))
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature, "Content-Type": FORM}
    assert await dana.send_raw(body, headers) == 200
    assert await dana.send_raw(body, headers) == 401
    assert inbound.attempts == 1


async def test_what_slack_did_not_sign_just_now_is_refused(
    slack: SlackSurface, inbound: RecordingInbound, dana: Person
) -> None:
    body = urlencode({"command": "/deck", "text": "run x", "team_id": TEAM, "user_id": "U0DANA", "trigger_id": "1"})
    assert await dana.send(body, FORM, age_seconds=301) == 401
    assert await dana.send(body, FORM, age_seconds=-301) == 401
    assert await dana.send(body, FORM, secret="f" * 32) == 401
    assert await dana.send_raw(body, {"Content-Type": FORM}) == 401
    tampered = {"X-Slack-Signature": "v0=" + "0" * 64}
    assert await dana.send(body, FORM, tampered) == 401
    assert inbound.attempts == 0
    assert await dana.send(body, FORM, age_seconds=290) == 200


async def test_other_paths_methods_and_huge_bodies_are_refused(slack: SlackSurface, inbound: RecordingInbound) -> None:
    base = f"http://127.0.0.1:{port_of(slack)}"
    async with aiohttp.ClientSession() as session:
        for url, expected in ((f"{base}/", 404), (f"{base}{EVENTS_PATH}", 405)):
            async with session.get(url) as answer:
                assert answer.status == expected
        async with session.post(f"{base}{EVENTS_PATH}", data=io.BytesIO(b"x" * 1_100_000)) as answer:
            assert answer.status == 413
    assert inbound.attempts == 0


async def test_slacks_question_about_the_address_is_answered(slack: SlackSurface, dana: Person) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "say this", "token": "x"})
    assert await dana.send(body, "application/json") == 200


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({"is_restricted": True}, "guest"), ({"team_id": "T0OTHER"}, "external"), ({"deleted": True}, "unknown")],
)
async def test_who_acts_is_classified_before_it_is_stored(
    fake: FakeSlack,
    inbound: RecordingInbound,
    dana: Person,
    changes: dict[str, object],
    expected: str,
) -> None:
    fake.users["U0DANA"] = member("U0DANA", **changes)
    assert await dana.command("status", "C1") == 200
    assert inbound.stored[0].account_class == expected


async def test_a_used_up_reply_address_falls_back_to_the_channel(
    slack: SlackSurface, fake: FakeSlack, inbound: RecordingInbound, dana: Person
) -> None:
    dana.response_url = f"{fake.url}/gone"
    inbound.answer = lambda _: Answer(text="Two runs are running.")
    assert await dana.command("status", "C1") == 200
    await until(lambda: fake.said_privately)
    [said] = fake.said_privately
    assert (said["channel"], said["user"]) == ("C1", "U0DANA")


async def test_an_answer_nobody_can_be_given_is_lost_quietly(
    slack: SlackSurface, fake: FakeSlack, inbound: RecordingInbound, dana: Person
) -> None:
    dana.response_url = None
    fake.faults["chat.postEphemeral"].append(Fault.LOST)
    inbound.answer = lambda _: Answer(text="Two runs are running.")
    assert await dana.command("status", "C1") == 200
    await until(lambda: fake.called("chat.postEphemeral"))
    assert await dana.command("status", "C1") == 200
    await until(lambda: fake.said_privately)


async def test_a_bug_while_acting_is_told_and_the_next_request_works(
    slack: SlackSurface, fake: FakeSlack, inbound: RecordingInbound, dana: Person
) -> None:
    def broken(event: InboundEvent) -> Answer:
        raise ZeroDivisionError

    inbound.answer = broken
    assert await dana.command("status", "C1") == 200
    await until(lambda: fake.said_privately)
    assert "on record" in fake.said_privately[0]["text"]
    inbound.answer = lambda _: Answer(text="Fine.")
    assert await dana.command("status", "C1") == 200
    await until(lambda: len(fake.said_privately) == 2)


async def test_stopping_lets_what_was_accepted_finish(
    slack: SlackSurface, inbound: RecordingInbound, dana: Person
) -> None:
    inbound.hold = asyncio.Event()
    await dana.command("run machine-watch", "C1")
    stopping = asyncio.create_task(slack.stop())
    await asyncio.sleep(0.01)
    assert not stopping.done()
    inbound.hold.set()
    await stopping
    assert len(inbound.acted) == 1
    with pytest.raises(aiohttp.ClientConnectorError):
        await dana.command("status", "C1")


async def test_a_port_in_use_is_a_plain_mistake(
    slack: SlackSurface, fake: FakeSlack, inbound: RecordingInbound
) -> None:
    taken = slack._settings.model_copy(update={"http_port": port_of(slack)})
    second = SlackSurface(taken, slack._clock, pacer=slack._pacer, timing=slack._timing)
    with pytest.raises(UserMistake, match="Set another port"):
        await second.start(inbound)
    assert not second.health().connected
