"""The single words of the language: ids, references, durations, days, zones, addresses, targets, expressions."""

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from tocsin.config.complaints import Place, Reader, nearest
from tocsin.config.fields import BAD, Bad, Kind, Schema, empty, misshapen
from tocsin.config.tree import Mapping, Node, Scalar
from tocsin.core.catalogue.priority import PRIORITIES
from tocsin.core.catalogue.target import WORDS, Target, TargetKind
from tocsin.core.ids import CLOSED_WORDS
from tocsin.core.instant import parse_duration, parse_period
from tocsin.core.routing.criteria import CriteriaError, compile_condition

ID = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?"
DURATION = r"(?:[0-9]+[smhd])+"


class WrongError(ValueError):
    """A word that cannot be read; `hint` replaces the hint of the code where it knows better."""

    def __init__(self, text: str, hint: str = "", code: str = "") -> None:
        super().__init__(text)
        self.hint = hint
        self.code = code


def text_of(node: Node, wanted: str, reader: Reader) -> str | Bad:
    """The text of a scalar that has one; control characters and ${...} are refused here, for every field."""
    if not isinstance(node, Scalar) or empty(node):
        return misshapen(node, wanted, reader)
    if "${" in node.text:
        reader.complain("F024", node.at, f"{node.text!r} would be read as it stands")
        return BAD
    if any(sign < " " and sign not in "\n\t" or sign == "\x7f" for sign in node.text):
        reader.complain("Y011", node.at, "a control character in a text")
        return BAD
    return node.text


class Word(Struct, frozen=True):
    """A text that `convert` turns into a value; what it refuses becomes a complaint of `code`."""

    words: str
    code: str
    convert: Callable[[str], Any]
    pattern: str = ""
    quoted: bool = False

    def read(self, node: Node, reader: Reader) -> Any:
        text = text_of(node, self.words, reader)
        if isinstance(text, Bad):
            return BAD
        try:
            return self.convert(text)
        except WrongError as problem:
            reader.complain(problem.code or self.code, node.at, str(problem), problem.hint)
        except ValueError as problem:
            what, _sign, hint = str(problem).partition("; ")
            reader.complain(self.code, node.at, what, hint)
        return BAD

    def schema(self, _shared: Schema) -> Schema:
        return {"type": "string", "pattern": f"^{self.pattern}$"} if self.pattern else {"type": "string"}


class Whole(Struct, frozen=True):
    """A whole number within bounds."""

    least: int = 0
    most: int = 1_000_000

    @property
    def words(self) -> str:
        return f"a whole number from {self.least} to {self.most:,}"

    def read(self, node: Node, reader: Reader) -> Any:
        text = text_of(node, self.words, reader)
        if isinstance(text, Bad):
            return BAD
        if re.fullmatch(r"[0-9]{1,9}", text) and self.least <= int(text) <= self.most:
            return int(text)
        reader.complain("F006", node.at, f"{text!r} is not {self.words}", "write digits alone")
        return BAD

    def schema(self, _shared: Schema) -> Schema:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


class Flag(Struct, frozen=True):
    """true or false, and no other way to say it."""

    words: str = "true or false"

    def read(self, node: Node, reader: Reader) -> Any:
        text = text_of(node, self.words, reader)
        if isinstance(text, Bad):
            return BAD
        if text in ("true", "false"):
            return text == "true"
        reader.complain("F007", node.at, f"{text!r} is neither true nor false")
        return BAD

    def schema(self, _shared: Schema) -> Schema:
        return {"type": "boolean"}


class Choice(Struct, frozen=True):
    """One of a few words."""

    options: tuple[str, ...]
    code: str = "F005"

    @property
    def words(self) -> str:
        return f"one of {', '.join(self.options)}"

    def read(self, node: Node, reader: Reader) -> Any:
        text = text_of(node, self.words, reader)
        if isinstance(text, Bad) or text in self.options:
            return text
        hint = nearest(text, self.options) or f"write {self.words}"
        reader.complain(self.code, node.at, f"{text!r} is not {self.words}", hint)
        return BAD

    def schema(self, _shared: Schema) -> Schema:
        return {"enum": list(self.options)}


class Text(Struct, frozen=True):
    """Any text of a reasonable length."""

    longest: int = 1000
    words: str = "a text"

    def read(self, node: Node, reader: Reader) -> Any:
        text = text_of(node, self.words, reader)
        if isinstance(text, Bad):
            return BAD
        if text.strip() and len(text) <= self.longest:
            return text.strip()
        what = "is empty" if not text.strip() else f"is longer than {self.longest} characters"
        reader.complain("F012", node.at, f"the text {what}", "shorten it" if text.strip() else "write something")
        return BAD

    def schema(self, _shared: Schema) -> Schema:
        return {"type": "string", "minLength": 1, "maxLength": self.longest}


class Ref(Struct, frozen=True):
    """The id of something that another section defines."""

    section: str
    words: str
    also: tuple[str, ...] = ()

    def read(self, node: Node, reader: Reader) -> Any:
        text = text_of(node, self.words, reader)
        if isinstance(text, Bad):
            return BAD
        if text not in self.also:
            reader.mention(self.section, text, node.at)
        return text

    def schema(self, _shared: Schema) -> Schema:
        return {"type": "string", "pattern": f"^{ID}$"}


class TargetWord(Struct, frozen=True):
    """Whom a step names. `absolute` refuses the words that only mean something within an incident."""

    absolute: bool = False
    words: str = "a target"

    def read(self, node: Node, reader: Reader) -> Any:
        text = text_of(node, self.words, reader)
        if isinstance(text, Bad):
            return BAD
        target = _target(text)
        if target is None:
            reader.complain("F022", node.at, f"{text!r} is not a target", _target_hint(text))
            return BAD
        if self.absolute and target.kind in ("word", "manager", "channel"):
            reader.complain("R009", node.at, f"{text!r} only means something within an incident")
            return BAD
        _mention(target, node.at, reader)
        return target

    def schema(self, _shared: Schema) -> Schema:
        words = "" if self.absolute else "|channel:.+|manager:[1-9]|" + "|".join(re.escape(word) for word in WORDS)
        return {"type": "string", "pattern": f"^(?:(?:person|team|schedule|role):{ID}{words})$"}


SECTIONS: dict[TargetKind, str] = {"person": "people", "team": "teams", "schedule": "schedules", "role": "roles"}


def _mention(target: Target, at: Place, reader: Reader) -> None:
    section = SECTIONS.get(target.kind)
    if section:
        reader.mention(section, target.name, at)
    elif target.kind == "channel":
        reader.complain("N005", at, f"{target}: set its address with the store's people")


def _target(text: str) -> Target | None:
    if text in WORDS:
        return Target("word", text)
    kind, colon, name = text.partition(":")
    if kind == "manager" and re.fullmatch("[1-9]", name):
        return Target("manager", name)
    if colon and (kind in SECTIONS or kind == "channel") and re.fullmatch(ID, name):
        return Target(kind, name)  # type: ignore[arg-type]
    return None


def _target_hint(text: str) -> str:
    kind, colon, _name = text.partition(":")
    if kind == "manager":
        return "write manager:1 to manager:9"
    if colon:
        return nearest(kind, [*SECTIONS, "channel", "manager"])
    return nearest(text, WORDS) or (f"write person:{text} or team:{text}" if re.fullmatch(ID, text) else "")


class Expression(Struct, frozen=True):
    """A CEL expression, quoted, compiled here so that its mistakes have a line."""

    words: str = "an expression in quotes"

    def read(self, node: Node, reader: Reader) -> Any:
        if isinstance(node, Mapping) or (isinstance(node, Scalar) and not empty(node) and not node.style):
            reader.complain("C004", node.at, "an expression without quotes")
            return BAD
        if not isinstance(node, Scalar):
            return misshapen(node, self.words, reader, "quote the whole expression")
        try:
            condition = compile_condition(node.text)
        except CriteriaError as problem:
            text = f"{problem.text}, at character {problem.column} of the expression"
            reader.complain(_CRITERIA[problem.kind], _inside(node, problem), text, problem.hint)
            return BAD
        for hours in sorted(condition.hours):
            reader.mention("hours", hours, node.at)
        return node.text

    def schema(self, _shared: Schema) -> Schema:
        return {"type": "string", "minLength": 1, "maxLength": 4096}


_CRITERIA = {"compile": "C001", "type": "C002", "order": "C003", "cost": "C005"}


def _inside(node: Scalar, problem: CriteriaError) -> Place:
    """The place within a quoted expression on one line; in a block, the line below its sign."""
    if node.style in ("'", '"'):
        column = problem.column if problem.line == 1 else 0
        return Place(node.at.file, node.at.line, node.at.column + column)
    return Place(node.at.file, node.at.line + problem.line, problem.column)


class ByPriority(Struct, frozen=True):
    """A value for each priority, `{P1: 30m, else: 4h}`, or one for all; `else` is written out."""

    kind: Kind

    @property
    def words(self) -> str:
        return f"{self.kind.words}, or one for each priority"

    def read(self, node: Node, reader: Reader) -> Any:
        if not isinstance(node, Mapping):
            value = self.kind.read(node, reader)
            return BAD if value is BAD else dict.fromkeys(PRIORITIES, value)
        given: dict[str, Any] = {}
        for key, value in node.entries:
            if key.text not in (*PRIORITIES, "else"):
                reader.complain("F023", key.at, f"{key.text!r} is not a priority", "write P1 to P5, or else")
            given[key.text] = self.kind.read(value, reader)
        if not given:
            return misshapen(node, self.words, reader, "name at least one priority, or else")
        if any(value is BAD or key not in (*PRIORITIES, "else") for key, value in given.items()):
            return BAD
        return {p: given.get(p, given.get("else")) for p in PRIORITIES if p in given or "else" in given}

    def schema(self, shared: Schema) -> Schema:
        one = self.kind.schema(shared)
        each = {priority: one for priority in (*PRIORITIES, "else")}
        return {"anyOf": [one, {"type": "object", "properties": each, "additionalProperties": False}]}


def _id(text: str) -> str:
    if text in CLOSED_WORDS or text in WORDS:
        raise WrongError(f"{text!r} is a word of the language", code="F009")
    if not re.fullmatch(ID, text):
        raise WrongError(f"{text!r} is not an id")
    return text


def _period(text: str) -> Any:
    try:
        return parse_period(text)
    except ValueError as problem:
        raise WrongError(f"{text!r} is not a duration", _period_hint(text) or str(problem).partition("; ")[2]) from None


def _elapsed(text: str) -> int:
    _period(text)
    return parse_duration(text)


def _period_hint(text: str) -> str:
    if re.fullmatch(r"[0-9]+", text):
        return f"say the unit: {text}s, {text}m, {text}h or {text}d"
    squeezed = re.sub(r"\s+", "", text.lower())
    squeezed = re.sub(r"(seconds?|secs?)", "s", squeezed)
    squeezed = re.sub(r"(minutes?|mins?)", "m", squeezed)
    squeezed = re.sub(r"(hours?|hrs?)", "h", squeezed)
    squeezed = re.sub(r"(days?)", "d", squeezed)
    half = re.fullmatch(r"([0-9]+)\.5([mhd])", squeezed)
    if half:
        rest = {"m": "30s", "h": "30m", "d": "12h"}[half.group(2)]
        return f"write {half.group(1)}{half.group(2)}{rest}" if half.group(1) != "0" else f"write {rest}"
    if re.fullmatch(DURATION, squeezed):
        return f"write {squeezed}"
    return "weeks are days: write 7d" if squeezed.endswith(("w", "week", "weeks")) else ""


def _day(text: str) -> str:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise WrongError(f"{text!r} is not a day")
    try:
        date.fromisoformat(text)
    except ValueError:
        raise WrongError(f"there is no {text}", "look at the calendar") from None
    return text


@lru_cache(maxsize=64)
def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ValueError, OSError):  # unknown names are KeyErrors of their own kind, odd ones OSErrors
        raise WrongError(f"{text!r} is not a time zone", _zone_hint(text)) from None
    except KeyError:
        raise WrongError(f"{text!r} is not a time zone", _zone_hint(text)) from None
    return text


def _zone_hint(text: str) -> str:
    from zoneinfo import available_timezones

    known = sorted(available_timezones())
    cities = {name.rpartition("/")[2]: name for name in known}
    return nearest(text.replace(" ", "_"), known) or (f"did you mean {cities[text]}?" if text in cities else "")


def _email(text: str) -> str:
    if not re.fullmatch(r"[^@\s<>,;\"]{1,64}@[^@\s<>,;\"]{1,255}", text) or ".." in text:
        raise WrongError(f"{text!r} is not an e-mail address")
    return text


def _phone(text: str) -> str:
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", text):
        raise WrongError(f"{text!r} is not a phone number in E.164", _phone_hint(text))
    return text


def _phone_hint(text: str) -> str:
    digits = re.sub(r"[^0-9]", "", text)
    if text.isdigit() and not text.startswith("0"):
        return f'keep the plus, and quote it: "+{text}"; readers of YAML 1.1 eat the plus of an unquoted one'
    if text.startswith("+") and len(digits) > 6:
        return f'write "+{digits}", without spaces or signs'
    return ""


def _url(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s<>\"]{1,2000}", text):
        raise WrongError(f"{text!r} is not a web address")
    return text


ID_WORD = Word("an id", "F008", _id, ID)
PERIOD = Word("a duration", "F011", _period, DURATION)
DURATION_WORD = Word("a duration", "F011", _elapsed, DURATION)
DAY_WORD = Word("a day", "F016", _day, r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
ZONE = Word("a time zone", "F015", _zone)
EMAIL = Word("an e-mail address", "F013", _email, r"[^@\s]+@[^@\s]+")
PHONE = Word("a phone number", "F014", _phone, r"\+[1-9][0-9]{6,14}")
URL = Word("a web address", "F026", _url, r"https?://\S+")
PRIORITY = Choice(PRIORITIES, "F023")
TARGET = TargetWord()
ABSOLUTE = TargetWord(absolute=True)


def _some_time(text: str) -> Any:
    period = _period(text)
    if not period.elapsed:
        raise WrongError(f"{text!r} is no time at all", "write at least 1s")
    return period


SOME_TIME = Word("a duration", "F011", _some_time, DURATION)
