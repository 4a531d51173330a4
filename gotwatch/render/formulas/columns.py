"""The columns of an array, reduced to what formula engines know: l, c, r and rules."""

from collections.abc import Iterator, Sequence

from gotwatch.render.formulas import tokens as tex_tokens

_KNOWN = frozenset("lcr|")
_PARAGRAPHS = frozenset("pmbwWXS")  # most of them have a width
_DECORATIONS = frozenset("@!><")
_MOST_COLUMNS = 100
_DEEPEST = 4  # repetitions in repetitions
_MOST_UNKNOWN = 3  # column types that a document may have defined for itself; more are words
_NEVER_IN_COLUMNS = frozenset(["&", "\\\\", r"\(", r"\)", r"\[", r"\]", "$"])


def column_letters(preamble: Sequence[str]) -> str:
    return "".join(_letters(preamble, depth=0))[: 2 * _MOST_COLUMNS] or "c"


def text_begins(preamble: Sequence[str]) -> int:
    """Where text begins that a brace too few or too many has made part of the columns; behind the end, if nowhere."""
    at, unknown, is_text = 0, [], False
    while at < len(preamble):
        here, token = at, preamble[at]
        at += 1
        if token in _DECORATIONS or (token in _PARAGRAPHS and preamble[at : at + 1] == ["{"]):
            _, at = _argument(preamble, at)
        elif token == "*":
            _, at = _argument(preamble, at)
            _, at = _argument(preamble, at)
        elif not (token in _KNOWN or token in _PARAGRAPHS or token.isspace()):
            unknown.append(here)
            is_text = is_text or token in _NEVER_IN_COLUMNS
    if not is_text and len(unknown) <= _MOST_UNKNOWN:
        return len(preamble)
    begin = unknown[0]
    while begin and preamble[begin - 1].isalpha():
        begin -= 1  # of the same word
    return begin


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
