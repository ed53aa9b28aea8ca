"""What people do in a case, as commands."""

from collections.abc import Callable, Mapping
from typing import Any, get_args

from msgspec.structs import replace

from tocsin.core.catalogue.target import WORDS, Target, TargetKind
from tocsin.core.ids import PersonId, RequestId, ScheduleId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident.state import Incident
from tocsin.core.oncall.override import Absence, Override
from tocsin.lab.behaviour import Trouble

Said = Mapping[str, Any]


def command(said: Said, state: Incident, seen: int | None = None) -> cmd.Command:
    """Of a happening that somebody does, having `seen` so many facts, or that a provider says later.

    KeyError for a verb that there is not.
    """
    if "provider" in said:
        return _receipt(said["provider"], state)
    put = ACTS[said["does"]](PersonId(said["who"]), said, state)
    return put if seen is None else replace(put, seen=seen)


def target(text: str) -> Target:
    """`team:infra`, `person:bob` or a closed word."""
    if text in WORDS:
        return Target("word", text)
    kind, _, name = text.partition(":")
    kinds: dict[str, TargetKind] = {one: one for one in get_args(TargetKind)}
    return Target(kinds[kind], name)


def _receipt(said: Said, state: Incident) -> cmd.Command:
    """`{person: ann, method: voice, outcome: rung out}` of the latest call of that person."""
    outcomes: dict[str, cmd.Outcome] = {"rung out": "rung_out", "bounced": "permanent"}
    person, method = said["person"], said["method"]
    round_ = max((one.number for one in state.rounds if one.person == person), default=0)
    return cmd.Receipt(f"{state.id}.{round_}.{person}.{method}", round_, person, method, outcomes[said["outcome"]])


def _request(who: PersonId, state: Incident) -> RequestId:
    """The latest that was put to this person; one that nobody knows where there is none."""
    return next((one.id for one in reversed(state.requests) if who in one.asked), RequestId("none"))


def _escalate(who: PersonId, said: Said, _: Incident) -> cmd.Command:
    to = target(said["to"]) if "to" in said else None
    ladder = said.get("ladder", "functional")
    return cmd.Escalate(who, ladder, said.get("reason", "it is worse"), to)


ACTS: dict[str, Callable[[PersonId, Said, Incident], cmd.Command]] = {
    "acknowledge": lambda who, said, _: cmd.Acknowledge(who, said.get("eta")),
    "take over": lambda who, said, _: cmd.TakeOver(who, said.get("eta")),
    "give up": lambda who, said, _: cmd.Unacknowledge(who, said.get("reason", "")),
    "answer": lambda who, said, state: cmd.Answer(who, _request(who, state), said.get("option", "")),
    "accept": lambda who, _, state: cmd.Accept(who, _request(who, state)),
    "decline": lambda who, _, state: cmd.Decline(who, _request(who, state)),
    "decline the page": lambda who, _, __: cmd.Decline(who),
    "resolve": lambda who, said, _: cmd.Resolve(who, said.get("reason", "")),
    "reopen": lambda who, said, _: cmd.Reopen(who, said.get("reason", "")),
    "close": lambda who, _, __: cmd.Close(who),
    "escalate": _escalate,
    "reassign": lambda who, said, _: cmd.Reassign(who, target(said["to"]), said.get("reason", "")),
    "snooze": lambda who, said, _: cmd.Snooze(who, said.get("until")),
    "pend": lambda who, said, _: cmd.Pend(who, said.get("reason", "waiting"), said.get("until")),
    "post update": lambda who, said, _: cmd.PostUpdate(who, said.get("text", "news")),
    "set priority": lambda who, said, _: cmd.SetPriority(who, said["priority"], said.get("reason", "because")),
    "undo": lambda who, _, __: cmd.Undo(who),
}
"""Every verb of the kit."""


def absence(number: int, said: Said) -> Absence:
    """`{person: ann, from: ..., until: ...}`."""
    return Absence(f"a{number}", PersonId(said["person"]), said["from"], said["until"])


def override(number: int, said: Said) -> Override:
    """`{schedule: night, person: ann, from: ..., until: ..., mode: replace}`."""
    schedule, person = ScheduleId(said["schedule"]), PersonId(said["person"])
    return Override(f"o{number}", schedule, said["from"], said["until"], person, said.get("mode", "replace"))


def trouble(said: Said) -> Trouble:
    """`{how: for now, method: sms, from: ..., until: ...}`; `for good` breaks the method of a person."""
    how = {"for now": "passing", "for good": "permanent"}[said["how"]]
    return Trouble(how, said.get("from", 0), said.get("until"), said.get("method", ""), said.get("person", ""))  # type: ignore[arg-type]
