"""What a mail says and cannot be made to say: no text from outside breaks a header, a part or the HTML."""

import re
from email import message_from_bytes, policy
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.contracts.letters import letter
from tocsin.channels.email import headers
from tocsin.channels.email.compose import Sender, compose, html
from tocsin.core.outgoing import Purpose
from tocsin.core.signal import Link
from tocsin.lib.translate import catalogue

FROM = Sender("tocsin@tocsin.example")
PURPOSES = Purpose.__args__
ANY = st.text(max_size=400) | st.text("\r\n\0 =?_<>\"':;,.é𝄞\u202e\t-", max_size=200)


def parsed(one):
    content = compose(one, "ana@acme.example", FROM)
    assert max(len(line) for line in content.split(b"\r\n")) <= 998
    assert b"\n" not in content.replace(b"\r\n", b"")
    return message_from_bytes(content, policy=policy.default)


@given(title=ANY, name=ANY, organisation=ANY)
@example(title="a\r\nBcc: all@acme.example", name='x" <b@c>', organisation="=?utf-8?q?x?=")
def test_any_title_and_name_is_a_subject_and_a_name_and_nothing_else(title, name, organisation):
    mail = parsed(letter(title=title, to_name=name, organisation=organisation))
    assert mail["Subject"].split() == f"P1 {headers.one_line(title)} (INC-7)".split()
    (to,) = mail["To"].addresses
    assert to.addr_spec == "ana@acme.example"
    shown = headers.one_line(name)
    assert shown.startswith(to.display_name) if len(shown) > 10 else shown == to.display_name
    assert [one.addr_spec for one in mail["From"].addresses] == ["tocsin@tocsin.example"]
    assert "Bcc" not in mail
    assert len(list(mail.walk())) == 3


@given(ANY)
def test_any_text_arrives_as_it_is_but_for_what_turns_or_breaks_lines(text):
    mail = parsed(letter(text=text))
    plain = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
    kept = (
        re.sub("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", "", text).encode("utf-8", "replace").decode()
    )
    assert kept in plain


class Shape(HTMLParser):
    """The tags of a page and where its links lead."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.links = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name == "href"]
        assert not any(name.startswith("on") for name, _ in attrs)


@given(ANY)
@example('"><script>alert(1)</script><img src=x onerror=alert(1)>')
@example("</title></head>{{ 7 * 7 }}{% raw %}")
def test_no_text_adds_an_element_to_the_page(text):
    assert Shape(html(full("t" + text))).tags == Shape(html(full("t"))).tags


def full(text):
    """A letter with one text in every field that can hold one."""
    fields = ("title", "text", "reason", "next", "question", "owner", "service", "severity", "priority", "to_name")
    return letter(**dict.fromkeys(fields, text), labels={"a": text}, also=(text,), act_label=text, organisation=text)


def test_only_web_addresses_become_links():
    links = (Link("javascript:alert(1)", "run"), Link("https://wiki.example/a?b=1&c=2", "Runbook"))
    shape = Shape(html(letter(links=links)))
    assert "https://wiki.example/a?b=1&c=2" in shape.links
    assert not any(link.startswith("javascript") for link in shape.links)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("purpose", PURPOSES)
def test_every_purpose_has_its_own_words(purpose, language):
    mail = parsed(letter(purpose=purpose, language=language))
    text = mail.get_body(("plain",)).get_content()
    assert "mail." not in text + mail["Subject"]
    assert "?]" not in text + mail["Subject"]


def test_a_late_page_and_a_test_say_so_first():
    mail = parsed(letter(delayed_minutes=12, test=True))
    assert mail["Subject"].startswith("TEST: DELAYED 12 min: ")
    assert mail.get_body(("plain",)).get_content().startswith("This is a test.")


def test_times_are_shown_in_the_persons_zone_and_a_wrong_zone_costs_nothing():
    assert "Tue, 10 Mar 2026, 02:14 CET" in html(letter(zone="Europe/Berlin"))
    assert "Tue, 10 Mar 2026, 01:14 UTC" in html(letter(zone="Mars/Olympus"))


def test_a_mail_is_in_the_language_of_its_reader_whole():
    given = letter(language="de", delayed_minutes=12, status="open", to_name="Eve", organisation="", act_label="")
    mail = parsed(given)
    assert mail["Subject"].startswith("12 MIN. VERSPÄTET: P1 Disk full on db-3")
    for text in (mail.get_body(("plain",)).get_content(), html(given)):
        for part in ("12 Minuten verspätet", "Hallo Eve", "Hilfe wird gebraucht", "Di., 10. März 2026, 0", "offen"):
            assert part in text
        assert "Gesendet von tocsin für die Organisation." in text
    assert '<html lang="de"' in html(given)
    english = set(catalogue("en").values()) - set(catalogue("de").values())
    assert [one for one in english if f">{one}<" in html(given)] == []


def test_the_page_needs_nothing_from_outside_and_fits_a_phone():
    page = html(letter())
    assert {"img", "script", "link", "iframe", "style"}.isdisjoint(Shape(page).tags)
    assert "width=device-width" in page
    assert 'content="light dark"' in page
    assert len(page) < 20_000


@given(st.text(max_size=300))
def test_encoded_words_are_short_and_read_back(text):
    coded = headers.words(text)
    assert all(len(line) <= 76 and line.isascii() for line in coded.split("\r\n"))
