"""The columns of an array, reduced to what formula engines know: l, c, r and rules."""

from collections.abc import Iterator, Sequence

from gotwatch.render.formulas import tokens as tex_tokens

_KNOWN = frozenset("lcr|")
_PARAGRAPHS = frozenset("pmbwWXS")  # most of them have a width
_DECORATIONS = frozenset("@!><")
_MOST_COLUMNS = 100
_DEEPEST = 4  # repetitions in repetitions


def column_letters(preamble: Sequence[str]) -> str:
    return "".join(_letters(preamble, depth=0))[: 2 * _MOST_COLUMNS] or "c"


def _letters(preamble: Sequence[str], *, depth: int) -> Iterator[str]:
    at = 0
    while at < len(preamble):
        token, at = preamble[at], at + 1
        if token in _KNOWN:
            yield token
        elif token in _DECORATIONS:
            _, at = _argument(preamble, at)
        elif token in _PARAGRAPHS:
            yield "l"
            if at < len(preamble) and preamble[at] == "{":
                _, at = _argument(preamble, at)
        elif token == "*" and depth < _DEEPEST:
            times, at = _argument(preamble, at)
            repeated, at = _argument(preamble, at)
            yield "".join(_letters(repeated, depth=depth + 1)) * _count("".join(times))


def _argument(preamble: Sequence[str], at: int) -> tuple[Sequence[str], int]:
    return tex_tokens.argument(preamble, at) or ((), at)


def _count(digits: str) -> int:
    return min(int(digits), _MOST_COLUMNS) if digits.strip().isdecimal() and len(digits) < len("1000") else 1
