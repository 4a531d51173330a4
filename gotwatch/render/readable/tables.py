"""A table as lines of aligned columns."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from gotwatch.render.blocks import Align, Cell, Chart, Table
from gotwatch.render.readable.grid import places
from gotwatch.render.readable.widths import padded, width

_GAP = "  "
_WIDEST_COLUMN = 80  # a longer text juts out, so that one long cell does not push all others out of sight


@dataclass(frozen=True, slots=True)
class _Entry:
    lines: tuple[str, ...]
    row: int
    column: int
    rows: int = 1
    columns: int = 1
    align: Align = Align.LEFT

    @property
    def width(self) -> int:
        return min(max(map(width, self.lines), default=0), _WIDEST_COLUMN)


def table(table: Table, lines_of: Callable[[Cell], Iterable[str]]) -> list[str]:
    entries = [
        _Entry(_clean(lines_of(place.cell)), place.row, place.column, place.rows, place.columns, place.cell.align)
        for place in places(table.rows)
    ]
    return _drawn(entries, head_rows=table.head_rows)


def chart(chart: Chart) -> list[str]:
    head = (chart.x_label, *chart.columns)
    has_head = any(head)
    entries = [_Entry((name,), 0, column) for column, name in enumerate(head) if has_head]
    for row, (name, values) in enumerate(chart.rows, start=int(has_head)):
        entries.append(_Entry((name,), row, 0))
        entries += [
            _Entry((value or "",), row, column, align=Align.RIGHT) for column, value in enumerate(values, start=1)
        ]
    return _drawn(entries, head_rows=int(has_head))


def _clean(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(line.replace("\t", " ").rstrip() for line in lines)


def _drawn(entries: Sequence[_Entry], *, head_rows: int) -> list[str]:
    widths, heights = _widths(entries), _heights(entries)
    tops = [sum(heights[:row]) for row in range(len(heights))]
    placed = {
        (tops[entry.row] + offset, entry.column): (line, entry)
        for entry in entries
        for offset, line in enumerate(entry.lines)
    }
    drawn = []
    for row, height in enumerate(heights):
        if row and row == head_rows:
            drawn.append(_GAP.join("-" * columns for columns in widths).rstrip())
        elif row and max(heights) > 1:
            drawn.append("")  # else nobody could tell where a row of several lines ends
        drawn += [_line(number, placed, widths) for number in range(tops[row], tops[row] + height)]
    return drawn


def _line(number: int, placed: dict[tuple[int, int], tuple[str, _Entry]], widths: Sequence[int]) -> str:
    return _GAP.join(_cells(number, placed, widths)).rstrip()


def _cells(number: int, placed: dict[tuple[int, int], tuple[str, _Entry]], widths: Sequence[int]) -> Iterator[str]:
    column = 0
    while column < len(widths):
        line, entry = placed.get((number, column), ("", None))
        columns = entry.columns if entry else 1
        yield padded(line, _joined(widths[column : column + columns]), entry.align if entry else Align.LEFT)
        column += columns


def _joined(widths: Sequence[int]) -> int:
    return sum(widths) + len(_GAP) * (len(widths) - 1)


def _widths(entries: Sequence[_Entry]) -> list[int]:
    """Each column as wide as its own cells; then the last of several wide enough for what spans them."""
    widths = [0] * max((entry.column + entry.columns for entry in entries), default=0)
    for entry in sorted(entries, key=lambda entry: entry.columns):
        end = entry.column + entry.columns
        widths[end - 1] += max(entry.width - _joined(widths[entry.column : end]), 0)
    return widths


def _heights(entries: Sequence[_Entry]) -> list[int]:
    """Of the rows, in lines, likewise."""
    heights = [1] * max((entry.row + entry.rows for entry in entries), default=0)
    for entry in sorted(entries, key=lambda entry: entry.rows):
        end = entry.row + entry.rows
        heights[end - 1] += max(len(entry.lines) - sum(heights[entry.row : end]), 0)
    return heights
