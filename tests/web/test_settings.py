"""The settings: each place at its own address, for those whose role may see it, and closed to the others."""

import re

import pytest

from tests.doors import Running
from tests.insiders import sit_down
from tests.web.administering import read
from tocsin.access.permissions import ROLES, TABLE, Role
from tocsin.web.pages.settings.places import PLACES


@pytest.mark.parametrize("role", ROLES)
async def test_each_place_is_open_to_those_who_may_and_closed_to_the_others(here: Running, role: Role) -> None:
    sit_down(here, "dana", role)
    overview = await here.client.get("/settings")
    linked = set(re.findall(r'href="/settings/([a-z]+)"', overview.text))
    for place in PLACES:
        may = TABLE[place.verb].of(role) != "no"
        assert (await here.client.get(place.path)).status_code == (200 if may else 403), place.name
        assert (place.name in linked) is may, place.name


ACTS = {
    "/settings/sources/scripts/sample": "source.test",
    "/settings/sources/scripts/keys": "source.keys",
    "/settings/sources/scripts/keys/revoke": "source.keys",
    "/settings/channels/test": "channel.test",
    "/settings/people/invite": "account.edit",
    "/settings/people/accounts/dana/disable": "account.edit",
    "/settings/tokens": "tokens.manage",
    "/settings/tokens/revoke": "tokens.manage",
}


@pytest.mark.parametrize("role", ROLES)
async def test_each_act_is_refused_to_those_who_may_not(here: Running, role: Role) -> None:
    sit_down(here, "dana", role)
    shown = re.search(r'name="csrf" value="([^"]+)"', (await here.client.get("/")).text)
    assert shown is not None
    for path, verb in ACTS.items():
        answer = await here.client.post(path, data={"csrf": shown[1]})
        refused = TABLE[verb].of(role) == "no"  # type: ignore[index]
        assert (answer.status_code == 403) is refused, (path, answer.status_code)


@pytest.mark.parametrize("path", sorted(ACTS))
async def test_no_act_is_done_without_what_our_own_forms_show(here: Running, path: str) -> None:
    sit_down(here, "dana", "admin")
    assert (await here.client.post(path)).status_code == 403


async def test_the_overview_says_of_each_place_what_matters_now(here: Running) -> None:
    sit_down(here, "dana", "admin")
    text = (await read(here, "/settings")).text
    assert "2 sources have no key" in text
    assert "1 channel is set up" in text
    assert "16 people, all with a way to them" in text
    assert "0 tokens are good" in text
    assert "All is well" in text


@pytest.mark.parametrize("path", ["/settings/sources/nowhere", "/settings/people/nobody", "/settings/nothing"])
async def test_what_does_not_exist_is_not_found(here: Running, path: str) -> None:
    sit_down(here, "dana", "admin")
    await read(here, path, 404)
