"""News for those who are informed: whom it tells at that moment, each once, and nobody who may not know of it."""

from typing import Any

import pytest

from tests.cast import facts, period, small_rulebook, target
from tests.core.incident.play import Play, away, inform, ladder, notify, reachable, world
from tocsin.core.catalogue.people import ContactLadder, Entry
from tocsin.core.ids import PersonId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.outgoing import UPDATE
from tocsin.core.instant import MINUTE
from tocsin.core.policy.policy import Updates
from tocsin.core.routing.criterion import Criterion, Raise

SECRET = Criterion("Secret", "true", Raise(confidential=True))


def informing(**fields: Any) -> Play:
    """Checkout is down: nadia is its stakeholder, kai reported it, hugo leads the team and was informed."""
    play = ladder(notify("person:gita", "10h"), hierarchical=(inform("team.lead", "0m"),), **fields)
    play.trigger(service="checkout", reporter="kai", reported_by="person")
    return play


def post(play: Play, by: str = "gita") -> ev.Posted:
    (posted,) = [one for one in play.put(cmd.PostUpdate(by, "t1")) if isinstance(one, ev.Posted)]
    return posted


def test_it_tells_stakeholders_the_reporter_and_who_was_informed() -> None:
    play = informing()
    posted = post(play)
    assert posted.told == {"nadia": ("email",), "kai": ("email",), "hugo": ("email",)}
    news = [one for one in play.messages if one.text.key == UPDATE]
    assert [(one.to, one.purpose, one.lane, one.round) for one in news] == [
        ("nadia", "inform", "routine", 0),
        ("kai", "inform", "routine", 0),
        ("hugo", "inform", "routine", 0),
    ]
    assert {one.text.values["text"] for one in news} == {"t1"}


def test_whom_the_policy_promises_updates_are_told_too() -> None:
    targets = (target("role:head-of-it"), target("team.lead"), target("channel:ops"))
    play = informing(updates=Updates({"P1": period("1h")}, targets))
    assert list(post(play).told) == ["nadia", "kai", "omar", "hugo", "channel:ops"]


@pytest.mark.parametrize("author", ["nadia", "kai", "hugo"])
def test_the_author_is_not_told(author: str) -> None:
    told = set(post(informing(), author).told)
    assert told == {"nadia", "kai", "hugo"} - {author}


def test_whom_a_role_means_is_found_when_it_is_written() -> None:
    """The executive is nadia; while she is away it is omar, who speaks for her."""
    assert list(post(informing(people=away("nadia"))).told) == ["omar", "kai", "hugo"]


def test_each_update_is_a_message_of_its_own() -> None:
    play = informing(silent_providers=True)
    post(play)
    post(play)
    news = [one.id for one in play.messages if one.to == "nadia"]
    assert len(set(news)) == 2


def test_it_comes_by_the_first_routine_ways_and_by_voice_only_where_nothing_else_leads_there() -> None:
    routine = (Entry("voice", 5 * MINUTE), Entry("email", 5 * MINUTE), Entry("sms", 10 * MINUTE))
    people = facts("verified", "voice", "email", "sms", contact={"nadia": ContactLadder((), routine)})
    assert post(informing(people=people)).told[PersonId("nadia")] == ("email",)
    only = facts("verified", "voice", contact={"nadia": ContactLadder((), (Entry("voice", 0),))})
    assert post(informing(people=only)).told[PersonId("nadia")] == ("voice",)


def test_it_calls_nobody_and_moves_nothing() -> None:
    play = informing()
    before = play.state
    post(play)
    after = play.state
    assert (after.status, after.owner, after.moved, after.rounds) == (
        before.status, before.owner, before.moved, before.rounds,
    )  # fmt: skip
    assert (after.functional, after.hierarchical) == (before.functional, before.hierarchical)


def test_it_can_be_written_when_all_is_over_and_not_once_it_is_closed() -> None:
    play = informing()
    play.resolved(service="checkout")
    assert "nadia" in post(play).told
    assert [one.purpose for one in play.messages if one.to == "nadia"] == ["inform"], (
        "nobody is told twice that it ended"
    )
    play.put(cmd.Close("gita"))
    assert play.refused(cmd.PostUpdate("gita", "t1")) == "ended"


def test_news_of_what_has_changed_since_is_refused() -> None:
    play = informing()
    seen = play.state.seq
    play.acknowledge("gita")
    assert play.refused(cmd.PostUpdate("gita", "t1", seen=seen)) == "stale"


@pytest.mark.parametrize(
    ("play", "why"),
    [
        (lambda: ladder(notify("person:gita", "10h")), "update.for_nobody"),
        (lambda: ladder(notify("person:gita", "10h"), people=reachable("gita")), "update.unreachable"),
    ],
)
def test_where_it_reaches_nobody_it_says_why(play: Any, why: str) -> None:
    made: Play = play()
    made.trigger(service="order-database" if why == "update.for_nobody" else "checkout")
    posted = post(made)
    assert (posted.told, posted.why and posted.why.key) == ({}, why)


def test_who_may_not_know_of_a_confidential_one_is_not_told() -> None:
    """Hugo leads its team; nadia is a stakeholder and kai reported it, which lets neither of them read it."""
    updates = Updates({"P1": period("1h")}, (target("role:head-of-it"), target("channel:ops")))
    play = informing(rules={"criteria": (SECRET,)}, updates=updates)
    assert play.state.confidential
    assert list(post(play).told) == ["hugo"]


def test_a_confidential_one_that_nobody_may_know_of_says_so() -> None:
    play = ladder(notify("person:gita", "10h"), rules={"criteria": (SECRET,)})
    play.trigger(service="checkout")
    posted = post(play)
    assert (posted.told, posted.why and posted.why.key) == ({}, "update.not_cleared")


def test_auditors_among_those_who_are_informed_are_told_of_a_confidential_one() -> None:
    book = small_rulebook(criteria=(SECRET,))
    auditors = type(book.roles["executive"])("security-audit", (target("person:nadia"),))  # type: ignore[arg-type]
    play = Play(world(small_rulebook(criteria=(SECRET,), roles={**book.roles, "security-audit": auditors})))
    play.trigger(service="checkout")
    assert list(post(play).told) == ["nadia"]


def test_it_cannot_be_taken_back_and_stands_in_no_undos_way() -> None:
    play = informing()
    play.acknowledge("gita")
    post(play)
    play.undo("gita")
    assert play.state.owner is None
    assert len(play.facts(ev.Posted)) == 1
    alone = informing()
    post(alone)
    assert alone.refused(cmd.Undo("gita", past=alone.past)) == "nothing_to_undo"
