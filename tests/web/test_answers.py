"""What every answer carries, what may be kept, and the pages there are."""

import re
from importlib.resources import files

import pytest

from tests.doors import Running
from tests.web.reading import link
from tocsin.web.layout.assets import assets
from tocsin.web.pages import found

SCRIPTED = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "report-uri /csp"
)
PLAIN = SCRIPTED.replace("script-src 'self'; ", "").replace(
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; ", ""
)
SAFE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}


@pytest.mark.parametrize(
    "path",
    ["/", "/incidents/INC-1", "/board/fresh", "/components", "/signin", "/nowhere", "/static/nothing.js", "/..%2f"],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
async def test_every_answer_is_safe_to_show_and_kept_by_nobody(demo: Running, path: str, method: str) -> None:
    answer = await demo.client.request(method, path)
    assert {name: answer.headers[name] for name in SAFE} == SAFE
    assert answer.headers["content-security-policy"] == SCRIPTED
    assert answer.headers["cache-control"] == "no-store"


async def test_pages_of_links_allow_no_script_and_have_none(here: Running) -> None:
    await here.post()
    for path in (link(here, "INC-1", "dana"), "/l/forged"):
        answer = await here.client.get(path)
        assert answer.headers["content-security-policy"] == PLAIN
        assert "<script" not in answer.text
        assert " style=" not in answer.text


async def test_nothing_on_a_page_comes_from_elsewhere(demo: Running) -> None:
    await demo.post()
    for path in ("/", "/incidents/INC-1", "/components", link(demo, "INC-1", "dana"), "/signin"):
        text = (await demo.client.get(path)).text
        assert not re.search(r"""(src|href)=["'](https?:)?//""", text)
        assert not re.search(r"""\son\w+=""", text)


async def test_style_and_script_are_kept_until_they_change(here: Running) -> None:
    text = (await here.client.get("/signin")).text
    for address in re.findall(r'"(/static/[^"]+)"', text):
        answer = await here.client.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("name", ["..%2Fapp.py", "%2e%2e/app.py", "tocsin.css%00.py", "live.html"])
async def test_no_other_file_can_be_had(here: Running, name: str) -> None:
    assert (await here.client.get(f"/static/{name}")).status_code == 404


async def test_a_form_larger_than_any_of_ours_is_refused(demo: Running) -> None:
    answer = await demo.client.post("/signin", data={"token": "x" * 70_000})
    assert answer.status_code == 413
    assert "That is too much" in answer.text


def test_every_page_says_which_question_it_answers() -> None:
    assert {page.name for page in found()} >= {"board", "incident", "link", "signin"}
    assert all(page.question.endswith("?") and page.handlers for page in found())


def test_style_fetches_nothing_and_scripts_write_no_markup() -> None:
    made = {name: body.decode() for name, (body, _) in assets().items() if not name.endswith(".png")}
    styles = [name for name, text in made.items() if name.endswith(".css") and re.search(r"url\(|@import", text)]
    writing = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|https?:"
    assert (styles, [n for n, text in made.items() if n.endswith(".js") and re.search(writing, text)]) == ([], [])


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_colour_of_words_can_be_read_on_every_ground(theme: int) -> None:
    style = (files("tocsin.web") / "static" / "tocsin.css").read_text("utf-8")
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", re.findall(r":root \{(.*?)\}", style, re.DOTALL)[theme]))
    words = ("ink", "soft", "bronze", "ember", "moss", "plum")
    pairs = [(word, ground) for word in words for ground in ("paper", "sheet")]
    pairs += [("on-bronze", "bronze"), ("on-ember", "ember"), ("ink", "glow"), ("ink", "sunk")]
    assert {pair: r for pair in pairs if (r := contrast(colours[pair[0]], colours[pair[1]])) < 4.5} == {}


def contrast(one: str, other: str) -> float:
    """As WCAG 2.2 counts it."""

    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)
