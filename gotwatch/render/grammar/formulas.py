"""Where formulas end, also those that the model did not close, and which dollars are money."""

import re
from dataclasses import dataclass

from gotwatch.render.blocks import Span
from gotwatch.render.grammar.landmarks import Landmarks, Mark

_MOST_CHARACTERS = 6_000
_DEEPEST = 60
_LONGEST_LINE_FORMULA = 2_000

_COMMAND = re.compile(r"\\[A-Za-z]+|\{[^{}\n]*\}")
_PROSE = re.compile(r"[^\W\d_]{3,}[,;:]?[ \t]+[^\W\d_]{2,}[,;:]?[ \t]+[^\W\d_]{2,}")
_TEXT_ARGUMENT = re.compile(r"\\(?:text|mbox|textrm|textbf|textit|hbox|mathrm|operatorname)\s*\{[^{}\n]*$")
_PAGE_END = re.compile(r"\s*\Z")
_TEX_SIGN = re.compile(r"[\\^_=+<>]")
_WORD = re.compile(r"[^\W\d_]{2,}")
_NESTING = re.compile(r"(\\left(?![a-z])|\\begin(?![a-z])|\{)|(\\right(?![a-z])|\\end(?![a-z])|\})|\\.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Delimited:
    inside: Span
    end: int  # behind the closing delimiter, or where an unclosed formula breaks off
    closed: bool


def too_much(tex: str) -> str:
    """Why no formula engine should be given this; "" if one may."""
    if len(tex) > _MOST_CHARACTERS:
        return f"A formula of {len(tex):,} characters is too long to be drawn."
    if _depth(tex) > _DEEPEST:
        return f"A formula nested more than {_DEEPEST} deep cannot be drawn."
    return ""


def _depth(tex: str) -> int:
    depth = deepest = 0
    for step in _NESTING.finditer(tex):
        if step[1]:
            depth += 1
            deepest = max(deepest, depth)
        elif step[2]:
            depth = max(0, depth - 1)
    return deepest


def is_prose(text: str) -> bool:
    """Whether words follow each other in it as they do not in a formula."""
    return _PROSE.search(_COMMAND.sub(" . ", text)) is not None


def inline(marks: Landmarks, at: int, end: int) -> Delimited | None:
    r"""The formula that opens here with \( or $, if one does."""
    if marks.text.startswith(r"\(", at):
        return _parenthesised(marks, at, end)
    return _in_dollars(marks, at, end)


def display(marks: Landmarks, at: int, end: int) -> Delimited | None:
    r"""The formula that opens here with \[ or $$, if one does."""
    if marks.text.startswith(r"\[", at):
        return _bracketed(marks, at, end)
    return _in_two_dollars(marks, at, end)


def _parenthesised(marks: Landmarks, at: int, end: int) -> Delimited | None:
    begin = at + 2
    line_end = marks.line_end(begin, end)
    close = _matching_parenthesis(marks, begin, marks.paragraph_end(begin, end))
    if close is not None and (close < line_end or not is_prose(marks.text[begin:close])):
        return Delimited(Span(begin, close), close + 2, closed=True)
    if not _PAGE_END.match(marks.text, line_end):  # only there can the model have been cut short
        return None
    return _broken_off(marks, begin, line_end, next_open=marks.first(Mark.INLINE_OPEN, begin, line_end))


def _matching_parenthesis(marks: Landmarks, begin: int, end: int) -> int | None:
    r"""The next \), unless another \( comes before it outside of words in the formula."""
    here, inner = begin, 0
    for _ in range(_DEEPEST):
        close = marks.first(Mark.INLINE_CLOSE, here, min(end, begin + _MOST_CHARACTERS))
        if close is None:
            return None
        opening = marks.first(Mark.INLINE_OPEN, here, close)
        if opening is not None:
            if not _TEXT_ARGUMENT.search(marks.text, max(begin, opening - 100), opening):
                return None
            here, inner = opening + 2, inner + 1
        elif inner:
            here, inner = close + 2, inner - 1
        else:
            return close
    return None


def _broken_off(marks: Landmarks, begin: int, end: int, *, next_open: int | None) -> Delimited | None:
    if next_open is not None or not marks.text[begin:end].strip() or is_prose(marks.text[begin:end]):
        return None
    return Delimited(Span(begin, end), end, closed=False)


def _in_dollars(marks: Landmarks, at: int, end: int) -> Delimited | None:
    begin = at + 1
    close = marks.first(Mark.DOLLAR, begin, min(marks.line_end(begin, end), begin + _LONGEST_LINE_FORMULA))
    if close is None or marks.first(Mark.INLINE_OPEN, begin, close) is not None:
        return None
    before, behind = marks.text[at - 1 : at], marks.text[close + 1 : close + 2]
    if not _is_dollar_formula(marks.text[begin:close], before=before, behind=behind):
        return None
    return Delimited(Span(begin, close), close + 1, closed=True)


def _is_dollar_formula(tex: str, *, before: str, behind: str) -> bool:
    """Not "$5 and $10", not "US$ 5 or A$ 6", not "AUD$'000"."""
    if not tex.strip() or (before.isascii() and before.isalnum()) or behind.isdigit():
        return False
    if _TEX_SIGN.search(tex):
        return not is_prose(tex)
    return tex == tex.strip() and not (tex[0].isdigit() and _WORD.search(tex)) and not is_prose(tex)


def _bracketed(marks: Landmarks, at: int, end: int) -> Delimited | None:
    begin = at + 2
    close = marks.first(Mark.DISPLAY_CLOSE, begin, end)
    if close is not None and marks.first(Mark.DISPLAY_OPEN, begin, close) is None:
        within_paragraph = close <= marks.paragraph_end(begin, end)
        if within_paragraph or not is_prose(marks.text[begin:close]):
            return Delimited(Span(begin, close), close + 2, closed=True)
    return _unclosed_display(marks, begin, end)


def _in_two_dollars(marks: Landmarks, at: int, end: int) -> Delimited | None:
    begin = at + 2
    close = marks.first(Mark.TWO_DOLLARS, begin, marks.paragraph_end(begin, end))
    if close is not None and not _holds_others(marks, begin, close):
        return Delimited(Span(begin, close), close + 2, closed=True)
    broken = _unclosed_display(marks, begin, end)
    if broken is None or _holds_others(marks, begin, broken.end) or not _TEX_SIGN.search(_slice(marks, broken.inside)):
        return None
    return broken


def _holds_others(marks: Landmarks, begin: int, end: int) -> bool:
    others = (Mark.INLINE_OPEN, Mark.DISPLAY_OPEN, Mark.DOLLAR)
    return any(marks.first(mark, begin, end) is not None for mark in others)


def _unclosed_display(marks: Landmarks, begin: int, end: int) -> Delimited | None:
    stop = break_off(marks, begin, end)
    inside = Span(begin, stop)
    return Delimited(inside, stop, closed=False) if _slice(marks, inside).strip() else None


def break_off(marks: Landmarks, begin: int, end: int) -> int:
    """Where a formula that nothing closes ends: at the blank line, the next formula, or the first line of prose."""
    stop = marks.paragraph_end(begin, end)
    for mark in (Mark.DISPLAY_OPEN, Mark.TWO_DOLLARS, Mark.INLINE_OPEN):
        found = marks.first(mark, begin, stop)
        stop = stop if found is None else found
    line_begin = begin
    while line_begin < stop:
        line_end = marks.line_end(line_begin, stop)
        if is_prose(marks.text[line_begin:line_end]):
            return line_begin
        line_begin = line_end + 1
    return stop


def _slice(marks: Landmarks, span: Span) -> str:
    return marks.text[span.begin : span.end]
