"""Where the cells of a table stand, in rows and columns, once spans have pushed them aside."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gotwatch.render.blocks import Cell


@dataclass(frozen=True, slots=True)
class Place:
    """The upper left corner of a cell, and how far it reaches within the table."""

    cell: Cell
    row: int
    column: int
    rows: int
    columns: int


def places(rows: Sequence[Sequence[Cell]]) -> Iterator[Place]:
    covered: set[tuple[int, int]] = set()
    for row, cells in enumerate(rows):
        column = 0
        for cell in cells:
            while (row, column) in covered:
                column += 1
            place = Place(cell, row, column, min(cell.rows, len(rows) - row), cell.columns)
            covered.update(_below(place))
            yield place
            column += cell.columns


def _below(place: Place) -> Iterator[tuple[int, int]]:
    for row in range(place.row + 1, place.row + place.rows):
        for column in range(place.column, place.column + place.columns):
            yield row, column
