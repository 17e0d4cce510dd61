"""Nobody sees anything without a login; a link logs in one person; the address bar forgets the token."""

from datetime import timedelta

from bot.surfaces.console import ConsoleSettings
from bot.surfaces.console.login import MAX_WRONG
from tests.blocks.samples import NOW
from tests.bot.console.conftest import Console

PATHS = [
    "/",
    "/team",
    "/channels/machine-watch",
    "/runs",
    "/approvals",
    "/schedules",
    "/work",
    "/search?q=x",
    "/events",
]
PATHS += ["/parts/rail", "/cards/alert:alert_dddddddddddddddd", "/runs/run_working", "/nothing/here"]
PATHS += ["/charts/alert:alert_dddddddddddddddd/2.svg", "/approvals/approval_bbbbbbbbbbbbbbbb"]


async def test_every_page_asks_for_a_login_and_says_nothing_of_the_team(stranger: Console) -> None:
    for path in PATHS:
        reply = await stranger.get(path)
        assert reply.status == 401, path
        assert "login link" in reply.text, path
        assert "Machine Watch" not in reply.text, path
        assert "First Light" not in reply.text, path


async def test_a_link_logs_in_and_the_token_leaves_the_address(stranger: Console) -> None:
    reply = await stranger.send(
        "GET", stranger.surface.login_url("ana").removeprefix(stranger.url), allow_redirects=False
    )
    assert reply.status == 303
    assert reply.headers["Location"] == "/"
    cookie = reply.headers["Set-Cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=Strict", "Path=/"))
    assert (await stranger.get("/")).status == 200


async def test_each_person_sees_their_own_name(stranger: Console) -> None:
    await stranger.log_in("bo")
    assert "Bo Lindqvist" in (await stranger.get("/")).text


async def test_a_wrong_link_gets_a_kind_page_and_many_get_a_pause(stranger: Console) -> None:
    for _ in range(MAX_WRONG):
        reply = await stranger.get("/login?token=wrong")
        assert reply.status == 401
        assert "not valid" in reply.text
    refused = await stranger.send("GET", stranger.surface.login_url("ana").removeprefix(stranger.url))
    assert refused.status == 429
    stranger.clock.move_to(NOW + timedelta(minutes=1))
    await stranger.log_in()


async def test_the_login_page_itself_counts_nothing(stranger: Console) -> None:
    for _ in range(MAX_WRONG + 1):
        assert (await stranger.get("/login")).status == 401
    await stranger.log_in()


async def test_logging_out_ends_the_session_of_this_browser(console: Console) -> None:
    reply = await console.send("POST", "/logout", data={"ticket": await console.ticket()}, allow_redirects=False)
    assert reply.status == 303
    assert (await console.get("/")).status == 401


async def test_another_page_cannot_log_a_person_out(console: Console) -> None:
    assert (await console.send("POST", "/logout")).status == 403
    assert (await console.get("/")).status == 200


async def test_a_link_from_another_site_is_opened_once_more_by_a_page_of_ours(stranger: Console) -> None:
    reply = await stranger.get("/runs/run_working?x=1&y=2", headers={"Sec-Fetch-Site": "cross-site"})
    assert reply.status == 200
    assert 'content="0;url=/runs/run_working?x=1&amp;y=2"' in reply.text
    assert (await stranger.get("/runs/run_working", headers={"Sec-Fetch-Site": "same-origin"})).status == 401


async def test_the_health_check_says_only_that_it_answers(stranger: Console) -> None:
    reply = await stranger.get("/healthz")
    assert (reply.status, reply.text) == (200, '{"ok": true}')


def test_the_cookie_is_secure_exactly_where_the_public_address_is_tls() -> None:
    settings = ConsoleSettings(port=8765, public_url="https://Deck.example")
    assert settings.reached_by_tls("deck.example")
    assert not settings.reached_by_tls("127.0.0.1:8765")
    assert not ConsoleSettings(port=8765, public_url="http://deck.example").reached_by_tls("deck.example")
    assert not ConsoleSettings(port=8765).reached_by_tls("127.0.0.1:8765")
