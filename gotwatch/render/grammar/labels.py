r"""Marks of list items that the head of the list gives as a pattern: [(a)], [label=\roman*.]."""

import re
from collections.abc import Callable

_NAMED = re.compile(r"label\s*=\s*\{?([^,{}\n]{0,20}\\(?:alph|Alph|roman|Roman|arabic)\*[^,{}\n]{0,20})\}?")
_SHORT = re.compile(r"\s*([(\[]?(?:[aAiI1])[.):\]]{0,2})\s*")
_COUNTER = re.compile(r"\\(alph|Alph|roman|Roman|arabic)\*|([aAiI1])")
_SHORT_NAMES = {"a": "alph", "A": "Alph", "i": "roman", "I": "Roman", "1": "arabic"}
_ROMAN = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def pattern(options: str) -> str:
    """The pattern in the options of a list; "" where they hold none."""
    if short := _SHORT.fullmatch(options):
        return short[1]
    named = _NAMED.search(options)
    return named[1].strip() if named else ""


def label(shape: str, number: int) -> str:
    """The mark of the item with this number."""
    return _COUNTER.sub(lambda counter: _COUNTS[counter[1] or _SHORT_NAMES[counter[2]]](number), shape, count=1)


def _letter(number: int) -> str:
    return _LETTERS[number - 1] if 1 <= number <= len(_LETTERS) else str(number)


def _roman(number: int) -> str:
    written = ""
    for value, sign in _ROMAN:
        times, number = divmod(number, value)
        written += sign * times
    return written


_COUNTS: dict[str, Callable[[int], str]] = {
    "arabic": str,
    "alph": _letter,
    "Alph": lambda number: _letter(number).upper(),
    "roman": _roman,
    "Roman": lambda number: _roman(number).upper(),
}
