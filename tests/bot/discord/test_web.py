"""What a failed call means, seen on a real server: what may be repeated is, what may not is sent once and told."""

import pytest
from discord.http import Route

from bot.surfaces.base import ChannelLost
from bot.surfaces.discord.failures import DiscordRefusal, failure_of_card
from bot.surfaces.discord.refused_token import RefusedToken
from bot.surfaces.discord.web import Attached, may_repeat, with_attachments
from store.kernel.canonical import Json
from store.kernel.errors import OutcomeUnknown, Retryable
from store.records import Loss
from tests.bot.discord.rest import Given, scripted_web

NONCE: Json = {"content": "hello", "nonce": "n", "enforce_nonce": True}
LIMITED = Given(429, {"retry_after": 0.01, "global": False}, {"Via": "1.1 google"})


def messages() -> Route:
    return Route("POST", "/channels/{channel_id}/messages", channel_id=1)


def one() -> Route:
    return Route("PATCH", "/channels/{channel_id}/messages/{message_id}", channel_id=1, message_id=2)


def channels() -> Route:
    return Route("POST", "/guilds/{guild_id}/channels", guild_id=1)


async def test_an_answer_is_its_body_and_none_where_there_is_none() -> None:
    async with scripted_web() as (web, script):
        script.answers = [Given(body={"id": "7"}), Given(204)]
        assert await web.call(messages(), body=NONCE) == {"id": "7"}
        assert await web.call(Route("DELETE", "/channels/{channel_id}", channel_id=1)) is None


@pytest.mark.parametrize("status", [500, 502, 503, 504, 524])
async def test_a_creation_without_a_nonce_is_sent_once_and_its_outcome_unknown(status: int) -> None:
    async with scripted_web() as (web, script):
        script.answers = [Given(status, {"message": "oops"}), Given(body={"id": "2"})]
        with pytest.raises(OutcomeUnknown):
            await web.call(channels(), body={"name": "bridge"})
        assert len(script.asked) == 1


async def test_a_dropped_connection_leaves_a_creation_unknown_and_an_edit_to_be_tried_again() -> None:
    async with scripted_web() as (web, script):
        script.answers = [Given(0)]
        with pytest.raises(OutcomeUnknown):
            await web.call(channels(), body={"name": "bridge"})
        with pytest.raises(OutcomeUnknown):
            await web.call(messages(), body=NONCE)
        with pytest.raises(Retryable):
            await web.call(one(), body={"content": "x"})


async def test_what_does_the_same_when_it_comes_twice_is_sent_again_by_the_library() -> None:
    async with scripted_web() as (web, script):
        script.answers = [Given(502, {}), Given(body={"id": "2"})]
        assert await web.call(messages(), body=NONCE) == {"id": "2"}
        assert len(script.asked) == 2


@pytest.mark.parametrize(
    "then",
    [
        Given(429, {"retry_after": 600.0, "global": False}, {"Via": "1.1 google"}),
        Given(403, {"message": "Missing Access", "code": 50001}),
    ],
)
async def test_after_an_attempt_in_doubt_no_later_answer_says_that_nothing_happened(then: Given) -> None:
    async with scripted_web() as (web, script):
        script.answers = [Given(502, {}), then]
        with pytest.raises(OutcomeUnknown):
            await web.call(messages(), body=NONCE)
        assert len(script.asked) == 2
        script.answers = [then]
        with pytest.raises((Retryable, DiscordRefusal)):
            await web.call(messages(), body=NONCE)


async def test_nothing_is_sent_again_when_the_nonce_may_be_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.surfaces.discord.web.NONCE_TRUSTED_SECONDS", 0.5)  # the library waits a second
    async with scripted_web() as (web, script):
        script.answers = [Given(502, {}), Given(body={"id": "2"})]
        with pytest.raises(OutcomeUnknown, match="too long"):
            await web.call(messages(), body=NONCE)
        assert len(script.asked) == 1


async def test_too_many_requests_are_waited_for_also_by_a_creation() -> None:
    async with scripted_web() as (web, script):
        script.answers = [LIMITED, Given(body={"id": "2"})]
        assert await web.call(channels(), body={"name": "bridge"}) == {"id": "2"}
        assert len(script.asked) == 2


async def test_a_wait_that_is_too_long_fails_visibly() -> None:
    async with scripted_web() as (web, script):
        script.answers = [Given(429, {"retry_after": 600.0, "global": False}, {"Via": "1.1 google"})]
        with pytest.raises(Retryable) as caught:
            await web.call(one(), body={"content": "x"})
        assert caught.value.delay_seconds == 600.0


async def test_a_ban_by_address_is_no_refusal() -> None:
    async with scripted_web() as (web, script):
        script.answers = [Given(429, None, {"Retry-After": "45"})]
        with pytest.raises(Retryable) as caught:
            await web.call(channels(), body={"name": "bridge"})
        assert caught.value.delay_seconds == 45.0


async def test_a_server_that_is_not_there_was_never_asked() -> None:
    async with scripted_web() as (web, _):
        route = messages()
        route.url = "http://127.0.0.1:9/nowhere"
        with pytest.raises(Retryable):
            await web.call(route, body={"content": "x"})


async def test_a_refusal_says_what_discord_said() -> None:
    async with scripted_web() as (web, script):
        script.answers = [Given(403, {"code": 50013, "message": "Missing Permissions"})]
        with pytest.raises(DiscordRefusal) as caught:
            await web.call(messages(), body=NONCE)
        assert (caught.value.status, caught.value.code) == (403, 50013)
        assert "POST /channels/{channel_id}/messages" in caught.value.message
        assert "quarterdeck discord setup" in str(caught.value)


@pytest.mark.parametrize(("code", "loss"), [(10003, Loss.GONE), (50001, Loss.LEFT), (50013, Loss.LEFT)])
def test_a_channel_that_cannot_be_used_is_lost(code: int, loss: Loss) -> None:
    failure = failure_of_card(DiscordRefusal("POST x", 403, code, "no"), "77")
    assert isinstance(failure, ChannelLost)
    assert (failure.place, failure.loss) == ("77", loss)


def test_a_refused_token_keeps_the_card_waiting() -> None:
    assert isinstance(failure_of_card(DiscordRefusal("POST x", 401, 0, "401: Unauthorized"), "77"), Retryable)


async def test_a_call_made_while_the_surface_is_taken_down_was_never_sent() -> None:
    async with scripted_web() as (web, script):
        await web.close()
        with pytest.raises(Retryable, match="switched off"):
            await web.call(Route("PATCH", "/channels/{channel_id}", channel_id=1), body={})
        assert script.asked == []


def test_any_other_refusal_stays_itself() -> None:
    refusal = DiscordRefusal("POST x", 400, 50035, "Invalid Form Body")
    assert failure_of_card(refusal, "77") is refusal


async def test_a_refused_token_is_not_shown_again_for_a_while() -> None:
    seconds = [0.0]
    async with scripted_web() as (web, script):
        web._refused_token = RefusedToken(50.0, lambda: seconds[0])
        script.answers = [Given(401, {"code": 0, "message": "401: Unauthorized"}), Given(body={"id": "2"})]
        answer = Route("POST", "/interactions/{webhook_id}/{webhook_token}/callback", webhook_id=1, webhook_token="t")
        for _ in range(3):
            with pytest.raises(DiscordRefusal) as caught:
                await web.call(messages(), body=NONCE)
            assert caught.value.of_token
        assert len(script.asked) == 1
        await web.call(answer, body={"type": 6})
        assert len(script.asked) == 2
        seconds[0] = 50.0
        assert await web.call(messages(), body=NONCE) == {"id": "2"}


async def test_files_go_beside_the_message_that_names_them() -> None:
    async with scripted_web() as (web, script):
        await web.call(
            messages(), body=NONCE, files=[Attached(file_name="chart.png", content=b"PNG", description="up")]
        )
        [(_, _, sent)] = script.asked
        assert 'name="files[0]"; filename="chart.png"' in sent
        assert '"attachments": [{"id": "0", "filename": "chart.png", "description": "up"}]' in sent


async def test_a_form_that_is_sent_again_is_sent_whole() -> None:
    async with scripted_web() as (web, script):
        script.answers = [Given(502, {}), Given(body={"id": "2"})]
        await web.call(messages(), body=NONCE, files=[Attached(file_name="chart.png", content=b"PNG")])
        assert ["PNG" in sent for _, _, sent in script.asked] == [True, True]


def test_attachments_are_named_where_the_message_is() -> None:
    file = Attached(file_name="a.csv", content=b"")
    listed = [{"id": "0", "filename": "a.csv"}]
    assert with_attachments({"content": "x"}, [file]) == {"content": "x", "attachments": listed}
    assert with_attachments({"type": 4, "data": {}}, [file]) == {"type": 4, "data": {"attachments": listed}}
    assert with_attachments({"attachments": []}, [file]) == {"attachments": []}


@pytest.mark.parametrize(
    ("method", "body", "may"),
    [
        ("GET", None, True),
        ("PUT", {}, True),
        ("POST", NONCE, True),
        ("POST", {"nonce": "n"}, False),
        ("POST", None, False),
    ],
)
def test_only_a_creation_without_a_kept_nonce_may_not_come_twice(method: str, body: Json, may: bool) -> None:
    assert may_repeat(method, body) is may
