"""A look at what stands in the editor: each finding beside its line, what it changes, and what makes it worse"""

from collections.abc import Container, Iterable, Iterator

from msgspec import Struct

from tocsin.config import Change, Complaint
from tocsin.config.places import Places
from tocsin.core.instant import Instant
from tocsin.core.oncall.override import Facts
from tocsin.core.rulebook import Rulebook
from tocsin.engine.differing import Contrast
from tocsin.engine.proposals import Proposal, propose
from tocsin.engine.verifying import Verdict, Verdicts
from tocsin.engine.weighing import Side, Weighed, compare, contrast, sides
from tocsin.lab.verifier.changed import Told
from tocsin.lab.verifier.finding import Finding
from tocsin.lab.verifier.told import example as example_of
from tocsin.store.rulebooks import Version
from tocsin.web.pages.policies.comparing import Compared, compared_texts
from tocsin.web.pages.policies.typed import Typed, mark, place_of, texts_of
from tocsin.web.parts.differing import reach_of
from tocsin.web.parts.words import Names, spoken

NEAR = 2
"""Lines around one with a finding that are shown of a long text."""

SHORT = 80
"""Lines of a text that is shown whole."""

MOST = 200
"""Findings that are shown at most."""

BRIEFLY = 2.0
"""Seconds for which a look waits for who is reached differently; that goes on afterwards."""


class Remark(Struct, frozen=True):
    """One finding: where, how bad, what, what helps, and a case of it. `english`: it is said in no other language."""

    file: str
    line: int
    code: str
    severity: str
    text: str
    hint: str = ""
    example: str = ""
    english: bool = False


class Marked(Struct, frozen=True):
    """A line of the text with what is to be said about it; a `gap` stands for lines that are left out."""

    number: int
    text: str
    remarks: tuple[Remark, ...] = ()
    gap: bool = False


class Lens(Struct, frozen=True):
    """What a look needs besides the texts: where verdicts are kept, today's roster and the ways that channels carry,
    the time, and words. Where it does not `prove`, only findings are compared.
    """

    verdicts: Verdicts
    facts: Facts
    channels: Container[str]
    now: Instant
    names: Names
    prove: bool = False


class Look(Struct, frozen=True):
    """`late` is what somebody else changed since; `elsewhere` are findings outside of the text that is edited, and
    `standing` how many the rulebook in force has there already. `weighed` is what it makes worse, `reach` who is
    reached differently (None: not known), `proving` that this is being found out, and `broken` that it cannot be.
    """

    typed: Typed
    version: int
    mark: str
    proposal: Proposal
    marked: tuple[Marked, ...]
    elsewhere: tuple[Remark, ...]
    errors: int
    others: int
    standing: int = 0
    weighed: Weighed = Weighed()
    reach: Told | None = None
    proving: bool = False
    broken: bool = False
    late: Compared | None = None

    @property
    def book(self) -> Rulebook | None:
        """The rulebook that it comes to."""
        return self.proposal.loaded.rulebook

    @property
    def changes(self) -> tuple[Change, ...]:
        """The rules that would be others."""
        return self.proposal.changes

    @property
    def differs(self) -> bool:
        """Whether there is anything to save."""
        return self.proposal.before is None or self.proposal.texts != dict(self.proposal.before.texts)


def look(typed: Typed, latest: Version, base: Version | None, earlier: Version | None, lens: Lens) -> Look | None:
    """Nothing is changed by it. None where the rulebook in force has no such place any more."""
    texts = texts_of(typed, latest, earlier)
    if texts is None:
        return None
    proposal = propose(texts, latest.texts)
    both = sides(lens.facts, proposal.before, proposal.loaded, lens.channels)
    old, new, weighed = _compared(both, proposal, lens)
    differing = Contrast() if both is None else contrast(lens.verdicts, *both, lens.now, BRIEFLY if lens.prove else 0.0)
    known = set() if old is None else {_said(one) for one in old.findings}
    found = () if new is None else new.findings
    remarks = [_of_config(one) for one in (*proposal.loaded.complaints, *proposal.loaded.notices)]
    places = Places(texts)
    fresh = [_of_lab(one, places, lens.names) for one in found if _said(one) not in known]
    stood = [_of_lab(one, places, lens.names) for one in found if _said(one) in known]
    file, first, last = _own(typed, latest)
    inside = [one for one in (*remarks, *fresh, *stood) if one.file == file and first <= one.line <= last]
    outside = [one for one in (*remarks, *fresh) if one not in inside]
    return Look(
        typed=typed,
        version=latest.version,
        mark=mark(texts, latest.version),
        proposal=proposal,
        marked=tuple(_marked(typed.text, first, inside[:MOST])) if typed.scope != "version" else (),
        elsewhere=tuple(outside[:MOST]),
        errors=len(proposal.loaded.errors),
        others=sum(one.severity != "info" for one in (*inside, *outside)) - len(proposal.loaded.errors),
        standing=sum(one not in inside for one in stood),
        weighed=weighed,
        reach=_told(differing, both, lens.names),
        proving=differing.under_way,
        broken=differing.failed,
        late=None if base is None or base.version == latest.version else compared_texts(base.texts, latest.texts),
    )


def _compared(
    both: tuple[Side, Side] | None, proposal: Proposal, lens: Lens
) -> tuple[Verdict | None, Verdict | None, Weighed]:
    """The verdicts on the rulebook in force and on the one that is proposed, and what gets worse."""
    if both is not None:
        return compare(lens.verdicts, *both, lens.now, lens.verdicts.patience, prove=lens.prove)
    book = proposal.loaded.rulebook
    return None, None if book is None else lens.verdicts.of(book, lens.facts, lens.now), Weighed()


def _told(differing: Contrast, both: tuple[Side, Side] | None, names: Names) -> Told | None:
    if differing.found is None or both is None:
        return None
    return reach_of(differing.found, both[1].rulebook.timezone, names)


def _own(typed: Typed, latest: Version) -> tuple[str, int, int]:
    """The file, and from which to which of its lines the text stands."""
    place = place_of(typed, latest)
    lines = max(typed.text.rstrip("\n").count("\n") + 1, 1)
    if place is not None:
        return place.file, place.first, place.first + lines - 1
    return (typed.name, 1, lines) if typed.scope == "file" else ("", 1, 0)


def _of_config(one: Complaint) -> Remark:
    return Remark(one.file, one.line, one.code, one.severity, one.text, one.hint, english=True)


def _said(one: Finding) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """The same finding, wherever it stands."""
    return one.code, one.text.key, tuple(sorted(one.text.values.items()))


def _of_lab(one: Finding, places: Places, names: Names) -> Remark:
    at, case = places.find(one.where), one.counterexample
    example = "" if case is None else example_of(case, names.language, spoken(case.text, names))
    words = spoken(one.text, names), spoken(one.hint, names), example
    return Remark(at.file, at.line, one.code, one.severity, *words)


def _marked(text: str, first: int, remarks: Iterable[Remark]) -> Iterator[Marked]:
    """All lines of a short text; of a long one those near a finding."""
    by_line: dict[int, list[Remark]] = {}
    for one in remarks:
        by_line.setdefault(one.line, []).append(one)
    lines = text.rstrip("\n").split("\n")
    near = {number + step for number in by_line for step in range(-NEAR, NEAR + 1)}
    left_out = False
    for number, line in enumerate(lines, first):
        if len(lines) <= SHORT or number in near:
            yield Marked(number, line, tuple(by_line.get(number, ())))
            left_out = False
        elif by_line and not left_out:
            yield Marked(number, "", gap=True)
            left_out = True
