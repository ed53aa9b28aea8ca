"""The table: every verb and every role, what each may with whose, and what it never may."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest
from msgspec.structs import replace

from tests.cast import ANA, DANA, FRANK, GITA, LENA, NADIA, small_rulebook
from tocsin.access.about import About, about_person, about_schedule, about_service, teams_of
from tocsin.access.permissions import (
    ROLES,
    SENSITIVE,
    TABLE,
    Caller,
    Reach,
    Role,
    Verb,
    allowed,
    covers,
    least,
    may,
    useless,
)  # fmt: skip
from tocsin.core.catalogue.people import Role as Duty
from tocsin.core.catalogue.target import Target
from tocsin.core.ids import RoleId, TeamId

REACHES: tuple[Reach, ...] = get_args(Reach)
OURS, THEIRS = TeamId("infrastructure"), TeamId("payments")
NOBODYS = About()
OF_OUR_TEAM, OF_THEIRS = About(frozenset((OURS,))), About(frozenset((THEIRS,)))
NAMES_DANA = About(frozenset((THEIRS,)), frozenset((DANA,)))


def dana(role: Role) -> Caller:
    return Caller("dana", role, DANA, frozenset((OURS,)), account="a1", session="s1")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("verb", TABLE)
def test_each_reach_means_the_same_for_every_verb_and_role(role: Role, verb: Verb) -> None:
    reach = TABLE[verb].of(role)
    got = [allowed(dana(role), verb, about) for about in (NOBODYS, OF_THEIRS, OF_OUR_TEAM, NAMES_DANA)]
    assert (
        got
        == {
            "no": ["no", "no", "no", "no"],
            "self": ["no", "no", "no", "yes"],
            "own": ["no", "no", "yes", "yes"],
            "all": ["yes", "yes", "yes", "yes"],
        }[reach]
    )
    assert may(dana(role), verb) == ("yes" in got)


def test_the_table_knows_every_verb_and_each_role_may_what_those_before_it_may() -> None:
    assert set(get_args(Verb)) == set(TABLE)
    for rule in TABLE.values():
        assert len(rule.reach) == len(ROLES)
        steps = [REACHES.index(one) for one in rule.reach[:-1]]
        assert all(less <= more for less, more in pairwise(steps)), rule
    assert [verb for verb, rule in TABLE.items() if rule.of("admin") != "all"] == []


def test_the_auditor_reads_everything_and_acts_on_nothing_but_their_own_account() -> None:
    acts = {verb for verb in TABLE if not verb.endswith(".read")}
    assert {verb for verb in TABLE if TABLE[verb].of("security-audit") == "no"} == acts - {
        "account.secure", "session.end", "person.settle", "rulebook.try",
    }  # fmt: skip
    assert {TABLE[verb].of("security-audit") for verb in TABLE if verb.endswith(".read")} == {"all"}


def test_only_admins_hold_what_could_reroute_or_silence_everything() -> None:
    admins = {verb for verb in TABLE if least(verb) == "admin"}
    assert admins == {
        "rulebook.apply", "source.keys", "account.edit", "account.read", "account.secure", "session.end",
        "tokens.read", "tokens.manage", "audit.read",
    }  # fmt: skip
    assert set(TABLE) >= SENSITIVE


# ------------------------------------------------------------------------------------------- hidden

SECRET = About(frozenset((OURS,)), frozenset((GITA,)), frozenset((ANA,)), confidential=True, id="INC-1")


@pytest.mark.parametrize(
    ("caller", "answer"),
    [
        (Caller("lena", "admin", LENA), "hidden"),
        (Caller("robot", "admin"), "hidden"),
        (Caller("robot", "responder", teams=frozenset((OURS,))), "hidden"),
        (Caller("auditor", "security-audit"), "yes"),
        (Caller("gita", "viewer", GITA), "yes"),
        (Caller("ana", "viewer", ANA), "yes"),
        (dana("viewer"), "yes"),
        (Caller("lena", "manager", LENA, opened=frozenset(("INC-1",))), "yes"),
        (Caller("lena", "manager", LENA, opened=frozenset(("INC-2",))), "hidden"),
    ],
)
def test_what_is_confidential_exists_for_those_it_concerns_alone(caller: Caller, answer: str) -> None:
    assert allowed(caller, "incident.read", SECRET) == answer
    assert allowed(caller, "incident.read", replace(SECRET, confidential=False)) == "yes"


def test_whoever_may_only_know_of_it_may_not_act_on_it() -> None:
    assert allowed(Caller("ana", "responder", ANA), "incident.resolve", SECRET) == "no"
    assert allowed(Caller("auditor", "security-audit"), "incident.resolve", SECRET) == "no"


def test_broken_glass_lets_look_and_not_touch() -> None:
    breaker = Caller("lena", "manager", LENA, account="a1", opened=frozenset(("INC-1",)))
    verbs = {verb for verb in TABLE if allowed(breaker, verb, SECRET) == "yes"}
    assert verbs == {verb for verb in TABLE if verb.endswith(".read") and TABLE[verb].of("manager") == "all"}


def test_a_refusal_for_a_whole_verb_says_nothing_of_what_exists() -> None:
    assert allowed(Caller("lena", "viewer", LENA), "incident.resolve", SECRET) == "no"


# ------------------------------------------------------------------------------------------- tokens


def test_a_program_may_for_every_team_what_its_role_may_for_own_ones_and_has_no_self() -> None:
    robot = Caller("robot", "responder")
    assert allowed(robot, "incident.resolve", OF_THEIRS) == "yes"
    assert allowed(robot, "contact.edit", NAMES_DANA) == "no"
    assert not may(robot, "contact.edit")
    assert not may(Caller("robot", "viewer"), "incident.report")


def test_a_token_that_is_bound_to_a_team_may_for_that_one_alone() -> None:
    robot = Caller("robot", "responder", teams=frozenset((OURS,)))
    assert (allowed(robot, "incident.resolve", OF_OUR_TEAM), allowed(robot, "incident.resolve", OF_THEIRS)) == (
        "yes",
        "no",
    )


def test_somebody_without_a_person_in_the_rulebook_is_no_program() -> None:
    stranger = Caller("temp", "responder", account="a9")
    assert allowed(stranger, "incident.resolve", OF_THEIRS) == "no"
    assert stranger.by == "account:temp"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "scope", ["incident.*", "*.read", "metrics.read", "rulebook.apply", "*", "*.*", "", "incident"]
)
def test_scopes_narrow_a_role_and_never_widen_it(role: Role, scope: str) -> None:
    whole, narrowed = Caller("robot", role), Caller("robot", role, scopes=(scope,))
    for verb in TABLE:
        assert may(narrowed, verb) == (may(whole, verb) and covers(scope, verb))
        assert (allowed(narrowed, verb, NOBODYS) == "yes") <= (allowed(whole, verb, NOBODYS) == "yes")


def test_a_token_without_any_scope_may_nothing() -> None:
    assert [verb for verb in TABLE if may(Caller("robot", "admin", scopes=()), verb)] == []


def test_scopes_that_could_not_be_used_are_named() -> None:
    wrong = ("rulebook.apply", "incidents.read", "*", "*.*", "*.read.x")
    assert useless(("incident.read", "*.read", *wrong), "viewer") == list(wrong)
    assert useless(("rulebook.apply",), "admin") == []


# -------------------------------------------------------------------------------------------- facts


def test_what_belongs_to_whom_is_read_from_the_rulebook() -> None:
    rules = small_rulebook(roles={"security-audit": Duty(RoleId("security-audit"), (Target("person", "ana"),))})
    assert teams_of(DANA, rules) == teams_of(FRANK, rules) == {OURS}
    assert teams_of(NADIA, rules) == teams_of(None, rules) == frozenset()
    assert about_schedule("payments-primary", rules).teams == {THEIRS}
    assert about_service("checkout", rules).teams == {THEIRS}
    assert about_service("nothing", rules) == about_schedule("nothing", rules) == About()
    assert about_person(DANA, rules) == About(frozenset((OURS,)), frozenset((DANA,)))


def test_the_page_of_permissions_is_made_of_the_table() -> None:
    generator = Path(__file__).resolve().parents[2] / "tools" / "permissions.py"
    assert subprocess.run([sys.executable, str(generator), "--check"], check=False).returncode == 0, "run `make docs`"
