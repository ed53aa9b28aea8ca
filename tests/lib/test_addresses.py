"""Which addresses may be called: the public ones, however written, and what the operator opened."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.lib.addresses import is_public, networks, parse, permitted

CLOSED = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.254 127.0.0.1 127.255.255.254 169.254.169.254
169.254.0.1 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.170 192.0.2.1 192.88.99.1 192.168.0.1 192.168.255.255
198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
:: ::1 ::7f00:1 ::10.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:c0a8:1 ::ffff:0:127.0.0.1
64:ff9b::127.0.0.1 64:ff9b::10.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 100::1 2001::1 2001:db8::1 2001:10::1 2001:20::1
2002:7f00:1::1 2002:a00:1:: 2002:c0a8:101::1 2002:a9fe:a9fe::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 3fff::1 5f00::1
fc00::1 fd00::1 fd12:3456:789a::1 fe80::1 fe80::1%eth0 febf::1 fec0::1 ff02::1 ff05::2
2620:4f:8000::1 2a00::5efe:10.0.0.1 2a00::200:5efe:192.168.0.1 4000::1 8000::1 ::2 1::1
""".split()
OPEN = """
1.1.1.1 8.8.8.8 93.184.216.34 100.63.255.255 100.128.0.1 172.15.255.255 172.32.0.1 192.167.255.255 192.169.0.1
198.17.255.255 198.20.0.1 223.255.255.255 ::ffff:8.8.8.8 64:ff9b::8.8.8.8 2606:4700:4700::1111 2a00:1450:4001:81b::200e
2002:808:808::1 2400:cb00::1
""".split()


@pytest.mark.parametrize("text", CLOSED)
def test_an_address_that_leads_inside_is_closed(text):
    assert not permitted(ip_address(text))


@pytest.mark.parametrize("text", OPEN)
def test_a_public_address_is_open(text):
    assert permitted(ip_address(text))


def test_there_are_sixty_closed_forms():
    assert len(set(CLOSED)) >= 60


@given(st.ip_addresses(v=4))
def test_a_mapped_or_translated_address_is_never_more_open_than_what_it_hides(inner: IPv4Address):
    for prefix in (0xFFFF << 32, 0x64FF9B << 96, (0x2002 << 112) | 1):
        shift = 80 if prefix >> 112 == 0x2002 else 0
        outer = IPv6Address(prefix | (int(inner) << shift))
        assert is_public(outer) <= is_public(inner)


@given(st.ip_addresses(v=4))
def test_no_address_is_open_that_the_standard_library_calls_private(address: IPv4Address):
    assert not (is_public(address) and (address.is_private or address.is_multicast or address.is_loopback))


def test_the_operator_opens_networks_and_nothing_beside_them():
    allowed = networks("10.1.0.0/16, fd00::/8 192.168.7.9")
    assert all(
        permitted(ip_address(text), allowed) for text in ("10.1.2.3", "::ffff:10.1.2.3", "fd12::1", "192.168.7.9")
    )
    assert not any(permitted(ip_address(text), allowed) for text in ("10.2.0.1", "192.168.7.8", "fe80::1"))


def test_a_wrong_network_is_told_and_a_name_is_no_address():
    with pytest.raises(ValueError, match=r"10\.0\.0\.0/99"):
        networks("10.0.0.0/99")
    assert parse("localhost") is None
    assert parse("[::1]") == ip_address("::1")
