"""Small mistakes in a sound rulebook, each with the place at which something must be found of it."""

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from tests.lab.broken import START
from tocsin.core.ids import PersonId
from tocsin.core.instant import DAY
from tocsin.core.oncall.override import Absence, Facts

Change = Callable[[Facts], Facts]
STEP = "      - {hand_over: team, wait: 5m}\n"
NEXT = f"{STEP}      - {{notify: team.next, wait: 10m}}\n"
LADDER = f"{NEXT}      - {{notify: team.all, wait: 10m}}\n"
BREACH = """    functional:
      - {hand_over: team:security, wait: 5m}
      - {notify: team.next, wait: 10m}
      - {notify: team.all, wait: 10m}
"""
DANA = "      - {hand_over: person:dana, wait: 5m}\n      - {notify: person:dana, wait: 10m}\n"
BREACH_ASK = "    hierarchical:\n      - {after: 5m, ask: role:executive, within: 5m}\n"
MANY = "when: \"signal.severity == 'critical' && signal.affected_users > 500\"\n    then: {priority: P1, major: true}\n"
INFRA = "people: [dana, eve, finn], turn: weekly, handoff: mon 09:00, starts: 2026-01-05"
PAYMENTS = "people: [gita, ines, amy], turn: weekly, handoff: mon 09:00, starts: 2026-01-05"
DUTY = "people: [carla, hugo, frank], turn: weekly, handoff: wed 12:00, starts: 2026-01-07"
NIGHTS = """  nights:
    timezone: Europe/London
    week: {mon-fri: ["00:00-08:00", "18:00-24:00"], sat-sun: ["00:00-24:00"]}
"""
ZONES = """  here:  {timezone: Europe/London, week: {mon-sun: ["08:00-20:00"]}}
  there: {timezone: America/New_York, week: {mon-sun: ["00:00-03:00", "15:00-24:00"]}}
"""
SUNDAYS = '  sundays: {timezone: Europe/London, week: {sun: ["01:00-02:00"]}}\n'


class Mutation(Struct, frozen=True):
    """`replaced` pieces of the text, a `change` of today's facts; something is found `at` that place or below it."""

    name: str
    at: str
    replaced: tuple[tuple[str, str], ...] = ()
    change: Change | None = None


def _broken(person: str, *methods: str) -> Change:
    """All ways of somebody, or these alone, have failed for good."""

    def change(facts: Facts) -> Facts:
        ways = {
            way: "broken" if not methods or way in methods else state for way, state in facts.methods[person].items()
        }
        return replace(facts, methods={**facts.methods, person: ways})

    return change


def _declared(person: str) -> Change:
    return lambda facts: replace(
        facts, methods={**facts.methods, person: dict.fromkeys(facts.methods[person], "declared")}
    )


def _away(*people: str) -> Change:
    absences = tuple(Absence(f"a-{one}", PersonId(one), START + 30 * DAY, START + 60 * DAY) for one in people)
    return lambda facts: replace(facts, absences=absences)


def _text(name: str, at: str, *replaced: tuple[str, str]) -> Mutation:
    return Mutation(name, at, replaced)


MUTATIONS = (
    # schedules
    _text("let a rotation begin later", "schedules/infra-primary", (INFRA, INFRA.replace("2026-01-05", "2027-01-04"))),
    _text("let a rotation end", "schedules/payments-primary", (PAYMENTS, f"{PAYMENTS}, ends: 2027-03-01")),
    _text(
        "close the days on holidays",
        "schedules/infra-primary",
        ("hours:\n  office:", f"hours:\n{NIGHTS}  office:"),
        (f"[{{{INFRA}}}]", f"[{{{INFRA}, only: office}}, {{{INFRA}, only: nights}}]"),
    ),
    _text(
        "let New York take the nights",
        "schedules/duty",
        ("hours:\n  office:", f"hours:\n{ZONES}  office:"),
        (f"[{{{DUTY}}}]", f"[{{{DUTY}, only: here}}, {{{DUTY}, only: there}}]"),
    ),
    _text(
        "open in an hour that the clock skips",
        "hours/sundays",
        ("hours:\n  office:", f"hours:\n{SUNDAYS}  office:"),
        ("{after: 1d, hours: office, ask", "{after: 30m, hours: sundays, ask"),
    ),
    _text(
        "leave one person on a schedule", "schedules/payments-primary", (PAYMENTS, PAYMENTS.replace(", ines, amy", ""))
    ),
    _text("leave two people on a schedule", "schedules/infra-primary", (INFRA, INFRA.replace(", finn", ""))),
    # steps
    _text(
        "drop all steps but the first, and management",
        "policies/security-breach",
        (BREACH, "\n".join(BREACH.split("\n")[:2]) + "\n"),
        (BREACH_ASK, ""),
    ),
    _text(
        "let a step never come", "policies/production/functional/1", (NEXT, NEXT.replace("10m", '10m, when: "1 > 2"'))
    ),
    _text("call the same person again", "policies/production/functional/1", (LADDER, DANA)),
    _text("wait longer than was promised", "policies/production/functional/1", (NEXT, NEXT.replace("10m", "30m"))),
    _text(
        "promise more than the ladder can",
        "policies/production/functional",
        ("{P1: 30m, P2: 1h, else: 4h}", "{P1: 10m, else: 4h}"),
    ),
    _text("wait less than a telephone takes", "policies/production/functional/0", (STEP, STEP.replace("5m", "2m"))),
    _text("wait an hour for one person", "policies/production/functional/1", (NEXT, NEXT.replace("10m", "61m"))),
    _text("need more than there are", "policies/production/functional/0", (STEP, STEP.replace("5m", "5m, need: 4"))),
    _text(
        "divide by what may be nothing",
        "policies/production/functional/0/when",
        (STEP, STEP.replace("5m", '5m, when: "100 / signal.affected_users > 2"')),
    ),
    # people
    _text("make a circle of managers", "people/nadia", ("nadia: {name: Nadia}", "nadia: {name: Nadia, manager: omar}")),
    _text(
        "take the lead away", "policies/production/hierarchical/0", ("{lead: frank, members: [dana", "{members: [dana")
    ),
    _text("let nobody decide", "policies/production/hierarchical/2", ("by: role:executive", 'by: "manager:5"')),
    _text(
        "ask a manager whom nobody has", "policies/production/hierarchical/3", ('ask: "manager:1"', 'ask: "manager:5"')
    ),
    _text(
        "clear nobody",
        "policies/security-breach",
        *(
            (f"{one.capitalize()}, manager: lena, cleared: true", f"{one.capitalize()}, manager: lena")
            for one in ("ana", "ben", "leo")
        ),
    ),
    Mutation("break every way to somebody", "people/eve", change=_broken("eve")),
    Mutation("leave somebody unverified", "people/finn", change=_declared("finn")),
    Mutation("send a whole rotation away", "schedules/infra-primary", change=_away("dana", "eve", "finn")),
    # what leads where
    _text("move a service to another policy", "policies/complaint", ("policy: complaint,", "policy: production,")),
    _text(
        "let no source name the services",
        "services/identity",
        ("intake: generic, service: label:service", "intake: email, service: checkout"),
    ),
    _text(
        "forget the role that had the schedule",
        "schedules/duty",
        ("[schedule:duty, person:nadia]", "[person:carla, person:nadia]"),
    ),
    # criteria and severities
    _text("say a criterion twice", "criteria/2", (MANY, f"{MANY}  - name: The same again\n    {MANY}")),
    _text("ask for two things at once", "criteria/1", ("signal.affected_users > 500", "signal.severity == 'error'")),
    _text(
        "compare a text as a number", "criteria/1", ("signal.affected_users > 500", "int(signal.labels.users) > 500")
    ),
    _text("make every report urgent", "priorities/severity", ("warning: P3", "warning: P2")),
    # who is woken
    _text("wake by mail", "contact/urgent", ("[push, sms after 1m, voice after 3m]", "[email]")),
    _text("wake the last resort for trifles", "policies/production", ("warning: P3", "warning: P3, info: P5")),
    _text(
        "ring everybody of a large team at once",
        "policies/complaint/functional/0",
        ("assign: round_robin", "assign: everyone"),
        ("members: [kai, tom]", "members: [kai, tom, ana, ben, leo, dana]"),
    ),
)
