"""Writes the page of policies that others use: each in the language of tocsin, with what the checks find in it.

They lie beside the project (`../shared`), not in it; where that folder is absent the page stays as it was written.
"""

import argparse
import itertools
import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tocsin.config import loads
from tocsin.core.ids import CLOSED_WORDS
from tocsin.core.instant import DAY, parse_instant
from tocsin.core.oncall.override import Facts, MethodState
from tocsin.core.routing.criteria import compile_all
from tocsin.core.rulebook import Rulebook
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.examine import examine
from tocsin.lib.translate import say

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT.parent / "shared" / "cases" / "policies.json"
PAGE = ROOT / "docs" / "policies-in-the-wild.md"
START = parse_instant("2026-11-02T00:00:00Z")
"""Always the same, so that the page is."""

LONG = 42 * DAY
"""Every rotation twice: in these rulebooks no week of the year is another."""

NOWHERE = "noone-nowhere"
"""Somebody to whom, says the source, nothing leads."""

HEAD = """# Policies in the wild

Written by `make docs` from {n} escalation policies that others published or put into examples: those of the collection
that do not run a production. Each was written in the language of tocsin, step by step, and checked. What the checks
find is no blame: most of them were written for a tool that does not say it.

Facts carry over as they are: steps, targets, waits, rounds. Where a tool counts from the opening, the waits are the
differences; where the first step comes only some time after it, the steps are management's, and what then calls
nobody at the opening is refused (P001). What a policy alone does not say is taken to be as good as it can be, so that
nothing is found for lack of knowledge: three people take turns on a schedule by weeks, a team has three members, a
named user is one person, everybody has a verified address for push, SMS, voice and mail, called in this order
({contact}). Nothing is known of anybody's manager, and no policy names management as such. A last step without a wait
gets five minutes. A severity makes P1 to P3. Behind everything stands one last resort, called `operator`. Looked at
are six weeks, for in these rulebooks every week is like the others.

| finding | policies | |
|---|---|---|
"""
CONTACT = "[push, sms after 1m, voice after 3m]"


def main() -> int:
    """Write the page, or with --check say whether it is as it would be written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; 1 when the page is out of date")
    checking = parser.parse_args().check
    if not KEPT.exists():
        print(f"{PAGE.name}: left as it is, for there are no policies in ../shared", file=sys.stderr)
        return 0
    text = page(policies())
    if checking:
        return int(not PAGE.exists() or PAGE.read_text("utf-8") != text)
    PAGE.write_text(text, "utf-8")
    return 0


def policies() -> list[dict[str, Any]]:
    """The collected policies that run no production."""
    kept: list[dict[str, Any]] = json.loads(KEPT.read_text("utf-8"))["policies"]
    return [one for one in kept if one["class"] != "production"]


def page(kept: list[dict[str, Any]]) -> str:
    """The whole page."""
    found = [(one, list(findings(one))) for one in kept]
    head = HEAD.format(n=len(kept), contact=CONTACT.strip("[]"))
    rows = [
        f"| {_cell(one['name'])} | {_steps(one)} | {_found(said)} | {_cell(one['source'])} |" for one, said in found
    ]
    table = ["| policy | steps | what is found | source |", "|---|---|---|---|", *rows]
    return head + "\n".join([*_summary(said for _, said in found), "", *table]) + "\n"


def findings(policy: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Code, place and sentence of whatever is found in one policy; what the language refuses is found, too."""
    loaded = loads({"rulebook.yaml": rulebook(policy)})
    if loaded.rulebook is None:
        errors = [one for one in loaded.errors if one.code != "P005"]  # that the service, too, then calls nobody
        yield from ((one.code, f"line {one.line}", f"{one.text}: {one.hint}") for one in errors)
        return
    examined = examine(case_of(loaded.rulebook))
    yield from ((one.code, ".".join(one.where), say(one.text)) for one in examined.findings)


def case_of(rulebook: Rulebook) -> Case:
    """What is to be proved: everybody can be reached by every way, but for the one who is nowhere."""
    ways: dict[str, MethodState] = dict.fromkeys(("push", "email", "sms", "voice"), "verified")
    methods = {name: {} if name == NOWHERE else ways for name in rulebook.people}
    steps = [step for policy in rulebook.policies.values() for step in (*policy.functional, *policy.hierarchical)]
    conditions = compile_all(step.when for step in steps if step.when is not None)
    return Case(rulebook, conditions, START, Facts(1, methods=methods), horizon=LONG)


def rulebook(policy: dict[str, Any]) -> str:
    """The rulebook of an organisation that has this policy and nothing else."""
    whom = [[_target(name) for name in step["targets"]] for step in policy["steps"]]
    ladder, name = _ladder(policy, whom), _id(policy["name"])
    every = [target for targets in whom for target in targets]
    people, lines = _people(every)
    return "\n".join(
        [
            f"# {policy['name']}: {policy['source']}",
            *([f"# {policy['note']}"] if policy.get("note") else []),
            "tocsin: 1", 'organisation: "In the wild"', "timezone: UTC", "last_resort: [person:operator]",
            f"unrouted: {{team: owners, policy: {name}, priority: P2}}", "people:",
            *(f"  {name}: {{name: {name}}}" for name in sorted({*people, "operator"})),
            f"contact: {{urgent: {CONTACT}, routine: [email]}}", *lines, f"  owners: {_owners(whom[0])}",
            "priorities: {severity: {critical: P1, error: P2, warning: P3, else: P2}}",
            f"services: {{theirs: {{team: owners, policy: {name}}}}}", "policies:", f"  {name}:", *ladder,
            f"    repeat: {policy['repeat_after_end'] or 0}", "",
        ]
    )  # fmt: skip


def _ladder(policy: dict[str, Any], whom: list[list[str]]) -> list[str]:
    """The steps; those that a tool counts from the opening and does not begin with are management's."""
    times = [step["escalate_after_min"] for step in policy["steps"]]
    if "semantics" not in policy:
        return ["    functional:", *map(_notify, whom, times)]
    if times[0] > 0:
        unless = "resolved" if "if-not-closed" in policy.get("note", "") else "acknowledged"
        steps = zip(times, whom, strict=True)
        asks = [f"      - {{after: {at}m, unless: {unless}, ask: {_listed(targets)}}}" for at, targets in steps]
        return ["    functional: []", "    hierarchical:", *asks]
    waits = [after - before for before, after in itertools.pairwise(times)]
    return ["    functional:", *map(_notify, whom, [*waits, 5])]


def _notify(targets: list[str], wait: int) -> str:
    return f"      - {{notify: {_listed(targets)}, wait: {wait}m}}"


def _listed(targets: list[str]) -> str:
    return f"[{', '.join(targets)}]"


def _target(name: str) -> str:
    """As the language writes it."""
    kind, _, rest = name.partition(":")
    known = {"schedule": "schedule", "user": "person", "team": "team", "team-users": "team", "team-admins": "role"}
    return f"{known[kind]}:{_id(rest)}" if rest else f"channel:{_id(name)}"


def _id(name: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return f"the-{plain}" if plain in CLOSED_WORDS else plain


def _people(targets: list[str]) -> tuple[list[str], list[str]]:
    """Everybody needed, and the lines of schedules, roles and teams with them."""
    people: list[str] = []
    lines: dict[str, list[str]] = {"schedules": [], "roles": [], "teams": []}
    for target in sorted(set(targets)):
        kind, _, name = target.partition(":")
        three = [f"{name}-{number}" for number in (1, 2, 3)]
        if kind == "person":
            people.append(name)
        elif kind == "schedule":
            people += three
            shifts = f"people: {_listed(three)}, turn: weekly, handoff: mon 09:00, starts: 2026-01-05"
            lines["schedules"].append(f"  {name}: {{rotations: [{{{shifts}}}]}}")
        elif kind == "team":
            people += three
            lines["teams"].append(f"  {name}: {{members: {_listed(three)}}}")
        elif kind == "role":
            admins = [f"{name}-admin-{number}" for number in (1, 2)]
            people += admins
            lines["roles"].append(f"  {name}: {_listed([f'person:{one}' for one in admins])}")
    blocks = [[f"{head}:", *rows] for head, rows in lines.items() if rows and head != "teams"]
    return people, [line for block in blocks for line in block] + ["teams:", *lines["teams"]]


def _owners(first: list[str]) -> str:
    """The owning team is made of whoever the first step calls."""
    kind, _, name = first[0].partition(":")
    three = _listed([f"{name}-{number}" for number in (1, 2, 3)])
    if kind == "schedule":
        return f"{{members: {three}, on_call: {name}}}"
    persons = [target.partition(":")[2] for target in first if target.startswith("person:")]
    return f"{{members: {_listed(persons) if persons else three}}}"


def _steps(policy: dict[str, Any]) -> str:
    steps = [f"{', '.join(step['targets'])} {step['escalate_after_min']}m" for step in policy["steps"]]
    again = policy["repeat_after_end"]
    return _cell(" → ".join(steps) + (f" (×{again + 1})" if again else ""))


def _found(said: list[tuple[str, str, str]]) -> str:
    """One sentence for each code, with the number of further places."""
    first: dict[str, tuple[str, int]] = {}
    for code, _, sentence in said:
        known = first.get(code)
        first[code] = (sentence, 0) if known is None else (known[0], known[1] + 1)
    lines = (f"{code}: {_cell(text)}{f' (and {more} more)' if more else ''}" for code, (text, more) in first.items())
    return "<br>".join(lines) or "nothing"


def _summary(every: Iterable[list[tuple[str, str, str]]]) -> Iterator[str]:
    """How many policies have each finding, most first, with the first sentence that says it."""
    counts: dict[str, int] = {}
    example: dict[str, str] = {}
    for said in every:
        for code in {code for code, _, _ in said}:
            counts[code] = counts.get(code, 0) + 1
        for code, _, sentence in said:
            example.setdefault(code, sentence)
    for code in sorted(counts, key=lambda one: (-counts[one], one)):
        yield f"| {code} | {counts[code]} | for instance: {_cell(example[code])} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    sys.exit(main())
