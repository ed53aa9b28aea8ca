"""The small language of answers, read as sentences: who does what when. Pure; everything wrong is told at once.

    text      = sentence (";" or newline) sentence ...
    sentence  = subjects verb modifiers, also: subjects verb modifiers "and" verb modifiers
    subjects  = subject ("and" or ",") subject ...
    subject   = a name or id | primary | secondary | schedule:ID | team | team lead | team:ID | role:ID | step N
              | management | everybody | everybody else | nobody | source | a method (sms, voice, email, push)
              | everything
    verb      = ignores | acknowledges | takes over | declines | accepts | answers or decides | confirms | resolves
              | is away | down | fails or bounces | fires
    modifier  = at TIME | after DURATION | at once | from TIME | until TIME | for DURATION | for subjects | "option"
    TIME      = +7m, from the opening | 02:45, the next such time | 2027-03-28 02:45
    DURATION  = 30s 5m 2h 1d, or a sum such as 1h30m; 3 minutes is 3m

A name of several words may stand as it is or in quotes; what stands in quotes is never taken for a verb.
"""

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Literal

from msgspec import Struct

from tocsin.core.phrase import Phrase

LIMIT = 10_000
"""Characters of a text that are read."""

Verb = Literal[
    "ignore", "acknowledge", "take_over", "decline", "accept", "answer", "confirm", "resolve", "away", "down", "fail",
    "fire",
]  # fmt: skip

_FORMS: dict[str, Verb] = {
    "ignore": "ignore", "ignores": "ignore",
    "acknowledge": "acknowledge", "acknowledges": "acknowledge", "ack": "acknowledge", "acks": "acknowledge",
    "take over": "take_over", "takes over": "take_over",
    "decline": "decline", "declines": "decline",
    "decide": "answer", "decides": "answer", "choose": "answer", "chooses": "answer",
    "accept": "accept", "accepts": "accept",
    "answer": "answer", "answers": "answer",
    "does nothing": "ignore", "do nothing": "ignore",
    "confirm": "confirm", "confirms": "confirm",
    "resolve": "resolve", "resolves": "resolve",
    "is away": "away", "are away": "away", "away": "away",
    "is down": "down", "are down": "down", "down": "down",
    "is absent": "away", "are absent": "away", "is ill": "away", "is sick": "away",
    "fail": "fail", "fails": "fail", "bounce": "fail", "bounces": "fail",
    "fire": "fire", "fires": "fire",
}  # fmt: skip
VERBS = ("ignores", "acknowledges", "takes over", "declines", "accepts", "answers", "confirms", "resolves", "is away",
         "down", "fails", "fires")  # fmt: skip
_LIKE = {form.split(" ")[0] if form.startswith("take") else form: form for form in (*_FORMS, *VERBS)}

Modifier = Literal["at", "after", "from", "until", "for", "option"]
TAKES: dict[Verb, frozenset[Modifier]] = {
    "ignore": frozenset(),
    "acknowledge": frozenset(("at", "after")),
    "take_over": frozenset(("at", "after")),
    "decline": frozenset(("at", "after")),
    "accept": frozenset(("at", "after")),
    "answer": frozenset(("at", "after", "option")),
    "confirm": frozenset(("at", "after")),
    "resolve": frozenset(("at", "after")),
    "away": frozenset(("from", "until", "for")),
    "down": frozenset(("at", "from", "until", "for")),
    "fail": frozenset(("at", "from", "for")),
    "fire": frozenset(("at", "after")),
}
"""Which modifiers a verb can have."""

_KEYWORDS: dict[str, Modifier] = {
    "at": "at", "after": "after", "from": "from", "until": "until", "till": "until", "to": "until", "for": "for",
}  # fmt: skip
_FILLERS = {"again", "with", "the", "a", "an"}
_AT_ONCE = ("at once", "immediately", "now")
_CALLED = ("of being called", "after being called", "of the call", "of the page", "of being paged")
_BARE = re.compile(r"\+?(?:\d+[smhd])+")
_KINDS = {"person", "team", "role", "schedule"}
"""What a colon belongs to; behind any other word it is passed over."""
JOINTS = {"and", ",", "&"}
_TOKEN = re.compile(r'"[^"\n]*"|“[^”\n]*”|(?<!\S)\'[^\'\n]*\'|[;\n]|,|[^\s,;"“]+|["“]')


class Word(Struct, frozen=True):
    """A word or a quoted text, with its place: line and column count from 1."""

    text: str
    line: int
    column: int
    quoted: bool = False

    @property
    def lower(self) -> str:
        """For comparing with the words of the language; a quoted one is never one of them."""
        return "" if self.quoted else self.text.lower()


class Complaint(Struct, frozen=True):
    """One thing wrong, or with `note` only worth knowing: where, what, and what helps (None where nothing is known)."""

    line: int
    column: int
    text: Phrase
    hint: Phrase | None = None
    note: bool = False


class Sentence(Struct, frozen=True):
    """`subjects` do `verb`; `modifiers` are the words that stand after each of them."""

    subjects: tuple[tuple[Word, ...], ...]
    verb: Verb
    said: Word
    modifiers: dict[Modifier, tuple[Word, ...]] = {}


class Parsed(Struct, frozen=True):
    """All that could be read, and all that could not."""

    sentences: tuple[Sentence, ...]
    complaints: tuple[Complaint, ...]


def parse(text: str) -> Parsed:
    """Read a whole text; never raises, whatever it is."""
    complaints: list[Complaint] = []
    sentences: list[Sentence] = []
    if len(text) > LIMIT:
        complaints.append(Complaint(1, 1, Phrase("lab.answers.too_long", {"n": str(LIMIT)})))
        return Parsed((), tuple(complaints))
    for clause in _clauses(text):
        sentences += _Clause(clause, complaints).read()
    return Parsed(tuple(sentences), tuple(complaints))


def about(place: Word, key: str, hint: Phrase | None = None, /, *, note: bool = False, **values: str) -> Complaint:
    """A complaint at that word."""
    return Complaint(place.line, place.column, Phrase(f"lab.answers.{key}", values), hint, note)


def did_you_mean(word: str, known: Sequence[str]) -> Phrase | None:
    """The closest of the known words as a hint, or None."""
    folded = {one.lower(): one for one in known}
    close = get_close_matches(word.lower()[:80], folded, n=1, cutoff=0.6)
    return Phrase("lab.answers.did_you_mean", {"word": folded[close[0]]}) if close else None


def spoken(words: Sequence[Word]) -> str:
    """The words as they were written, with one space between."""
    return " ".join(one.text for one in words)


def _clauses(text: str) -> Iterator[list[Word]]:
    """The words between `;` and line ends."""
    clause: list[Word] = []
    start, line = 0, 1
    for found in _TOKEN.finditer(text):
        piece = found[0]
        if piece in ";\n":
            yield clause
            clause = []
            if piece == "\n":
                start, line = found.end(), line + 1
        else:
            if piece[-1] == ":" and piece[:-1].lower() not in _KINDS:
                piece = piece[:-1] or piece
            quoted = len(piece) > 1 and piece[0] in "\"“'" and piece[-1] in "\"”'"
            clause.append(Word(piece[1:-1] if quoted else piece, line, found.start() - start + 1, quoted))
    yield clause


def _fitting(verb: Verb) -> Phrase | None:
    """What can stand after that verb, if anything can."""
    fits = ", ".join(sorted(TAKES[verb]))
    return Phrase("lab.answers.fits", {"words": fits}) if fits else None


class _Clause:
    """One clause on the way to its sentences."""

    def __init__(self, words: list[Word], complaints: list[Complaint]) -> None:
        self.words = words
        self.complaints = complaints
        self.at = 0

    def read(self) -> Iterator[Sentence]:
        subjects: tuple[tuple[Word, ...], ...] = ()
        while self.at < len(self.words):
            first, named = self.words[self.at], self._subjects()
            if self.at >= len(self.words):
                self._no_verb(self.words[self.words.index(first) :])
                return
            subjects = named or subjects
            said, verb = self.words[self.at], self._verb()
            assert verb is not None
            modifiers = self._modifiers(verb)
            if subjects:
                yield Sentence(subjects, verb, said, modifiers)
            else:
                self.complaints.append(about(said, "no_subject", Phrase("lab.answers.subjects"), verb=said.text))

    def _subjects(self) -> tuple[tuple[Word, ...], ...]:
        """The words before the next verb, parted at `and` and commas."""
        parts: list[list[Word]] = [[]]
        while self.at < len(self.words) and self._verb_at(self.at)[0] is None:
            word = self.words[self.at]
            if word.lower in JOINTS:
                parts.append([])
            elif word.lower != "the":
                parts[-1].append(word)
            self.at += 1
        return tuple(tuple(part) for part in parts if part)

    def _verb(self) -> Verb | None:
        verb, length = self._verb_at(self.at)
        self.at += length
        return verb

    def _verb_at(self, at: int) -> tuple[Verb | None, int]:
        """The verb that begins there, and how many words it has."""
        if at + 1 < len(self.words) and (verb := _FORMS.get(f"{self.words[at].lower} {self.words[at + 1].lower}")):
            return verb, 2
        return (_FORMS.get(self.words[at].lower), 1) if at < len(self.words) else (None, 0)

    def _no_verb(self, words: list[Word]) -> None:
        """Words and no verb among them: the one that looks most like one is pointed at."""
        for word in words[1:] or words:
            close = get_close_matches(word.lower, _LIKE, n=1, cutoff=0.7) if len(word.lower) > 2 else []
            if close:
                hint = Phrase("lab.answers.did_you_mean", {"word": _LIKE[close[0]]})
                self.complaints.append(about(word, "no_verb_like", hint, word=word.text))
                return
        known = Phrase("lab.answers.verbs", {"verbs": ", ".join(VERBS)})
        self.complaints.append(about(words[-1], "no_verb", known, words=spoken(words)))

    def _modifiers(self, verb: Verb) -> dict[Modifier, tuple[Word, ...]]:
        found: dict[Modifier, tuple[Word, ...]] = {}
        while self.at < len(self.words) and not self._joint():
            word, read = self.words[self.at], self._modifier(verb)
            if read is not None:
                self._note(found, verb, word, *read)
        return found

    def _modifier(self, verb: Verb) -> tuple[Modifier, tuple[Word, ...]] | None:
        """The modifier that begins here, and what it says; None for a word that is passed over."""
        word = self.words[self.at]
        if self._skips(_AT_ONCE):
            return "after", (Word("0m", word.line, word.column),)
        if word.lower in _KEYWORDS:
            self.at += 1
            value = self._value(word.lower == "for")
            self._skips(_CALLED)
            return _KEYWORDS[word.lower], value
        if _BARE.fullmatch(word.lower):
            self.at += 1
            self._skips(_CALLED)
            return ("at" if word.text.startswith("+") else "after"), (word,)
        if verb == "answer" and word.lower not in _FILLERS:
            return "option", self._value()
        self.at += 1
        if word.lower not in _FILLERS:
            hint = did_you_mean(word.text, tuple(_KEYWORDS)) or _fitting(verb)
            self.complaints.append(about(word, "unknown_word", hint, word=word.text))
        return None

    def _note(
        self,
        found: dict[Modifier, tuple[Word, ...]],
        verb: Verb,
        word: Word,
        name: Modifier,
        words: tuple[Word, ...],
    ) -> None:
        if not words:
            self.complaints.append(about(word, "incomplete", Phrase(f"lab.answers.write_{name}"), word=word.text))
        elif name not in TAKES[verb]:
            hint = _fitting(verb)
            self.complaints.append(about(word, "does_not_fit", hint, word=word.text, verb=verb.replace("_", " ")))
        elif name in found:
            self.complaints.append(about(word, "twice", word=word.text))
        else:
            found[name] = words

    def _value(self, joined: bool = False) -> tuple[Word, ...]:
        """The words up to the next keyword or joint; `joined` names go on to the end where no other verb comes."""
        words: list[Word] = []
        joined = joined and not any(self._verb_at(at)[0] for at in range(self.at, len(self.words)))
        while self.at < len(self.words) and (joined or not self._joint()) and not self._ends_value(words):
            words.append(self.words[self.at])
            self.at += 1
        return tuple(words)

    def _ends_value(self, words: list[Word]) -> bool:
        lower = self.words[self.at].lower
        if not words:
            return lower in _KEYWORDS
        duration = _BARE.fullmatch(lower) and not _BARE.fullmatch(words[-1].lower)
        return bool(duration) or lower in _KEYWORDS or any(self._stands(one) for one in (*_AT_ONCE, *_CALLED))

    def _joint(self) -> bool:
        """Whether what is said next is joined on here."""
        return self.words[self.at].lower in JOINTS

    def _stands(self, phrase: str) -> bool:
        words = phrase.split(" ")
        return [one.lower for one in self.words[self.at : self.at + len(words)]] == words

    def _skips(self, phrases: Sequence[str]) -> bool:
        for phrase in phrases:
            if self._stands(phrase):
                self.at += len(phrase.split(" "))
                return True
        return False
