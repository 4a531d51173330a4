"""Exercises as the tensors that a training step takes. An exercise is made of its number alone."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.typewriter import hints, tasks, vocabulary
from training.typewriter.answers import Piece
from training.typewriter.hints import Line
from training.typewriter.model import BEHIND, IGNORED, MAX_VIEWS, Batch
from training.typewriter.pages import CELLS_HIGH, CELLS_WIDE, COLUMNS, ROWS, TOKENS_PER_VIEW, TOKENS_WIDE, Sheet
from training.typewriter.tasks import Exercise, Task

# What each piece of an answer is labelled with.
_PER_PIECE = ("labels", "weights", "places", "rows", "columns", "natures", "next_views", "next_rows")
_WEIGHTS: Mapping[Task, int] = {Task.BOX: 4, Task.COLOUR: 2}


def batch_of(exercises: Sequence[Exercise], random: np.random.Generator) -> Batch:
    """Exercises about the same sheets stand side by side: their views are drawn once."""
    prompts = [exercise.prompt() for exercise in exercises]
    rows = [
        prompt + [piece.token for piece in exercise.answer] for prompt, exercise in zip(prompts, exercises, strict=True)
    ]
    length = max(map(len, rows))
    first_answer = min(map(len, prompts)) - 1
    labels = np.full((len(_PER_PIECE), len(rows), length - first_answer), IGNORED)
    for row, (prompt, exercise) in enumerate(zip(prompts, exercises, strict=True)):
        start = len(prompt) - 1 - first_answer
        labels[:, row, start : start + len(exercise.answer)] = _labels(exercise)
    ids = np.full((len(rows), length), vocabulary.mark("<|endoftext|>"))
    for row, tokens in enumerate(rows):
        ids[row, : len(tokens)] = tokens
    seen = [exercise for number, exercise in enumerate(exercises) if not _again(exercises, number)]
    cells = np.concatenate([_cells(exercise) for exercise in seen])
    sheets = [sheet for exercise in seen for sheet in _shown(exercise)]
    return Batch(
        views=torch.from_numpy(np.concatenate([tasks.views(exercise, random) for exercise in seen])),
        sets=torch.tensor([not _again(exercises, number) for number in range(len(exercises))]).cumsum(0) - 1,
        ids=torch.from_numpy(ids),
        first_image=prompts[0].index(vocabulary.mark("<imgpad>")),
        first_answer=first_answer,
        **{name: torch.from_numpy(values) for name, values in zip(_PER_PIECE, labels, strict=True)},
        cells=torch.from_numpy(cells),
        glyphs=torch.from_numpy(_by_token(cells)),
        inks=_per_line(sheets, _inks),
        kinds=_per_line(sheets, hints.natures),
        followers=_per_line(sheets, hints.followers),
        edges=torch.tensor([exercise.edges or (IGNORED,) * 4 for exercise in exercises]),
        edge_places=torch.tensor([_edge_places(exercise) for exercise in exercises]),
    )


def _labels(exercise: Exercise) -> NDArray[np.int64]:
    """(_PER_PIECE, pieces)."""
    known = [hints.natures(sheet) for sheet in exercise.sheets]
    lines = hints.lines_of(exercise)
    labels = []
    for piece, line, following in zip(exercise.answer, lines, hints.next_lines(lines), strict=True):
        where = (piece.place, piece.row, piece.column) if piece.cell >= 0 else (IGNORED,) * 3
        after = (following.view, following.row) if following else (MAX_VIEWS, ROWS)
        labels.append((piece.token, 1, *where, hints.nature_of(exercise, line, known), *after))
    columns = np.array(labels).T
    columns[1] = _weights(exercise, lines)
    return columns


def _weights(exercise: Exercise, lines: Sequence[Line]) -> NDArray[np.int64]:
    """More for what begins and ends a line, and where it is decided what a line is: there most mistakes are made. More
    for the tasks with short answers. A line begins with its markup and its first letter, which stand at one cell."""
    said = list(zip(exercise.answer, lines, strict=True))
    first_cells = {line: piece.cell for piece, line in reversed(said)}
    begins = np.array([piece.cell == first_cells[line] for piece, line in said])
    ends = np.array([*(one != other for one, other in pairwise(lines)), True])
    weights: NDArray[np.int64] = (1 + 3 * (begins | _decisive(exercise.answer)) + ends) * _WEIGHTS.get(exercise.task, 1)
    return weights


def _decisive(pieces: Sequence[Piece]) -> NDArray[np.bool_]:
    """Whether a table has two columns or three, whether it ends, whether a line goes on in the next tile."""
    (column,), (end,) = vocabulary.encode("|l"), vocabulary.encode("\\end")
    tokens = [piece.token for piece in pieces]
    views = [piece.place // TOKENS_PER_VIEW if piece.cell >= 0 else None for piece in pieces]
    return np.array(
        [
            tokens[place] == end
            or tokens[max(place - 2, 0) : place] == [column, column]
            or (place > 0 and None not in (views[place - 1 : place + 1]) and views[place - 1] != views[place])
            for place in range(len(pieces))
        ]
    )


def _again(exercises: Sequence[Exercise], number: int) -> bool:
    """Whether it is about the same sheets as the exercise before it."""
    return number > 0 and exercises[number].sheets is exercises[number - 1].sheets


def _edge_places(exercise: Exercise) -> list[int]:
    """Behind which words after the image the four numbers of a box have been said."""
    if not exercise.edges:
        return [0] * 4
    prompt = exercise.prompt()
    words = prompt[prompt.index(vocabulary.mark("</img>")) :]
    marks = [vocabulary.byte_ids()[sign] for sign in ",]"]
    return [place for place, token in enumerate(words) if token in marks]


def _shown(exercise: Exercise) -> list[Sheet | None]:
    """What each view shows. Of a whole cropped page too little is seen to be asked for."""
    sheets: list[Sheet | None] = list(tasks.cells(exercise))
    return sheets + [None] * (exercise.views - len(sheets))


def _cells(exercise: Exercise) -> NDArray[np.int64]:
    """(views, rows, columns) of glyphs."""
    labels = np.full((exercise.views, ROWS, COLUMNS), IGNORED)
    for view, sheet in enumerate(tasks.cells(exercise)):
        labels[view] = _with_ends(sheet)
    return labels


def _by_token(cells: NDArray[np.int64]) -> NDArray[np.int64]:
    """(views, tokens, cells of a token)."""
    grid = cells.reshape(len(cells), ROWS // CELLS_HIGH, CELLS_HIGH, TOKENS_WIDE, CELLS_WIDE)
    return grid.transpose(0, 1, 3, 2, 4).reshape(len(cells), TOKENS_PER_VIEW, -1)


def _with_ends(sheet: Sheet) -> NDArray[np.int64]:
    """The grid, with BEHIND from the end of each line on."""
    grid = sheet.grid.astype(np.int64)
    inked_from_here = np.flip(np.logical_or.accumulate(np.flip(grid != 0, axis=1), axis=1), axis=1)
    return np.where(inked_from_here, grid, BEHIND)


def _per_line(sheets: Sequence[Sheet | None], told: Callable[[Sheet], NDArray[np.int64]]) -> Tensor:
    """(views, tokens): the same for all tokens of a line."""
    nothing = np.full(ROWS, IGNORED)
    return torch.from_numpy(
        np.stack([nothing if sheet is None else told(sheet) for sheet in sheets]).repeat(TOKENS_WIDE, 1)
    )


def _inks(sheet: Sheet) -> NDArray[np.int64]:
    """(rows,): a line's colour, and how many lines above it have the same."""
    labels = np.full(ROWS, IGNORED)
    above = [0] * 4
    for row, colour in enumerate(sheet.colours):
        if sheet.grid[row].any():
            labels[row] = colour * ROWS + above[colour]
            above[colour] += 1
    return labels
