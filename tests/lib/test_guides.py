"""Guides as blocks: headings, texts, lists, tables and code; what is code is told apart, and nothing is markup."""

import pytest

from tocsin.intake.registry import intakes
from tocsin.lib.guides import Block, Part, blocks, parts

WRITTEN = """
# A `first` one

Some text
over two lines with `code`.

- one
- two, which
  goes on

| field | meaning |
|---|---|
| `key` | what `a|b` is |

```sh
curl -d '{}'

second
```
"""


def test_every_kind_of_block_is_read() -> None:
    heading, text, points, table, code = blocks(WRITTEN)
    assert heading == Block("heading", ((Part("A "), Part("first", code=True), Part(" one")),))
    assert text.lines == ((Part("Some text over two lines with "), Part("code", code=True), Part(".")),)
    assert points.lines == ((Part("one"),), (Part("two, which goes on"),))
    assert [len(row) for row in table.rows] == [2, 2]
    assert table.rows[1][0] == (Part("key", code=True),)
    assert code.code == "curl -d '{}'\n\nsecond"


def test_a_fence_that_is_never_closed_ends_with_the_guide() -> None:
    (code,) = blocks("```\nx")
    assert code.code == "x"


def test_markup_stays_text() -> None:
    assert parts("<b>x</b>") == (Part("<b>x</b>"),)


@pytest.mark.parametrize("name", sorted(intakes()))
def test_the_guide_of_every_format_becomes_blocks_without_leftovers(name: str) -> None:
    found = list(blocks(intakes()[name].guide))
    assert found[0].kind == "heading"
    assert {"text", "code"} <= {one.kind for one in found}
    said = [part.text for one in found for line in one.lines for part in line if not part.code]
    assert not [one for one in said if "```" in one or one.startswith("|")]
