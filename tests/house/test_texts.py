"""Every text is a key: no literal in a template, no key without a sentence in every language, no sentence unused."""

import ast
import re

import pytest
from babel.messages.catalog import Catalog
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po

from tests.house import texts
from tests.house.source import modules
from tocsin.lib.translate import book, catalogue, domain_of, knows, languages, places

FILES = sorted(path.name for path in texts.path_of("web", "en").parent.iterdir())
DOMAINS = sorted({name.removesuffix(".po").rpartition(".")[0] for name in FILES})
OTHERS = sorted(languages() - {"en"})


def kept(domain: str, language: str) -> Catalog:
    with texts.path_of(domain, language).open("rb") as file:
        return read_po(file, abort_invalid=True)


def forms(domain: str, language: str) -> dict[str, tuple[str, ...]]:
    """Key to its forms, without the head."""
    found = [(one.id, one.string) for one in kept(domain, language) if one.id]
    plain = {id_: (said,) for id_, said in found if isinstance(id_, str) and isinstance(said, str)}
    return plain | {id_[0]: tuple(said or ()) for id_, said in found if not isinstance(id_, str)}


@pytest.mark.parametrize("template", texts.templates())
def test_a_template_has_no_words_of_its_own(template: str) -> None:
    assert texts.literals(texts.templates()[template]) == []


@pytest.mark.parametrize(
    "template",
    [
        "<p>Hello</p>",
        "<a title='Open {{ x }}'>{{ t('x') }}</a>",
        "<button aria-label=Close></button>",
        "{% if x %}yes{% endif %}",
        "<p>{{ x or 'nobody' }}</p>",
        "<p>{{ 'a' ~ x if x else t('b') }}</p>",
        "<input type=submit value=Send>",
        "<p>{{ t('x') }} min</p>",
    ],
)
def test_the_search_finds_words(template: str) -> None:
    assert texts.literals(template) != []


@pytest.mark.parametrize(
    "template",
    [
        "<p class=\"{{ 'good' if x else 'bad' }}\">{{ t('a.' ~ x) }}: {{ x|join(', ') }} · tocsin</p>",
        "<pre>curl -H 'Name: value'</pre><code>tocsin token create</code>",
        "{# a comment #}{% set word = 'done' %}<li data-key=\"now\">{{ y if x == 'some words' else z }}</li>",
        "<input type=hidden value=here><a href='/incidents/{{ x }}'>{{ x.title }}</a>",
    ],
)
def test_the_search_leaves_data_and_machines_alone(template: str) -> None:
    assert texts.literals(template) == []


def test_no_page_is_handed_a_sentence_that_code_holds() -> None:
    pages = [module for module in modules() if module.file.startswith("tocsin/web/")]
    assert [(m.file, line, text) for m in pages for line, text in texts.sentences_in(m.tree)] == []


def test_the_search_finds_a_sentence_in_code() -> None:
    code = (
        'def f():\n    """Some words."""\n    log.info("some words")\n    return page("x", notice="Please try again")'
    )
    assert list(texts.sentences_in(ast.parse(code))) == [(4, "Please try again")]


def test_every_key_of_a_template_has_a_sentence() -> None:
    known = catalogue()
    missing = [
        (template, key)
        for template, key in sorted(texts.template_keys())
        if not any(texts.matches(key, one) for one in known) and not knows(key.removeprefix("web."))
    ]
    assert missing == []


def test_no_sentence_is_left_that_nobody_asks_for() -> None:
    exact = {key for key in texts.asked() if "*" not in key}
    patterns = [key for key in texts.asked() if "*" in key and "." in key]

    def used(key: str) -> bool:
        ways = {key, key.removesuffix("_nobody"), *(key.removeprefix(one) for one in texts.PREFIXES)}
        return bool(ways & exact) or any(texts.matches(one, way) for one in patterns for way in ways)

    assert [key for key in catalogue() if not used(key)] == []


def test_there_is_another_language_than_english() -> None:
    assert "de" in OTHERS


@pytest.mark.parametrize("language", sorted(languages()))
@pytest.mark.parametrize("domain", DOMAINS)
def test_a_catalogue_is_sound(domain: str, language: str) -> None:
    found, written = kept(domain, language), texts.path_of(domain, language).read_text("utf-8")
    assert written.count("\nmsgid ") == len(found) + 1  # no key twice, and the head
    assert (found.locale_identifier, len(found.obsolete)) == (language, 0)
    assert [one.id for one in found if one.fuzzy and one.id] == []
    plural = get_plural(language)
    assert found.num_plurals == plural.num_plurals
    assert found.plural_expr.strip("()") == plural.plural_expr.strip("()")
    assert book(domain, language).sentences == forms(domain, language)
    for key, said in forms(domain, language).items():
        assert domain_of(key) == domain
        assert len(said) in (1, plural.num_plurals)
        for one in said:
            assert one
            assert one == " ".join(one.split()), key
            assert not set("<>&") & set(one), key


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("domain", DOMAINS)
def test_a_translation_is_complete_and_has_the_same_places(domain: str, language: str) -> None:
    english, theirs = forms(domain, "en"), forms(domain, language)
    assert list(theirs) == list(english)  # in the same order, so that both files read side by side
    assert {key for key in english if len(english[key]) > 1} == {key for key in theirs if len(theirs[key]) > 1}
    wrong = {key: theirs[key] for key in english if places(theirs[key][-1]) != places(english[key][-1])}
    assert wrong == {}
    few = [one for book in (english, theirs) for said in book.values() for one in said[:-1] if said[:-1]]
    many = {one: said[-1] for book in (english, theirs) for said in book.values() for one in said[:-1]}
    assert [one for one in few if places(many[one]) - places(one) - {"n"} or places(one) - places(many[one])] == []


@pytest.mark.parametrize("domain", DOMAINS)
def test_what_is_counted_is_called_n(domain: str) -> None:
    assert [key for key, said in forms(domain, "en").items() if len(said) > 1 and "n" not in places(said[-1])] == []


def test_german_addresses_nobody_with_sie_or_du() -> None:
    said = [text for domain in DOMAINS for each in forms(domain, "de").values() for text in each]
    address = re.compile(r"(?<![.:!?…] )(?<!^)\b(Sie|Ihnen|Ihre?[nmrs]?)\b|\b([Dd]u|[Dd]ein\w*)\b")
    assert [one for one in said if address.search(one)] == []
