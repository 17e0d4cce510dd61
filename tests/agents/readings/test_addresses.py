"""Which addresses a page may be read from, in every way an address can be written."""

import pytest

from agents.readings.addresses import may_connect

PUBLIC = ("93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14", "64:ff9b::5db8:d70e")
OWN = ("127.0.0.1", "::1", "10.1.2.3", "192.168.0.1", "172.16.5.4", "fd00::1", "::ffff:10.0.0.1")
NEVER = (
    "169.254.169.254",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "fe80::1",
    "0.0.0.0",  # noqa: S104 - judged, not bound
    "::",
    "224.0.0.1",
    "ff02::1",
    "255.255.255.255",
    "240.0.0.1",
    "no address",
    "fe80::1%eth0",
)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_may_always_be_read(address: str) -> None:
    assert may_connect(address, own_network=False)
    assert may_connect(address, own_network=True)


@pytest.mark.parametrize("address", OWN)
def test_private_addresses_only_where_they_are_ones_own(address: str) -> None:
    assert not may_connect(address, own_network=False)
    assert may_connect(address, own_network=True)


@pytest.mark.parametrize("address", NEVER)
def test_what_answers_with_credentials_or_is_no_host_is_never_read(address: str) -> None:
    assert not may_connect(address, own_network=False)
    assert not may_connect(address, own_network=True)


@pytest.mark.parametrize("address", ["64:ff9b::a00:1", "2002:a00:1::1"])
def test_a_private_address_inside_another_is_found(address: str) -> None:
    assert not may_connect(address, own_network=False)
