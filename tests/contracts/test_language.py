"""The rulebook language as a whole: what a file means, what is kept apart, what comes back as text."""

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from tocsin import config
from tocsin.core.catalogue.target import Target
from tocsin.core.instant import HOUR, Period
from tocsin.core.rulebook import Rulebook

ROOT = Path(__file__).resolve().parents[2]
ACME = ROOT / "examples" / "acme.yaml"

SMALL = """\
tocsin: 1
organisation: Small
timezone: Europe/Berlin
last_resort: [person:ana]
unrouted: {team: ops, policy: standard, priority: P2}
people:
  ana: {name: Ana, email: ana@x.example}   # she knows
teams:
  ops: {members: [ana]}
policies:
  standard:
    functional: [{hand_over: team, wait: 5m}]
"""


def rulebook(text: str) -> Rulebook:
    loaded = config.loads({"small.yaml": text})
    assert loaded.rulebook is not None, "\n".join(map(str, loaded.complaints))
    return loaded.rulebook


def with_section(text: str) -> Rulebook:
    return rulebook(SMALL + dedent(text))


def acme() -> config.Loaded:
    return config.load(ACME)


def test_acme_loads_without_a_complaint() -> None:
    assert acme().complaints == ()
    assert acme().rulebook is not None


def test_acme_is_told_what_is_not_yet_active() -> None:
    notices = [(notice.code, notice.line) for notice in acme().notices]
    assert notices == [("N002", 100), ("N001", 130), ("N001", 139), ("N004", 149), ("N004", 150)]


def test_personal_data_are_seeds_and_never_in_the_rulebook() -> None:
    loaded = acme()
    assert loaded.seeds[2] == config.Seed("carla", "Carla Reyes", "carla@acme.example", "+442071230003")
    assert "@acme.example" not in repr(loaded.rulebook)
    assert "Carla" not in repr(loaded.rulebook)
    assert "+4420" not in repr(loaded.rulebook)


def test_acme_means_what_it_says() -> None:
    book = acme().rulebook
    assert book is not None
    assert book.hours["office"].week == (((480, 1080),),) * 5 + ((), ())
    assert {"2026-12-25", "2030-04-22"} <= book.hours["office"].holidays
    assert book.hours["weekend"].day == 24 * HOUR
    assert book.schedules["infra-primary"].rotations[0].weekday == 0
    assert book.policies["production"].acknowledged_for["P5"] == Period(time=4 * HOUR)
    assert book.policies["complaint"].exhausted is not None
    assert book.sources["prometheus"].key == "TOCSIN_KEY_PROMETHEUS"
    assert book.slas["gold"].levels["resolve"][-1].percent == 100
    assert book.criteria[2].cool_down == 24 * HOUR


def test_the_digest_is_blind_to_comments_order_and_files() -> None:
    sections = SMALL.split("teams:\n")
    head, tail = sections[0], "teams:\n" + sections[1].replace("hand_over: team, wait: 5m", "wait: 5m, hand_over: team")
    split = config.loads({"b.yaml": "# first\ntocsin: 1\n" + tail, "a.yaml": head.replace("   # she knows", "")})
    assert split.rulebook is not None
    assert split.rulebook == rulebook(SMALL)


def test_the_digest_sees_every_rule_and_no_address() -> None:
    digest = rulebook(SMALL).digest
    assert rulebook(SMALL.replace("wait: 5m", "wait: 6m")).digest != digest
    assert rulebook(SMALL.replace("[ana]}", "[ana], tier: 2}")).digest != digest
    assert rulebook(SMALL.replace("ana@x.example", "ana@y.example").replace("name: Ana", "name: An")).digest == digest


def test_a_policy_is_pinned_by_its_own_content() -> None:
    policy = rulebook(SMALL).policies["standard"]
    assert with_section("services: {db: {team: ops, policy: standard}}").policies["standard"] == policy
    assert rulebook(SMALL.replace("wait: 5m", "wait: 6m")).policies["standard"].digest != policy.digest


def test_a_definition_in_two_files_is_refused_with_both_places() -> None:
    more = "tocsin: 1\npeople:\n  ana: {name: Anna}\ntimezone: UTC\n"
    complaints = config.loads({"a.yaml": SMALL, "b.yaml": more}).complaints
    assert [(c.file, c.line, c.code) for c in complaints] == [("b.yaml", 3, "F010"), ("b.yaml", 4, "F010")]
    assert "a.yaml:7:3" in complaints[0].text


def test_criteria_of_several_files_are_joined_in_the_order_of_the_names() -> None:
    more = 'criteria: [{{name: {0}, when: "true", then: {{major: true}}}}]\n'
    book = config.loads({"c.yaml": more.format("C"), "a.yaml": SMALL, "b.yaml": more.format("B")}).rulebook
    assert book is not None
    assert [criterion.name for criterion in book.criteria] == ["B", "C"]


def test_a_broken_file_does_not_make_its_neighbours_complain_about_what_it_defines() -> None:
    complaints = config.loads({"a.yaml": SMALL[: SMALL.index("people:")], "b.yaml": "people: {ana: [\n"}).complaints
    assert [(c.file, c.code) for c in complaints] == [("b.yaml", "Y001")]


def test_a_folder_is_one_rulebook(tmp_path: Path) -> None:
    (tmp_path / "all.yaml").write_text(SMALL)
    (tmp_path / "more.yml").write_text("services: {db: {team: ops, policy: standard}}\n")
    (tmp_path / "notes.txt").write_text("not: read: at: all")
    loaded = config.load(tmp_path)
    assert loaded.rulebook is not None
    assert set(loaded.rulebook.services) == {"db"}


def test_what_cannot_be_read_is_a_complaint(tmp_path: Path) -> None:
    (tmp_path / "big.yaml").write_bytes(b"#" * (4 * 1024 * 1024 + 1))
    assert [c.code for c in config.load(tmp_path / "none.yaml").complaints] == ["Y021"]
    assert [c.code for c in config.load(tmp_path / "big.yaml").complaints] == ["Y012"]
    (tmp_path / "big.yaml").unlink()
    assert [c.code for c in config.load(tmp_path).complaints] == ["Y022"]
    assert [c.code for c in config.loads({}).complaints] == ["Y022"]


def test_a_complaint_can_be_shown_with_its_line_and_a_caret() -> None:
    text = SMALL.replace("wait: 5m", "wait: 5 m")
    complaint = config.loads({"small.yaml": text}).complaints[0]
    assert str(complaint) == "small.yaml:12:42: error F011: '5 m' is not a duration (write 5m)"
    line, caret = config.excerpt(complaint, {"small.yaml": text}).split("\n")
    assert line[caret.index("^") :].startswith("5 m")


def test_an_opening_over_midnight_is_two_and_touching_ones_are_one() -> None:
    hours = with_section("""
        hours:
          night: {week: {mon-tue: ["22:00-06:00", "06:00-07:00"], sun: ["18:00-00:00"]}, day: 8h}
    """).hours["night"]
    assert hours.week[:3] == (((360, 420), (1320, 1440)), ((0, 420), (1320, 1440)), ((0, 360),))
    assert hours.week[3:] == ((), (), (), ((1080, 1440),))
    assert hours.day == 8 * HOUR
    assert hours.timezone == "Europe/Berlin"


def test_a_week_may_run_round_its_end_and_list_its_days() -> None:
    week = (
        with_section("""
        hours:
          odd: {week: {sat-mon: ["10:00-12:00"], "tue, thu": 09:00-10:00}}
    """)
        .hours["odd"]
        .week
    )
    assert [bool(day) for day in week] == [True, True, False, True, False, True, True]


def test_every_kind_of_hand_off_is_understood() -> None:
    rotations = (
        with_section("""
        schedules:
          all:
            rotations:
              - {people: [ana], turn: weekly, handoff: Tue  09:30, starts: 2026-01-05, every: 2}
              - {people: [ana, none], turn: daily, handoff: 17:00, starts: 2026-01-05, ends: 2026-02-01}
              - {people: [ana], turn: monthly, handoff: 28 00:00, starts: 2026-01-05}
              - {people: [ana], turn: hourly, handoff: 08:00, starts: 2026-01-05, every: 12}
    """)
        .schedules["all"]
        .rotations
    )
    assert [(r.weekday, r.monthday, r.minute) for r in rotations] == [
        (1, None, 570), (None, None, 1020), (None, 28, 0), (None, None, 480),
    ]  # fmt: skip
    assert rotations[1].people == ("ana", "")


def test_one_value_stands_for_all_priorities_and_else_for_the_rest() -> None:
    policy = with_section("""\
    #
      other:
        functional: [{notify: [team, person:ana], wait: 1h, need: 2, as: routine, skills: [b, a], unless: resolved}]
        acknowledged_for: 45m
        updates: {every: {P1: 30m}, to: stakeholders}
    """).policies["other"]
    assert set(policy.acknowledged_for) == {"P1", "P2", "P3", "P4", "P5"}
    assert policy.updates is not None
    assert set(policy.updates.every) == {"P1"}
    step = policy.functional[0]
    assert (step.need, step.urgency, step.skills, step.unless) == (2, "routine", ("a", "b"), "resolved")
    assert step.targets == (Target("word", "team"), Target("person", "ana"))


def test_an_unknown_channel_is_only_a_notice() -> None:
    text = SMALL.replace("hand_over: team", "notify: [team, channel:ops-room]")
    assert [notice.code for notice in config.loads({"a": text}).notices] == ["N005"]


def test_what_was_loaded_comes_back_with_its_comments() -> None:
    text = config.dump(acme())
    assert text == ACME.read_text("utf-8")
    assert config.dump(config.loads({"again": text})) == text


def test_dumping_makes_line_ends_regular_and_nothing_else() -> None:
    untidy = "\ufeff" + SMALL.replace("\n", "\r\n").removesuffix("\r\n")
    assert config.dump(config.loads({"a": untidy})) == SMALL


def test_of_several_files_one_is_asked_for() -> None:
    loaded = config.loads({"a": SMALL, "b": "services: {}\n"})
    assert config.dump(loaded, "b") == "services: {}\n"
    with pytest.raises(ValueError, match="a, b"):
        config.dump(loaded)


def test_a_difference_names_its_path() -> None:
    other = SMALL.replace("wait: 5m}", "wait: 6m}, {notify: team.all, wait: 5m}")
    other += "services: {db: {team: ops, policy: standard}}\n"
    changes = config.diff(rulebook(SMALL), rulebook(other))
    assert [(change.kind, change.path) for change in changes] == [
        ("added", "services.db"),
        ("changed", "policies.standard.functional[0].wait"),
        ("added", "policies.standard.functional[1]"),
    ]
    assert str(changes[1]) == "~ policies.standard.functional[0].wait: 5m -> 6m"
    assert config.diff(rulebook(SMALL), rulebook(SMALL)) == ()


def test_the_reference_is_as_the_types_write_it() -> None:
    generator = [sys.executable, str(ROOT / "tools" / "language.py"), "--check"]
    assert subprocess.run(generator, check=False).returncode == 0, "out of date: run `make docs`"
