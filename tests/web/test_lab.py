"""The lab: what is found and proved of the rules in force, a play of them, and two versions beside each other."""

import pytest

from tests.api.conftest import token_for
from tests.doors import Running, running
from tests.insiders import csrf, sit_down
from tests.lab.test_proof import TEXT
from tests.quick import QUICK
from tests.web.test_policies import ACME, acme, put, read
from tocsin.access.permissions import ROLES, Role
from tocsin.config import loads
from tocsin.core.ids import PersonId, ServiceId
from tocsin.core.instant import MINUTE, parse_instant
from tocsin.lab.verifier.reach import Fall, Proof, Row, Worst
from tocsin.lab.verifier.told import facts
from tocsin.lib.translate import say
from tocsin.store import rulebooks
from tocsin.web.parts.proving import table
from tocsin.web.parts.words import Names

__all__ = ["acme"]


@pytest.mark.parametrize("role", ROLES)
async def test_who_may_try_rules_sees_the_lab(acme: Running, role: Role) -> None:
    sit_down(acme, "dana", role)
    assert (await acme.client.get("/lab")).status_code == (403 if role == "viewer" else 200)


async def test_findings_are_told_with_place_hint_and_case(acme: Running) -> None:
    sit_down(acme, "dana")
    text = (await read(acme, "/lab")).text
    assert "No error, and" in text
    assert "V021 policies.production.functional.2 · acme.yaml:91" in text
    assert "For example: P1 on checkout" in text


async def test_a_finding_that_is_accepted_stands_apart_with_reason_and_end(acme: Running) -> None:
    sit_down(acme, "dana")
    allow = (
        "\nallow:\n  - {finding: lone-responder, at: teams.security, reason: only lena for now, until: 2026-03-01}\n"
    )
    put(acme, ACME + allow)
    compared = await read(acme, "/lab/compare?old=1&new=2")
    assert "No error is new" in compared.text


async def test_two_versions_are_compared_with_what_gets_worse(acme: Running) -> None:
    sit_down(acme, "dana")
    assert "There is only one version so far" in (await read(acme, "/lab/compare")).text
    put(acme, ACME.replace("by: role:duty-manager, within: 15m", "by: stakeholders, within: 15m"))
    page = await read(acme, "/lab/compare")
    assert "V011 at policies.network.hierarchical.2.by: Nobody may take the decision" in page.text
    assert "error 0 1" in page.text
    assert "No error is new" in (await read(acme, "/lab/compare?old=2&new=1")).text
    await read(acme, "/lab/compare?old=1&new=9", 404)


async def test_two_proofs_stand_beside_each_other_with_what_is_worse_in_words_and_first(sqlite_url: str) -> None:
    with running(sqlite_url, rulebook=loads({"acme.yaml": QUICK}).rulebook) as here:
        sit_down(here, "dana")
        put(here, QUICK)
        put(
            here,
            QUICK.replace("- {after: 10m, unless: acknowledged, ask:", "- {after: 12m, unless: acknowledged, ask:"),
        )
        before = await read(here, "/lab/compare")
        assert "have not both been proved yet" in before.text
        form = {"csrf": await csrf(here), "old": "1", "new": "2"}
        answer = await here.client.post("/lab/prove", data=form)
        assert answer.headers["location"] == "/lab/compare?old=1&new=2"
        with here.site.ledger.read() as connection:
            known = [rulebooks.find(connection, n) for n in (1, 2)]
        books = [loads(one.texts).rulebook for one in known if one is not None]
        facts = here.site.worlds.world().facts
        here.site.verdicts.several([(one, facts) for one in books if one], here.clock.now(), prove=True, wait=300)
        text = (await read(here, "/lab/compare")).text
    assert "the longest wait until management hears of it grows from 10 min to 12 min" in text
    assert "10 min | 12 min ▲ worse" in text
    assert text.index("12 min ▲ worse") < text.index("identity")
    assert "lines are the same in both" in text


async def test_what_if_can_be_passed_on_by_its_address(acme: Running) -> None:
    sit_down(acme, "dana")
    assert "until somebody has it" not in (await read(acme, "/lab/simulate")).text
    query = "service=core-network&priority=P1&at=2026-01-08T03:00&answers=primary+acknowledges+after+3m&hours=1"
    text = (await read(acme, f"/lab/simulate?{query}")).text
    assert "until somebody has it 3 min 00 s" in text
    assert "It opens Thu, 8 Jan 2026, 03:00 GMT." in text
    after = str(parse_instant("2026-01-08T03:00:00Z") + 1)
    assert (
        "It opens just after Thu, 8 Jan 2026, 03:00 GMT."
        in (await read(acme, f"/lab/simulate?service=core-network&at={after}")).text
    )
    bad = await read(acme, "/lab/simulate?service=%3Cscript%3E&answers=%3Cscript%3Ealert(1)%3C/script%3E&hours=x&at=x")
    assert "Line 1" in bad.text


async def test_a_proof_is_asked_for_and_shown_when_it_is_made(here: Running) -> None:
    sit_down(here, "dana")
    assert "have not been proved yet" in (await read(here, "/lab")).text
    answer = await here.client.post("/lab/prove", data={"csrf": await csrf(here)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/lab")
    world = here.site.worlds.world()
    made = here.site.verdicts.of(world.rulebook, world.facts, here.clock.now(), prove=True, wait=300)
    assert made.proof is not None
    page = (await here.client.get("/lab?q=order")).text
    proved = page[page.index('<table class="proof">') : page.index("</table>")]
    assert "First responder" in proved
    assert "order-database" in proved
    assert "checkout" not in proved


def row(kind: str, minutes: int | None, **more: object) -> Row:
    worst = Worst(0, None if minutes is None else minutes * MINUTE, (PersonId("dana"),), ())
    return Row(ServiceId("checkout"), "P1", kind, (), worst, worst, None, ends_at_human=True, **more)  # type: ignore[arg-type]


def test_kinds_that_go_alike_share_a_line_and_absences_that_hurt_are_named() -> None:
    away = (Fall("person", "lena", Worst(0, None, (), ())), Fall("method", "sms", Worst(0, None, (), ())))
    proof = Proof(0, 1, (row("incident", 5), row("complaint", 5), row("security", None, falls=away)), ())
    lines = table(proof, "UTC", Names({"dana": "Dana Levi", "lena": "Lena Novak"}))
    assert [(one.kinds, one.first.after, one.first.who) for one in lines] == [
        (("incident", "complaint"), 5 * MINUTE, ("Dana Levi",)),
        (("security",), None, ("Dana Levi",)),
    ]
    assert [(one.loss, one.who, one.nobody) for one in lines[1].without] == [
        ("person", "Lena Novak", True), ("method", "sms", True),
    ]  # fmt: skip
    assert table(proof, "UTC", Names({}), frozenset({"other"})) == ()


async def test_the_proof_is_told_in_the_words_of_check_with_what_each_loss_supposes(sqlite_url: str) -> None:
    rules = loads({"rules.yaml": HANGING}).rulebook
    assert rules is not None
    with running(sqlite_url, rulebook=rules) as here:
        sit_down(here, "dana")
        world = here.site.worlds.world()
        made = here.site.verdicts.of(world.rulebook, world.facts, here.clock.now(), prove=True, wait=300).proof
        pages = [" ".join((await read(here, path)).text.split()) for path in ("/lab", "/services/mail")]
        admin = {"authorization": f"Bearer {token_for(here, 'admin')}"}
        told = (await here.client.post("/api/v1/rulebook/proof", headers=admin)).json()
    assert made is not None
    losses = {say(phrase) for row in made.rows for fall in row.falls for phrase in fall.worst.assuming}
    assert any("signal.severity == 'critical'" in one for one in losses)
    assert "(no known service)" in pages[0]
    assert {one["service"] for one in told["rows"]} == {"mail", ""}
    for page in pages:
        assert all(fact.told in page for row in made.rows for fact in facts(row, rules.timezone))
        assert all(one in page for one in losses)
        assert all(say(one) in page for one in made.assuming)
    assert {one for row in told["rows"] for fall in row["losses"] for one in fall["worst"]["assuming"]} == losses
    assert told["assuming"] == [say(one) for one in made.assuming]


HANGING = TEXT.replace("- {notify: schedule:primary, wait: 20m}", "- {notify: person:ana, wait: 20m}")
