"""From rulebook files to one frozen value, or to every complaint about them at once. Pure: texts in, value out."""

from collections.abc import Mapping as Texts

from msgspec import Struct

from tocsin.config import references
from tocsin.config.complaints import Complaint, Place, Reader
from tocsin.config.measures import ZONE
from tocsin.config.people import Seed
from tocsin.config.rulebook import assembled, merge, missing, read
from tocsin.config.tree import Mapping, Scalar, normal, parse
from tocsin.core.rulebook import Rulebook


class Loaded(Struct, frozen=True):
    """What came of loading. `rulebook` is None when a complaint is an error.

    `complaints` are errors and warnings, `notices` say what is kept but not yet active; both in the order of the text.
    `seeds` are the personal data of the files, which the rulebook and its digest never hold. `texts` are the files.
    """

    rulebook: Rulebook | None
    seeds: tuple[Seed, ...] = ()
    complaints: tuple[Complaint, ...] = ()
    notices: tuple[Complaint, ...] = ()
    texts: tuple[tuple[str, str], ...] = ()

    @property
    def errors(self) -> tuple[Complaint, ...]:
        """The complaints that prevent a rulebook."""
        return tuple(complaint for complaint in self.complaints if complaint.severity == "error")


def loads(texts: Texts[str, str]) -> Loaded:
    """Load a rulebook from the texts of its files, by file name; never raises, whatever the texts are."""
    reader = Reader()
    roots = [parse(name, text, reader) for name, text in sorted(texts.items())]
    if not texts:
        reader.complain("Y022", Place("."), "no file")
    return finished([root for root in roots if root is not None], reader, texts, whole=None not in roots)


def finished(roots: list[Mapping], reader: Reader, texts: Texts[str, str], *, whole: bool) -> Loaded:
    """Read what could be parsed. Where a file could not (`whole` is false), names of others are not missed."""
    kept = tuple((name, normal(text)) for name, text in sorted(texts.items()))
    if not roots:
        return Loaded(None, (), *_sorted(reader), kept)
    root = merge(roots, reader)
    reader.timezone = _timezone(root)
    sections = read(root, reader)
    if whole:
        missing(sections, reader)
        references.check(sections, reader)
    complaints, notices = _sorted(reader)
    if not whole or any(complaint.severity == "error" for complaint in complaints):
        return Loaded(None, (), complaints, notices, kept)
    rulebook, seeds = assembled(sections, reader.timezone)
    return Loaded(rulebook, seeds, complaints, notices, kept)


def _timezone(root: Mapping) -> str:
    """The default zone, needed before anything else is read; a bad one is complained about in its turn."""
    node = root.get("timezone")
    quiet = Reader()
    zone = ZONE.read(node, quiet) if isinstance(node, Scalar) else "UTC"
    return zone if isinstance(zone, str) else "UTC"


def _sorted(reader: Reader) -> tuple[tuple[Complaint, ...], tuple[Complaint, ...]]:
    """Each complaint once (an alias is read at every place it stands), in the order of the text; notices apart."""
    once = sorted(set(reader.complaints), key=lambda c: (c.file, c.line, c.column, c.code, c.text))
    return (
        tuple(complaint for complaint in once if complaint.severity != "info"),
        tuple(complaint for complaint in once if complaint.severity == "info"),
    )
