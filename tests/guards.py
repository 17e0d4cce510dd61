"""Two guards around every test: nothing leaves this machine, and no thread outlives its test."""

import ipaddress
import socket
import threading
import time
from collections.abc import Generator
from typing import Any

import pytest

_JOIN_SECONDS = 2.0

_kept: set[threading.Thread] = set()
"""Threads started by fixtures that outlive a test on purpose."""


class BlockedSocketError(RuntimeError):
    """A test tried to reach something that is not this machine."""


def is_loopback(address: object) -> bool:
    """True for Unix sockets and for addresses of this machine; names other than `localhost` are not looked up."""
    if not isinstance(address, tuple):
        return True
    return is_local_host(address[0])


def is_local_host(host: object) -> bool:
    """True for loopback addresses, `localhost` and "any address of this machine"."""
    text = host.decode() if isinstance(host, bytes) else host
    if text is None or text in ("", "localhost"):
        return True
    try:
        address = ipaddress.ip_address(str(text).partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


@pytest.fixture(scope="session", autouse=True)
def only_loopback() -> Generator[None, None, None]:
    """Refuses connections and name look-ups beyond this machine in the test process, naming the target."""
    with pytest.MonkeyPatch.context() as patch:
        for method in ("connect", "connect_ex"):
            patch.setattr(socket.socket, method, _guarded(getattr(socket.socket, method)))
        patch.setattr(socket, "getaddrinfo", _guarded_lookup(socket.getaddrinfo))
        yield


def _guarded(original: Any) -> Any:
    def connect(self: socket.socket, address: object) -> object:
        if not is_loopback(address):
            raise BlockedSocketError(f"A test may not connect to {address!r}.")
        return original(self, address)

    return connect


def _guarded_lookup(original: Any) -> Any:
    def getaddrinfo(host: object, *args: object, **options: object) -> object:
        if not is_local_host(host):
            raise BlockedSocketError(f"A test may not look up {host!r}.")
        return original(host, *args, **options)

    return getaddrinfo


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any]) -> Generator[None, object, object]:
    """Threads that a module or session fixture starts belong to it, not to the test that happens to come first."""
    before = set(threading.enumerate())
    result = yield
    if fixturedef.scope != "function":
        _kept.update(set(threading.enumerate()) - before)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Remembers which threads were there before the test and its fixtures."""
    item.stash[_BEFORE] = set(threading.enumerate())
    return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """Fails the test when a non-daemon thread of its own still runs after all its fixtures are torn down."""
    result = yield
    left = leftover_threads(item.stash[_BEFORE] | _kept)
    if left:
        pytest.fail(
            f"The test left threads running: {', '.join(sorted(thread.name for thread in left))}", pytrace=False
        )
    return result


_BEFORE = pytest.StashKey[set[threading.Thread]]()


def leftover_threads(known: set[threading.Thread], wait_seconds: float = _JOIN_SECONDS) -> list[threading.Thread]:
    """Non-daemon threads beyond `known` that still run after `wait_seconds` given to all of them together."""
    deadline = time.monotonic() + wait_seconds
    left = [thread for thread in threading.enumerate() if thread not in known and not thread.daemon]
    for thread in left:
        thread.join(max(0.0, deadline - time.monotonic()))
    return [thread for thread in left if thread.is_alive()]
