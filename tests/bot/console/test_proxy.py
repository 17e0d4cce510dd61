"""The configurations of docs/proxy.md, really run: TLS in front, a browser before it, events live, writes let in."""

import re
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import async_playwright, expect

from blocks.cards import approval_card
from bot.surfaces.console import ConsoleSettings, ConsoleSurface, read_secrets
from bot.surfaces.webhooks import sign
from store.kernel.clock import ManualClock
from store.records import ApprovalState
from tests.blocks import samples
from tests.blocks.samples import NOW, VIEW
from tests.bot.console.conftest import SECRET, free_port
from tests.bot.console.samples import PEOPLE, RememberingInbound, busy_data
from tests.bot.console.test_browser import CHROMIUM

PAGE = (Path(__file__).parents[3] / "docs" / "proxy.md").read_text("utf-8")
NAME = "deck.example.com"
APPROVAL = samples.approval()
NGINX = """
daemon off; pid PLACE/nginx.pid; error_log PLACE/error.log; worker_processes 1; events {}
http {
    access_log off;
    client_body_temp_path PLACE/body; proxy_temp_path PLACE/proxy; fastcgi_temp_path PLACE/fastcgi;
    uwsgi_temp_path PLACE/uwsgi; scgi_temp_path PLACE/scgi;
    BLOCK
}
"""
CADDY = "{\n\tadmin off\n\tauto_https disable_redirects\n\tstorage file_system PLACE/caddy\n}\n"

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def block(language: str) -> str:
    [found] = re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)
    return str(found)


@dataclass
class Ports:
    """Where each side listens, on loopback."""

    tls: int
    plain: int
    console: int
    slack: int


@pytest.fixture
def ports() -> Ports:
    return Ports(free_port(), free_port(), free_port(), free_port())


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-days", "2", "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"),
            *("-keyout", str(tmp_path / "deck.key"), "-out", str(tmp_path / "deck.pem")),
        ],
        check=True,
        capture_output=True,
    )
    return tmp_path


def nginx(place: Path, ports: Ports) -> list[str]:
    said = block("nginx").replace("listen 443 ssl", f"listen 127.0.0.1:{ports.tls} ssl")
    said = said.replace("listen 80", f"listen 127.0.0.1:{ports.plain}").replace("/etc/ssl/", f"{place}/")
    config = NGINX.replace("BLOCK", upstreams(said, ports)).replace("PLACE", str(place))
    (place / "nginx.conf").write_text(config)
    return ["nginx", "-e", f"{place}/error.log", "-p", str(place), "-c", f"{place}/nginx.conf"]


def caddy(place: Path, ports: Ports) -> list[str]:
    tls = f"https://{NAME}:{ports.tls} {{\n\ttls {place}/deck.pem {place}/deck.key"
    said = block("caddy").replace(f"{NAME} {{", tls, 1)
    (place / "Caddyfile").write_text(CADDY.replace("PLACE", str(place)) + upstreams(said, ports))
    return ["caddy", "run", "--config", f"{place}/Caddyfile", "--adapter", "caddyfile"]


def upstreams(said: str, ports: Ports) -> str:
    return said.replace("127.0.0.1:8765", f"127.0.0.1:{ports.console}").replace(
        "127.0.0.1:3000", f"127.0.0.1:{ports.slack}"
    )


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(params=["nginx", "caddy"])
def proxy(request: pytest.FixtureRequest, certificate: Path, ports: Ports) -> Iterator[str]:
    """A running proxy; its name."""
    if shutil.which(request.param) is None:
        pytest.skip(f"no {request.param} on the PATH: apt-get install {request.param}")
    command = {"nginx": nginx, "caddy": caddy}[request.param](certificate, ports)
    log = certificate / "proxy.log"
    with log.open("w") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        try:
            deadline = time.monotonic() + 30
            while not listening(ports.tls):
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.05)
            yield request.param
        finally:
            process.terminate()
            process.wait(20)


@dataclass
class Behind:
    """A console and a stand-in for Slack's port, behind the proxy."""

    surface: ConsoleSurface
    inbound: RememberingInbound
    url: str
    slack: list[tuple[bytes, str]]


@pytest_asyncio.fixture
async def behind(ports: Ports, tmp_path: Path) -> AsyncIterator[Behind]:
    url = f"https://{NAME}:{ports.tls}"
    settings = ConsoleSettings(port=ports.console, public_url=url, people=PEOPLE, hooks={"deploys": (SECRET,)})
    view = replace(VIEW, console_url=url)
    clock = ManualClock(NOW)
    surface = ConsoleSurface(
        settings=settings,
        secrets=read_secrets(tmp_path, settings),
        data=busy_data(view),
        view=view,
        clock=clock,
        world=clock,
    )
    inbound, slack = RememberingInbound(), []

    async def events(request: web.Request) -> web.Response:
        slack.append((await request.read(), request.headers.get("X-Slack-Signature", "")))
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_post("/slack/events", events)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", ports.slack).start()
    await surface.start(inbound)
    yield Behind(surface, inbound, url, slack)
    await surface.stop()
    await runner.cleanup()


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the PATH: apt-get install chromium")
async def test_a_person_logs_in_sees_a_card_change_and_decides(proxy: str, behind: Behind) -> None:
    async with async_playwright() as playwright:
        rules = f"--host-resolver-rules=MAP {NAME} 127.0.0.1"
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", rules])
        context = await browser.new_context(ignore_https_errors=True)
        page = await context.new_page()
        await page.goto(behind.surface.login_url("ana"))
        assert page.url == f"{behind.url}/"
        [cookie] = await context.cookies()
        assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Strict")

        await page.goto(f"{behind.url}/channels/machine-watch")
        card = page.locator(f'[data-post="approval:{APPROVAL.id}"]')
        await card.get_by_role("button", name=re.compile("^Approve")).click()
        await expect(page.get_by_role("status").filter(has_text="Done.")).to_be_visible()
        assert [event.token for event in behind.inbound.acted] == [f"q1:approve:{APPROVAL.id}:1"]

        decided = approval_card(samples.approval(ApprovalState.APPROVED), (), behind.surface._view, revision=2)
        behind.surface._data.put(decided, "machine-watch")  # type: ignore[attr-defined]  # the sample data
        await behind.surface.post("machine-watch", decided)
        await expect(card.get_by_role("button", name=re.compile("^Approve"))).to_have_count(0)
        await browser.close()


async def test_programs_come_through_and_nobody_else(proxy: str, behind: Behind, ports: Ports) -> None:
    local = f"https://127.0.0.1:{ports.tls}"
    named = {"Host": f"{NAME}:{ports.tls}"}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=False)) as outside:

        async def ask(method: str, path: str, **options: object) -> tuple[int, str]:
            headers = {**named, **options.pop("headers", {})}  # type: ignore[dict-item]  # test options
            sent = outside.request(method, local + path, headers=headers, server_hostname=NAME, **options)  # type: ignore[arg-type]
            async with sent as answer:
                return answer.status, await answer.text()

        body, seconds = b'{"deploy": 7}', int(NOW.timestamp())
        signed = {
            "webhook-id": "m1",
            "webhook-timestamp": str(seconds),
            "webhook-signature": sign(SECRET, "m1", seconds, body),
        }
        assert (await ask("POST", "/hooks/deploys", data=body, headers=signed))[0] == 202
        assert (await ask("POST", "/hooks/deploys", data=body + b" ", headers={**signed, "webhook-id": "m2"}))[0] == 403

        assert await ask("POST", "/slack/events", data=body, headers={"X-Slack-Signature": "v0=x"}) == (200, "ok")
        assert behind.slack == [(body, "v0=x")]

        forged = {"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": "localhost", "Forwarded": "for=127.0.0.1"}
        assert (await ask("GET", "/", headers=forged))[0] == 401
        assert (await ask("POST", "/act", headers={"Origin": "https://evil.example"}))[0] == 403
        assert (await ask("POST", "/act", headers={"Origin": f"http://{NAME}:{ports.tls}"}))[0] == 403
        status, text = await ask("GET", "/healthz")
        assert (status, text) == (200, '{"ok": true}')


async def test_plain_http_is_sent_to_tls(proxy: str, behind: Behind, ports: Ports) -> None:
    if proxy != "nginx":
        pytest.skip("Caddy does so by itself, on port 80 only")
    async with aiohttp.ClientSession() as outside:
        plain = outside.get(f"http://127.0.0.1:{ports.plain}/runs", headers={"Host": NAME}, allow_redirects=False)
        async with plain as answer:
            assert (answer.status, answer.headers["Location"]) == (301, f"https://{NAME}/runs")
