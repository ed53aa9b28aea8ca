"""What browsers call themselves, shown as people call them."""

import pytest

from tocsin.lib.browsers import called

KHTML = "AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox, Linux"),
        (f"Mozilla/5.0 (Windows NT 10.0) {KHTML} Chrome/156.0 Safari/537.36 Edg/156.0", "Edge, Windows"),
        (f"Mozilla/5.0 (Linux; Android 16) {KHTML} Chrome/156.0 Mobile Safari/537.36", "Chrome, Android"),
        (f"Mozilla/5.0 (iPhone; CPU iPhone OS 19 like Mac OS X) {KHTML} Version/19 Safari/604.1", "Safari, iPhone"),
        (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 15) {KHTML} Version/19 Safari/605.1", "Safari, Mac"),
        ("curl/8.14", "curl/8.14"),
        ("", ""),
        ("x" * 500, "x" * 60),
    ],
)
def test_a_browser_is_called_as_people_call_it(agent: str, name: str) -> None:
    assert called(agent) == name
