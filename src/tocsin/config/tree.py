"""YAML 1.2 as positioned text: every scalar stays what was written, and the field that reads it decides its type."""

import re
from typing import Any

from msgspec import Struct, structs
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from tocsin.config.complaints import Place, Reader

SIZE_LIMIT = 4 * 1024 * 1024
DEPTH_LIMIT = 64
NODE_LIMIT = 100_000

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_EXPRESSION = re.compile(r"\bwhen\s*:\s*\S")


class Scalar(Struct, frozen=True):
    """A text. `style` is '' for a plain one, else its quote or block sign; [start, end) is its span in the file."""

    at: Place
    text: str
    style: str
    start: int
    end: int
    size: int = 1


class Sequence(Struct, frozen=True):
    """A list of nodes; `flow` when it was written in brackets; `size` counts all nodes in it, aliases written out."""

    at: Place
    items: tuple["Node", ...]
    flow: bool
    start: int
    end: int
    size: int


class Mapping(Struct, frozen=True):
    """Keys with nodes, in the order of the file, each key once."""

    at: Place
    entries: tuple[tuple[Scalar, "Node"], ...]
    flow: bool
    start: int
    end: int
    size: int

    def get(self, key: str) -> "Node | None":
        """The node of that key, or None."""
        return next((value for name, value in self.entries if name.text == key), None)

    def key(self, key: str) -> Scalar | None:
        """The key as it stands in the file, or None."""
        return next((name for name, _value in self.entries if name.text == key), None)


Node = Scalar | Sequence | Mapping


def plain(node: Node) -> Any:
    """The node as dicts, lists and texts, without places."""
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {key.text: plain(value) for key, value in node.entries}


def end_of(node: Node) -> int:
    """Where the node's own text ends; a block's end mark lies beyond the comments that follow it."""
    if isinstance(node, Scalar) or node.flow:
        return node.end
    return end_of(node.entries[-1][1] if isinstance(node, Mapping) else node.items[-1])


class _StopError(Exception):
    """The rest of the file cannot be read; the complaint has been made."""


class _Open(Struct):
    """A list or mapping whose end has not come yet."""

    event: Any
    mapping: bool
    nodes: list[Node | None]


def normal(text: str) -> str:
    """The text as it is parsed: no byte order mark, LF line ends, and one at the end."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return text if text.endswith("\n") or not text else text + "\n"


def parse(file: str, text: str, reader: Reader) -> Mapping | None:
    """The top-level mapping, or None after a complaint. Complaints that do not prevent reading go on."""
    if len(text) > SIZE_LIMIT:
        reader.complain("Y012", Place(file), f"{len(text):,} characters")
        return None
    if text.startswith("\ufeff"):
        reader.complain("Y018", Place(file), "starts with a byte order mark")
    if "\r\n" in text:
        reader.complain("Y019", Place(file), "lines end with CR LF")
    clean = _without_controls(file, normal(text), reader)
    try:
        root = _Builder(file, clean, reader).build()
    except _StopError:
        return None
    except RecursionError:
        reader.complain("Y013", Place(file), "nested too deep")
        return None
    if root is None or (isinstance(root, Scalar) and not root.text and not root.style):
        reader.complain("Y008", Place(file), "the file is empty")
        return None
    if not isinstance(root, Mapping):
        reader.complain("Y009", root.at, "the top level is not a mapping")
        return None
    return root


def _without_controls(file: str, text: str, reader: Reader) -> str:
    """Complain about each control character and read on as if it were U+FFFD."""
    for match in list(_CONTROL.finditer(text))[:20]:
        before = text[: match.start()]
        at = Place(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        reader.complain("Y011", at, f"control character U+{ord(match.group()):04X}")
    return _CONTROL.sub("\ufffd", text)


class _Builder:
    """Turns the parser's events into nodes, without recursion, within limits."""

    def __init__(self, file: str, text: str, reader: Reader) -> None:
        self.file = file
        self.text = text
        self.reader = reader
        self.anchors: dict[str, Node] = {}
        self.open: list[_Open] = []
        self.documents = 0
        self.total = 0
        self.root: Node | None = None

    def build(self) -> Node | None:
        try:
            for event in YAML(typ="safe", pure=True).parse(self.text):
                self._take(event)
        except YAMLError as problem:
            raise self._broken(problem) from None
        return self.root

    def _place(self, mark: Any) -> Place:
        return Place(self.file, mark.line + 1, mark.column + 1)

    def _stop(self, code: str, at: Place, text: str) -> _StopError:
        self.reader.complain(code, at, text)
        return _StopError()

    def _take(self, event: Any) -> None:
        kind = type(event).__name__.removesuffix("Event")
        if kind == "DocumentStart":
            self._document(event)
        elif kind in ("MappingStart", "SequenceStart"):
            self._tagged(event)
            self.open.append(_Open(event, kind == "MappingStart", []))
            if len(self.open) > DEPTH_LIMIT:
                raise self._stop("Y013", self._place(event.start_mark), "nested too deep")
        elif kind in ("MappingEnd", "SequenceEnd"):
            self._close(event)
        elif kind == "Scalar":
            self._tagged(event)
            start, end = event.start_mark, event.end_mark
            self._add(Scalar(self._place(start), event.value, event.style or "", start.index, end.index), event.anchor)
        elif kind == "Alias":
            self._alias(event)

    def _document(self, event: Any) -> None:
        self.documents += 1
        if event.version is not None or event.tags:
            self.reader.complain("Y020", self._place(event.start_mark), "a YAML directive")
        if self.documents > 1:
            raise self._stop("Y007", self._place(event.start_mark), "a second document starts here")

    def _tagged(self, event: Any) -> None:
        if event.ctag is not None:
            tag = str(event.ctag).replace("tag:yaml.org,2002:", "!!")
            self.reader.complain("Y006", self._place(event.start_mark), f"the tag {tag}")

    def _alias(self, event: Any) -> None:
        node = self.anchors.get(event.anchor)
        if node is None:
            text = f"*{event.anchor} has no anchor before it"
            self.reader.complain("Y015", self._place(event.start_mark), text)
        self.total += node.size if node else 0
        if self.total > NODE_LIMIT:
            raise self._stop("Y014", self._place(event.start_mark), f"more than {NODE_LIMIT:,} nodes")
        self._add(node, None)

    def _add(self, node: Node | None, anchor: str | None) -> None:
        """Hang a node under the innermost open one; None keeps the place of what could not be read."""
        if node is not None:
            self.total += 1
            if anchor:
                self.anchors[anchor] = node
        if self.open:
            self.open[-1].nodes.append(node)
        else:
            self.root = node

    def _close(self, event: Any) -> None:
        opened = self.open.pop()
        start, end = opened.event.start_mark, event.end_mark
        size = 1 + sum(node.size for node in opened.nodes if node is not None)
        at, flow = self._place(start), bool(opened.event.flow_style)
        node: Node
        if opened.mapping:
            node = Mapping(at, self._entries(opened.nodes), flow, start.index, end.index, size)
        else:
            items = tuple(self._at_dash(item) for item in opened.nodes if item is not None)
            node = Sequence(at, items, flow, start.index, end.index, size)
        self._add(node, opened.event.anchor)

    def _entries(self, nodes: list[Node | None]) -> tuple[tuple[Scalar, Node], ...]:
        found: dict[str, tuple[Scalar, Node]] = {}
        for key, value in zip(nodes[::2], nodes[1::2], strict=False):
            if not isinstance(key, Scalar):
                if key is not None:
                    self.reader.complain("Y016", key.at, "a key is one plain text")
            elif key.text == "<<" and not key.style:
                self.reader.complain("Y005", key.at, "the merge key <<")
            elif key.text in found:
                first = found[key.text][0].at
                self.reader.complain("Y004", key.at, f"{key.text!r} stands here and in line {first.line}")
            elif value is not None:
                found[key.text] = (key, self._at_key(key, value))
        return tuple(found.values())

    def _at_key(self, key: Scalar, value: Node) -> Node:
        """Nothing stands behind its key, though the parser finds it where the next thing begins."""
        if not isinstance(value, Scalar) or value.text or value.style:
            return value
        behind = self.text.find(":", key.end) + 1
        return structs.replace(value, at=key.at, start=behind, end=behind)

    def _at_dash(self, item: Node) -> Node:
        """As `_at_key`, behind the dash of a list."""
        dash = self.text.rfind("-", 0, item.start) if isinstance(item, Scalar) and not item.text + item.style else -1
        if not isinstance(item, Scalar) or dash < 0:
            return item
        line = self.text.rfind("\n", 0, dash)
        at = Place(self.file, self.text.count("\n", 0, dash) + 1, dash - line)
        return structs.replace(item, at=at, start=dash + 1, end=dash + 1)

    def _broken(self, problem: YAMLError) -> _StopError:
        """The parser's complaint in our words."""
        if not isinstance(problem, MarkedYAMLError) or problem.problem_mark is None:
            return self._stop("Y001", Place(self.file), " ".join(str(problem).split())[:200])
        begun = problem.context_mark if "end of stream" in str(problem.problem) else None
        mark = begun or problem.problem_mark  # what was never closed is best shown where it begins
        at, text, context = self._place(mark), str(problem.problem), problem.context
        line = self.text.split("\n")[mark.line] if mark.line <= self.text.count("\n") else ""
        if "'\\t'" in text:
            return self._stop("Y003", at, "a tab where YAML wants spaces")
        if _EXPRESSION.search(line[: mark.column]):
            return self._stop("Y002", at, f"the expression after when: is not quoted as a whole; {text}")
        where = f"{context}: " if context else ""
        return self._stop("Y001", at, f"{where}{text}")
