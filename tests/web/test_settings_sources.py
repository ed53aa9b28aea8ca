"""Sources: keys that are shown once, a sample that opens a real incident, and what was refused and why."""

import pytest

from tests.cast import MINUTE, MONDAY
from tests.doors import KEY, Running
from tests.insiders import sit_down
from tests.web.administering import asks_who_it_is, deeds, read, secret_of, send
from tests.web.reading import facts
from tocsin.api.intake import RELOAD
from tocsin.core.incident import events as ev
from tocsin.intake.registry import intakes
from tocsin.intake.samples import PLAIN, samples

SCRIPTS = "/settings/sources/scripts"


async def test_a_sample_opens_a_real_incident_that_is_linked_and_written_down(here: Running) -> None:
    sit_down(here, "carla", "manager")
    answer = await send(here, f"{SCRIPTS}/sample", sample="trigger.json")
    assert answer.status_code == 303
    page = await read(here, answer.headers["location"])
    assert "trigger.json was sent: INC-1 was opened." in page.text
    assert ("a", "href", "/incidents/INC-1") in page.attributes
    assert facts(here, "INC-1", ev.Opened)
    (deed,) = deeds(here, "source")
    assert (deed.actor, deed.what, deed.object, deed.details) == (
        "carla", "source.sampled", "scripts", b'{"incidents":["INC-1"]}',
    )  # fmt: skip


async def test_the_same_sample_again_joins_and_the_page_says_so(here: Running) -> None:
    sit_down(here, "carla", "manager")
    await send(here, f"{SCRIPTS}/sample", sample="trigger.json")
    answer = await send(here, f"{SCRIPTS}/sample", sample="trigger.json")
    text = (await read(here, answer.headers["location"])).text
    assert "INC-1 was live already, and the signal joined it" in text
    assert "The latest: INC-1 " in text


@pytest.mark.parametrize("intake", sorted(intakes()))
async def test_every_sample_of_every_format_is_taken(here: Running, intake: str) -> None:
    sit_down(here, "carla", "manager")
    source = {"generic": "scripts", "alertmanager": "prometheus"}[intake]
    for sample in samples(intake):
        answer = await send(here, f"/settings/sources/{source}/sample", sample=sample.name)
        assert answer.status_code == 303, (sample.name, answer.text)
        assert "was" in (await read(here, answer.headers["location"])).text


def test_a_format_without_samples_has_a_plain_one() -> None:
    assert samples("nowhere") == (PLAIN,)


async def test_a_sample_that_does_not_exist_is_not_sent(here: Running) -> None:
    sit_down(here, "carla", "manager")
    assert (await send(here, f"{SCRIPTS}/sample", sample="../read.py")).status_code == 404


@pytest.mark.parametrize("did", ["opened.<b>", "burned.INC-1", "opened.INC-1;x"])
async def test_nobody_writes_into_the_page_by_its_address(here: Running, did: str) -> None:
    sit_down(here, "carla", "manager")
    text = (await read(here, f"{SCRIPTS}?sent=x&did={did}")).text
    assert "<b>" not in text
    assert "burned" not in text


async def test_a_key_is_shown_once_with_its_configuration_and_opens_the_door(here: Running) -> None:
    sit_down(here, "dana", "admin")
    made = await send(here, f"{SCRIPTS}/keys")
    assert made.status_code == 201
    key = secret_of(made.text)
    assert key.startswith("toc_")
    assert f'Authorization: Bearer {key}"' in made.text.replace("&#34;", '"')
    assert "https://tocsin.acme.example/in/scripts" in made.text
    assert made.headers["cache-control"] == "no-store"
    here.clock.advance_to(here.clock.now() + RELOAD)
    taken = await here.client.post("/in/scripts", json={"title": "x"}, headers={"authorization": f"Bearer {key}"})
    assert taken.status_code == 202
    for path in (SCRIPTS, "/settings/sources", "/settings/audit"):
        assert key not in (await here.client.get(path)).text
    (deed,) = deeds(here, "source.key-made")
    assert (deed.actor, deed.object) == ("dana", "scripts")


async def test_two_keys_are_good_at_once_and_no_third_one_is_made(here: Running) -> None:
    sit_down(here, "dana", "admin")
    for _ in range(2):
        assert (await send(here, f"{SCRIPTS}/keys")).status_code == 201
    refused = await send(here, f"{SCRIPTS}/keys")
    assert refused.status_code == 409
    assert "It has two keys already" in refused.text
    assert "Two are good" in (await read(here, SCRIPTS)).text


async def test_a_key_is_revoked_after_one_more_question(here: Running) -> None:
    sit_down(here, "dana", "admin")
    key = secret_of((await send(here, f"{SCRIPTS}/keys")).text)
    form = {"key": key.split("_")[1], "prefix": "toc_x"}
    asked = await send(here, f"{SCRIPTS}/keys/revoke", **form)
    assert asked.status_code == 200
    assert "Within half a minute nobody can send with it" in asked.text
    assert deeds(here, "source.key-revoked") == []
    done = await send(here, f"{SCRIPTS}/keys/revoke", sure="yes", **form)
    assert done.headers["location"] == SCRIPTS
    assert "revoked" in (await read(here, SCRIPTS)).text
    (deed,) = deeds(here, "source.key-revoked")
    assert (deed.actor, deed.object) == ("dana", "scripts")


@pytest.mark.parametrize("act", ["keys", "keys/revoke"])
async def test_keys_want_to_be_shown_again_who_one_is(here: Running, act: str) -> None:
    sit_down(here, "dana", "admin")
    await asks_who_it_is(here, f"{SCRIPTS}/{act}", sure="yes")


async def test_what_was_refused_is_told_with_the_reason_and_nothing_of_what_was_sent(here: Running) -> None:
    sit_down(here, "dana", "admin")
    await here.client.post("/in/scripts", json={"title": "hush"}, headers={"authorization": "Bearer wrong"})
    await here.client.post("/in/scripts", content=b"", headers={"authorization": f"Bearer {KEY}"})
    await here.client.post("/in/nowhere", content=b"")
    text = (await read(here, SCRIPTS)).text
    assert "401 This source and key do not belong together." in text
    assert "400 The request is empty." in text
    assert "hush" not in text
    assert "2 requests refused lately" in (await read(here, "/settings/sources")).text
    assert here.site.refusals.of("nowhere") == ()


async def test_what_came_is_counted_by_what_became_of_it(here: Running) -> None:
    sit_down(here, "dana", "admin")
    await here.post(key="a")
    here.tick_until(MONDAY + 30 * MINUTE)
    await here.post(key="a", action="resolve")
    text = (await read(here, SCRIPTS)).text
    assert "opened an incident 1" in text
    assert "resolved one 1" in text


async def test_the_guide_of_its_format_names_the_source_s_own_address(here: Running) -> None:
    sit_down(here, "eve", "responder")
    page = await read(here, "/settings/sources/prometheus")
    assert "url: https://tocsin.acme.example/in/prometheus" in page.text
    assert "send_resolved: true" in page.text
    assert "Send a sample" not in page.text
    assert "Make a key" not in page.text
    assert "TOCSIN_KEY" in (await read(here, SCRIPTS)).text


async def test_a_source_without_a_key_is_said_to_be_one(here: Running) -> None:
    sit_down(here, "dana", "admin")
    assert "no key: nobody can send" in (await read(here, "/settings/sources/keyless")).text
