"""Tables drawn with | between cells, known by the line of dashes under their head."""

import re
from collections.abc import Iterator

from gotwatch.render.blocks import Align, Cell, Paragraph, Span, Table
from gotwatch.render.grammar import formulas
from gotwatch.render.grammar.scope import Opened, Scope, trimmed

_DASHES = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*(?=\n|\Z)")
_COLUMN = re.compile(r"(:?)-+(:?)")
_STEP = re.compile(r"\\\(|\\.|`[^`\n]{1,200}`|[|$]", re.DOTALL)


def pipe_table(scope: Scope, at: int) -> Opened | None:
    head_end = scope.marks.line_end(at, scope.end)
    dashes = _DASHES.match(scope.text, head_end + 1, scope.end)
    if dashes is None or "|" not in dashes[0] or scope.text.find("|", at, head_end) < 0:
        return None
    aligns = tuple(map(_align, _COLUMN.finditer(dashes[0])))
    lines = [(at, head_end), *_lines(scope, dashes.end() + 1)]
    rows = tuple(tuple(_cells(scope, begin, end, aligns)) for begin, end in lines)
    end = max(lines[-1][1], dashes.end())
    return Opened((Table(rows, Span(at, end), head_rows=1),), end)


def _align(column: re.Match[str]) -> Align:
    if column[2]:
        return Align.CENTER if column[1] else Align.RIGHT
    return Align.LEFT


def _lines(scope: Scope, begin: int) -> Iterator[tuple[int, int]]:
    while begin < scope.end:
        end = scope.marks.line_end(begin, scope.end)
        if scope.text.find("|", begin, end) < 0:
            return
        yield begin, end
        begin = end + 1


def _cells(scope: Scope, begin: int, end: int, aligns: tuple[Align, ...]) -> Iterator[Cell]:
    spans = tuple(_spans(scope, begin, end))
    for column, span in enumerate(spans):
        align = aligns[column] if column < len(aligns) else Align.LEFT
        pieces = scope.pieces(span.begin, span.end)
        yield Cell((Paragraph(pieces, span),) if pieces else (), span, align=align)
    for align in aligns[len(spans) :]:
        yield Cell((), Span(end, end), align=align)


def _spans(scope: Scope, begin: int, end: int) -> Iterator[Span]:
    line = trimmed(scope.text, begin, end)
    here = cell_begin = line.begin + scope.text.startswith("|", line.begin, line.end)
    while step := _STEP.search(scope.text, here, line.end):
        here = step.end()
        if step[0] == "|":
            yield trimmed(scope.text, cell_begin, step.start())
            cell_begin = here
        elif step[0] in (r"\(", "$") and (formula := formulas.inline(scope.marks, step.start(), line.end)):
            here = formula.end
    if cell_begin < line.end:
        yield trimmed(scope.text, cell_begin, line.end)
