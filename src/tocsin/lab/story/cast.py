"""A fixed cast in place of everybody and everything: the same id always becomes the same word, and no other is left."""

from collections.abc import Iterable

from tocsin.core.catalogue.target import Target
from tocsin.core.ids import ALWAYS

PEOPLE = ("ada", "bo", "cy", "dee", "ed", "fay", "gus", "hal", "ivy", "jo", "kit", "lou", "mo", "nan", "otto", "pia")
"""The first of them; whoever comes after is `person-17` and so on."""

METHODS = frozenset({"email", "sms", "voice", "push", "webhook", "outbox", "channel"})
"""Names of channels that say nothing about anybody."""

SEVERITIES = frozenset({"critical", "error", "warning", "info", "high", "medium", "low", "else", ""})


class Cast:
    """Gives out the words, in the order in which they are asked for; what was asked for is needed in the story."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], str] = {}

    def of(self, kind: str, name: str) -> str:
        """The word for that name; kinds are apart from each other."""
        if (kind, name) not in self._known:
            number = sum(one == kind for one, _ in self._known) + 1
            named = kind == "person" and number <= len(PEOPLE)
            self._known[kind, name] = PEOPLE[number - 1] if named else f"{kind}-{number}"
        return self._known[kind, name]

    def all(self, kind: str, names: Iterable[str]) -> list[str]:
        """The words for all of them."""
        return [self.of(kind, name) for name in names]

    def asked(self, kind: str) -> list[str]:
        """The names of a kind that were asked for so far."""
        return [name for one, name in self._known if one == kind]

    def hours(self, name: str) -> str:
        """The word for named hours; `always` is built in."""
        return name if name == ALWAYS else self.of("hours", name)

    def severity(self, word: str) -> str:
        """A sender's claim; the words that everybody has stay."""
        return word if word in SEVERITIES else self.of("severity", word)

    def method(self, name: str) -> str:
        """A way to a person; the names of our own channels stay."""
        return name if name in METHODS else self.of("method", name)

    def target(self, one: Target) -> str:
        """As the rulebook of the story writes it."""
        if one.kind in ("word", "manager"):
            return str(one)
        return f"{one.kind}:{self.of(one.kind, one.name)}"

    def targets(self, many: Iterable[Target]) -> list[str]:
        """All of them."""
        return [self.target(one) for one in many]

    def actor(self, name: str) -> str:
        """Who was behind something: a person, or a source."""
        kind, _, rest = name.partition(":")
        if kind == "channel" and rest:
            return f"channel:{self.of('channel', rest)}"
        return f"source:{self.of('source', rest)}" if kind == "source" and rest else self.of("person", name)
