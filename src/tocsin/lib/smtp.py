"""A mail server's address, as one URL that says where, who, and how encrypted."""

from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

from msgspec import Struct

Tls = Literal["never", "auto", "always", "implicit"]


class Server(Struct, frozen=True):
    """Where mail is handed over. `tls`: `auto` encrypts where offered; `ca` is a file with a private authority."""

    host: str
    port: int
    username: str = ""
    password: str = ""
    tls: Tls = "auto"
    ca: str = ""

    def __repr__(self) -> str:
        """Without the password, so that no log ever holds it."""
        return f"Server({self.host}:{self.port}, tls={self.tls}{', with login' if self.username else ''})"


HINT = "write smtp://user:password@host:587, smtps://host:465 or smtp://host:25?starttls=never|auto|always"


def parse_url(url: str) -> Server:
    """Read `smtp://user:pass@host:port?starttls=always&ca=/path` or `smtps://...`; ValueError says what is expected."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(f"the mail server's URL cannot be read ({error}); {HINT}") from None
    if parts.scheme not in {"smtp", "smtps"} or not host:
        raise ValueError(f"the mail server's URL has no smtp:// or smtps:// and host; {HINT}")
    query = parse_qs(parts.query)
    unknown = sorted(query.keys() - {"starttls", "ca"})
    if unknown:
        raise ValueError(f"the mail server's URL has an unknown option {unknown[0]!r}; {HINT}")
    return Server(
        host=host,
        port=port or (465 if parts.scheme == "smtps" else 587 if parts.username else 25),
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=_tls(parts.scheme, query.get("starttls", [""])[0]),
        ca=query.get("ca", [""])[0],
    )


def _tls(scheme: str, asked: str) -> Tls:
    if scheme == "smtps":
        if asked:
            raise ValueError(f"smtps:// is encrypted from the first byte and takes no starttls option; {HINT}")
        return "implicit"
    modes: dict[str, Tls] = {"": "auto", "auto": "auto", "never": "never", "always": "always"}
    if asked not in modes:
        raise ValueError(f"starttls={asked!r} is not one of never, auto, always; {HINT}")
    return modes[asked]
