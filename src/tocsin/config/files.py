"""The one file of config that reads files: a rulebook's, or those of its folder."""

from pathlib import Path

from tocsin.config.complaints import Place, Reader
from tocsin.config.load import Loaded, finished, loads
from tocsin.config.tree import SIZE_LIMIT, parse

ENDINGS = (".yaml", ".yml")


def load(path: Path) -> Loaded:
    """Load one file, or all *.yaml and *.yml of a folder (not of the folders in it). Never raises."""
    reader = Reader()
    texts: dict[str, str] = {}
    for file in _files(path, reader):
        text = _text(file, reader)
        if text is not None:
            texts[str(file)] = text
    if not reader.complaints:
        return loads(texts)
    roots = [root for name, text in texts.items() if (root := parse(name, text, reader)) is not None]
    return finished(roots, reader, texts, whole=False)


def _files(path: Path, reader: Reader) -> list[Path]:
    try:
        if not path.is_dir():
            return [path]
        found = sorted(file for file in path.iterdir() if file.suffix in ENDINGS and not file.name.startswith("."))
    except OSError as problem:
        reader.complain("Y021", Place(str(path)), f"cannot be read: {problem.strerror}")
        return []
    if not found:
        reader.complain("Y022", Place(str(path)), "no *.yaml in the folder")
    return found


def _text(file: Path, reader: Reader) -> str | None:
    try:
        with file.open("rb") as stream:
            content = stream.read(SIZE_LIMIT + 1)
    except OSError as problem:
        reader.complain("Y021", Place(str(file)), f"cannot be read: {problem.strerror}", "is the path right?")
        return None
    if len(content) > SIZE_LIMIT:
        reader.complain("Y012", Place(str(file)), "the file is larger than 4 MiB")
        return None
    return decoded(str(file), content, reader)


def decoded(name: str, content: bytes, reader: Reader) -> str | None:
    """The bytes as text, or None after a complaint with the line of the first byte that is not UTF-8."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as problem:
        before = content[: problem.start]
        at = Place(name, before.count(b"\n") + 1, problem.start - (before.rfind(b"\n") + 1) + 1)
        reader.complain("Y010", at, f"byte 0x{content[problem.start]:02X} is not UTF-8")
        return None
