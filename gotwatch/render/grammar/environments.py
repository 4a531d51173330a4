r"""What \begin{...} opens: one way of reading for each family of environments."""

import re
from collections.abc import Callable
from dataclasses import replace

from gotwatch.render.blocks import Code, Drawing, Figure, Front, FrontKind, Quotation, Span, Statement
from gotwatch.render.grammar import displays, headings, lists, tables
from gotwatch.render.grammar.arguments import behind_layout, option
from gotwatch.render.grammar.landmarks import Ending, Environment, Mark
from gotwatch.render.grammar.scope import Opened, Scope
from gotwatch.render.grammar.vocabulary import LAYOUT_ARGUMENTS, Family, family_of

_LANGUAGE = re.compile(r"\s*(?:\[\s*language\s*=\s*(\w+)\s*\]|\{(\w+)\})")


def environment(scope: Scope, at: int) -> Opened | None:
    found = scope.marks.environments.get(at)
    opens = _FAMILIES.get(family_of(found.name)) if found else None
    return opens(scope, found) if found and opens else None


def _body(scope: Scope, found: Environment) -> tuple[Span, int]:
    """What stands in it, and where the page goes on; one that nothing closes ends with its paragraph."""
    if found.ends_by(scope.end):
        return Span(found.body_begin, found.body_end), found.end
    stop = scope.marks.paragraph_end(found.body_begin, scope.end)
    return Span(found.body_begin, stop), stop


def _behind_options(scope: Scope, found: Environment, body: Span) -> int:
    count = LAYOUT_ARGUMENTS.get(found.name.removesuffix("*"), 0)
    behind = behind_layout(scope.marks, body.begin, body.end, count=count)
    return body.begin if behind is None else behind


def _statement(scope: Scope, found: Environment) -> Opened:
    body, end = _body(scope, found)
    title = option(scope.marks, body.begin, body.end)
    pieces = scope.pieces(title.inside.begin, title.inside.end) if title else ()
    blocks = scope.blocks(title.end if title else body.begin, body.end)
    return Opened((Statement(found.name.removesuffix("*"), pieces, blocks, Span(found.begin, end)),), end)


def _front(scope: Scope, found: Environment) -> Opened:
    body, end = _body(scope, found)
    kind = FrontKind.ABSTRACT if found.name == "abstract" else FrontKind.KEYWORDS
    blocks = scope.blocks(body.begin, body.end)
    return Opened((Front(kind, blocks, Span(found.begin, end)),) if blocks else (), end)


def _quotation(scope: Scope, found: Environment) -> Opened:
    body, end = _body(scope, found)
    blocks = scope.blocks(body.begin, body.end)
    return Opened((Quotation(blocks, Span(found.begin, end)),) if blocks else (), end)


def _plain(scope: Scope, found: Environment) -> Opened:
    body, end = _body(scope, found)
    return Opened(scope.blocks(_behind_options(scope, found, body), body.end), end)


def _figure(scope: Scope, found: Environment) -> Opened:
    body, end = _body(scope, found)
    begin = _behind_options(scope, found, body)
    at = _own_caption(scope, begin, body.end)
    found_caption = headings.caption(replace(scope, end=body.end), at) if at is not None else None
    if at is None or found_caption is None:
        blocks = scope.blocks(begin, body.end)
        return Opened((Figure(blocks, (), Span(found.begin, end)),) if blocks else (), end)
    caption, caption_end = found_caption
    blocks = (*scope.blocks(begin, at), *scope.blocks(caption_end, body.end))
    return Opened((Figure(blocks, caption, Span(found.begin, end)),) if blocks or caption else (), end)


def _own_caption(scope: Scope, begin: int, end: int) -> int | None:
    r"""The first \caption that stands in no figure within."""
    here = begin
    while (at := scope.marks.first(Mark.CAPTION, here, end)) is not None:
        inner = scope.marks.first(Mark.BEGIN, here, at)
        if inner is None:
            return at
        figure = scope.marks.environments.get(inner)
        if figure is None or family_of(figure.name) is not Family.FIGURE or figure.end <= at:
            here = inner + 1
        else:
            here = max(min(figure.end, end), at + 1)
    return None


def _verbatim(scope: Scope, found: Environment) -> Opened:
    body, end = _body(scope, found)
    head = _LANGUAGE.match(scope.text, body.begin, body.end) if found.name in ("lstlisting", "minted") else None
    language = (head[1] or head[2] or "") if head else ""
    text = scope.text[head.end() if head else body.begin : body.end].strip("\n").rstrip()
    return Opened((Code(text, Span(found.begin, end), language),) if text else (), end)


def _drawing(scope: Scope, found: Environment) -> Opened:
    """One that was cut off is closed, so that what there is of it can be drawn."""
    _, end = _body(scope, found)
    tikz = scope.text[found.begin : end].rstrip()
    if found.ending is not Ending.OWN or found.end > end:
        tikz += "\n\\end{tikzpicture}"
    return Opened((Drawing(tikz, Span(found.begin, end)),), end)


_FAMILIES: dict[Family | None, Callable[[Scope, Environment], Opened | None]] = {
    Family.MATH: displays.environment,
    Family.TABLE: tables.tabular,
    Family.LIST: lists.listing,
    Family.STATEMENT: _statement,
    Family.FIGURE: _figure,
    Family.QUOTE: _quotation,
    Family.FRONT: _front,
    Family.PLAIN: _plain,
    Family.VERBATIM: _verbatim,
    Family.DRAWING: _drawing,
}
