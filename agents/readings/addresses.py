"""Which network addresses a page may be read from: public ones, and one's own where the workspace says so. Pure."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

_NAT64 = IPv6Network("64:ff9b::/96")
"""IPv6 addresses that a gateway turns into the IPv4 address in their last 32 bits (RFC 6052, read 2026-11-21)."""


def may_connect(address: str, *, own_network: bool) -> bool:
    """True when a page may be read from this address.

    Public addresses always. Private ones and this machine's own only with `own_network`. Link-local ones never: cloud
    machines answer there with their credentials. Nor multicast, unspecified, reserved, or what is no address at all.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return all(_allowed(one, own_network=own_network) for one in _meant(found))


def _meant(address: IPv4Address | IPv6Address) -> tuple[IPv4Address | IPv6Address, ...]:
    """The address, and every IPv4 address that it may stand for on the way."""
    if isinstance(address, IPv4Address):
        return (address,)
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if address in _NAT64:
        return (IPv4Address(int(address) & 0xFFFFFFFF),)
    inside = [address.sixtofour, *(address.teredo or ())]
    return (address, *(one for one in inside if one is not None))


def _allowed(address: IPv4Address | IPv6Address, *, own_network: bool) -> bool:
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    if address.is_loopback or (address.is_private and not address.is_reserved):
        return own_network
    return address.is_global and not address.is_reserved
