"""A mail server's URL says where, who and how encrypted, or says what is wrong with it."""

import pytest

from tocsin.lib.smtp import Server, parse_url


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.acme.example", Server("mail.acme.example", 25)),
        ("smtp://localhost:2525", Server("localhost", 2525)),
        ("smtp://ana:p%40ss%3Aword@mail:26", Server("mail", 26, "ana", "p@ss:word")),
        ("smtp://ana:x@mail", Server("mail", 587, "ana", "x")),
        ("smtps://mail", Server("mail", 465, tls="implicit")),
        ("smtp://mail?starttls=never", Server("mail", 25, tls="never")),
        ("smtp://mail?starttls=always&ca=/etc/ca.pem", Server("mail", 25, tls="always", ca="/etc/ca.pem")),
        ("smtp://[::1]:25", Server("::1", 25)),
    ],
)
def test_a_url_is_read(url, server):
    assert parse_url(url) == server


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("mail.acme.example", "smtp://"),
        ("http://mail", "smtp://"),
        ("smtp://", "host"),
        ("smtp://mail:port", "cannot be read"),
        ("smtp://mail?starttls=maybe", "never, auto, always"),
        ("smtps://mail?starttls=always", "first byte"),
        ("smtp://mail?verify=no", "unknown option 'verify'"),
    ],
)
def test_a_wrong_url_is_told_with_a_hint(url, complaint):
    with pytest.raises(ValueError, match=complaint):
        parse_url(url)


def test_a_wrong_url_does_not_tell_its_password():
    with pytest.raises(ValueError, match="smtp") as raised:
        parse_url("smtp://ana:hunter2@mail?x=1")
    assert "hunter2" not in str(raised.value)
