"""Whatever a monitored host writes into an alert is text on every page, and never a node of it."""

from pathlib import Path

from tests.doors import Running, running
from tests.insiders import account, gate_of, show
from tests.security.corpus import corpus, twin
from tests.web.reading import Taken, link
from tocsin.access.sessions import begin
from tocsin.store import sessions

HOSTILE = (
    "<script>alert(1)</script>",
    "</title></main><img src=x onerror=alert(1)>",
    '"><svg/onload=alert(1)>',
    "' autofocus onfocus='alert(1)",
    "{{ 7 * 7 }}{% include '/etc/passwd' %}",
    "<!--<style>*{display:none}</style>",
    "]]><math><mi xlink:href='javascript:alert(1)'>",
    "<b>&lt;i&gt;&#x3c;u&#x3e;&NotANode;</b>",
    "&quot;&gt;<iframe srcdoc='x'>",
)


async def pages(here: Running, text: str) -> list[Taken]:
    """The live page, its pieces and the page of a link, with that text wherever a sender can put some."""
    links = [{"href": "javascript:alert(1)", "text": text}, {"href": "https://x.example/?q=" + text, "text": text}]
    incident = await here.post(
        key="one", title=text, text=text, labels={"service": "order-database", "note": text}, links=links
    )
    here.client.headers["host"] = "127.0.0.1:8400"
    await here.client.post(f"/incidents/{incident}/acknowledge", data={"by": "dana"})
    paths = (link(here, incident, "dana"), f"/incidents/{incident}")
    return [Taken((await here.client.get(path)).text) for path in paths]


async def test_hostile_text_makes_no_node_and_no_attribute(demo: Running, tmp_path: Path) -> None:
    plain = await pages(demo, "plain words")
    for number, text in enumerate(HOSTILE):
        with running(f"sqlite:///{tmp_path}/{number}.db", demo=True) as other:
            hostile = await pages(other, text)
        assert [page.nodes for page in hostile] == [page.nodes for page in plain], text
        assert all(page.text.count(" ".join(text.split())) > 3 for page in hostile), text


async def test_an_address_that_is_none_of_the_web_cannot_be_followed(demo: Running) -> None:
    for page in await pages(demo, "words"):
        hrefs = [value for tag, name, value in page.attributes if (tag, name) == ("a", "href")]
        assert not [href for href in hrefs if href.lower().startswith("javascript")]
        assert "https://x.example/?q=words" in hrefs


async def test_what_a_browser_calls_itself_is_text_where_sessions_are_listed(here: Running, tmp_path: Path) -> None:
    lists = []
    with running(f"sqlite:///{tmp_path}/other.db") as other:
        for one, harmless in ((here, False), (other, True)):
            made = account(one, "dana", "admin")
            for text in corpus("xss")[::9]:
                shown, session = begin(made, "password", one.clock.now(), agent=twin(text) if harmless else text)
                one.site.ledger.transact(lambda tx, session=session: sessions.add(tx.connection, session))
            show(one, shown)
            assert await gate_of(one).by_cookie(shown) is not None
            paths = ("/account", f"/settings/people/accounts/{made.id}")
            lists.append([Taken((await one.client.get(path)).text) for path in paths])
    assert [page.nodes for page in lists[0]] == [page.nodes for page in lists[1]]
    assert "<script>fired(1)</script>" in lists[0][0].text
