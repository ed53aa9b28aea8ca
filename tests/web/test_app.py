"""What a browser installs: manifest, icons, and a worker that is another one as soon as anything of it changes."""

import json
import re
import struct

import pytest

from tests.doors import Running
from tests.insiders import sit_down
from tocsin.store import people
from tocsin.web.layout.assets import assets, static


async def test_the_manifest_speaks_the_readers_language_and_every_address_in_it_leads_somewhere(here: Running) -> None:
    answer = await here.client.get("/manifest.webmanifest", headers={"accept-language": "de"})
    told = answer.json()
    assert answer.headers["content-type"] == "application/manifest+json"
    assert (told["lang"], told["display"], told["scope"], told["start_url"]) == ("de", "standalone", "/", "/")
    assert [one["name"] for one in told["shortcuts"]] == ["Tafel", "Meine Arbeit", "Etwas melden"]
    for icon in told["icons"]:
        image = await here.client.get(icon["src"])
        width, height = struct.unpack("!2L", image.content[16:24])
        assert (image.headers["content-type"], f"{width}x{height}") == ("image/png", icon["sizes"])
    assert {one["purpose"] for one in told["icons"]} == {"any", "maskable"}


async def test_it_speaks_that_of_the_person_who_is_signed_in(here: Running) -> None:
    row = people.PersonRow("dana", "Dana", "", "de")
    here.site.ledger.transact(lambda tx: people.seed(tx.connection, [row], [], here.clock.now()))
    sit_down(here, "dana")
    assert (await here.client.get("/manifest.webmanifest")).json()["lang"] == "de"
    assert "Kein Netz" in (await here.client.get("/offline")).text


async def test_the_worker_serves_all_and_its_version_moves_with_every_file(here: Running) -> None:
    answer = await here.client.get("/worker.js")
    told = json.loads(answer.text.partition(";\n")[0].removeprefix("const APP = "))
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-store"
    assert all(mark[:4] in told["version"] for _, mark in assets().values())
    for path in told["shell"]:
        assert (await here.client.get(path)).status_code == 200
    imported = {static(name) for one in told["shell"] for name in _imports(one)}
    assert imported <= set(told["shell"])


def _imports(path: str) -> list[str]:
    found = re.fullmatch(r"/static/([\w-]+\.js)\?\w+", path)
    return re.findall(r'from "\./([\w-]+\.js)', assets()[found[1]][0].decode()) if found else []


@pytest.mark.parametrize("path", ["/offline", "/offline?act=yes", "/manifest.webmanifest", "/worker.js"])
async def test_what_is_kept_for_everybody_holds_nothing_of_anybody(here: Running, path: str) -> None:
    await here.post(title="Orders fail")
    nobody = (await here.client.get(path)).text
    sit_down(here, "dana")
    answer = await here.client.get(path)
    assert answer.text == nobody
    assert "set-cookie" not in answer.headers
    assert "Orders fail" not in nobody


async def test_pages_say_where_the_manifest_is_and_in_which_colour_they_stand(demo: Running) -> None:
    for path in ("/", "/signin"):
        html = (await demo.client.get(path)).text
        assert '<link rel="manifest" href="/manifest.webmanifest"' in html
        assert '<link rel="apple-touch-icon"' in html
        assert html.count('name="theme-color"') == 2
