"""Which network addresses the outside world may make us call: public ones, and what the operator has opened.

A name in an alert or a hook's URL must not reach the metadata service, the database or the router behind our own
firewall. Sources: IANA's special-purpose registries (RFC 6890 and what updates it), RFC 6052 (NAT64), RFC 3056 (6to4),
RFC 4380 (Teredo), RFC 5214 (ISATAP).
"""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

_CLOSED_4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_OPEN_6 = IPv6Network("2000::/3")
_CLOSED_6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",
        "2001:db8::/32",
        "2620:4f:8000::/48",
        "3fff::/20",
        "5f00::/16",
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")
_COMPATIBLE = IPv6Network("::/96")


def networks(text: str) -> tuple[Network, ...]:
    """Read a list such as `10.1.0.0/16, fd00::/8, 192.168.1.7`; ValueError names the part that is no network."""
    return tuple(ip_network(part, strict=False) for part in text.replace(",", " ").split())


def is_public(address: Address) -> bool:
    """Whether an address, and every IPv4 one that hides in it, belongs to the public internet."""
    return all(_open(inner) for inner in (address, *_embedded(address)))


def permitted(address: Address, allowed: Iterable[Network] = ()) -> bool:
    """Public, or in one of the networks that the operator has opened; a mapped address is judged as what it maps."""
    plain = mapped if isinstance(address, IPv6Address) and (mapped := address.ipv4_mapped) else address
    return is_public(plain) or any(plain in network for network in allowed if network.version == plain.version)


def _open(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _CLOSED_4)
    if address in _NAT64 or address.ipv4_mapped is not None:
        return True
    return address in _OPEN_6 and address.scope_id is None and not any(address in network for network in _CLOSED_6)


def _embedded(address: Address) -> Iterator[IPv4Address]:
    """The IPv4 addresses that a transition mechanism would send on to."""
    if isinstance(address, IPv4Address):
        return
    bits = int(address)
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    if address in _NAT64 or address in _COMPATIBLE:
        yield IPv4Address(bits & 0xFFFFFFFF)
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    if (bits >> 32) & 0xFDFFFFFF == 0x00005EFE:
        yield IPv4Address(bits & 0xFFFFFFFF)


def parse(text: str) -> Address | None:
    """The address that a text is, brackets and zone aside; None when it is a name."""
    try:
        return ip_address(text.strip("[]"))
    except ValueError:
        return None
