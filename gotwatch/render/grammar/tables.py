"""Tables written as tabular: cells in their places, with what they span and the lines around them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from gotwatch.render.blocks import Align, Block, Cell, Span, Table
from gotwatch.render.grammar.arguments import argument, behind_layout, is_layout
from gotwatch.render.grammar.columns import MOST_COLUMNS, Column, columns, is_specification
from gotwatch.render.grammar.landmarks import Ending, Environment
from gotwatch.render.grammar.rows import Line, Row, rows
from gotwatch.render.grammar.scope import Opened, Scope, trimmed
from gotwatch.render.grammar.vocabulary import LAYOUT_ARGUMENTS

_MOST_ROWS = 100  # that a cell spans
_MOST_PADDED = 20_000
_BROKEN_SPECIFICATION = re.compile(r"\s*\{[|lcr \t]*[|lcr][|lcr \t]*(?![A-Za-z])\}?")
_MULTICOLUMN = re.compile(r"\s*\\multicolumn\s*\{\s*(\d{1,4})\s*\}")
_MULTIROW = re.compile(
    r"\s*\\multirow\s*(?:\[[^\]\s]{0,20}\]\s*)?\{\s*(-?\d{1,4})\s*\}\s*(?:\[[^\]\s]{0,20}\]\s*)?(?=\{)"
)
_SHIFT = re.compile(r"\s*\[[^\]\s]{0,20}\]")


def tabular(scope: Scope, found: Environment) -> Opened | None:
    """None where nothing speaks for a table: the model only wrote the word."""
    body_end, end = _extent(scope, found)
    body_begin, specification = _specification(scope, found, body_end)
    split = rows(scope.marks, body_begin, body_end)
    if found.ending is Ending.NONE and len(split) < 2 and all(len(row.cells) < 2 for row in split):
        return None
    placed = _Grid(scope, columns(specification)).place(split)
    span = Span(found.begin, end)
    return Opened((Table(placed, span, _head_rows(scope, split)),) if any(placed) else (), end)


def _extent(scope: Scope, found: Environment) -> tuple[int, int]:
    """Where the body ends and where the page goes on: an unclosed table ends at the first blank line."""
    if found.ends_by(scope.end):
        return found.body_end, found.end
    stop = scope.marks.paragraph_end(found.body_begin, min(found.body_end, scope.end))
    return stop, stop


def _specification(scope: Scope, found: Environment, body_end: int) -> tuple[int, str]:
    """Where the cells begin, and the letters for the columns."""
    layout = LAYOUT_ARGUMENTS.get(found.name, 0)
    begin = behind_layout(scope.marks, found.body_begin, body_end, count=layout)
    begin = found.body_begin if begin is None else begin
    letters = argument(scope.marks, begin, body_end)
    if letters and letters.closed and is_specification(scope.text[letters.inside.begin : letters.inside.end]):
        return letters.end, scope.text[letters.inside.begin : letters.inside.end]
    broken = _BROKEN_SPECIFICATION.match(scope.text, begin, body_end)
    return (broken.end(), broken[0].strip(" \t\n{}")) if broken else (begin, "")


def _head_rows(scope: Scope, split: tuple[Row, ...]) -> int:
    """The rows above the first \\midrule, or above the only line that goes across the table between its rows.

    Of several such lines it is the first, where most rows have none, or where names over several columns stand above.
    """
    inner = [(number, line.name) for number, row in enumerate(split) if number and row.cells for line in row.lines]
    middle = [number for number, name in inner if name == "midrule"]
    across = sorted({number for number, name in inner if name == "hline"})
    if middle:
        return middle[0]
    is_head = (
        len(across) == 1
        or (across[:1] == [1] and 2 * len(across) < len(split))
        or (across and across[0] > 1 and _has_group(scope, split[0]))
    )
    return across[0] if is_head and across[0] < len(split) - 1 else 0


def _has_group(scope: Scope, row: Row) -> bool:
    return any(_MULTICOLUMN.match(scope.text, cell.begin, cell.end) for cell in row.cells)


@dataclass(frozen=True, slots=True)
class _Reach:
    """What \\multicolumn and \\multirow say of a cell."""

    columns: int = 1
    rows: int = 1
    own: Column | None = None


_ONE_PLACE = _Reach()


@dataclass(frozen=True, slots=True)
class _Content:
    """A cell before it has its place."""

    span: Span
    parts: tuple[Span, ...]
    reach: _Reach


@dataclass(slots=True)
class _Placed:
    """Not frozen: what a cell spans and its line below are known when the rows under it have come."""

    cell: Cell
    row: int
    column: int  # from 1


class _Grid:
    def __init__(self, scope: Scope, specified: tuple[Column, ...]) -> None:
        self._scope = scope
        self._specified = specified
        self._placed: list[list[_Placed]] = []
        self._reaching: dict[int, _Placed] = {}  # by column: the cell that spans into the rows below

    def place(self, split: tuple[Row, ...]) -> tuple[tuple[Cell, ...], ...]:
        for row in split:
            if row.cells:
                self._row(row)
            elif self._placed and row.lines:
                self._close_below(row.lines)
        self._cut_spans()
        self._pad()
        return tuple(tuple(placed.cell for placed in row) for row in self._placed)

    def _row(self, row: Row) -> None:
        number, column = len(self._placed), 1
        self._placed.append([])
        for span in row.cells:
            content = self._content(span)
            if content.parts or not self._is_covered(number, column):
                self._put(row, content, column)
            column += content.reach.columns

    def _is_covered(self, row: int, column: int) -> bool:
        above = self._reaching.get(column)
        return above is not None and row < above.row + above.cell.rows

    def _put(self, row: Row, content: _Content, column: int) -> None:
        number = len(self._placed) - 1
        for covered in range(column, column + content.reach.columns):
            above = self._reaching.pop(covered, None)
            if above is not None and number < above.row + above.cell.rows:  # what is written here ends its span
                above.cell = replace(above.cell, rows=number - above.row)
        placed = _Placed(self._cell(row, content, column), number, column)
        self._placed[-1].append(placed)
        if content.reach.rows > 1:
            self._reaching.update(dict.fromkeys(range(column, column + content.reach.columns), placed))

    def _cell(self, row: Row, content: _Content, column: int) -> Cell:
        first = content.reach.own or self._column(column)
        last = content.reach.own or self._column(column + content.reach.columns - 1)
        return Cell(
            self._blocks(content),
            content.span,
            align=first.align,
            columns=content.reach.columns,
            rows=content.reach.rows,
            line_above=any(line.reaches(column) for line in row.lines),
            line_left=first.line_left,
            line_right=last.line_right,
        )

    def _column(self, number: int) -> Column:
        return self._specified[number - 1] if number <= len(self._specified) else Column(Align.LEFT)

    def _blocks(self, content: _Content) -> tuple[Block, ...]:
        return tuple(block for part in content.parts for block in self._scope.cell(part.begin, part.end))

    def _content(self, span: Span) -> _Content:
        """Take \\multicolumn and \\multirow off, in either order, with or without blanks between their braces."""
        reach, inner = _ONE_PLACE, span
        rest: list[Span] = []
        while spanning := self._spanning(reach, inner):
            reach, inner, behind = spanning
            rest.insert(0, behind)
        parts = (trimmed(self._scope.text, part.begin, part.end) for part in (inner, *rest))
        return _Content(span, tuple(part for part in parts if part.begin < part.end), reach)

    def _spanning(self, reach: _Reach, inner: Span) -> tuple[_Reach, Span, Span] | None:
        """The reach with what the next command says of it, what stands in that command, and behind it."""
        said = self._multicolumn(reach, inner) or self._multirow(reach, inner)
        if said is None:
            return None
        reach, begin = said
        shown = argument(self._scope.marks, begin, inner.end)
        if shown is None:
            return reach, Span(begin, inner.end), Span(inner.end, inner.end)
        return reach, shown.inside, Span(shown.end, inner.end)

    def _multicolumn(self, reach: _Reach, inner: Span) -> tuple[_Reach, int] | None:
        found = _MULTICOLUMN.match(self._scope.text, inner.begin, inner.end)
        letters = argument(self._scope.marks, found.end(), inner.end) if found else None
        if found is None or letters is None or reach.columns > 1:
            return None
        specification = self._scope.text[letters.inside.begin : letters.inside.end]
        if not letters.closed or not is_specification(specification):
            return None
        specified = columns(specification)
        wide = min(max(int(found[1]), 1), MOST_COLUMNS)
        return replace(reach, columns=wide, own=specified[0] if specified else None), letters.end

    def _multirow(self, reach: _Reach, inner: Span) -> tuple[_Reach, int] | None:
        found = _MULTIROW.match(self._scope.text, inner.begin, inner.end)
        width = argument(self._scope.marks, found.end(), inner.end) if found else None
        if found is None or width is None or reach.rows > 1:
            return None
        if not width.closed or not is_layout(self._scope.text[width.inside.begin : width.inside.end]):
            return None
        shift = _SHIFT.match(self._scope.text, width.end, inner.end)
        return replace(reach, rows=min(max(int(found[1]), 1), _MOST_ROWS)), shift.end() if shift else width.end

    def _close_below(self, lines: tuple[Line, ...]) -> None:
        """The lines under the last row."""
        last = len(self._placed) - 1
        ending = [
            *self._placed[-1],
            *(above for above in self._reaching.values() if self._is_covered(last, above.column)),
        ]
        for placed in ending:
            if any(line.reaches(placed.column) for line in lines):
                placed.cell = replace(placed.cell, line_below=True)

    def _cut_spans(self) -> None:
        for row in self._placed:
            for placed in row:
                if placed.cell.rows > len(self._placed) - placed.row:
                    placed.cell = replace(placed.cell, rows=len(self._placed) - placed.row)

    def _pad(self) -> None:
        """Give short rows their empty cells, so that the lines around them are drawn."""
        width = max((row[-1].column + row[-1].cell.columns - 1 for row in self._placed if row), default=0)
        if width * len(self._placed) > _MOST_PADDED:
            return
        taken: list[set[int]] = [set() for _ in self._placed]
        for row, column in self._taken():
            taken[row].add(column)
        for number, placed in enumerate(self._placed):
            if placed:
                self._placed[number] = list(self._filled(placed, taken[number], width))

    def _taken(self) -> Iterator[tuple[int, int]]:
        for row in self._placed:
            for placed in row:
                for number in range(placed.row, placed.row + placed.cell.rows):
                    for column in range(placed.column, placed.column + placed.cell.columns):
                        yield number, column

    def _filled(self, row: list[_Placed], taken: set[int], width: int) -> Iterator[_Placed]:
        own = {placed.column: placed for placed in row}
        number, above, end = row[0].row, row[0].cell.line_above, row[0].cell.span.begin
        for column in range(1, width + 1):
            if column in own:
                end = own[column].cell.span.end
                yield own[column]
            elif column not in taken:
                yield _Placed(self._empty(column, end, line_above=above), number, column)

    def _empty(self, column: int, at: int, *, line_above: bool) -> Cell:
        layout = self._column(column)
        return Cell((), Span(at, at), line_above=line_above, line_left=layout.line_left, line_right=layout.line_right)
