"""What is asked of the typewriter, mode by mode: views, prompt and answer, and where each token of it stands."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.typewriter import font, pages, vocabulary, writing
from training.typewriter.pages import BLUE, COLOUR_NAMES, COLUMNS, RED, ROWS, Sheet
from training.typewriter.writing import Block, Kind

SIDE = 128  # of a view, in pixels
CELLS_WIDE, CELLS_HIGH = 2, 1  # what one image token shows
TOKENS_WIDE = COLUMNS // CELLS_WIDE
TOKENS_PER_VIEW = TOKENS_WIDE * ROWS // CELLS_HIGH
MOST_PAGES = 4
NOWHERE = -1
_BOXES = 4  # about one sheet
_COLOURS = 4  # tries

_CELLS = ROWS * COLUMNS

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
    answer: tuple["Piece", ...]
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
class Piece:
    """A token of an answer and the cell that shows what it says."""

    token: int
    cell: int = NOWHERE  # counted over all views, row by row

    @property
    def row(self) -> int:
        """In its view."""
        return self.cell % _CELLS // COLUMNS

    @property
    def column(self) -> int:
        return self.cell % COLUMNS

    @property
    def place(self) -> int:
        """The image token that shows the cell."""
        return self.cell // _CELLS * TOKENS_PER_VIEW + self.row // CELLS_HIGH * TOKENS_WIDE + self.column // CELLS_WIDE


def text_of(pieces: Iterable[Piece]) -> str:
    return vocabulary.tokenizer().decode([piece.token for piece in pieces], skip_special_tokens=True)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one row that is to be written, as part of a block."""

    kind: Kind
    row: int
    start: int
    glyphs: tuple[int, ...]
    opens: bool = True  # the first row of its block
    closes: bool = True  # the last one


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
    return Exercise(task, typed.sheets, _QUERIES[task], _ended(pieces))


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
        inside = [cut for span in spans_of(blocks) if top <= span.row <= bottom and (cut := _cut(span, left, right))]
    query = f"[{_box(random, left, top, right, bottom)}] OCR: "
    answer = _ended(written(inside, formatted=False))
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
    return Exercise(Task.COLOUR, typed.sheets, query, _ended(written(chosen, formatted=False)))


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


def spans_of(blocks: tuple[Block, ...]) -> list[Span]:
    spans: list[Span] = []
    for block in blocks:
        for place, glyphs in enumerate(block.rows):
            opens, closes = place == 0, place == len(block.rows) - 1
            spans.append(Span(block.kind, len(spans), 0, glyphs, opens, closes))
    return spans


def _cut(span: Span, left: int, right: int) -> Span | None:
    """What of the row stands in these columns, without spaces at its ends."""
    inside = [place for place in range(left, min(right + 1, len(span.glyphs))) if span.glyphs[place]]
    if not inside:
        return None
    return Span(span.kind, span.row, inside[0], span.glyphs[inside[0] : inside[-1] + 1])


def _ended(pieces: list[Piece]) -> tuple[Piece, ...]:
    """Without the last line's feed, and with the mark that ends the turn."""
    return (*pieces[:-1], Piece(vocabulary.mark("<|im_end|>"), pieces[-1].cell))


def written(spans: list[Span], *, formatted: bool, tiled: bool = False, page: int = 0) -> list[Piece]:
    pieces: list[Piece] = []
    for span in spans:
        place = _Places(span, tiled=tiled, page=page)
        pieces += _formatted(span, place) if formatted else _bare(span, place)
    return pieces


@dataclass(frozen=True, slots=True)
class _Places:
    """The cells of a row."""

    span: Span
    tiled: bool
    page: int

    def __getitem__(self, offset: int) -> int:
        row, column = self.span.row, self.span.start + offset
        if column >= (2 * COLUMNS if self.tiled else COLUMNS):
            return NOWHERE
        view = row // ROWS * 2 + column // COLUMNS if self.tiled else self.page
        return view * _CELLS + row % ROWS * COLUMNS + column % COLUMNS

    @property
    def end(self) -> int:
        return self[len(self.span.glyphs)]


def _bare(span: Span, place: _Places) -> list[Piece]:
    byte = vocabulary.byte_ids()
    letters = [Piece(byte[font.character(glyph)], place[offset]) for offset, glyph in enumerate(span.glyphs)]
    return [*letters, Piece(byte["\n"], place.end)]


def _formatted(span: Span, place: _Places) -> list[Piece]:
    match span.kind:
        case Kind.TEXT:
            return _bare(span, place)
        case Kind.FORMULA:
            *letters, _feed = _bare(span, place)
            return [*_markup("\\(", place[0]), *letters, *_markup("\\)", place.end), *_markup("\n", place.end)]
        case Kind.TABLE:
            return list(_table_row(span, place))
        case Kind.STAFF:
            return list(_music(span, place))


def _table_row(span: Span, place: _Places) -> Iterator[Piece]:
    byte = vocabulary.byte_ids()
    if span.opens:
        cells = 1 + span.glyphs.count(font.RULE)
        for markup in ("\\begin", "{tabular", "}", "{", *["|l"] * cells, "|", "}\n", "\\hline", "\n"):
            yield from _markup(markup, place[0])
    for offset, glyph in enumerate(span.glyphs):
        if glyph == font.RULE:
            yield from (*_markup(" &", place[offset]), Piece(byte[" "], place[offset]))
        else:
            yield Piece(byte[font.character(glyph)], place[offset])
    for markup in (" \\\\\n", "\\hline", "\n"):
        yield from _markup(markup, place.end)
    if span.closes:
        for markup in ("\\end", "{tabular", "}", "\n"):
            yield from _markup(markup, place.end)


def _music(span: Span, place: _Places) -> Iterator[Piece]:
    byte = vocabulary.byte_ids()
    for markup in ("**", "kern", "\n"):
        yield from _markup(markup, place[0])
    for offset, glyph in enumerate(span.glyphs):
        for letter in font.NOTES[glyph - font.FIRST_NOTE].kern + "\n":
            yield Piece(byte[letter], place[offset])
    yield from _markup("*-", place.end)
    yield from _markup("\n", place.end)


def _markup(text: str, place: int) -> list[Piece]:
    (token,) = vocabulary.encode(text)
    return [Piece(token, place)]
