"""The editor: findings beside their lines, what differs, a play of what was typed, and saving what was looked at."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import msgspec
import pytest

from tests.api.conftest import token_for
from tests.cli.terminal import in_process
from tests.doors import Running, running
from tests.insiders import csrf, sit_down
from tests.lab.proving import opened_at
from tests.quick import QUICK as ACME
from tests.web.reading import Taken
from tests.web.test_policies import put
from tocsin.config import loads
from tocsin.core.instant import MINUTE
from tocsin.engine.weighing import Side, compare, contrast
from tocsin.store import audit_log, rulebooks
from tocsin.web.pages.policies.typed import mark


@pytest.fixture
def acme(sqlite_url: str) -> Iterator[Running]:
    """Rules that are proved in a moment, in force and in the store."""
    with running(sqlite_url, rulebook=loads({"acme.yaml": ACME}).rulebook) as standing:
        put(standing, ACME, "the first")
        yield standing


NETWORK = "".join(ACME.splitlines(keepends=True)[101:110])


async def form(here: Running, **fields: str) -> dict[str, str]:
    return {"csrf": await csrf(here), "scope": "policy", "name": "network", "base": "1", "text": NETWORK} | fields


async def send(here: Running, status: int = 200, **fields: str) -> Taken:
    answer = await here.client.post("/rulebook/edit", data=await form(here, **fields))
    assert answer.status_code == status, answer.text
    return Taken(answer.text)


def value(page: Taken, name: str) -> str:
    """What the hidden field of that name holds."""
    found = [dict(zip(("type", "name", "value"), (kind, *rest), strict=False)) for kind, *rest in _inputs(page)]
    return next(one["value"] for one in found if one.get("name") == name)


def _inputs(page: Taken) -> list[tuple[str, str, str]]:
    rows, row = [], {}
    for tag, name, given in page.attributes:
        if tag != "input":
            continue
        if name == "type":
            row = {}
        row[name] = given
        if {"type", "name", "value"} <= row.keys():
            rows.append((row["type"], row["name"], row["value"]))
    return rows


def in_force(here: Running) -> rulebooks.Version:
    with here.site.ledger.read() as connection:
        found = rulebooks.latest(connection)
    assert found is not None
    return found


async def test_the_editor_opens_at_the_lines_of_a_policy(acme: Running) -> None:
    sit_down(acme, "dana")
    answer = await acme.client.get("/rulebook/edit?policy=network")
    written = re.search(r"<textarea class=\"code\"[^>]*>\n(.*?)</textarea>", answer.text, re.DOTALL)
    assert written is not None
    assert unescape(written[1]) == NETWORK


@pytest.mark.parametrize("path", ["?policy=nothing", "?file=other.yaml", "?version=99", "?policy=%3Cb%3E"])
async def test_there_is_no_editor_for_what_is_not_there(acme: Running, path: str) -> None:
    sit_down(acme, "dana")
    assert (await acme.client.get(f"/rulebook/edit{path}")).status_code == 404


async def test_who_may_not_try_has_no_editor_and_who_may_only_try_cannot_save(acme: Running) -> None:
    sit_down(acme, "kai", "viewer")
    assert (await acme.client.get("/rulebook/edit?policy=network")).status_code == 403
    assert (await acme.client.post("/rulebook/edit", data=await form(acme, do="check"))).status_code == 403
    sit_down(acme, "dana", "responder")
    page = await send(acme, do="check", text=NETWORK.replace("wait: 5m", "wait: 6m"))
    assert "An admin puts a rulebook in force" in page.text
    assert "save" not in page.buttons()
    await send(acme, 403, do="save", reason="because", seen=value(page, "seen"))
    assert in_force(acme).version == 1


async def test_a_complaint_stands_beside_the_line_that_it_is_about(acme: Running) -> None:
    sit_down(acme, "omar", "admin")
    page = await send(acme, do="check", text=NETWORK.replace("wait: 5m}", "wait: soon}", 1))
    assert "1 error; it cannot be put in force like this" in page.text
    line = page.text.index("104 - {hand_over: team, skills: [network], wait: soon}")
    assert line < page.text.index("'soon'", line) < page.text.index("105 - {notify: team.all")
    assert "save" not in page.buttons()


async def test_what_was_looked_at_is_saved_with_its_reason_and_written_down(acme: Running) -> None:
    sit_down(acme, "omar", "admin")
    changed = NETWORK.replace("wait: 5m", "wait: 4m")
    page = await send(acme, do="check", text=changed)
    assert "policies.network.functional[0].wait: 5m -> 4m" in page.text
    answer = await acme.client.post(
        "/rulebook/edit",
        data=await form(acme, do="save", text=changed, seen=value(page, "seen"), reason="The network team is quick"),
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/rulebook/versions/2")
    kept = in_force(acme)
    assert (kept.version, kept.note, kept.applied_by) == (2, "The network team is quick", "omar")
    assert kept.texts["acme.yaml"] == ACME.replace(NETWORK, changed)
    with acme.site.ledger.read() as connection:
        (deed, *_) = audit_log.latest(connection, 1, what="rulebook")
    assert (deed.actor, deed.what, deed.object) == ("omar", "rulebook.applied", "2")


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"seen": "of another text"}, "not the one that was checked"), ({"reason": "  "}, "say why")],
)
async def test_nothing_is_saved_that_nobody_looked_at_or_gave_a_reason_for(
    acme: Running, fields: dict[str, str], said: str
) -> None:
    sit_down(acme, "omar", "admin")
    changed = NETWORK.replace("wait: 5m", "wait: 4m")
    seen = value(await send(acme, do="check", text=changed), "seen")
    page = await send(acme, 422, **{"do": "save", "text": changed, "seen": seen, "reason": "because"} | fields)
    assert said in page.text
    assert "wait: 4m" in page.text
    assert in_force(acme).version == 1


async def test_a_second_tab_that_saved_meanwhile_is_told_and_nothing_typed_is_lost(acme: Running) -> None:
    sit_down(acme, "omar", "admin")
    changed = NETWORK.replace("wait: 5m", "wait: 4m")
    seen = value(await send(acme, do="check", text=changed), "seen")
    put(
        acme,
        ACME.replace("last_resort: [role:head-of-it]", "last_resort: [person:omar]").replace(
            "after: 15m", "after: 16m"
        ),
    )
    page = await send(acme, 409, do="save", text=changed, seen=seen, reason="because")
    assert "somebody else was faster, and version 2 is in force now" in page.text
    assert "15m -> 16m" in page.text
    assert "wait: 4m" in page.text
    assert value(page, "base") == "2"
    answer = await acme.client.post(
        "/rulebook/edit",
        data=await form(acme, do="save", base="2", text=changed, seen=value(page, "seen"), reason="because"),
    )
    assert answer.status_code == 303
    kept = in_force(acme).texts["acme.yaml"]
    assert "after: 16m" in kept
    assert changed in kept


async def test_a_text_whose_place_is_gone_is_still_there(acme: Running) -> None:
    sit_down(acme, "omar", "admin")
    page = await send(acme, 409, do="check", name="old-policy", text="  old-policy: {}\n")
    assert "has no such place any more" in page.text
    assert "old-policy: {}" in page.text


async def test_who_signed_in_long_ago_proves_it_again_and_loses_nothing(acme: Running) -> None:
    sit_down(acme, "omar", "admin")
    changed = NETWORK.replace("wait: 5m", "wait: 4m")
    seen = value(await send(acme, do="check", text=changed), "seen")
    acme.clock.advance_to(acme.clock.now() + 20 * MINUTE)
    page = await send(acme, 403, do="save", text=changed, seen=seen, reason="because")
    assert "Sign in again" in page.text
    assert "wait: 4m" in page.text
    assert in_force(acme).version == 1


async def test_a_whole_file_is_edited_too(acme: Running) -> None:
    sit_down(acme, "omar", "admin")
    page = await send(acme, do="check", scope="file", name="acme.yaml", text=ACME.replace("repeat: 3", "repeat: 4"))
    assert "policies.network.repeat: 3 -> 4" in page.text


async def test_an_earlier_version_is_taken_back_as_a_new_one(acme: Running) -> None:
    sit_down(acme, "omar", "admin")
    put(acme, ACME.replace("repeat: 3", "repeat: 4"), "more")
    page = Taken((await acme.client.get("/rulebook/edit?version=1")).text)
    assert "policies.network.repeat: 4 -> 3" in page.text
    fields = {"scope": "version", "name": "1", "base": "2", "text": "", "seen": value(page, "seen")}
    answer = await acme.client.post(
        "/rulebook/edit", data=await form(acme, do="save", reason="it was too much", **fields)
    )
    assert answer.headers["location"] == "/rulebook/versions/3"
    assert in_force(acme).texts["acme.yaml"] == ACME


async def test_what_if_plays_the_text_of_the_editor(acme: Running) -> None:
    sit_down(acme, "dana")
    asked = {"do": "play", "service": "core-network", "priority": "P1", "at": "2026-01-08T03:00", "hours": "1"}
    page = await send(acme, **asked, answers="primary acknowledges after 3m")
    assert "until somebody has it 3 min 00 s" in page.text
    assert "Dana Levi is working on it" in page.text
    other = await send(acme, **asked, text=NETWORK.replace("hand_over: team, skills: [network]", "notify: person:kai"))
    assert "Kai Tanaka" in other.text
    assert "until somebody has it never" in other.text


async def test_beside_the_text_its_ladders_are_drawn_and_its_play_is_told_against_the_rules_in_force(
    acme: Running,
) -> None:
    sit_down(acme, "dana")
    asked = {"service": "core-network", "priority": "P1", "at": "2026-01-08T03:00", "hours": "1"}
    opened = Taken((await acme.client.get("/rulebook/edit?policy=network")).text)
    assert "As P1 of core-network, while nobody acts" in opened.text
    later = NETWORK.replace("skills: [network], wait: 5m", "skills: [network], wait: 7m")
    page = await send(acme, do="check", text=later, answers="finn acknowledges", **asked)
    assert "until somebody is reached at once" in page.text
    assert "until somebody has it 5 min 00 s → 7 min 00 s" in page.text
    assert page.text.index("+7 min", page.text.index("As P1 of core-network")) < page.text.index("+10 min")


async def test_answers_that_nobody_understands_are_told_with_their_place(acme: Running) -> None:
    sit_down(acme, "dana")
    page = await send(acme, do="play", answers="primary ignroes")
    assert "Line 1, place" in page.text
    assert "until somebody has it" not in page.text


async def test_a_play_without_an_end_is_cut(acme: Running) -> None:
    sit_down(acme, "dana")
    endless = NETWORK.replace("repeat: 3", "exhausted: {every: 1s}").replace("wait: 5m", "wait: 1s")
    page = await send(acme, do="play", text=endless, service="core-network", hours="72")
    assert "More happens than is shown here" in page.text


async def test_nothing_that_is_typed_becomes_a_node(acme: Running) -> None:
    sit_down(acme, "omar", "admin")
    plain = await send(acme, do="play", text="words", answers="words words", reason="words", service="words")
    bad = "</textarea><script>alert(1)</script>"
    page = await send(acme, do="play", text=bad, answers=f"{bad} words", reason=bad, service=bad)
    assert [tag for tag, _ in page.nodes if tag in ("script", "img")] == [
        tag for tag, _ in plain.nodes if tag in ("script", "img")
    ]
    assert bad in page.text


async def test_without_a_rulebook_the_editor_says_how_to_begin(here: Running) -> None:
    sit_down(here, "omar", "admin")
    page = Taken((await here.client.get("/rulebook/edit")).text)
    assert "tocsin apply rulebook.yaml" in page.text


WORSE = NETWORK.replace("by: role:duty-manager", "by: stakeholders")
"""Nobody may take the decision."""


async def test_what_makes_it_worse_is_said_and_saved_only_when_it_is_wanted(acme: Running) -> None:
    sit_down(acme, "omar", "admin")
    page = await send(acme, do="check", text=WORSE)
    assert "This gets worse than it is: V011 at policies.network.hierarchical.2.by: Nobody may take" in page.text
    line = page.text.index("109 - {after: 1h, decide:")
    assert page.text.index("stakeholders names nobody", line) < page.text.index("110 repeat: 3")
    fields = {"do": "save", "text": WORSE, "seen": value(page, "seen"), "reason": "for the drill on Friday"}
    refused = await send(acme, 422, **fields)
    assert "it makes the proof worse" in refused.text
    assert in_force(acme).version == 1
    answer = await acme.client.post("/rulebook/edit", data=await form(acme, **fields, force="of something else"))
    assert answer.status_code == 422
    answer = await acme.client.post("/rulebook/edit", data=await form(acme, **fields, force=value(page, "force")))
    assert answer.status_code == 303
    with acme.site.ledger.read() as connection:
        forced = audit_log.latest(connection, 1, what="rulebook.forced")[0]
    told = msgspec.json.decode(forced.details)
    assert (forced.actor, forced.object, told["reason"]) == ("omar", "2", "for the drill on Friday")
    assert [one[:4] for one in told["worse"]] == ["V011"]


async def test_a_longer_wait_is_worse_though_no_check_finds_anything_in_it(acme: Running) -> None:
    sit_down(acme, "omar", "admin")
    slower = NETWORK.replace("after: 10m", "after: 12m")
    page = await send(acme, do="check", text=slower)
    assert "until management hears of it grows from 10 min to 12 min" in page.text
    assert "save" in page.buttons()
    refused = await send(acme, 422, do="save", text=slower, seen=value(page, "seen"), reason="because")
    assert "it makes the proof worse" in refused.text


async def test_what_is_not_proved_yet_is_saved_only_when_it_must_be_now(acme: Running) -> None:
    sit_down(acme, "omar", "admin")
    acme.site.verdicts.patience = 0.0
    page = await send(acme, do="check", text=NETWORK.replace("after: 10m", "after: 12m"))
    assert "Whether somebody waits longer is still being proved" in page.text
    for minutes, force, status in ((13, "", 422), (14, value(page, "force"), 303)):
        text = NETWORK.replace("after: 10m", f"after: {minutes}m")
        seen = mark({"acme.yaml": ACME.replace(NETWORK, text)}, 1)
        fields = await form(acme, do="save", text=text, seen=seen, reason="it burns", force=force)
        answer = await acme.client.post("/rulebook/edit", data=fields)
        assert answer.status_code == status
        assert status == 303 or "whether somebody waits longer is not known yet" in answer.text
    with acme.site.ledger.read() as connection:
        forced = audit_log.latest(connection, 1, what="rulebook.forced")[0]
    assert b"the waits were not compared" in forced.details


async def test_a_finding_that_was_there_before_is_only_counted(acme: Running) -> None:
    sit_down(acme, "omar", "admin")
    page = await send(acme, do="check", text=NETWORK.replace("wait: 5m", "wait: 4m"))
    assert "findings elsewhere were there before" in page.text
    assert "worse" not in page.text
    assert "Nobody waits longer by it" in page.text


async def test_who_is_reached_differently_is_shown_before_saving(sqlite_url: str) -> None:
    rules = loads({"acme.yaml": TINY}).rulebook
    with running(sqlite_url, rulebook=rules) as tiny:
        put(tiny, TINY)
        sit_down(tiny, "omar", "admin")
        fields = {"scope": "file", "name": "acme.yaml", "do": "reach"}
        later = TINY.replace("repeat: 1", "hierarchical: [{after: 5m, inform: person:ben}]")
        found(tiny, TINY, later)
        page = await send(tiny, **fields, text=later)
        assert "1 service is reached differently, and so are reports of no known service" in page.text
        assert "(no known service) P1, P2, P3, P4, P5 (incident, complaint, security, request)" in page.text
        assert "shop P1 (incident, complaint, security, request)" in page.text
        assert "after all steps worse: later 576000 minutes" in page.text
        assert "management better: reached now 576000 minutes" in page.text
        assert "nobody, ever → becomes Ben, after 5 min" in page.text
        same = await send(tiny, **fields, text=TINY + "# a remark\n")
        assert "Nobody is reached differently" in same.text


async def test_moments_that_are_told_with_their_neighbours_are_counted_below(sqlite_url: str) -> None:
    open_at = {hour: opened_at(hour) for hour in ("08:00", "09:00")}
    with running(sqlite_url, rulebook=loads({"acme.yaml": open_at["08:00"]}).rulebook) as here:
        put(here, open_at["08:00"])
        sit_down(here, "omar", "admin")
        found(here, *open_at.values())
        page = await send(here, scope="file", name="acme.yaml", do="reach", text=open_at["09:00"])
        assert "2 services are reached differently" in page.text
        assert "800 openings of a single moment, where two things meet, are told with their neighbours." in page.text
        assert "just after" not in page.text


async def test_the_page_the_api_and_the_command_line_tell_the_same_people_and_minutes(
    sqlite_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    later = TINY.replace("{notify: person:ana, wait: 5m}", "{notify: [person:ben], wait: 5m}")
    files = [tmp_path / name for name in ("old.yaml", "new.yaml")]
    for file, text in zip(files, (TINY, later), strict=True):
        file.write_text(text, "utf-8")
    data = in_process(capsys, "check", files[1], "--against", files[0], "--format", "json").data["differences"]
    with running(sqlite_url, rulebook=loads({"acme.yaml": TINY}).rulebook) as tiny:
        put(tiny, TINY)
        sit_down(tiny, "omar", "admin")
        found(tiny, TINY, later)
        admin = {"authorization": f"Bearer {token_for(tiny, 'admin')}"}
        page = await send(tiny, scope="file", name="acme.yaml", do="reach", text=later)
        body = {"texts": {"acme.yaml": later}}
        told = await tiny.client.post("/api/v1/rulebook/reach", json=body, headers=admin)
    differing = told.json()["reach"]["differences"]
    assert [one["service"] for one in differing] == ["", "shop"]
    assert [(one["service"], one["minutes"], one["rows"]) for one in differing] == [
        (one["service"], one["minutes"], one["rows"]) for one in data
    ]
    changes = [[(one["rung"], one["before"], one["after"], one["minutes"]) for one in each["changes"]]
               for each in (*differing, *data)]  # fmt: skip
    assert changes[: len(differing)] == changes[len(differing) :]
    for one in differing[0]["changes"]:
        assert f"{one['minutes']} minutes" in page.text


def found(here: Running, *texts: str) -> None:
    """Both proofs are made and laid side by side, and kept, whatever the pages wait for."""
    sides = [Side(book, here.site.worlds.world().facts) for text in texts if (book := loads({"a.yaml": text}).rulebook)]
    compare(here.site.verdicts, sides[0], sides[1], here.clock.now(), 300)
    assert contrast(here.site.verdicts, sides[0], sides[1], here.clock.now(), 300).found is not None


TINY = """tocsin: 1
organisation: Tiny
last_resort: [person:ana]
unrouted: {team: desk, policy: only, priority: P1}
people: {ana: {name: Ana, email: ana@acme.example}, ben: {name: Ben, email: ben@acme.example}}
teams: {desk: {members: [ana, ben]}}
services: {shop: {team: desk, policy: only}}
policies:
  only:
    functional: [{notify: person:ana, wait: 5m}]
    repeat: 1
"""
