"""E-mail over real sockets: what arrives, what each refusal means, and that the way back in it works."""

import asyncio
import re
import shutil

import pytest

from tests.contracts.letters import HOUR, NOW, SECRET, act_url, authority, letter
from tests.contracts.mailserver import Handler, mailserver, scripted
from tocsin.channels.contract import Choice, Wiring
from tocsin.channels.email.compose import Sender
from tocsin.channels.email.send import Email, build
from tocsin.lib import secrets
from tocsin.lib.smtp import Server, parse_url
from tocsin.lib.smtp_sessions import Sessions

ANA = "ana@acme.example"


def sender(url, total=10.0):
    return Email(Sessions(parse_url(url), "tocsin.example", total), Sender("tocsin@tocsin.example"))


async def send(url, *letters, address=ANA, total=10.0):
    channel = sender(url, total)
    try:
        return [await channel.send(one, address) for one in letters or (letter(),)]
    finally:
        await channel.close()


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    if shutil.which("openssl") is None:
        pytest.skip("needs the openssl command to make certificates")
    return authority(tmp_path_factory.mktemp("authority"))


async def test_a_page_arrives_whole_in_text_and_html():
    async with mailserver() as server:
        (outcome,) = await send(f"smtp://127.0.0.1:{server.port}")
        (got,) = server.handler.received
    assert outcome.status == "sent"
    assert outcome.detail == "queued as 42"
    assert outcome.reference == got.mail["Message-ID"]
    assert got.mail["Subject"] == "P1 Disk full on db-3 (INC-7)"
    assert got.mail["Date"].datetime.timestamp() * 1_000_000 == NOW
    for kind in ("plain", "html"):
        text = got.mail.get_body((kind,)).get_content()
        for told in ("Disk full on db-3", "Ana Sousa", "order-database", "98 % full", "Why you", "Dana Levi is called"):
            assert told in text


async def test_the_signed_link_in_the_mail_leads_back_to_who_and_what():
    async with mailserver() as server:
        await send(f"smtp://127.0.0.1:{server.port}")
        mail = server.handler.received[0].mail
    links = {
        re.search(r"https://tocsin\.example/act/([^\s\"<]+)", mail.get_body((kind,)).get_content())[1]
        for kind in ("plain", "html")
    }
    (token,) = links
    claims = secrets.verify(token, "acknowledge", NOW, SECRET)
    assert claims == {"incident": "INC-7", "person": "ana", "method": "email"}
    assert secrets.verify(token, "acknowledge", NOW + HOUR, SECRET) == secrets.Refused("expired")


async def test_a_decision_shows_its_question_and_every_option_as_a_link_of_its_own():
    options = (Choice("Fall back", act_url("a")), Choice("Keep waiting", act_url("b")))
    asked = letter(purpose="decide", question="Fall back to paper?", choices=options, act_url="", act_label="")
    async with mailserver() as server:
        await send(f"smtp://127.0.0.1:{server.port}", asked)
        mail = server.handler.received[0].mail
    for kind in ("plain", "html"):
        text = mail.get_body((kind,)).get_content()
        assert "Fall back to paper?" in text
        assert all(option.label in text and option.url in text for option in options)


async def test_mails_of_one_incident_are_one_thread_and_a_retry_is_the_same_mail():
    first, other = letter(), letter(id="INC-7.2.ana.email", purpose="over", sent_at=NOW + HOUR)
    async with mailserver() as server:
        await send(f"smtp://127.0.0.1:{server.port}", first, letter(sent_at=NOW + 60_000_000), other)
        one, again, over = (got.mail for got in server.handler.received)
    assert one["Message-ID"] == again["Message-ID"] != over["Message-ID"]
    assert {mail["In-Reply-To"] for mail in (one, again, over)} == {one["References"]}
    assert one["Auto-Submitted"] == "auto-generated"
    assert one["X-Tocsin-Incident"] == "INC-7"


async def test_a_password_goes_over_starttls_with_a_checked_certificate(tls):
    async with mailserver(starttls=tls.server, login=True) as server:
        url = f"smtp://ana:s3cret%20word@localhost:{server.port}?starttls=always&ca={tls.file}"
        (outcome,) = await send(url)
        (got,) = server.handler.received
    assert (outcome.status, got.encrypted, got.login) == ("sent", True, b"ana")


async def test_smtps_is_encrypted_from_the_first_byte(tls):
    async with mailserver(implicit=tls.server) as server:
        (outcome,) = await send(f"smtps://localhost:{server.port}?ca={tls.file}")
    assert outcome.status == "sent"


@pytest.mark.parametrize("scheme", ["smtps", "smtp"])
async def test_a_certificate_that_nobody_vouches_for_is_a_passing_failure(tls, scheme):
    kind = {"implicit": tls.server} if scheme == "smtps" else {"starttls": tls.server}
    async with mailserver(**kind) as server:
        (outcome,) = await send(f"{scheme}://localhost:{server.port}")
    assert outcome.status == "passing"
    assert "certificate" in outcome.detail.lower()
    assert not server.handler.received


async def test_a_missing_starttls_where_it_is_demanded_is_a_passing_failure():
    async with mailserver() as server:
        (outcome,) = await send(f"smtp://127.0.0.1:{server.port}?starttls=always")
    assert outcome.status == "passing"


async def test_a_wrong_password_is_our_fault_and_leaves_the_address_alone(tls):
    async with mailserver(starttls=tls.server, login=True) as server:
        (outcome,) = await send(f"smtp://ana:wrong@localhost:{server.port}?ca={tls.file}")
    assert (outcome.status, outcome.detail[:10]) == ("passing", "login: 535")


async def test_a_password_is_not_sent_in_the_clear_to_what_may_be_another_machine():
    async with mailserver(login=True) as server:
        (outcome,) = await send(f"smtp://ana:s3cret%20word@127.1:{server.port}")
    assert outcome.status == "passing"
    assert "in the clear" in outcome.detail
    assert not server.handler.received


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("550 5.1.1 no such user", "permanent"),
        ("550 5.1.2 no such domain", "permanent"),
        ("550 5.1.10 null MX", "permanent"),
        ("550 5.2.1 mailbox disabled", "permanent"),
        ("550 No such user here", "permanent"),
        ("553 mailbox name not valid", "permanent"),
        ("556 domain accepts no mail", "permanent"),
        ("550 5.7.1 relaying denied", "passing"),
        ("554 5.7.1 client host blocked", "passing"),
        ("550 relay not permitted", "passing"),
        ("550 sender verify failed", "passing"),
        ("530 5.7.0 authentication required", "passing"),
        ("552 5.2.2 mailbox full", "passing"),
        ("550 5.1.8 bad sender address", "passing"),
        ("554 transaction failed", "passing"),
        ("450 4.2.0 greylisted, try again in five minutes", "passing"),
        ("452 4.2.2 over quota", "passing"),
        ("421 4.3.2 shutting down", "passing"),
        ("451 local error", "passing"),
    ],
)
async def test_a_refused_recipient_is_permanent_only_where_nobody_is_there(answer, status):
    async with mailserver(Handler(recipient=answer)) as server:
        (outcome,) = await send(f"smtp://127.0.0.1:{server.port}")
    assert outcome.status == status
    assert answer[:3] in outcome.detail
    assert not server.handler.received


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("550 5.1.1 no such user after all", "permanent"),
        ("550 message looks like spam", "passing"),
        ("552 5.3.4 message too big", "passing"),
        ("554 5.6.0 content rejected", "passing"),
        ("451 4.3.0 try later", "passing"),
    ],
)
async def test_a_refused_content_is_no_fault_of_the_address(answer, status):
    async with mailserver(Handler(content=answer)) as server:
        (outcome,) = await send(f"smtp://127.0.0.1:{server.port}")
    assert outcome.status == status


async def test_a_refused_sender_is_our_fault():
    async with scripted("220 hi", "250 hi", "550 5.1.1 who are you") as server:
        (outcome,) = await send(f"smtp://127.0.0.1:{server.port}")
    assert (outcome.status, outcome.detail[:11]) == ("passing", "sender: 550")


@pytest.mark.parametrize(
    "script",
    [
        ["drop"],
        ["554 no service"],
        ["220 hi", "drop"],
        ["220 hi", "250 hi", "250 ok", "drop"],
        ["220 hi", "250 hi", "250 ok", "250 ok", "drop"],
        ["220 hi", "250 hi", "250 ok", "250 ok", "354 go on", "drop"],
        ["not SMTP at all"],
        ["220 hi", "250 hi", "\x00\xff"],
    ],
    ids=lambda script: script[-1] + str(len(script)),
)
async def test_a_server_that_breaks_off_anywhere_is_a_passing_failure(script):
    async with scripted(*script) as server:
        (outcome,) = await send(f"smtp://127.0.0.1:{server.port}", total=2.0)
    assert outcome.status == "passing"


@pytest.mark.parametrize(
    "script", [["wait"], ["220 hi", "wait"], ["220 hi", "250 hi", "250 ok", "250 ok", "354 go", "wait"]]
)
async def test_a_server_that_hangs_costs_no_more_than_the_deadline(script):
    loop = asyncio.get_running_loop()
    begin = loop.time()
    async with scripted(*script) as server:
        (outcome,) = await send(f"smtp://127.0.0.1:{server.port}", total=0.3)
    assert outcome.status == "passing"
    assert "0.3 s" in outcome.detail
    assert loop.time() - begin < 2.5


async def test_nobody_listening_is_a_passing_failure():
    async with mailserver() as server:
        pass
    (outcome,) = await send(f"smtp://127.0.0.1:{server.port}")
    assert outcome.status == "passing"


async def test_many_letters_share_a_session_and_a_closed_one_is_replaced():
    letters = [letter(id=f"m{n}") for n in range(5)]
    async with mailserver() as server:
        outcomes = await send(f"smtp://127.0.0.1:{server.port}", *letters)
        assert len(server.connections) == 1
    assert [outcome.status for outcome in outcomes] == ["sent"] * 5
    async with scripted("220 a", "250 a", "250 a", "250 a", "354 a", "250 a", "drop") as server:
        outcomes = await send(f"smtp://127.0.0.1:{server.port}", *letters[:3])
        assert len(server.connections) == 3
    assert [outcome.status for outcome in outcomes] == ["sent"] * 3


@pytest.mark.parametrize(
    "address", ["", "ana", "ana@", "a b@x.example", "ana@x.example\r\nRCPT TO:<b@x>", "a@b@c", "a..b@x.y", "a@-x"]
)
async def test_what_is_no_address_is_permanent_and_reaches_no_server(address):
    async with mailserver() as server:
        (outcome,) = await send(f"smtp://127.0.0.1:{server.port}", address=address)
        assert server.connections == []
    assert outcome.status == "permanent"


async def test_addresses_of_other_scripts_are_reached():
    async with mailserver() as server:
        url = f"smtp://127.0.0.1:{server.port}"
        await send(url, address="ana@bücher.example")
        await send(url, address="jürgen@bücher.example")
        envelopes = [got.envelope for got in server.handler.received]
    assert [e.rcpt_tos for e in envelopes] == [["ana@xn--bcher-kva.example"], ["jürgen@xn--bcher-kva.example"]]


async def test_without_a_server_there_is_no_channel_and_a_wrong_url_is_told():
    assert build(Wiring({}, SECRET)) is None
    with pytest.raises(ValueError, match="smtp://user"):
        build(Wiring({"TOCSIN_SMTP": "mail.acme.example"}, SECRET))
    with pytest.raises(ValueError, match="TOCSIN_MAIL_FROM"):
        build(Wiring({"TOCSIN_SMTP": "smtp://mail", "TOCSIN_MAIL_FROM": "tocsin"}, SECRET))
    assert isinstance(build(Wiring({"TOCSIN_SMTP": "smtp://mail"}, SECRET, "https://t.example")), Email)


def test_a_servers_password_stands_in_no_repr():
    assert "word" not in repr(Server("mail", 25, "ana", "word"))
