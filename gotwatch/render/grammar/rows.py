"""Where the rows and cells of a tabular part, and where lines are drawn between them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gotwatch.render.blocks import Span
from gotwatch.render.grammar import formulas
from gotwatch.render.grammar.landmarks import Landmarks, Mark
from gotwatch.render.grammar.vocabulary import HORIZONTAL_LINES, PARTIAL_LINES

_STEP = re.compile(r"\\\\\*?|\\(?P<name>[A-Za-z]+)|\\.|(?P<sign>[&{$])", re.DOTALL)
_BEHIND_BREAK = re.compile(r"\s*\[\s*-?[\d.]+\s*(?:pt|em|ex|mm|cm|in|\\\w+)\s*\]")
_BEHIND_LINE = re.compile(r"(?:\s*[\[{]\s*[\d.]+\s*(?:pt|em|ex|mm|cm)\s*[\]}]|\s*\([lr]*\))*")
_RANGE = re.compile(
    r"(?:\s*\[\s*[\d.]+\s*[a-z]{2}\s*\]|\s*\((?:[lr]|\{[^{}\s]{0,9}\})*\))*\s*\{\s*(\d{1,4})\s*-{1,2}\s*(\d{1,4})\s*\}"
)
_MOST_INNER = 30


@dataclass(frozen=True, slots=True)
class Line:
    """Across the table, or from one column to another."""

    name: str
    first: int = 1
    last: int = 10_000

    def reaches(self, column: int) -> bool:
        return self.first <= column <= self.last


@dataclass(frozen=True, slots=True)
class Row:
    """A row of cells with the lines above it; the last one of a table may hold lines only."""

    lines: tuple[Line, ...]
    cells: tuple[Span, ...]


def rows(marks: Landmarks, begin: int, end: int) -> tuple[Row, ...]:
    return tuple(_Splitter(marks, begin, end).split())


class _Splitter:
    def __init__(self, marks: Landmarks, begin: int, end: int) -> None:
        self._marks = marks
        self._text = marks.text
        self._end = end
        self._cell_begin = begin
        self._lines: list[Line] = []
        self._cells: list[Span] = []

    def split(self) -> Iterator[Row]:
        here = self._cell_begin
        while step := _STEP.search(self._text, here, self._end):
            here = step.end()
            if step[0].startswith("\\\\") or step["name"] == "tabularnewline":
                here = _behind(_BEHIND_BREAK, self._text, here, self._end)
                yield self._row(step.start(), here)
            elif line := self._line(step):
                if self._has_content(step.start()):
                    yield self._row(step.start(), step.start())
                self._lines.append(line)
                here = self._cell_begin = self._behind_line(step)
            elif step["sign"] == "&":
                self._cell(step.start(), here)
            else:
                here = self._behind_inner(step)
        if self._has_content(self._end) or self._lines:
            yield self._row(self._end, self._end)

    def _has_content(self, at: int) -> bool:
        return bool(self._cells) or bool(self._text[self._cell_begin : at].strip())

    def _cell(self, end: int, next_begin: int) -> None:
        self._cells.append(Span(self._cell_begin, end))
        self._cell_begin = next_begin

    def _row(self, end: int, next_begin: int) -> Row:
        if self._has_content(end):
            self._cell(end, next_begin)
        row = Row(tuple(self._lines), tuple(self._cells))
        self._lines, self._cells, self._cell_begin = [], [], next_begin
        return row

    def _line(self, step: re.Match[str]) -> Line | None:
        name = step["name"]
        if name in HORIZONTAL_LINES:
            return Line(name)
        reach = _RANGE.match(self._text, step.end(), self._end) if name in PARTIAL_LINES else None
        return Line(name, int(reach[1]), int(reach[2])) if reach else None

    def _behind_line(self, step: re.Match[str]) -> int:
        pattern = _BEHIND_LINE if step["name"] in HORIZONTAL_LINES else _RANGE
        return _behind(pattern, self._text, step.end(), self._end)

    def _behind_inner(self, step: re.Match[str]) -> int:
        """Behind a formula, a group or an environment in the cell, whose signs are not the table's."""
        at = step.start()
        if step[0] in (r"\(", "$"):
            formula = formulas.inline(self._marks, at, self._end)
            return formula.end if formula and formula.closed else step.end()
        if step["name"] == "begin":
            environment = self._marks.environment(at, self._end)
            return environment.end if environment and environment.end <= self._end else step.end()
        if step["sign"] == "{":
            return self._behind_group(at)
        return step.end()

    def _behind_group(self, at: int) -> int:
        """A brace that reaches over the end of a row is a stray one."""
        close = self._marks.group_ends.get(at, self._end)
        if close >= self._end:
            return at + 1
        here = at
        for _ in range(_MOST_INNER):
            row_end = self._marks.first(Mark.ROW_END, here, close)
            if row_end is None:
                return close + 1
            inner = self._marks.first(Mark.BEGIN, here, row_end)
            environment = self._marks.environment(inner, close) if inner is not None else None
            if environment is None or environment.end > close:
                return at + 1
            here = environment.end
        return at + 1


def _behind(pattern: re.Pattern[str], text: str, at: int, end: int) -> int:
    found = pattern.match(text, at, end)
    return found.end() if found else at
