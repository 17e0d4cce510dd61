"""What stands before every page: names, origins, tickets, headers."""

import re

import pytest

from tests.bot.console.conftest import Console
from tests.bot.console.test_login import PATHS

TOKEN = "q1:run_now:machine-watch:0"


@pytest.mark.parametrize("host", ["evil.test", "127.0.0.1", "127.0.0.1:1", "localhost.evil.test:80", ""])
async def test_a_foreign_name_for_this_machine_is_refused(console: Console, host: str) -> None:
    reply = await console.get("/", headers={"Host": host})
    assert reply.status == 421
    assert "Machine Watch" not in reply.text


async def test_localhost_is_a_name_of_ours(console: Console) -> None:
    port = console.url.rpartition(":")[2]
    assert (await console.get("/healthz", headers={"Host": f"localhost:{port}"})).status == 200
    assert (await console.get("/login", headers={"Host": f"LOCALHOST:{port}"})).status == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.test"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://127.0.0.1.evil.test"},
    ],
)
async def test_a_press_sent_by_another_site_is_refused(console: Console, headers: dict[str, str]) -> None:
    data = {"ticket": await console.ticket(), "token": TOKEN}
    assert (await console.send("POST", "/act", data=data, headers=headers)).status == 403
    assert console.inbound.accepted == []


async def test_our_own_forms_pass_though_browsers_hide_their_origin(console: Console) -> None:
    headers = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    data = {"ticket": await console.ticket(), "token": TOKEN}
    assert (await console.send("POST", "/act", data=data, headers=headers)).status == 200
    assert len(console.inbound.acted) == 1


@pytest.mark.parametrize("path", ["/act", "/command"])
@pytest.mark.parametrize("ticket", ["", "wrong", "a.bbbbbbbbbb.Lw"])
async def test_no_press_without_a_ticket(console: Console, path: str, ticket: str) -> None:
    reply = await console.send("POST", path, data={"ticket": ticket, "token": TOKEN, "text": "status"})
    assert reply.status == 403
    assert "earlier login" in reply.text
    assert console.inbound.accepted == []


@pytest.mark.parametrize("path", ["/act", "/command", "/logout"])
async def test_no_press_without_a_login(stranger: Console, path: str) -> None:
    assert (await stranger.send("POST", path, data={"token": TOKEN})).status == 401
    assert stranger.inbound.accepted == []


async def test_every_answer_carries_the_protective_headers(console: Console) -> None:
    for path in (path for path in PATHS if path != "/events"):
        headers = (await console.get(path)).headers
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'"), path
        assert "unsafe-inline" not in policy or path.startswith("/charts/"), path
        assert headers["Referrer-Policy"] == "no-referrer", path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["X-Frame-Options"] == "DENY", path


async def test_no_page_has_inline_script_or_style_or_asks_another_server(console: Console) -> None:
    for path in (*PATHS[:7], "/runs/run_aaaaaaaaaaaaaaaa", "/approvals/approval_bbbbbbbbbbbbbbbb", "/login"):
        html = (await console.get(path)).text
        assert re.findall(r"<script(?![^>]*\bsrc=)", html) == [], path
        assert "<style" not in html, path
        assert re.findall(r"\s(style|on\w+)=", html) == [], path
        assert re.findall(r'(?:src|srcset|action)="(?!/)', html) == [], path
        assert re.findall(r'href="(?![/#])', html) == [], path


async def test_scripts_and_styles_load_from_here_alone(console: Console) -> None:
    html = (await console.get("/")).text
    for path in set(re.findall(r'(?:src|href)="(/static/[^"]+)"', html)):
        reply = await console.get(path)
        assert reply.status == 200
        assert "immutable" in reply.headers["Cache-Control"]
        assert not re.search(r"(https?:)?//(?!www\.w3\.org/2000/svg)[a-z]", reply.text.replace("// ", ""))


@pytest.mark.parametrize("name", ["..%2fserver.py", "nothing.css", "%2e%2e", "console.js%00"])
async def test_only_known_static_files_are_served(console: Console, name: str) -> None:
    assert (await console.get(f"/static/x/{name}")).status == 404
