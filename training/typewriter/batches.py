"""Exercises as the tensors that a training step takes. An exercise is made of its number alone."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gotwatch.engine.got.preprocess import MEAN, STD
from training.typewriter import tasks, vocabulary
from training.typewriter.model import BEHIND, IGNORED, Batch
from training.typewriter.pages import COLUMNS, ROWS, Sheet
from training.typewriter.tasks import CELLS_HIGH, CELLS_WIDE, TOKENS_PER_VIEW, TOKENS_WIDE, Exercise, Piece


def batch_of(exercises: Sequence[Exercise], random: np.random.Generator) -> Batch:
    prompts = [exercise.prompt() for exercise in exercises]
    rows = [
        prompt + [piece.token for piece in exercise.answer] for prompt, exercise in zip(prompts, exercises, strict=True)
    ]
    length = max(map(len, rows))
    first_answer = min(map(len, prompts)) - 1
    labels = np.full((4, len(rows), length - first_answer), IGNORED)
    for row, (prompt, exercise) in enumerate(zip(prompts, exercises, strict=True)):
        start = len(prompt) - 1 - first_answer
        labels[:, row, start : start + len(exercise.answer)] = _labels(exercise.answer)
    ids = np.full((len(rows), length), vocabulary.mark("<|endoftext|>"))
    for row, tokens in enumerate(rows):
        ids[row, : len(tokens)] = tokens
    cells = np.concatenate([_cells(exercise) for exercise in exercises])
    return Batch(
        views=normalised(np.concatenate([tasks.views(exercise, random) for exercise in exercises])),
        ids=torch.from_numpy(ids),
        first_image=prompts[0].index(vocabulary.mark("<imgpad>")),
        first_answer=first_answer,
        labels=torch.from_numpy(labels[0]),
        places=torch.from_numpy(labels[1]),
        rows=torch.from_numpy(labels[2]),
        columns=torch.from_numpy(labels[3]),
        cells=torch.from_numpy(cells),
        glyphs=torch.from_numpy(_by_token(cells)),
        inks=torch.from_numpy(np.concatenate([_inks(exercise) for exercise in exercises])),
        corners=torch.tensor([exercise.corner or (IGNORED, IGNORED) for exercise in exercises]),
    )


def normalised(views: NDArray[np.uint8]) -> Tensor:
    """(views, side, side, 3) of levels as (views, 3, side, side) around 0."""
    mean, std = (torch.tensor(values)[:, None, None] for values in (MEAN, STD))
    return (torch.from_numpy(views).permute(0, 3, 1, 2) / 255 - mean) / std


def _labels(answer: Sequence[Piece]) -> NDArray[np.int64]:
    """(4, pieces): token, image token, row and column."""
    shown = [(p.place, p.row, p.column) if p.cell >= 0 else (IGNORED,) * 3 for p in answer]
    return np.array([(piece.token, *where) for piece, where in zip(answer, shown, strict=True)]).T


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


def _inks(exercise: Exercise) -> NDArray[np.int64]:
    """(views, tokens, rows of a token): a line's colour, and how many lines above it have the same."""
    labels = np.full((exercise.views, TOKENS_PER_VIEW, CELLS_HIGH), IGNORED)
    for view, sheet in enumerate(tasks.cells(exercise)):
        above = [0] * 4
        for row, colour in enumerate(sheet.colours):
            if sheet.grid[row].any():
                tokens = slice(row // CELLS_HIGH * TOKENS_WIDE, (row // CELLS_HIGH + 1) * TOKENS_WIDE)
                labels[view, tokens, row % CELLS_HIGH] = colour * ROWS + above[colour]
                above[colour] += 1
    return labels
