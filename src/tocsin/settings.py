"""What an installation may set, each under one name, from the environment or the command line."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from tocsin.access import oidc
from tocsin.lib.secrets import load_or_make, older


class Settings(Struct, frozen=True):
    """`database` is `sqlite:///FILE` or `postgresql://...`; `url` the public address, never taken from a request.

    What `old_secrets` signed is still good, so that the secret can be changed while links are under way.
    `roots` is the file outside, on another disk, to which signed roots are told.
    `environment` is what sources and channels read their own settings from (keys, SMTP).
    """

    rulebook: Path | None = None
    database: str = "sqlite:///tocsin.db"
    host: str = "127.0.0.1"
    port: int = 8400
    url: str = "http://127.0.0.1:8400"
    secret: bytes = b""
    old_secrets: tuple[bytes, ...] = ()
    parts: frozenset[str] = frozenset({"web", "engine", "dispatch"})
    environment: Mapping[str, str] = {}
    demo: bool = False
    roots: Path | None = None

    @property
    def store_file(self) -> Path | None:
        """The SQLite file, or None for PostgreSQL and for memory."""
        path = self.database.removeprefix("sqlite:///")
        return None if path in (self.database, ":memory:") else Path(path)


def from_environment(environment: Mapping[str, str] | None = None, **given: object) -> Settings:
    """Settings from TOCSIN_RULEBOOK, _DATABASE, _URL, _ROOTS, _SECRET and _SECRET_OLD; what is given and not None wins.

    The secret is made and kept, readable by its owner alone, beside the store when TOCSIN_SECRET is absent; old ones
    are those of TOCSIN_SECRET_OLD, apart by spaces, and of the file beside it that ends in `.secret.old`. Raises
    ValueError for a secret that is too short, a public address that is none, a folder that is not there; OSError when
    the secret cannot be kept.
    """
    env = dict(os.environ if environment is None else environment)
    chosen = {name: value for name, value in given.items() if value is not None}
    host, port = str(chosen.get("host", "127.0.0.1")), int(str(chosen.get("port", 8400)))
    here = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    rulebook = chosen.get("rulebook") or env.get("TOCSIN_RULEBOOK") or None
    plain = Settings(
        rulebook=Path(str(rulebook)) if rulebook else None,
        database=str(chosen.get("database") or env.get("TOCSIN_DATABASE") or "sqlite:///tocsin.db"),
        host=host,
        port=port,
        url=_web(str(chosen.get("url") or env.get("TOCSIN_URL") or here)),
        environment=env,
        demo=bool(chosen.get("demo", False)),
        roots=Path(env["TOCSIN_ROOTS"]) if env.get("TOCSIN_ROOTS") else None,
    )
    oidc.from_environment(env)  # an unusable one is refused now, not at the first sign-in
    only = chosen.get("only")
    parts = plain.parts if only is None else frozenset({str(only)})
    return _with_secret(plain, parts)


def _web(url: str) -> str:
    """A public address that links can begin with."""
    if not re.fullmatch(r"https?://[^\s/<>\"]+(/[^\s<>\"]*)?", url):
        raise ValueError(
            f"TOCSIN_URL: {url!r} is no web address that links can begin with; write https://tocsin.example"
        )
    return url.rstrip("/")


def _with_secret(plain: Settings, parts: frozenset[str]) -> Settings:
    file = plain.store_file
    place = (file or Path("tocsin.db")).with_suffix(".secret")
    if not place.absolute().parent.is_dir():
        raise ValueError(f"there is no folder {place.absolute().parent} for the database")
    secret = load_or_make(place, plain.environment.get("TOCSIN_SECRET", ""))
    old = older(place.with_suffix(".secret.old"), plain.environment.get("TOCSIN_SECRET_OLD", ""))
    return replace(plain, secret=secret, old_secrets=old, parts=parts)
