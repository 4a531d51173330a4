"""Blocks that a sign at the start of a line opens: the few forms of markdown that are meant, and notations."""

import re
from collections.abc import Callable

from gotwatch.render.blocks import Block, Code, Footnote, Heading, Quotation, Rule, Span
from gotwatch.render.grammar.bullets import bullets
from gotwatch.render.grammar.charts import chart
from gotwatch.render.grammar.kern import score
from gotwatch.render.grammar.pipes import pipe_table
from gotwatch.render.grammar.scope import Opened, Scope

_HEADING = re.compile(r"(#{1,6})[ \t]+(?=\S)")
_CLOSING_SIGNS = re.compile(r"[ \t]+#+[ \t]*\Z")
_RULE = re.compile(r"[ \t]*(?:-{3,}|\*{3,}|_{3,})[ \t]*(?=\n|\Z)")
_QUOTE = re.compile(r">[ \t]?")
_QUOTED_WORDS = re.compile(r"""(?:>[ \t]?)+["'*(\[\u201c\u2018\\]*[^\W\d_]""")
_NOTE = re.compile(r"\[\^([\w*]{1,20})\]:[ \t]*")

_Form = Callable[[Scope, int], Opened | None]


def open_line(scope: Scope, at: int, *, is_fresh: bool) -> Opened | None:
    """What opens here; *is_fresh* where no line of a paragraph stands before."""
    if fence := scope.marks.fences.get(at):
        span = Span(at, min(fence.end, scope.end))
        text = scope.text[fence.body_begin : min(fence.body_end, scope.end)].removesuffix("\n")
        return Opened((Code(text, span, fence.language),), span.end)
    sign = scope.text[at : at + 1]
    forms = (*_ANYWHERE.get(sign, ()), *(_FRESH.get(sign, ()) if is_fresh else ()))
    if is_fresh and sign.isdigit():
        forms = (*forms, bullets)
    found = (form(scope, at) for form in (*forms, pipe_table))
    return next((opened for opened in found if opened), None)


def _heading(scope: Scope, at: int) -> Opened | None:
    signs = _HEADING.match(scope.text, at, scope.end)
    if signs is None:
        return None
    end = scope.marks.line_end(at, scope.end)
    closing = _CLOSING_SIGNS.search(scope.text[max(signs.end(), end - 20) : end])
    words_end = end - len(closing[0]) if closing else end
    pieces = scope.pieces(signs.end(), words_end)
    return Opened((Heading(len(signs[1]), pieces, Span(at, end)),), end)


def _rule(scope: Scope, at: int) -> Opened | None:
    found = _RULE.match(scope.text, at, scope.end)
    return Opened((Rule(Span(at, found.end())),), found.end()) if found else None


def _quotation(scope: Scope, at: int) -> Opened | None:
    """A paragraph whose every line begins with >, and that begins with a word: > 5 is no quotation."""
    end = scope.marks.paragraph_end(at, scope.end)
    if not _QUOTED_WORDS.match(scope.text, at, end):
        return None
    blocks: list[Block] = []
    begin = at
    while begin < end:
        sign = _QUOTE.match(scope.text, begin, end)
        if sign is None:
            return None
        line_end = scope.marks.line_end(begin, end)
        blocks.extend(scope.cell(sign.end(), line_end))
        begin = line_end + 1
    return Opened((Quotation(tuple(blocks), Span(at, end)),), end)


def _note(scope: Scope, at: int) -> Opened | None:
    label = _NOTE.match(scope.text, at, scope.end)
    if label is None:
        return None
    end = scope.marks.line_end(label.end(), scope.end)
    return Opened((Footnote(label[1], scope.pieces(label.end(), end), Span(at, end)),), end)


_ANYWHERE: dict[str, tuple[_Form, ...]] = {
    "{": (chart,),
    "*": (score,),
    "!": (score,),
    "[": (_note,),
}
_FRESH: dict[str, tuple[_Form, ...]] = {
    "#": (_heading,),
    ">": (_quotation,),
    "-": (_rule, bullets),
    "*": (_rule, bullets),
    "_": (_rule,),
}
