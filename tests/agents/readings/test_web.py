"""Reading a page from a real server on this machine: what is told, and where it will not be led."""

import hashlib
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from agents.readings import web
from agents.readings.port import PageReading, PageTarget
from agents.readings.web import MAX_BYTES, read_page

AT = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
BODY = b"<h1>Hello</h1>"


class Pages(BaseHTTPRequestHandler):
    """A page, a missing one, redirects to good and bad places, one without end, and one that trickles."""

    def do_GET(self) -> None:
        asked.append(self.path)
        port = int(self.headers["Host"].rpartition(":")[2])
        led = {
            "/moved": "/",
            "/round": "/round",
            "/metadata": "http://169.254.169.254/latest",
            "/other-host": f"http://localhost:{port}/",
            "/other-port": "http://127.0.0.1:1/",
            "/file": "file:///etc/hostname",
        }.get(self.path)
        if led:
            self.send_response(302)
            self.send_header("Location", led)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response({"/": 200, "/long": 200, "/slow": 200}.get(self.path, 404))
        self.end_headers()
        if self.path == "/slow":
            released.wait(5)
        self.wfile.write(b"x" * (MAX_BYTES + 1) if self.path == "/long" else BODY)

    def log_message(self, *_: object) -> None:
        """Tests print nothing."""


asked: list[str] = []
released = threading.Event()


@pytest.fixture
def site() -> Iterator[str]:
    asked.clear()
    released.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    released.set()
    server.shutdown()
    server.server_close()


def read(url: str, *, own_network: bool = True) -> PageReading:
    return read_page(PageTarget(url=url, own_network=own_network), AT)


def test_a_page_is_told_by_status_size_and_digest(site: str) -> None:
    page = read(f"{site}/")
    assert (page.reachable, page.status, page.size_bytes, page.redirects) == (True, 200, len(BODY), 0)
    assert page.sha256 == hashlib.sha256(BODY).hexdigest()
    assert page.latency_ms is not None
    assert page.latency_ms >= 0


def test_an_error_is_an_answer(site: str) -> None:
    assert read(f"{site}/nothing").status == 404


def test_a_redirect_on_the_same_host_is_followed(site: str) -> None:
    page = read(f"{site}/moved")
    assert (page.status, page.redirects) == (200, 1)


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/metadata", "another host"),
        ("/other-host", "another host"),
        ("/other-port", "another port"),
        ("/file", "not https"),
        ("/round", "more than 5 times"),
    ],
)
def test_it_is_not_led_elsewhere(site: str, path: str, says: str) -> None:
    page = read(f"{site}{path}")
    assert not page.reachable
    assert says in page.cannot_see[0]


def test_a_private_address_is_not_even_asked(site: str) -> None:
    page = read(f"{site}/", own_network=False)
    assert (page.reachable, asked) == (False, [])
    assert "own_network" in page.cannot_see[0]


def test_a_name_with_one_private_address_among_public_ones_is_not_asked(
    site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80)) for ip in ("93.184.215.14", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)
    assert not read("http://rebound.example/", own_network=False).reachable
    assert asked == []


def test_a_page_without_end_is_cut_off_and_says_so(site: str) -> None:
    page = read(f"{site}/long")
    assert (page.reachable, page.size_bytes, page.sha256) == (True, None, None)
    assert "longer than" in page.cannot_see[0]


def test_a_page_that_trickles_ends_in_time(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "TIMEOUT_SECONDS", 0.2)
    page = read(f"{site}/slow")
    assert not page.reachable
    assert "did not answer" in page.cannot_see[0]


def test_nobody_listening_is_said(site: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        page = read(f"http://127.0.0.1:{free.getsockname()[1]}/")
    assert page.cannot_see == ("It refuses connections.",)
