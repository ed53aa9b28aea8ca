"""Tokens: made with a role, scopes, a team and an end; shown once; revoked after one more question."""

import pytest

from tests.cast import DAY
from tests.doors import Running
from tests.insiders import sit_down
from tests.web.administering import asks_who_it_is, deeds, read, secret_of, send

PLACE = "/settings/tokens"
FORM = {"name": "grafana", "role": "viewer", "lasts": "7", "scope": ["metrics.read"], "more": "oncall.read"}


async def test_a_token_is_shown_once_and_may_what_was_ticked_for_as_long_as_was_said(here: Running) -> None:
    sit_down(here, "dana", "admin")
    made = await send(here, PLACE, **FORM)
    assert made.status_code == 201
    text = secret_of(made.text)
    headers = {"authorization": f"Bearer {text}"}
    here.client.cookies.clear()
    assert (await here.client.get("/metrics", headers=headers)).status_code == 200
    assert (await here.client.get("/api/v1/services", headers=headers)).status_code == 403
    here.clock.advance_to(here.clock.now() + 7 * DAY)
    assert (await here.client.get("/metrics", headers=headers)).status_code == 401
    sit_down(here, "gita", "admin")
    for path in (PLACE, "/settings/audit"):
        assert text not in (await here.client.get(path)).text
    assert "1 that is over grafana" in (await read(here, PLACE)).text
    (deed,) = deeds(here, "token.made")
    assert deed.actor == "dana"
    assert b'"scopes":["metrics.read","oncall.read"]' in deed.details


async def test_a_token_may_be_bound_to_a_team_and_be_good_until_it_is_revoked(here: Running) -> None:
    sit_down(here, "dana", "admin")
    await send(here, PLACE, name="desk", role="responder", lasts="", team="service-desk")
    text = (await read(here, PLACE)).text
    assert "desk" in text
    assert "for service-desk" in text
    assert "all that the role may" in text
    assert "good until" not in text.split("Make a token")[0]


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"name": ""}, "A name has 1 to 80"),
        ({"name": "x" * 81}, "A name has 1 to 80"),
        ({"name": "x", "more": "tokens.manage"}, "The role may do nothing of tokens.manage"),
        ({"name": "x", "more": "<b>"}, "The role may do nothing of &lt;b&gt;"),
        ({"name": "x", "team": "nowhere"}, "There is no team nowhere"),
    ],
)
async def test_a_token_without_sense_is_not_made_and_what_was_filled_in_stays(
    here: Running, form: dict[str, str], says: str
) -> None:
    sit_down(here, "dana", "admin")
    refused = await send(here, PLACE, **form)
    assert refused.status_code == 422
    assert says in refused.text
    assert deeds(here, "token") == []


async def test_a_token_is_revoked_after_one_more_question_and_worthless_at_once(here: Running) -> None:
    sit_down(here, "dana", "admin")
    text = secret_of((await send(here, PLACE, name="ci", role="viewer")).text)
    form = {"token": text.split("_")[1], "name": "ci"}
    asked = await send(here, f"{PLACE}/revoke", **form)
    assert asked.status_code == 200
    assert "Revoke the token ci?" in asked.text
    headers = {"authorization": f"Bearer {text}"}
    assert (await here.client.get("/api/v1/session", headers=headers)).status_code == 200
    await send(here, f"{PLACE}/revoke", sure="yes", **form)
    assert (await here.client.get("/api/v1/session", headers=headers)).status_code == 401
    assert [one.what for one in deeds(here, "token")] == ["token.revoked", "token.made"]


@pytest.mark.parametrize("path", [PLACE, f"{PLACE}/revoke"])
async def test_tokens_want_to_be_shown_again_who_one_is(here: Running, path: str) -> None:
    sit_down(here, "dana", "admin")
    await asks_who_it_is(here, path, name="x", role="viewer", sure="yes")


async def test_an_auditor_sees_tokens_and_may_make_none(here: Running) -> None:
    sit_down(here, "dana", "admin")
    await send(here, PLACE, name="ci", role="viewer")
    sit_down(here, "nadia", "security-audit")
    text = (await read(here, PLACE)).text
    assert "ci" in text
    assert "Make a token" not in text
    assert "Revoke" not in text
