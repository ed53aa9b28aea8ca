"""Where a request comes from: another site, this machine, or a page of ours. Judged by headers, which are data."""

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

SAFE = ("GET", "HEAD", "OPTIONS")
"""Methods that change nothing, so that anybody may send somebody there."""


def from_elsewhere(headers: Mapping[str, str], *ours: str) -> bool:
    """Whether another site made the browser send this: by what the browser says of it, else by its origin.

    `ours` are addresses of this installation. `null` is what a browser sends that was told to name no referrer, so it
    decides nothing.
    """
    told = headers.get("sec-fetch-site", "")
    if told:
        return told not in ("same-origin", "none")
    origin = headers.get("origin", "")
    return origin not in ("", "null") and origin not in map(origin_of, ours)


def from_this_machine(headers: Mapping[str, str], client: str) -> bool:
    """Whether somebody at this machine asks, by a name of this machine: a page elsewhere cannot pretend that."""
    name = urlsplit(f"//{headers.get('host', '')}").hostname or ""
    forwarded = "x-forwarded-for" in headers or "forwarded" in headers
    return _loopback(client) and _loopback(name) and not forwarded


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def origin_of(url: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def place_of(wanted: str) -> str:
    """A path of ours to go to afterwards; `/` for anything that could lead elsewhere."""
    plain = wanted.isascii() and wanted.isprintable() and "\\" not in wanted and " " not in wanted
    inside = wanted.startswith("/") and not wanted.startswith(("//", "/l/", "/signin", "/signout", "/setup"))
    return wanted if plain and inside and len(wanted) <= 500 else "/"
