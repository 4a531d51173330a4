"""What a formula says, and which characters of the math font it is drawn with."""

import re
from html import unescape

_TAG = re.compile(r"<[^>]*>")
_LONE_LETTER = re.compile(r"<mi(?![a-z])(?![^>]*mathvariant)[^>]*>(.)</mi>")
_ITALIC_RANGES = ((ord("A"), 26, 0x1D434), (ord("a"), 26, 0x1D44E), (0x391, 25, 0x1D6E2), (0x3B1, 25, 0x1D6FC))
_ITALIC = {
    chr(first + step): chr(italic + step) for first, count, italic in _ITALIC_RANGES for step in range(count)
} | {
    "h": "\u210e",
    "\u0131": "\U0001d6a4",
    "\u0237": "\U0001d6a5",
    **dict(zip("\u2202\u03f5\u03d1\u03f0\u03d5\u03f1\u03d6", map(chr, range(0x1D715, 0x1D71C)), strict=True)),
}


def words_of(mathml: str) -> str:
    """All text in it."""
    return unescape(_TAG.sub("", mathml))


def glyphs_of(mathml: str) -> frozenset[str]:
    """The characters that a browser draws for *mathml*: it slants a lone letter by taking another character for it."""
    return frozenset(words_of(mathml)).union(_ITALIC.get(letter, letter) for letter in _LONE_LETTER.findall(mathml))
