"""What happens next to an incident if nobody acts, as one sentence for a letter."""

from collections.abc import Mapping

from msgspec.structs import replace

from tocsin.core.incident.preview import preview
from tocsin.core.incident.state import Incident
from tocsin.core.instant import MINUTE, Instant
from tocsin.core.phrase import Phrase
from tocsin.core.world import World
from tocsin.lib.moments import span
from tocsin.lib.translate import say, text


def sentence(state: Incident, world: World, now: Instant, names: Mapping[str, str], language: str) -> str:
    """`In 5 min: Eve Martin is paged`, by the same rules that will do it; '' when nothing will happen by itself."""
    coming = preview(state, world, now)
    if coming is None:
        return ""
    told = say(named(coming.what, names), language)
    if coming.at <= now:
        return told
    return text("letter.in", {"in": _rounded(coming.at - now, language), "what": told}, language)


def named(phrase: Phrase, names: Mapping[str, str]) -> Phrase:
    """A phrase with people's names where it holds their ids."""
    values = dict(phrase.values)
    for key in ("person", "by"):
        if key in values:
            values[key] = names.get(values[key], values[key])
    if "people" in values:
        values["people"] = ", ".join(names.get(one, one) for one in values["people"].split(", "))
    return replace(phrase, values=values)


def _rounded(wait: int, language: str) -> str:
    """Minutes where it is minutes: nobody reads seconds of an hour."""
    return span(wait - wait % MINUTE if wait >= 10 * MINUTE else wait + 999_999, language=language)
