"""Why somebody is on, or nobody is, in the words of the page: by which turn, in whose place, and what was said of it"""

from collections.abc import Iterable, Mapping

from tocsin.core.oncall.override import Facts, Override
from tocsin.core.oncall.roster import Duty
from tocsin.core.phrase import Phrase
from tocsin.lib.translate import knows, say, text
from tocsin.web.parts.words import Names, name_of, names_of, spoken


def reasons(phrases: Iterable[Phrase], facts: Facts, names: Names) -> tuple[str, ...]:
    """Each reason as a sentence, once."""
    by_id = {one.id: one for one in facts.overrides}
    return tuple(dict.fromkeys(_reason(phrase, by_id, names) for phrase in phrases))


def _reason(phrase: Phrase, overrides: Mapping[str, Override], names: Names) -> str:
    override = overrides.get(phrase.values.get("override", ""))
    if override is not None and phrase.key != "oncall.removed":
        return _overridden(override, names)
    key = f"web.oncall.why.{phrase.key.removeprefix('oncall.')}"
    told = spoken(Phrase(key, phrase.values), names) if knows(key) else say(phrase, names.language)
    return _with(override.reason if override is not None else "", told, names)


def _overridden(override: Override, names: Names) -> str:
    if override.mode == "add":
        key = "added"
    elif override.swap:
        key = "swapped"
    else:
        key = "replaces" if override.of is not None else "instead"
    values = {"person": name_of(override.of or "", names)}
    return _with(override.reason, text(f"web.oncall.why.{key}", values, names.language), names)


def _with(reason: str, told: str, names: Names) -> str:
    return text("web.oncall.why.said", {"why": told, "reason": reason}, names.language) if reason else told


def listed(people: Iterable[str], names: Names) -> str:
    """`Dana`, `Dana and Eve`, `Dana, Eve and Finn`."""
    known = names_of(people, names)
    if len(known) < 2:
        return "".join(known)
    return text("web.oncall.and", {"first": ", ".join(known[:-1]), "last": known[-1]}, names.language)


def duty_reasons(duties: Iterable[Duty], facts: Facts, names: Names) -> tuple[str, ...]:
    """The reasons of all who are on."""
    return reasons((phrase for duty in duties for phrase in duty.why), facts, names)
