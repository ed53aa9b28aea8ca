"""People and accounts: who can be reached, who is let in by a link that is shown once, who is locked out."""

import pytest

from tests.cast import DAY
from tests.doors import Running
from tests.insiders import PASSWORD, account, another_browser, cookie_for, sit_down
from tests.web.administering import asks_who_it_is, deeds, read, secret_of, send
from tocsin.store import accounts
from tocsin.store.accounts import Account

PEOPLE = "/settings/people"


def the(here: Running, login: str) -> Account:
    with here.site.ledger.read() as connection:
        found = accounts.by_login(connection, login)
    assert found is not None
    return found


async def test_everybody_is_listed_with_teams_roles_shifts_and_whether_they_can_be_reached(here: Running) -> None:
    sit_down(here, "eve", "responder")
    text = (await read(here, PEOPLE)).text
    assert "dana infrastructure infra-primary not proved yet email" in text
    assert "carla duty-manager leads service-desk" in text
    assert "Account" not in text  # accounts are for those who administer them
    assert "Invite somebody" not in text


async def test_the_list_is_narrowed_by_its_address(here: Running) -> None:
    sit_down(here, "eve", "responder")
    payments = (await read(here, f"{PEOPLE}?team=payments")).text
    assert "gita" in payments
    assert "hugo" in payments  # leads it
    assert "finn" not in payments
    assert "Nobody is like that" in (await read(here, f"{PEOPLE}?unready=1")).text
    assert "lena" in (await read(here, f"{PEOPLE}?q=SECURITY")).text


async def test_a_person_has_a_page_with_the_shifts_of_the_days_to_come(here: Running) -> None:
    sit_down(here, "eve", "responder")
    text = (await read(here, f"{PEOPLE}/dana")).text
    assert "On call now: infra-primary." in text
    assert "infra-primary: 09:00 – Mon 12 Jan 09:00" in text


async def test_somebody_is_invited_by_a_link_that_is_shown_once_and_lets_them_in(here: Running) -> None:
    sit_down(here, "nadia", "admin")
    made = await send(here, f"{PEOPLE}/invite", person="gita", role="responder")
    assert made.status_code == 201
    link = secret_of(made.text)
    assert link.startswith("https://tocsin.acme.example/setup/")
    known = the(here, "gita")
    assert (known.person, known.role, known.password) == ("gita", "responder", "")
    for path in (PEOPLE, f"{PEOPLE}/accounts/{known.id}", "/settings/audit"):
        assert link.rpartition("/")[2] not in (await here.client.get(path)).text
    browser = another_browser(here)
    entered = await browser.post(link.removeprefix("https://tocsin.acme.example"), data={"password": PASSWORD})
    assert entered.status_code == 303
    assert [one.what for one in deeds(here, "account")][-3:] == [
        "account.invited", "account.created", "account.created",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"login": "a b", "role": "viewer"}, "A login has 1 to 80"),
        ({"login": "nadia", "role": "viewer"}, "There is an account of that name"),
        ({"login": "x", "role": "god"}, "There is no such person or role"),
        ({"login": "x", "role": "viewer", "person": "nobody"}, "There is no such person or role"),
    ],
)
async def test_nobody_is_invited_without_sense(here: Running, form: dict[str, str], says: str) -> None:
    sit_down(here, "nadia", "admin")
    refused = await send(here, f"{PEOPLE}/invite", **form)
    assert refused.status_code == 422
    assert says in refused.text


async def test_a_role_is_changed_and_written_down(here: Running) -> None:
    sit_down(here, "nadia", "admin")
    gita = account(here, "gita")
    done = await send(here, f"{PEOPLE}/accounts/{gita.id}/role", role="team-lead")
    assert done.headers["location"] == f"{PEOPLE}/accounts/{gita.id}"
    assert the(here, "gita").role == "team-lead"
    (deed,) = deeds(here, "account.role")
    assert (deed.actor, deed.object) == ("nadia", gita.id)


async def test_disabling_says_what_it_ends_and_what_shifts_they_hold(here: Running) -> None:
    gita = account(here, "gita")
    browser = another_browser(here)
    browser.headers["cookie"] = f"__Host-tocsin={cookie_for(here, gita)}"
    assert (await browser.get("/")).status_code == 200
    sit_down(here, "nadia", "admin")
    path = f"{PEOPLE}/accounts/{gita.id}/disable"
    asked = await send(here, path)
    assert asked.status_code == 200
    assert "Disable the account gita?" in asked.text
    assert "It ends 1 sessions" in asked.text
    assert "payments-primary: 09:00 – Mon 12 Jan 09:00" in asked.text
    assert the(here, "gita").disabled_at is None
    await send(here, path, sure="yes")
    assert the(here, "gita").disabled_at is not None
    assert (await browser.get("/")).status_code == 303
    await send(here, path.replace("disable", "enable"))
    assert the(here, "gita").disabled_at is None
    assert [one.what for one in deeds(here, "account")][:2] == ["account.enabled", "account.disabled"]


async def test_the_last_admin_stays_one(here: Running) -> None:
    nadia = sit_down(here, "nadia", "admin")
    refused = await send(here, f"{PEOPLE}/accounts/{nadia.id}/disable", sure="yes")
    assert refused.status_code == 409
    assert "It is the last admin" in refused.text


async def test_a_reset_voids_the_password_and_shows_a_new_link(here: Running) -> None:
    gita = account(here, "gita", password="$argon2id$x")
    sit_down(here, "nadia", "admin")
    assert (await send(here, f"{PEOPLE}/accounts/{gita.id}/reset")).status_code == 200
    assert the(here, "gita").password
    made = await send(here, f"{PEOPLE}/accounts/{gita.id}/reset", sure="yes")
    assert made.status_code == 201
    assert "/setup/" in secret_of(made.text)
    assert the(here, "gita").password == ""
    assert deeds(here, "account.reset")[0].object == gita.id


async def test_somebody_is_signed_out_everywhere(here: Running) -> None:
    gita = account(here, "gita")
    cookie_for(here, gita)
    sit_down(here, "nadia", "admin")
    page = f"{PEOPLE}/accounts/{gita.id}"
    assert "Sign out everywhere" in (await read(here, page)).text
    await send(here, f"{page}/sessions", sure="yes")
    assert "Nowhere." in (await read(here, page)).text
    assert deeds(here, "account.signed-out")[0].actor == "nadia"


@pytest.mark.parametrize("act", ["invite", "reset", "disable", "role", "sessions"])
async def test_accounts_want_to_be_shown_again_who_one_is(here: Running, act: str) -> None:
    gita = account(here, "gita")
    sit_down(here, "nadia", "admin")
    await asks_who_it_is(here, f"{PEOPLE}/accounts/{gita.id}/{act}", sure="yes", role="admin")


async def test_an_auditor_sees_accounts_and_changes_none_and_a_manager_sees_none(here: Running) -> None:
    gita = account(here, "gita")
    sit_down(here, "lena", "security-audit")
    page = f"{PEOPLE}/accounts/{gita.id}"
    assert "Disable" not in (await read(here, page)).text
    for act in ("role", "disable", "sessions", "reset"):
        assert (await send(here, f"{page}/{act}", sure="yes", role="admin")).status_code == 403
    sit_down(here, "hugo", "manager")
    await read(here, page, 403)
    assert the(here, "gita").disabled_at is None


async def test_a_link_is_good_for_an_hour(here: Running) -> None:
    sit_down(here, "nadia", "admin")
    link = secret_of((await send(here, f"{PEOPLE}/invite", person="gita", role="viewer")).text)
    here.clock.advance_to(here.clock.now() + DAY)
    assert (await another_browser(here).get(link.removeprefix("https://tocsin.acme.example"))).status_code == 404
