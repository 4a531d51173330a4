"""What is asked of the typewriter, mode by mode: views, prompt and answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.typewriter import font, pages, vocabulary, writing
from training.typewriter.answers import Piece, Span, cut, ended, spans_of, text_of, written
from training.typewriter.pages import BLUE, COLOUR_NAMES, COLUMNS, RED, ROWS, SIDE, TOKENS_PER_VIEW, Sheet
from training.typewriter.writing import Block

MOST_PAGES = 4
_BOXES = 4  # about one sheet
_COLOURS = 4  # tries

_HEAD = (
    "<|im_start|>system\nYou should follow the instructions carefully and explain your answers in detail.<|im_end|>"
    "<|im_start|>user\n<img>"
)
_TAIL = "</img>\n{query}<|im_end|><|im_start|>assistant\n"


class Task(StrEnum):
    PLAIN = "plain"
    FORMAT = "format"
    BOX = "box"
    COLOUR = "colour"
    CROP = "crop"
    CROP_FORMAT = "crop-format"
    PAGES = "pages"


_QUERIES: Mapping[Task, str] = {
    Task.PLAIN: "OCR: ",
    Task.FORMAT: "OCR with format: ",
    Task.CROP: "OCR upon the patch reference: ",
    Task.CROP_FORMAT: "OCR with format upon the patch reference: ",
    Task.PAGES: "OCR with format across multi pages: ",
}

SINGLE_VIEW = (Task.PLAIN, Task.FORMAT, Task.BOX, Task.COLOUR)


@dataclass(frozen=True, slots=True)
class Effort:
    """How large the pages of a lesson are."""

    lines: int = ROWS
    columns: int = COLUMNS
    pages: int = 0  # in one go; 0: 2 to MOST_PAGES
    full: bool = False  # as many lines as that, and those of text from edge to edge


@dataclass(frozen=True, slots=True)
class Exercise:
    """A question, before any pixel is drawn."""

    task: Task
    sheets: tuple[Sheet, ...]
    query: str
    answer: tuple[Piece, ...]
    edges: tuple[int, int, int, int] | None = None  # of the box, if there is one: first column and row, last ones

    @property
    def text(self) -> str:
        return text_of(self.answer)

    @property
    def cropped(self) -> bool:
        return self.task in (Task.CROP, Task.CROP_FORMAT)

    @property
    def views(self) -> int:
        return 5 if self.cropped else len(self.sheets)

    def prompt(self) -> list[int]:
        """The ids up to where the answer begins."""
        image = [vocabulary.mark("<imgpad>")] * (self.views * TOKENS_PER_VIEW)
        return [*vocabulary.encode(_HEAD), *image, *vocabulary.encode(_TAIL.format(query=self.query))]


@dataclass(frozen=True, slots=True)
class Typed:
    """What can be asked about: sheets, and what each of them was typed from."""

    sheets: tuple[Sheet, ...]
    blocks: tuple[tuple[Block, ...], ...]


def make(task: Task, random: np.random.Generator, effort: Effort) -> Exercise:
    return _asked(task, _typed(task, random, effort), random)


def make_several(task: Task, random: np.random.Generator, effort: Effort) -> list[Exercise]:
    """Several exercises about the same sheets, where there is more than one thing to ask."""
    typed = _typed(task, random, effort)
    match task:
        case Task.FORMAT:
            return [_asked(one, typed, random) for one in (Task.FORMAT, Task.PLAIN)]
        case Task.CROP_FORMAT:
            return [_asked(one, typed, random) for one in (Task.CROP_FORMAT, Task.CROP)]
        case Task.BOX:
            return [_asked(task, typed, random) for _ in range(_BOXES)]
        case Task.COLOUR:
            by_query = {made.query: made for made in (_asked(task, typed, random) for _ in range(_COLOURS))}
            return list(by_query.values())
        case _:
            return [_asked(task, typed, random)]


def _typed(task: Task, random: np.random.Generator, effort: Effort) -> Typed:
    match task:
        case Task.PLAIN | Task.FORMAT:
            return _whole(task, random, effort)
        case Task.BOX:
            return _sheet(writing.text_blocks(random, lines=_lines(random, effort), columns=effort.columns))
        case Task.COLOUR:
            return _coloured(random, effort)
        case Task.CROP | Task.CROP_FORMAT:
            return _wide(task, random, effort)
        case Task.PAGES:
            return _pages(random, effort)


def _asked(task: Task, typed: Typed, random: np.random.Generator) -> Exercise:
    match task:
        case Task.BOX:
            return _boxed(typed, random)
        case Task.COLOUR:
            return _of_one_colour(typed, random)
        case _:
            return _all_of_it(task, typed)


def draw(exercise: Exercise, random: np.random.Generator) -> list[Image.Image]:
    """The pages, at their natural size."""
    wear = _wear(random)
    return [pages.draw(sheet, wear, random) for sheet in exercise.sheets]


def views(exercise: Exercise, random: np.random.Generator, *, wear: pages.Wear | None = None) -> NDArray[np.uint8]:
    """(views, SIDE, SIDE, 3), drawn, resized and cut as the engine does it. *wear*: by chance if none is given."""
    wear = wear or _wear(random)
    side = 2 * SIDE if exercise.cropped else SIDE
    images = [pages.draw_small(sheet, (side, side), wear, random) for sheet in exercise.sheets]
    if not exercise.cropped:
        return np.stack([np.asarray(image) for image in images])
    large = np.asarray(images[0])
    tiles = [large[y : y + SIDE, x : x + SIDE] for y in (0, SIDE) for x in (0, SIDE)]
    return np.stack([*tiles, np.asarray(pages.draw_small(exercise.sheets[0], (SIDE, SIDE), wear, random))])


def _wear(random: np.random.Generator) -> pages.Wear:
    return pages.FRESH if random.random() < 0.15 else pages.worn(random)


def cells(exercise: Exercise) -> list[Sheet]:
    """What each view shows at full size; nothing for the view of a whole cropped page."""
    if not exercise.cropped:
        return list(exercise.sheets)
    (sheet,) = exercise.sheets
    corners = [(row, column) for row in (0, ROWS) for column in (0, COLUMNS)]
    return [
        Sheet(sheet.grid[row : row + ROWS, column : column + COLUMNS], sheet.colours[row : row + ROWS])
        for row, column in corners
    ]


def _sheet(blocks: tuple[Block, ...], colours: tuple[int, ...] = ()) -> Typed:
    return Typed((writing.sheet_of(blocks, rows=ROWS, columns=COLUMNS, colours=colours),), (blocks,))


def _whole(task: Task, random: np.random.Generator, effort: Effort) -> Typed:
    lines = _lines(random, effort)
    if task is Task.FORMAT or random.random() < 0.3:
        blocks = writing.mixed_blocks(random, lines=lines, columns=effort.columns)
    else:
        blocks = writing.text_blocks(random, lines=lines, columns=effort.columns, full=effort.full)
    return _sheet(blocks, tuple(int(c) for c in random.integers(0, 4, lines)) if random.random() < 0.2 else ())


def _all_of_it(task: Task, typed: Typed) -> Exercise:
    formatted, tiled = task not in (Task.PLAIN, Task.CROP), task in (Task.CROP, Task.CROP_FORMAT)
    pieces: list[Piece] = []
    for page, blocks in enumerate(typed.blocks):
        pieces += written(spans_of(blocks), formatted=formatted, tiled=tiled, page=page)
    return Exercise(task, typed.sheets, _QUERIES[task], ended(pieces))


def _lines(random: np.random.Generator, effort: Effort) -> int:
    return effort.lines if effort.full else int(random.integers(1, effort.lines + 1))


def _boxed(typed: Typed, random: np.random.Generator) -> Exercise:
    (blocks,) = typed.blocks
    lines = len(blocks)
    inside: list[Span] = []
    while not inside:
        top, bottom = sorted(int(row) for row in random.integers(0, lines, 2))
        left, right = sorted(int(column) for column in random.integers(0, COLUMNS, 2))
        if random.random() < 0.4:
            left, right = 0, COLUMNS - 1
        inside = [part for span in spans_of(blocks) if top <= span.row <= bottom and (part := cut(span, left, right))]
    query = f"[{_box(random, left, top, right, bottom)}] OCR: "
    answer = ended(written(inside, formatted=False))
    return Exercise(Task.BOX, typed.sheets, query, answer, (left, top, right, bottom))


def _box(random: np.random.Generator, left: int, top: int, right: int, bottom: int) -> str:
    """The cells' edges in thousandths of the page, drawn by a hand that is not quite still."""
    width, height = COLUMNS * font.CELL_WIDTH, ROWS * font.CELL_HEIGHT
    off = random.uniform(-0.22, 0.22, 4)
    xs = ((left + off[0]) * font.CELL_WIDTH, (right + 1 + off[1]) * font.CELL_WIDTH)
    ys = ((top + off[2]) * font.CELL_HEIGHT, (bottom + 1 + off[3]) * font.CELL_HEIGHT)
    values = (xs[0] / width, ys[0] / height, xs[1] / width, ys[1] / height)
    return ", ".join(str(min(1000, max(0, int(value * 1000)))) for value in values)


def _coloured(random: np.random.Generator, effort: Effort) -> Typed:
    lines = int(random.integers(1, effort.lines + 1))
    blocks = writing.text_blocks(random, lines=lines, columns=effort.columns)
    return _sheet(blocks, tuple(int(c) for c in random.integers(RED, BLUE + 1, lines)))


def _of_one_colour(typed: Typed, random: np.random.Generator) -> Exercise:
    (blocks,), (sheet,) = typed.blocks, typed.sheets
    asked = sheet.colours[random.integers(len(blocks))]
    chosen = [span for span in spans_of(blocks) if sheet.colours[span.row] == asked]
    query = f"[{COLOUR_NAMES[asked]}] OCR: "
    return Exercise(Task.COLOUR, typed.sheets, query, ended(written(chosen, formatted=False)))


def _wide(task: Task, random: np.random.Generator, effort: Effort) -> Typed:
    lines = int(random.integers(1, 2 * effort.lines + 1))
    write = writing.mixed_blocks if task is Task.CROP_FORMAT else writing.text_blocks
    blocks = write(random, lines=lines, columns=2 * effort.columns)
    return Typed((writing.sheet_of(blocks, rows=2 * ROWS, columns=2 * COLUMNS),), (blocks,))


def _pages(random: np.random.Generator, effort: Effort) -> Typed:
    typed = []
    for _ in range(effort.pages or int(random.integers(2, MOST_PAGES + 1))):
        lines = int(random.integers(1, effort.lines + 1))
        typed.append(_sheet(writing.mixed_blocks(random, lines=lines, columns=effort.columns)))
    return Typed(tuple(one.sheets[0] for one in typed), tuple(one.blocks[0] for one in typed))
