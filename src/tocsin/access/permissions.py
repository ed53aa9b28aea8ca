"""One pure table: which role may do what, and with whose. Whoever is not in it may not."""

from typing import Literal, get_args

import msgspec
from msgspec import Struct

from tocsin.access.about import About, about_incident
from tocsin.core.ids import PersonId, TeamId
from tocsin.core.incident.state import Incident
from tocsin.core.instant import MINUTE, Duration, Instant
from tocsin.core.rulebook import Rulebook

Role = Literal["viewer", "responder", "team-lead", "manager", "admin", "security-audit"]
ROLES: tuple[Role, ...] = get_args(Role)
"""Each but the last may do what those before it may. The last reads everything and acts on nothing but its account."""


def role_of(text: str) -> Role:
    """A role that was kept as text."""
    role: Role = msgspec.convert(text, Role)
    return role


Reach = Literal["no", "self", "own", "all"]
"""How far a permission goes. `self`: what is the caller's, or pages, asks or names them. `own`: that, and what belongs
to a team of theirs. `all`: everything that exists for them."""

Answer = Literal["yes", "no", "hidden"]
"""`hidden`: for the caller it does not exist; say exactly what would be said if it did not."""

Verb = Literal[
    "incident.read",
    "incident.report",
    "incident.acknowledge",
    "incident.answer",
    "incident.resolve",
    "incident.escalate",
    "incident.reassign",
    "incident.snooze",
    "incident.note",
    "incident.update",
    "incident.link",
    "incident.priority",
    "incident.close",
    "incident.bulk",
    "incident.undo",
    "incident.speak-for",
    "incident.break-glass",
    "oncall.read",
    "override.edit",
    "absence.edit",
    "person.read",
    "person.settle",
    "contact.read",
    "contact.edit",
    "contact.test",
    "service.read",
    "maintenance.edit",
    "problem.read",
    "problem.edit",
    "report.read",
    "rulebook.read",
    "rulebook.try",
    "rulebook.apply",
    "source.read",
    "source.test",
    "source.keys",
    "channel.read",
    "channel.test",
    "outbox.read",
    "metrics.read",
    "health.read",
    "account.secure",
    "session.end",
    "account.read",
    "account.edit",
    "tokens.read",
    "tokens.manage",
    "audit.read",
]


class Rule(Struct, frozen=True):
    """One line of the table: what the verb is, and the reach of each role, in the order of ROLES."""

    what: str
    reach: tuple[Reach, ...]

    def of(self, role: Role) -> Reach:
        """How far it goes for a role."""
        return self.reach[ROLES.index(role)]


def _rule(reach: str, what: str) -> Rule:
    known: dict[str, Reach] = {one: one for one in get_args(Reach)}
    return Rule(what, tuple(known[word] for word in reach.split()))


TABLE: dict[Verb, Rule] = {
    #                            viewer responder team-lead manager admin security-audit
    "incident.read":        _rule("all  all   all  all  all  all ", "see incidents, their timelines, and search them"),
    "incident.report":      _rule("self all   all  all  all  no  ", "report something; `self` is in one's own name"),
    "incident.acknowledge": _rule("self own   own  all  all  no  ", "acknowledge, take over, give it up again"),
    "incident.answer":      _rule("self own   own  all  all  no  ", "answer what is asked; accept or decline an offer"),
    "incident.resolve":     _rule("no   own   own  all  all  no  ", "resolve and reopen"),
    "incident.escalate":    _rule("self all   all  all  all  no  ", "escalate, by either ladder"),
    "incident.reassign":    _rule("no   own   own  all  all  no  ", "hand over to a team or a person"),
    "incident.snooze":      _rule("no   own   own  all  all  no  ", "snooze, and put on hold"),
    "incident.note":        _rule("self all   all  all  all  no  ", "write a note into the timeline"),
    "incident.update":      _rule("no   own   own  all  all  no  ", "post an update to those who are informed"),
    "incident.link":        _rule("no   own   own  all  all  no  ", "link to a problem, a parent, another incident"),
    "incident.priority":    _rule("no   no    own  all  all  no  ", "set another priority"),
    "incident.close":       _rule("no   no    own  all  all  no  ", "close"),
    "incident.bulk":        _rule("no   own   own  all  all  no  ", "do one thing to many; each one is asked for too"),
    "incident.undo":        _rule("self own   own  all  all  no  ", "take back an act; `self` is one's own"),
    "incident.speak-for":   _rule("no   own   own  all  all  no  ", "act in the name of another person"),
    "incident.break-glass": _rule("no   no    no   all  all  no  ", "read a confidential incident that is not theirs"),
    "oncall.read":          _rule("all  all   all  all  all  all ", "see who is on call, and why"),
    "override.edit":        _rule("no   own   own  all  all  no  ", "override and swap shifts of a schedule"),
    "absence.edit":         _rule("self self  own  all  all  no  ", "say when somebody is away"),
    "person.read":          _rule("all  all   all  all  all  all ", "see people, their teams and roles"),
    "person.settle":        _rule("self self  own  all  all  self", "choose the language and zone somebody reads in"),
    "contact.read":         _rule("self own   own  all  all  all ", "see addresses and telephone numbers"),
    "contact.edit":         _rule("self self  own  all  all  no  ", "change by what ways somebody is reached"),
    "contact.test":         _rule("self self  own  all  all  no  ", "send a trial to somebody's address"),
    "service.read":         _rule("all  all   all  all  all  all ", "see services and how they are covered"),
    "maintenance.edit":     _rule("no   no    own  all  all  no  ", "hold what a service or a team gets, until a time"),
    "problem.read":         _rule("all  all   all  all  all  all ", "see problems and known errors"),
    "problem.edit":         _rule("no   own   own  all  all  no  ", "open, change and close problems"),
    "report.read":          _rule("all  all   all  all  all  all ", "see and export figures: SLA, answers, noise"),
    "rulebook.read":        _rule("all  all   all  all  all  all ", "read the rulebook and its versions"),
    "rulebook.try":         _rule("no   all   all  all  all  all ", "check, simulate and compare rulebooks"),
    "rulebook.apply":       _rule("no   no    no   no   all  no  ", "put a rulebook in force"),
    "source.read":          _rule("no   all   all  all  all  all ", "see sources and what they sent, never their keys"),
    "source.test":          _rule("no   no    no   all  all  no  ", "send a sample as a source"),
    "source.keys":          _rule("no   no    no   no   all  no  ", "make and revoke the keys of sources"),
    "channel.read":         _rule("no   all   all  all  all  all ", "see channels and how they work"),
    "channel.test":         _rule("no   no    no   all  all  no  ", "send a trial over a channel"),
    "outbox.read":          _rule("no   all   all  all  all  all ", "see what was sent, and what came of it"),
    "metrics.read":         _rule("all  all   all  all  all  all ", "read the numbers at /metrics"),
    "health.read":          _rule("no   no    no   all  all  all ", "see how this installation is, in detail"),
    "account.secure":       _rule("self self  self self all  self", "change an account's password and passkeys"),
    "session.end":          _rule("self self  self self all  self", "sign out, here and elsewhere"),
    "account.read":         _rule("self self  self self all  all ", "see accounts, their roles and sessions"),
    "account.edit":         _rule("no   no    no   no   all  no  ", "create, disable, reset accounts, give roles"),
    "tokens.read":          _rule("no   no    no   no   all  all ", "see tokens, never their text"),
    "tokens.manage":        _rule("no   no    no   no   all  no  ", "make and revoke tokens"),
    "audit.read":           _rule("no   no    no   no   all  all ", "read the audit log"),
}  # fmt: skip
"""Every verb. `docs/reference/permissions.md` is made of it."""

SENSITIVE: frozenset[Verb] = frozenset(
    ("contact.edit", "source.keys", "account.secure", "account.edit", "tokens.manage", "rulebook.apply")
)
"""What a signed-in person must have proved who they are for, not long ago: it could silence or reroute everything."""


FRESH: Duration = 15 * MINUTE
"""How long a proof is good for what is sensitive."""


class Caller(Struct, frozen=True):
    """Whoever asks: a token, or the account of somebody who is signed in. `name` is the token's name or the login.

    `teams` are those of `person`, or those that a token is bound to. `scopes` narrow a token; None does not. `session`
    and `account` are ids, '' for a token. `opened` are confidential incidents whose glass was broken. `proved_at` is
    when somebody who is signed in last showed who they are.
    """

    name: str
    role: Role
    person: PersonId | None = None
    teams: frozenset[TeamId] = frozenset()
    scopes: tuple[str, ...] | None = None
    account: str = ""
    session: str = ""
    opened: frozenset[str] = frozenset()
    proved_at: Instant = 0

    @property
    def by(self) -> str:
        """How events name them."""
        return self.person or (f"account:{self.name}" if self.account else f"token:{self.name}")

    @property
    def unbound(self) -> bool:
        """A program: nobody in person and of no team. What its role may for `own` teams, it may for all."""
        return not self.account and self.person is None and not self.teams


def may(caller: Caller, verb: Verb) -> bool:
    """Whether there can be anything for which the caller may: shows or hides a menu, a button, a route."""
    reach = reach_of(caller, verb)
    return reach in ("own", "all") or (reach == "self" and not caller.unbound)


def allowed(caller: Caller, verb: Verb, about: About) -> Answer:
    """Whether the caller may do that with this. What the caller may with nothing at all is refused before it is looked
    for, so that a refusal tells nothing of what exists.
    """
    reach = reach_of(caller, verb)
    if reach == "no":
        return "no"
    if about.confidential and not _knows(caller, about):
        return _through_glass(caller, verb, about)
    if reach == "all" or caller.by in about.people:
        return "yes"
    return "yes" if reach == "own" and (caller.unbound or bool(caller.teams & about.teams)) else "no"


def stale(caller: Caller, verb: Verb, now: Instant) -> bool:
    """Whether they must show again who they are before they may: it is SENSITIVE, and they did so too long ago."""
    return bool(caller.session) and verb in SENSITIVE and now - caller.proved_at >= FRESH


def reach_of(caller: Caller, verb: Verb) -> Reach:
    """How far the caller's role goes, if its scopes let it."""
    return TABLE[verb].of(caller.role) if caller.scopes is None or _in_scope(verb, caller.scopes) else "no"


def sees(caller: Caller, state: Incident, rulebook: Rulebook) -> bool:
    """Whether an incident exists for the caller; a confidential one only for those it concerns, admins or not."""
    return allowed(caller, "incident.read", about_incident(state, rulebook)) == "yes"


def privy(caller: Caller) -> bool:
    """Whether anything confidential can exist for them at all; if not, queries may leave it out from the start."""
    return caller.role == "security-audit" or caller.person is not None or bool(caller.opened)


def _through_glass(caller: Caller, verb: Verb, about: About) -> Answer:
    """Whoever broke the glass may read, and nothing else."""
    if about.id not in caller.opened:
        return "hidden"
    return "yes" if verb.endswith(".read") and reach_of(caller, verb) == "all" else "no"


def _knows(caller: Caller, about: About) -> bool:
    """Tokens and admins know of nothing confidential by being what they are; whom it concerns and auditors do."""
    if caller.role == "security-audit":
        return True
    person = caller.person
    return person is not None and (person in about.people | about.readers or bool(caller.teams & about.teams))


# --------------------------------------------------------------------------------------------- scopes


def _in_scope(verb: Verb, scopes: tuple[str, ...]) -> bool:
    return any(covers(scope, verb) for scope in scopes)


def covers(scope: str, verb: Verb) -> bool:
    """A scope is a verb, all verbs of a group (`incident.*`), or one verb of all groups (`*.read`)."""
    (group, _, act), (wanted_group, _, wanted_act) = scope.partition("."), verb.partition(".")
    return group in (wanted_group, "*") and act in (wanted_act, "*") and scope != "*.*"


def useless(scopes: tuple[str, ...], role: Role) -> list[str]:
    """Scopes that cover nothing the role may do: they would not widen it, so whoever wrote them is mistaken."""
    granted = [verb for verb, rule in TABLE.items() if rule.of(role) != "no"]
    return [scope for scope in scopes if not any(covers(scope, verb) for verb in granted)]


def least(verb: Verb) -> Role:
    """The first role that may do something with a verb at all by itself, without being who it concerns."""
    return next(role for role in ROLES if TABLE[verb].of(role) not in ("no", "self") or role == "admin")
