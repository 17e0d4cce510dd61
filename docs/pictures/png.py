"""Small PNG files: few colours, and a note inside that says what the picture was drawn from."""

import struct
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_BYTES = 150_000
"""What a picture may weigh: a page of thirty of them still loads at once."""
_COLOURS = (256, 64, 32, 16, 10)
_NOTE = b"Drawn from"

Colour = tuple[int, int, int]


def palette_png(pixels: bytes, width: int, height: int, note: str) -> bytes:
    """The picture of `width` × `height` RGBA pixels, opaque ones, with `note` inside.

    The commonest colours are kept and every other becomes the nearest of them: text on a flat ground loses nothing
    that is seen. There are 256 of them, and fewer where the file would be larger than `MAX_BYTES`; it is not made
    smaller than with ten. Equal pixels give equal bytes. Format: https://www.w3.org/TR/png-3/, checked 2026-11-21.
    """
    values = memoryview(pixels).cast("I")
    counted = Counter(values)
    # A little red among much grey is seen, and counts for more than its pixels.
    by_use = sorted(counted, key=lambda value: (-counted[value] * (1 + _chroma(value)), value))
    files = (_file(values, (width, height), by_use, colours, note) for colours in _COLOURS)
    return next((file for file in files if len(file) <= MAX_BYTES), None) or _file(
        values, (width, height), by_use, _COLOURS[-1], note
    )


def _file(values: Sequence[int], size: tuple[int, int], by_use: list[int], colours: int, note: str) -> bytes:
    kept, (width, height) = by_use[:colours], size
    index = _indexes(by_use, kept)
    rows = bytes(index[value] for value in values)
    lines = b"".join(b"\0" + rows[start : start + width] for start in range(0, width * height, width))
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"tEXt", _NOTE + b"\0" + note.encode("latin-1")),
        (b"PLTE", b"".join(bytes(_rgb(value)) for value in kept)),
        (b"IDAT", zlib.compress(lines, 9)),
        (b"IEND", b""),
    )
    return _SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks)


def note_of(png: bytes) -> str | None:
    """The note inside a picture; None when it has none."""
    return next((data.partition(b"\0")[2].decode("latin-1") for kind, data in _chunks(png) if kind == b"tEXt"), None)


def size_of(png: bytes) -> tuple[int, int]:
    """Width and height in pixels."""
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def _indexes(values: Iterable[int], kept: list[int]) -> dict[int, int]:
    palette = [_rgb(value) for value in kept]
    found = {value: number for number, value in enumerate(kept)}
    for value in values:
        if value not in found:
            found[value] = _nearest(_rgb(value), palette)
    return found


def _nearest(colour: Colour, palette: list[Colour]) -> int:
    red, green, blue = colour
    return min(
        range(len(palette)),
        key=lambda n: (palette[n][0] - red) ** 2 + (palette[n][1] - green) ** 2 + (palette[n][2] - blue) ** 2,
    )


def _chroma(value: int) -> int:
    return (max(_rgb(value)) - min(_rgb(value))) // 16


def _rgb(value: int) -> Colour:
    red, green, blue, _ = struct.pack("=I", value)
    return red, green, blue


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(_SIGNATURE)
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        yield png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        place += length + 12
