"""Why somebody was or was not reached: each cause by an incident in which it is the one that held."""

from collections.abc import Iterable

from msgspec.structs import replace

from tests.cast import ANA, CAST, DANA, EVE, LENA, MINUTE, MONDAY, OMAR, TOM
from tests.lab.acme import ACME, minute
from tocsin.core.ids import IncidentId, PersonId, ScheduleId, SourceId
from tocsin.core.incident import commands as cmd
from tocsin.core.instant import DAY, HOUR, Instant
from tocsin.core.oncall.override import Absence, Override
from tocsin.core.phrase import Phrase
from tocsin.core.signal import Signal
from tocsin.core.world import World
from tocsin.lab.behaviour import Behaviour, Happening, Put, Signals, Trouble
from tocsin.lab.simulator import play
from tocsin.lab.why.answer import Answer, Line, dated
from tocsin.lab.why.asking import why
from tocsin.lab.why.everybody import called, kept_back

TROUBLE = Signal(key="db", action="trigger", title="Disk full", severity="critical", service="order-database")


def happens(*acts: tuple[int, cmd.Command], signal: Signal = TROUBLE, at: Instant = MONDAY) -> list[Happening]:
    """It is reported, and then people act at those minutes."""
    opening = Happening(at, Signals(SourceId("scripts"), (signal,)))
    return [opening, *(Happening(at + n * MINUTE, Put(IncidentId("INC-1"), act)) for n, act in acts)]


def asked(
    person: PersonId | None,
    acts: Iterable[Happening],
    after: int = 60,
    world: World = ACME,
    troubles: tuple[Trouble, ...] = (),
    at: int | None = None,
) -> Answer:
    """Played for so many minutes, and asked about the last or an earlier one."""
    done = play(world, list(acts), minute(after), Behaviour(troubles))
    return why("INC-1", done.events("INC-1"), lambda _: world, minute(after if at is None else at), person)


def keys(answer: Answer) -> list[str]:
    """Every reason by its key."""
    return [phrase.key for line in answer.lines for phrase in (line.what, *line.why)]


def coming(answer: Answer) -> list[str]:
    assert answer.coming is not None
    return [phrase.key for phrase in answer.coming.why]


def kept_out(answer: Answer) -> list[Line]:
    return [one for one in answer.lines if one.kind == "kept_out"]


def with_facts(**changes: object) -> World:
    """The example, with that in its roster."""
    return World(ACME.rulebook, ACME.conditions, replace(ACME.facts, version=2, **changes))


def verdict(answer: Answer) -> str:
    assert answer.verdict is not None
    return answer.verdict.key


def test_whoever_was_on_call_was_reached_and_when_is_said() -> None:
    answer = asked(DANA, happens(), after=3)
    assert answer.verdict == Phrase("lab.why.verdict.reached", {"person": "dana", "since": str(MONDAY)})
    assert next(one.kind for one in answer.lines) == "called"


def test_whoever_was_not_on_call_hears_who_was_and_by_which_turn() -> None:
    answer = asked(EVE, happens(), after=3)
    first = next(one for one in kept_out(answer) if one.what.key == "lab.why.step")
    assert Phrase("lab.why.names", {"target": "team", "people": "dana"}) in first.why
    assert "oncall.turn" in [one.key for one in first.why]


def test_an_override_that_took_somebody_s_place_is_named() -> None:
    override = Override("o1", ScheduleId("infra-primary"), MONDAY, MONDAY + DAY, EVE, "replace", DANA)
    answer = asked(DANA, happens(), after=3, world=with_facts(overrides=(override,)))
    assert "oncall.replaces" in keys(answer)
    assert verdict(answer) == "lab.why.verdict.kept_out"


def test_whoever_was_away_hears_until_when() -> None:
    absent = Absence("a1", DANA, MONDAY - HOUR, MONDAY + DAY)
    answer = asked(DANA, happens(), after=3, world=with_facts(absences=(absent,)))
    until = {"person": "dana", "until": str(MONDAY + DAY)}
    assert Phrase("lab.why.away", until) in [why for one in answer.lines for why in one.why]


def test_a_closed_team_is_named_with_its_opening() -> None:
    night = MONDAY + 18 * HOUR
    said = replace(TROUBLE, reported_by="person", reporter="shop")
    done = play(ACME, happens(signal=said, at=night), night + MINUTE, Behaviour())
    answer = why("INC-1", done.events("INC-1"), lambda _: ACME, night + MINUTE, ANA)
    opening = str(MONDAY + DAY - HOUR)  # tuesday at eight
    closed = Phrase("lab.why.closed", {"target": "team:service-desk", "until": opening})
    assert closed in [why for line in answer.lines for why in line.why]


def test_whoever_has_no_way_that_works_hears_which_are_broken() -> None:
    gone = {**ACME.facts.methods, "dana": {"email": "broken", "sms": "broken"}}
    answer = asked(DANA, happens(), after=3, world=with_facts(methods=gone))
    assert {"lab.why.ways_broken"} <= set(keys(answer))
    assert [one.key for one in answer.notes][:2] == ["lab.why.way.broken"] * 2


def test_whoever_has_no_way_at_all_hears_that() -> None:
    answer = asked(DANA, happens(), after=3, world=with_facts(methods={**ACME.facts.methods, "dana": {}}))
    assert "lab.why.no_way" in keys(answer)


def test_whoever_has_no_way_and_was_not_on_call_hears_who_was_all_the_same() -> None:
    answer = asked(EVE, happens(), after=3, world=with_facts(methods={**ACME.facts.methods, EVE: {}}))
    first = kept_out(answer)[0]
    assert [one.key for one in first.why][-1] == "lab.why.no_way"
    assert "dana" in str(first.why[0].values)


def test_an_acknowledgement_is_why_later_steps_did_not_come() -> None:
    answer = asked(EVE, happens((2, cmd.Acknowledge(DANA))), after=8)
    stands = [one for one in answer.lines if one.what.key == "lab.why.acknowledged"]
    assert stands[-1].what.values == {"by": "dana", "since": str(minute(2))}


def test_a_management_step_that_an_acknowledgement_skipped_says_by_whom() -> None:
    answer = asked(OMAR, happens((2, cmd.Acknowledge(DANA))), after=29)
    rungs = [one for one in kept_out(answer) if one.what.key == "lab.why.rung"]
    assert all(one.why for one in rungs)


def test_a_snooze_is_why_nobody_is_called() -> None:
    answer = asked(EVE, happens((1, cmd.Snooze(DANA, minute(240)))), after=3)
    assert Phrase("lab.why.snoozed", {"until": str(minute(240))}) in [one.what for one in answer.lines]
    assert coming(answer)


def test_what_the_source_said_is_why_nobody_is_called() -> None:
    seen = Happening(minute(1), Signals(SourceId("scripts"), (replace(TROUBLE, action="acknowledge"),)))
    answer = asked(EVE, [*happens(), seen], after=3)
    assert "lab.why.suspended" in keys(answer)


def test_what_is_over_says_since_when() -> None:
    answer = asked(EVE, happens((2, cmd.Resolve(DANA))), after=8)
    assert Phrase("lab.why.ended", {"since": str(minute(2))}) in [one.what for one in answer.lines]


def test_whom_no_step_could_mean_hears_that() -> None:
    assert verdict(asked(TOM, happens(), after=3)) == "lab.why.verdict.never_named"


def test_whoever_would_be_called_later_hears_when() -> None:
    later = [one for one in asked(OMAR, happens(), after=3).lines if one.kind == "coming"]
    assert later
    assert later[0].at > minute(3)


def test_whoever_is_gone_from_the_rulebook_hears_that() -> None:
    answer = asked(PersonId("zoe"), happens(), after=3)
    assert verdict(answer) == "lab.why.verdict.never_named"


def test_a_condition_that_does_not_hold_is_quoted() -> None:
    mild = replace(TROUBLE, severity="warning")
    people = [asked(one, happens(signal=mild), after=300) for one in CAST]
    assert any("step.unmatched" in keys(one) for one in people)


def test_a_message_tells_what_became_of_it() -> None:
    broken = Trouble("permanent", MONDAY, None, "email", "dana")
    answer = asked(DANA, happens((2, cmd.Acknowledge(EVE))), after=8, troubles=(broken,))
    fates = {one.method: [fate.outcome for fate in one.fates] for one in answer.letters if one.purpose == "page"}
    assert fates["email"] == ["permanent"]
    assert fates["sms"] == ["sent"]
    assert verdict(answer) == "lab.why.verdict.reached"


def test_a_message_that_was_withdrawn_says_by_what() -> None:
    down = Trouble("passing", MONDAY, None)
    answer = asked(DANA, happens((2, cmd.Acknowledge(EVE))), after=8, troubles=(down,))
    last = [one.fates[-1] for one in answer.letters if one.purpose == "page"]
    assert {one.outcome for one in last} == {"withdrawn"}
    assert all(one.why is not None and one.why.values["by"] == "eve" for one in last)
    assert verdict(answer) == "lab.why.verdict.not_arrived"


def test_what_has_not_left_yet_is_under_way() -> None:
    down = Trouble("passing", MONDAY, None)
    assert verdict(asked(DANA, happens(), after=3, troubles=(down,))) == "lab.why.verdict.under_way"


def test_only_what_had_happened_by_then_is_told() -> None:
    acts = happens((2, cmd.Acknowledge(DANA)), (5, cmd.Resolve(DANA)))
    then, now = asked(DANA, acts, after=8, at=3), asked(DANA, acts, after=8)
    assert "lab.why.ended" not in keys(then)
    assert "lab.why.ended" in keys(now)
    assert max(one.at for one in then.lines if one.kind != "coming") <= minute(3)


def test_before_it_began_there_is_nothing_to_explain() -> None:
    answer = asked(DANA, happens(), after=8, at=-1)
    assert (verdict(answer), answer.lines, answer.coming) == ("lab.why.not_yet", (), None)


def test_the_next_step_says_from_which_instant_its_wait_runs_and_whom_it_names_by_what() -> None:
    answer = asked(None, happens(), after=3)
    assert answer.coming is not None
    assert [one.key for one in answer.coming.why] == ["lab.why.then.step"]
    assert answer.coming.why[0].values == {"step": "2", "length": "5m", "since": str(MONDAY)}
    assert [one.person for one in answer.coming.whom] == ["eve"]
    assert "oncall.follows" in [one.key for one in answer.coming.whom[0].why]


def test_a_lease_says_whose_it_is_and_how_long() -> None:
    answer = asked(None, happens((2, cmd.Acknowledge(DANA))), after=28)
    assert answer.coming is not None
    assert answer.coming.why[0].key in {"lab.why.then.lease", "lab.why.then.rung"}


def test_a_wait_that_is_counted_in_hours_names_every_closing() -> None:
    friday = MONDAY + 4 * DAY + 8 * HOUR + 30 * MINUTE
    low = replace(TROUBLE, severity="warning", service="customer-care", kind="complaint")
    done = play(ACME, happens(signal=low, at=friday), friday + MINUTE, Behaviour())
    answer = why("INC-1", done.events("INC-1"), lambda _: ACME, friday + MINUTE)
    assert answer.coming is not None
    since, until = str(friday + 30 * MINUTE), str(MONDAY + 7 * DAY - HOUR)
    assert [one.key for one in answer.coming.why] == ["lab.why.then.call", "lab.why.then.hours", "lab.why.then.closed"]
    assert answer.coming.why[-1].values == {"since": since, "until": until}


def test_every_answer_is_the_same_for_the_same_facts() -> None:
    acts = happens((2, cmd.Acknowledge(DANA)), (40, cmd.Unacknowledge(DANA)))
    assert asked(EVE, acts) == asked(EVE, acts)


def test_times_in_phrases_are_written_as_whoever_reads_them_wants() -> None:
    phrase = Phrase("lab.why.away", {"person": "dana", "until": str(MONDAY)})
    assert dated(phrase, lambda at: f"<{at}>").values == {"person": "dana", "until": f"<{MONDAY}>"}


BREACH = Signal(
    key="b", action="trigger", title="Odd log-in", severity="critical", service="identity",
    labels={"category": "security"},
)  # fmt: skip


def test_of_a_confidential_one_it_is_said_who_may_not_know_of_it() -> None:
    told = asked(TOM, happens(signal=BREACH), after=3)
    line = next(one for one in told.lines if one.what.key == "lab.why.not_cleared")
    assert (line.kind, line.what.values) == ("fact", {"person": "tom", "team": "security"})
    assert "lab.why.not_cleared" not in keys(asked(LENA, happens(signal=BREACH), after=3))
    assert "lab.why.not_cleared" not in keys(asked(TOM, happens(), after=3))


def test_without_a_person_rounds_are_told_with_their_causes_and_what_kept_others_out() -> None:
    acts = happens((6, cmd.Acknowledge(by=EVE)))
    past = play(ACME, acts, minute(20), Behaviour()).events("INC-1")
    first = called(past)[0]
    assert (first.person, first.purpose, first.cause.key) == (DANA, "page", "page.step")
    assert {"step.unmatched"} <= {why.key for one in kept_back(past) for why in one.why}


def test_a_lease_whose_end_was_moved_by_an_estimate_says_until_when_it_holds() -> None:
    acknowledged = cmd.Acknowledge(DANA, eta=minute(12))
    answer = asked(None, happens((2, acknowledged)), after=11)
    assert coming(answer) == ["lab.why.then.lease_until"]
    assert answer.coming is not None
    values = answer.coming.why[0].values
    assert (values["since"], values["until"]) == (str(minute(2)), str(minute(12)))
    assert coming(asked(None, happens((2, cmd.Acknowledge(DANA))), after=31)) == ["lab.why.then.lease"]
