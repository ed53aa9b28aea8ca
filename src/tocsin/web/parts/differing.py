"""Who is reached differently by other rules, as `tocsin check --against` tells it, with the names of a page"""

from tocsin.lab.verifier.against import Against
from tocsin.lab.verifier.changed import Told, Words, tell
from tocsin.web.parts.words import Names, name_of


def reach_of(found: Against, zone: str, names: Names) -> Told:
    """On the clock of the rules, whoever reads it, so that all read the same windows."""
    return tell(found, Words(zone, lambda person: name_of(person, names), names.language))
