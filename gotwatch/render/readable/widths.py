"""How many columns of a terminal or an editor a text takes."""

import unicodedata

from gotwatch.render.blocks import Align

_WIDE = frozenset("WF")
_WITHOUT_WIDTH = frozenset({"Mn", "Me", "Cf"})


def width(text: str) -> int:
    """Chinese, Japanese and Korean letters take two columns, accents of their own none."""
    return len(text) if text.isascii() else sum(map(_width_of_one, text))


def padded(text: str, columns: int, align: Align) -> str:
    missing = max(columns - width(text), 0)
    match align:
        case Align.LEFT:
            return text + " " * missing
        case Align.RIGHT:
            return " " * missing + text
        case Align.CENTER:
            return " " * (missing // 2) + text + " " * (missing - missing // 2)


def _width_of_one(character: str) -> int:
    if unicodedata.category(character) in _WITHOUT_WIDTH:
        return 0
    return 2 if unicodedata.east_asian_width(character) in _WIDE else 1
