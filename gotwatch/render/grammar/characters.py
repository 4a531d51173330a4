"""What a backslash and a sign, an accent, a dash or a quotation mark stands for in text."""

import re
import unicodedata

from gotwatch.render.grammar.vocabulary import ACCENTS, ESCAPED, LETTER_ACCENTS, SPACING

_ACCENT = re.compile(r"\\(['`^\"~=.])[ ]?(?:\{[ ]?(\\?[^\W\d_])[ ]?\}|(\\[ij](?![A-Za-z])|[^\W\d_]))")
_LETTER_ACCENT = re.compile(r"\\([cvuHrkdb])[ ]?\{[ ]?(\\?[^\W\d_])[ ]?\}")
_BARE_ACCENT = re.compile(r"\\([\^~])\{[ ]?\}")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_DASHES = re.compile(r"(?<=[\w)\].,;:!?])---?(?=\w)|(?<= )---?(?= )")
_QUOTES = {"``": "\u201c", "''": "\u201d"}
_TIE = re.compile(r"(?<=[^\W\d_]|[.,)])~(?=[\w\\$(])|(?<=\d)~(?=[^\W\d_\u2e80-\uffff])")


def escaped(text: str, at: int, end: int) -> tuple[str, int] | None:
    """What the sign behind the backslash at this place shows, and where it ends."""
    if accented := _accented(text, at, end):
        return accented
    if bare := _BARE_ACCENT.match(text, at, end):
        return bare[1], bare.end()
    sign = _ESCAPE.match(text, at, end)
    if sign is None:
        return None
    if sign[1] in ESCAPED:
        return sign[1], sign.end()
    return (SPACING[sign[1]], sign.end()) if sign[1] in SPACING else None


def _accented(text: str, at: int, end: int) -> tuple[str, int] | None:
    if found := _ACCENT.match(text, at, end):
        accent, letter = ACCENTS[found[1]], found[2] or found[3]
    elif found := _LETTER_ACCENT.match(text, at, end):
        accent, letter = LETTER_ACCENTS[found[1]], found[2]
    else:
        return None
    return unicodedata.normalize("NFC", letter.removeprefix("\\") + accent), found.end()


def dash(text: str, at: int) -> tuple[str, int] | None:
    """A dash written as TeX does, between words or blanks; not an option such as --all, not a line of hyphens."""
    found = _DASHES.match(text, at)
    if found is None:
        return None
    return ("\N{EN DASH}" if len(found[0]) == len("--") else "\N{EM DASH}"), found.end()


def is_tie(text: str, at: int) -> bool:
    """Whether the tilde here is a blank that does not break, rather than "about", "10~20" or a path."""
    return _TIE.match(text, at) is not None


def quotation_mark(signs: str) -> str:
    return _QUOTES[signs]
