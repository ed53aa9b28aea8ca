"""Texts: every phrase that the rules utter has its sentence, and a missing one is seen, not silent."""

import ast
import re
from io import BytesIO
from pathlib import Path
from typing import get_args

from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

import tocsin
from tocsin.core.incident import preview
from tocsin.core.outgoing import Purpose
from tocsin.core.phrase import Phrase
from tocsin.lib.translate import catalogue, places, read, say, text

TRANSLATED = r"""# Somebody, 2026
#, fuzzy
msgid ""
msgstr ""
"Project-Id-Version: x\n"
"Content-Type: text/plain; charset=utf-8\n"
"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && "
"n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);\n"

#. for translators
#: a.py:3
msgid "a.b"
msgstr "Say \"yes\", or \\no\\"

msgid "a.long"
msgstr ""
"The first half, "
"and the second."

#, python-brace-format
msgid "a.many"
msgid_plural "a.many"
msgstr[0] "eins"
msgstr[1] "wenige"
msgstr[2] "viele"

#~ msgid "a.gone"
#~ msgstr "gone"
"""

SOURCE = Path(tocsin.__file__).parent


def uttered():
    """Every (place, key, names of values or None) in a Phrase(...) or in a call that hands a key on."""
    for path in sorted(SOURCE.rglob("*.py")):
        content = path.read_text("utf-8")
        if "Phrase" not in content:
            continue
        for node in ast.walk(ast.parse(content)):
            if isinstance(node, ast.Call) and node.args and _hands_on(node.func):
                for key in _constants(node.args[0]):
                    yield f"{path.name}:{node.lineno}", key, _names(node)


def _hands_on(func):
    return ast.unparse(func) in {"Phrase", "phrase.Phrase", "self._say"}


def _constants(node):
    if isinstance(node, ast.IfExp):
        return [*_constants(node.body), *_constants(node.orelse)]
    return [node.value] if isinstance(node, ast.Constant) else []


def _names(call):
    if call.keywords:
        return {keyword.arg for keyword in call.keywords}
    given = call.args[1] if len(call.args) > 1 else ast.Dict([], [])
    if isinstance(given, ast.Dict) and all(isinstance(key, ast.Constant) for key in given.keys):
        return {key.value for key in given.keys}
    return None


def test_the_rules_utter_phrases_at_all():
    assert len({key for _, key, _ in uttered()}) > 40


def test_every_phrase_that_is_uttered_has_a_sentence():
    assert [(place, key) for place, key, _ in uttered() if key not in catalogue()] == []


def test_every_place_of_a_sentence_is_filled_where_it_is_uttered():
    empty = [
        (place, key, sorted(missing))
        for place, key, names in uttered()
        if names is not None and (missing := places(catalogue().get(key, "")) - names)
    ]
    assert empty == []


def asked_for():
    """Every (place, key or beginning of one) in a call of `text`."""
    for path in sorted(SOURCE.rglob("*.py")):
        content = path.read_text("utf-8")
        if "tocsin.lib.translate import" not in content:
            continue
        for node in ast.walk(ast.parse(content)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "text" and node.args:
                first = node.args[0]
                known = first.values[0] if isinstance(first, ast.JoinedStr) else first
                if isinstance(known, ast.Constant):
                    yield f"{path.name}:{node.lineno}", str(known.value)


def test_every_key_that_is_asked_for_by_name_has_a_sentence():
    beginnings = {key[: at + 1] for key in catalogue() for at, sign in enumerate(key) if sign == "."}
    assert [(place, key) for place, key in asked_for() if key not in catalogue() and key not in beginnings] == []


def test_every_purpose_and_forecast_has_its_sentence():
    needed = {f"mail.{part}.{purpose}" for part in ("subject", "lead") for purpose in get_args(Purpose)}
    forecasts = set(preview._HEADLINES.values())
    needed |= forecasts | {f"{key}_nobody" for key in forecasts - preview._ALONE}
    assert needed - catalogue().keys() == set()


def test_a_key_that_is_handed_on_as_text_has_a_sentence():
    tables = {key.partition(".")[0] for key in catalogue()}
    found = [
        (path.name, node.value)
        for path in sorted((SOURCE / "core" / "incident").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if re.fullmatch(r"[a-z_]+\.[a-z_]+", node.value) and node.value.partition(".")[0] in tables
    ]
    assert found
    assert [one for one in found if one[1] not in catalogue()] == []


def test_a_sentence_is_filled_with_its_values_as_they_are():
    assert say(Phrase("taken.by", {"person": "Ana {x} %s <b>"})) == "Ana {x} %s <b> has it"


def test_a_missing_value_and_a_missing_sentence_are_seen():
    assert say(Phrase("taken.by")) == "[person?] has it"
    assert say(Phrase("no.such", {"who": "ana"})) == "no.such (who: ana)"


@given(st.text(), st.text(), st.dictionaries(st.text(), st.text()))
def test_no_key_language_or_value_raises(key, language, values):
    assert isinstance(text(key, values, language), str)


def test_a_number_chooses_the_form_of_its_language():
    told = [text("web.incident.earlier", {"n": n}, language) for language in ("en", "de") for n in ("1", "2", "?")]
    assert told[:3] == ["and 1 earlier entry", "and 2 earlier entries", "and ? earlier entries"]
    assert told[3:] == ["und 1 früherer Eintrag", "und 2 frühere Einträge", "und ? frühere Einträge"]


def test_a_catalogue_that_a_translators_tool_wrote_reads_the_same_as_by_babel():
    written = TRANSLATED
    ours, theirs = read(written), read_po(BytesIO(written.encode()))
    assert ours.sentences == {
        "a.b": ('Say "yes", or \\no\\',),
        "a.long": ("The first half, and the second.",),
        "a.many": ("eins", "wenige", "viele"),
    }
    assert [ours.form(n) for n in (1, 2, 5, 22)] == [0, 1, 2, 1]
    for one in theirs:
        if one.id:
            key = one.id if isinstance(one.id, str) else one.id[0]
            assert ours.sentences[key] == ((one.string,) if isinstance(one.string, str) else tuple(one.string))


def test_a_region_speaks_the_language_that_it_belongs_to():
    assert text("taken.by", {"person": "Ana"}, "de-AT") == text("taken.by", {"person": "Ana"}, "de") != "Ana has it"


def test_a_language_without_a_catalogue_speaks_english():
    assert text("taken.by", {"person": "Ana"}, "xx") == "Ana has it"
    assert text("taken.by", {"person": "Ana"}, "../../en") == "Ana has it"
