"""Pictures made small: a PNG of many colours becomes one of 256, which is all that our pages need."""

import struct
import zlib
from collections import Counter
from collections.abc import Iterator

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_STEPS = (0x07, 0x0F, 0x1F, 0x3F)
"""So many of the low bits of each colour are let go, until few enough are left."""


def reduced(png: bytes) -> bytes:
    """The same picture, 8 bits a pixel; browsers write 8-bit RGB or RGBA without interlacing."""
    parts = dict(_chunks(png))
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", parts[b"IHDR"])
    if depth != 8 or kind not in (2, 6) or interlaced:
        raise ValueError(f"a PNG of depth {depth} and kind {kind} is none that a browser writes")
    size = 3 if kind == 2 else 4
    lines = list(_lines(zlib.decompress(parts[b"IDAT"]), width * size, size))
    pixels = [[line[at : at + 3] for at in range(0, len(line), size)] for line in lines]
    often = Counter(pixel for line in pixels for pixel in line)
    colours, number = _palette(often)
    body = b"".join(b"\0" + bytes(number[pixel] for pixel in line) for line in pixels)
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    made = ((b"IHDR", head), (b"PLTE", b"".join(colours)), (b"IDAT", zlib.compress(body, 9)), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(name, data) for name, data in made)


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at, pieces = len(_SIGNATURE), b""
    while at < len(png):
        length, name = struct.unpack_from(">I4s", png, at)
        data = png[at + 8 : at + 8 + length]
        pieces = pieces + data if name == b"IDAT" else pieces
        yield name, pieces if name == b"IDAT" else data
        at += length + 12


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _lines(raw: bytes, length: int, size: int) -> Iterator[bytes]:
    """Each line without its filter."""
    before = bytearray(length)
    for at in range(0, len(raw), length + 1):
        line = bytearray(raw[at + 1 : at + 1 + length])
        _unfilter(raw[at], line, before, size)
        yield bytes(line)
        before = line


def _unfilter(how: int, line: bytearray, above: bytearray, size: int) -> None:
    for n in range(len(line)):
        left = line[n - size] if n >= size else 0
        if how == 1:
            line[n] = (line[n] + left) & 255
        elif how == 2:
            line[n] = (line[n] + above[n]) & 255
        elif how == 3:
            line[n] = (line[n] + (left + above[n]) // 2) & 255
        elif how == 4:
            line[n] = (line[n] + _paeth(left, above[n], above[n - size] if n >= size else 0)) & 255


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    return min((left, up, corner), key=lambda one: abs(guess - one))


def _palette(often: "Counter[bytes]") -> tuple[list[bytes], dict[bytes, int]]:
    """At most 256 colours, each the most frequent of those that become it; and the number of every colour."""
    for bits in (0, *_STEPS):
        chosen: dict[tuple[int, ...], bytes] = {}
        for colour, _ in often.most_common():
            chosen.setdefault(_coarse(colour, bits), colour)
        if len(chosen) <= 256:
            break
    places = {coarse: n for n, coarse in enumerate(chosen)}
    return list(chosen.values()), {colour: places[_coarse(colour, bits)] for colour in often}


def _coarse(colour: bytes, bits: int) -> tuple[int, ...]:
    return tuple(one & ~bits for one in colour)
