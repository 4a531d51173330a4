"""The font that formulas are drawn with, cut down to what one page needs: the only module that knows HarfBuzz.

Without a font made for formulas browsers neither stretch brackets nor draw roots, and most systems have none.
"""

import base64
import struct
import zlib
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from importlib import resources

import uharfbuzz

_FAMILY = "gotwatch math"  # as in math.css; no name of a font that may be installed, whose glyphs would mix with ours
_STYLE_SHEETS = ("vendor/temml.css", "math.css")  # ours last: it corrects the other

# What browsers draw without its being in the text: roots, bars of fractions and accents, primes, and minus for "-".
_IMPLIED = "\u221a\u00af\u203e\u0305\u0332\u2032\u2212"


class MathFont:
    """Latin Modern Math, opened when first asked for a subset."""

    @cached_property
    def _face(self) -> uharfbuzz.Face:
        font = resources.files("gotwatch.render") / "vendor" / "latinmodern-math.otf"
        with resources.as_file(font) as path:  # mapped, as most of its glyphs are never looked at
            return uharfbuzz.Face(uharfbuzz.Blob.from_file_path(path))

    def subset(self, characters: Iterable[str]) -> bytes:
        """A font of *characters* and of what they stretch to, as WOFF. What it does not have is left out."""
        wanted = uharfbuzz.SubsetInput()
        wanted.unicode_set.update({ord(character) for character in (*characters, *_IMPLIED)})
        wanted.flags = uharfbuzz.SubsetFlags.NO_HINTING | uharfbuzz.SubsetFlags.DESUBROUTINIZE
        data = uharfbuzz.subset(self._face, wanted).blob.data
        assert data is not None  # a subset has its tables
        return _woff(data)

    def css(self, characters: Iterable[str]) -> str:
        """All the style that the formulas of a page need, the subset included."""
        font = base64.b64encode(self.subset(characters)).decode("ascii")
        face = f'@font-face{{font-family:"{_FAMILY}";src:url(data:font/woff;base64,{font}) format("woff")}}\n'
        return face + _style()


@cache
def _style() -> str:
    package = resources.files("gotwatch.render")
    return "".join((package / sheet).read_text("utf-8") for sheet in _STYLE_SHEETS)


# WOFF 1.0: the tables of the font, each compressed. WOFF 2 would be a fifth smaller, and needs Brotli.

_LEAST_BYTES_PACKED = 128  # of a table; fewer are not worth the time
_SFNT_HEADER = struct.Struct(">4sH6x")
_SFNT_ENTRY = struct.Struct(">4sIII")
_WOFF_HEADER = struct.Struct(">4s4sIHHIHHIIIII")
_WOFF_ENTRY = struct.Struct(">4sIIII")


def _woff(sfnt: bytes) -> bytes:
    flavor, count = _SFNT_HEADER.unpack_from(sfnt)
    offset = _WOFF_HEADER.size + count * _WOFF_ENTRY.size
    sfnt_size = _SFNT_HEADER.size + count * _SFNT_ENTRY.size
    directory, body = b"", b""
    for tag, checksum, table in _tables(sfnt, count):
        packed = min(zlib.compress(table, 9), table, key=len) if len(table) > _LEAST_BYTES_PACKED else table
        directory += _WOFF_ENTRY.pack(tag, offset + len(body), len(packed), len(table), checksum)
        body += _padded(packed)
        sfnt_size += len(_padded(table))
    header = _WOFF_HEADER.pack(b"wOFF", flavor, offset + len(body), count, 0, sfnt_size, 1, 0, 0, 0, 0, 0, 0)
    return header + directory + body


def _tables(sfnt: bytes, count: int) -> Iterator[tuple[bytes, int, bytes]]:
    for number in range(count):
        tag, checksum, offset, length = _SFNT_ENTRY.unpack_from(sfnt, _SFNT_HEADER.size + number * _SFNT_ENTRY.size)
        yield tag, checksum, sfnt[offset : offset + length]


def _padded(table: bytes) -> bytes:
    return table + bytes(-len(table) % 4)
