"""What training tells of a page's lines, beside their letters: what each of them is and which one follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from training.typewriter import font
from training.typewriter.answers import NOWHERE, Piece
from training.typewriter.pages import COLUMNS, ROWS, Sheet
from training.typewriter.tasks import Exercise

EMPTY, TEXT, FORMULA, STAFF, TABLE = range(5)  # behind TABLE: the kinds of a table's rows
NATURES = TABLE + 2 * 2 * 2
FOLLOWERS = 2 * ROWS

_CELLS = ROWS * COLUMNS

Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Line:
    """Where a line begins: in a crop its left half, in the other tasks all of it."""

    view: int
    row: int  # in its view


def natures(sheet: Sheet) -> Labels:
    """(rows,): of each line. A row of a table also says how many columns it has, and whether rows stand around it."""
    rules = (sheet.grid == font.RULE).sum(1)
    first = sheet.grid[:, 0]
    bare = np.select(
        [first == 0, first < len(font.UPRIGHT), first < font.RULE, first > font.RULE],
        [EMPTY, TEXT, FORMULA, STAFF],
    )
    ruled = np.array([False, *(rules > 0), False])
    rows = TABLE + 4 * (np.minimum(rules, 2) - 1) + 2 * ruled[:-2] + ruled[2:]
    return np.where(rules > 0, rows, bare).astype(np.int64)


def followers(sheet: Sheet) -> Labels:
    """(rows,): how many lines of the same colour stand below each, and whether any line does."""
    inked = np.asarray(sheet.grid.any(1))
    labels = np.zeros(len(sheet.grid), np.int64)
    for row, colour in enumerate(sheet.colours):
        below = inked[row + 1 :]
        labels[row] = 2 * int((below & (sheet.colours[row + 1 :] == colour)).sum()) + int(below.any())
    return labels


def lines_of(exercise: Exercise) -> list[Line]:
    """For each piece of the answer the line that it is of."""
    lines: list[Line] = []
    for piece in exercise.answer:
        # No cell shows the end of a line that fills the page's width.
        lines.append(lines[-1] if piece.cell == NOWHERE else _line(piece, cropped=exercise.cropped))
    return lines


def _line(piece: Piece, *, cropped: bool) -> Line:
    view = piece.cell // _CELLS
    return Line(view // 2 * 2 if cropped else view, piece.row)


def next_lines(lines: Sequence[Line]) -> list[Line | None]:
    """For each piece the line that is written after its own."""
    following: list[Line | None] = [None]
    for one, other in reversed(list(pairwise(lines))):
        following.append(following[-1] if one == other else other)
    return following[::-1]


def nature_of(exercise: Exercise, line: Line, known: Sequence[Labels]) -> int:
    """*known*: the natures of the lines of each sheet."""
    return int(known[0][line.view // 2 * ROWS + line.row] if exercise.cropped else known[line.view][line.row])
