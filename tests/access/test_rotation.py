"""Changing the instance's secret while links are under way and people are signed in."""

from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace

from tests.doors import SECRET, URL, Running, running
from tests.insiders import account, cookie_for, csrf, show
from tests.web.reading import link
from tocsin import asgi
from tocsin.access.links import Link, Links
from tocsin.core.ids import IncidentId, PersonId
from tocsin.lib import secrets
from tocsin.settings import from_environment

NEW = b"a secret that came afterwards"
NOON = 1_790_000_000_000_000


def after(here: Running, *old: bytes) -> httpx.AsyncClient:
    """The same installation started again with another secret."""
    site = replace(here.site, secret=NEW, old_secrets=old)
    return httpx.AsyncClient(transport=httpx.ASGITransport(asgi.build(site)), base_url=URL)


async def test_links_and_forms_of_before_are_good_as_long_as_the_old_secret_is_known(sqlite_url: str) -> None:
    with running(sqlite_url) as here:
        await here.post()
        path = link(here, "INC-1", "dana")
        cookie = cookie_for(here, account(here, "dana"))
        show(here, cookie)
        shown = await csrf(here)
        for client, status in ((after(here), 404), (after(here, SECRET), 200)):
            assert (await client.get(path)).status_code == status
        for client, status in ((after(here), 403), (after(here, b"some other secret", SECRET), 303)):
            client.cookies.set("__Host-tocsin", cookie)
            answer = await client.post("/incidents/INC-1/acknowledge", data={"by": "dana", "csrf": shown})
            assert answer.status_code == status


def test_what_is_signed_now_is_signed_with_the_new_secret_alone() -> None:
    it = Link(IncidentId("INC-1"), PersonId("dana"), "page")
    made = Links(NEW, URL, SECRET).address(it, NOON + 60_000_000).rpartition("/")[2]
    assert Links(NEW, URL).read(made, NOON) == it
    assert Links(SECRET, URL).read(made, NOON) == secrets.Refused("forged")


@pytest.mark.parametrize("kept", ["", "the one before that one\nand the one before it\n"])
def test_old_secrets_come_from_the_environment_and_from_the_file_beside_the_store(tmp_path: Path, kept: str) -> None:
    if kept:
        (tmp_path / "tocsin.secret.old").write_text(kept.replace(" ", "-"))
    database = f"sqlite:///{tmp_path / 'tocsin.db'}"
    given = {"TOCSIN_DATABASE": database, "TOCSIN_SECRET": NEW.decode().replace(" ", "-")}
    old = {"TOCSIN_SECRET_OLD": "first-secret-of-all second-secret-of-all"}
    lines = tuple(line.replace(" ", "-").encode() for line in kept.splitlines())
    assert from_environment(given | old).old_secrets == (b"first-secret-of-all", b"second-secret-of-all", *lines)
    with pytest.raises(ValueError, match="TOCSIN_SECRET_OLD"):
        from_environment(given | {"TOCSIN_SECRET_OLD": "short"})


def test_the_doctor_knows_roots_that_an_old_secret_signed() -> None:
    stamp = secrets.stamp("root", b"digest", SECRET)
    assert secrets.stamped("root", b"digest", stamp, NEW, SECRET)
    assert not secrets.stamped("root", b"digest", stamp, NEW)
    assert not secrets.stamped("root", b"digest", stamp)
