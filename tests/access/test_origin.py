"""Where a request comes from, and where somebody may be sent to."""

import pytest

from tocsin.access.origin import from_elsewhere, from_this_machine, place_of

OURS = "https://tocsin.acme.example"


@pytest.mark.parametrize(
    ("headers", "elsewhere"),
    [
        ({}, False),
        ({"sec-fetch-site": "same-origin"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"sec-fetch-site": "cross-site"}, True),
        ({"sec-fetch-site": "same-site"}, True),
        ({"sec-fetch-site": "nonsense"}, True),
        ({"sec-fetch-site": "cross-site", "origin": OURS}, True),
        ({"origin": OURS}, False),
        ({"origin": "null"}, False),
        ({"origin": "https://evil.example"}, True),
        ({"origin": "http://tocsin.acme.example"}, True),
        ({"origin": "https://tocsin.acme.example.evil.example"}, True),
    ],
)
def test_another_site_is_known_by_what_the_browser_says(headers: dict[str, str], elsewhere: bool) -> None:
    assert from_elsewhere(headers, OURS + "/") is elsewhere


@pytest.mark.parametrize(
    ("headers", "client", "here"),
    [
        ({"host": "localhost:8400"}, "127.0.0.1", True),
        ({"host": "[::1]:8400"}, "::1", True),
        ({"host": "evil.example"}, "127.0.0.1", False),
        ({"host": "localhost"}, "192.0.2.1", False),
        ({"host": "localhost", "x-forwarded-for": "127.0.0.1"}, "127.0.0.1", False),
        ({"host": "localhost", "forwarded": "for=127.0.0.1"}, "127.0.0.1", False),
        ({}, "127.0.0.1", False),
    ],
)
def test_this_machine_asks_itself_by_a_name_of_its_own(headers: dict[str, str], client: str, here: bool) -> None:
    assert from_this_machine(headers, client) is here


@pytest.mark.parametrize("place", ["/", "/incidents/INC-1", "/parts?incident=INC-1&known=a,b", "/oncall#now"])
def test_a_place_of_ours_is_gone_back_to(place: str) -> None:
    assert place_of(place) == place


@pytest.mark.parametrize(
    "place",
    [
        "", "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
        "/a\nSet-Cookie: x=1", "/ok\r\n", "/\tevil", "/%0d%0a\x00", "evil.example", "/l/tsl_x.y", "/signout",
        "/signin?next=/signin", "/setup/x", "/" + "a" * 500, "/ü", " /", "/ //evil.example",
    ],
)  # fmt: skip
def test_nobody_is_sent_elsewhere(place: str) -> None:
    assert place_of(place) == "/"
