"""What a press on a notification is told: done, or why not, in two short texts that betray nothing."""

import pytest

from tests.cast import MINUTE
from tests.doors import Running
from tests.insiders import sit_down
from tests.web.reading import link, state
from tocsin.core.instant import HOUR

SCRIPT = {"accept": "application/json"}


async def press(here: Running, path: str, **form: str) -> tuple[int, bool, str, str]:
    answer = await here.client.post(path, data=form, headers=SCRIPT)
    said = answer.json()
    return answer.status_code, said["done"], said["title"], said["text"]


async def test_an_acknowledgement_says_that_they_have_it_and_until_when(here: Running) -> None:
    await here.post()
    sit_down(here, "dana")
    told = await press(here, link(here, "INC-1", "dana"))
    assert told[:3] == (200, True, "You have it: P1 Orders fail (INC-1)")
    assert "Until 09:30" in told[3]
    assert state(here, "INC-1").owner == "dana"


async def test_by_the_link_alone_it_says_that_they_will_be_asked(here: Running) -> None:
    await here.post()
    assert "We will ask you again at 09:05" in (await press(here, link(here, "INC-1", "dana")))[3]


async def test_somebody_else_has_it(here: Running) -> None:
    await here.post()
    await press(here, link(here, "INC-1", "eve"))
    told = await press(here, link(here, "INC-1", "dana"))
    assert told[1:] == (False, "eve has it: P1 Orders fail (INC-1)", "You need not do anything.")


async def test_an_answer_that_comes_too_soon_says_from_when_it_counts(here: Running) -> None:
    await here.post()
    await press(here, link(here, "INC-1", "dana"))
    here.tick_until(here.clock.now() + 5 * MINUTE)
    told = await press(here, link(here, "INC-1", "dana", "still_on_it"))
    assert told[1] is False
    assert "from 09:06 on" in told[3]


async def test_declining_and_being_over_are_told_too(here: Running) -> None:
    await here.post(key="db")
    path = link(here, "INC-1", "dana")
    assert (await press(here, path, action="decline"))[1:3] == (
        True,
        "You said that you cannot: P1 Orders fail (INC-1)",
    )
    await here.post(key="db", action="resolve")
    assert (await press(here, path))[1:3] == (False, "It is over: P1 Orders fail (INC-1)")


@pytest.mark.parametrize("spoilt", ["expired", "forged", "elsewhere"])
async def test_a_link_that_is_good_for_nothing_says_so(here: Running, spoilt: str) -> None:
    await here.post()
    path = link(here, "INC-9" if spoilt == "elsewhere" else "INC-1", "dana")
    if spoilt == "expired":
        here.clock.advance_to(here.clock.now() + HOUR)
    told = await press(here, path + "A" if spoilt == "forged" else path)
    wanted = (410, False, "This link has expired") if spoilt == "expired" else (404, False, "There is nothing here")
    assert told[:3] == wanted


async def test_a_confidential_incident_is_not_named_on_a_locked_screen(secret: Running) -> None:
    await secret.post(title="Insider at work")
    told = await press(secret, link(secret, "INC-1", "dana"))
    assert told[:3] == (200, True, "You have it (INC-1)")
    assert "Insider" not in " ".join(map(str, told))


async def test_another_sites_script_is_refused_here_too(here: Running) -> None:
    await here.post()
    path, elsewhere = link(here, "INC-1", "dana"), {**SCRIPT, "sec-fetch-site": "cross-site"}
    assert (await here.client.post(path, headers=elsewhere)).status_code == 403
    assert state(here, "INC-1").owner is None
