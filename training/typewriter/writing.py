"""Sheets by chance: lines of text, formulas, tables and music, and which of their cells belong together."""

from dataclasses import dataclass
from enum import Enum, auto

import numpy as np

from training.typewriter import font
from training.typewriter.pages import BLACK, Sheet


class Kind(Enum):
    TEXT = auto()
    FORMULA = auto()
    TABLE = auto()
    STAFF = auto()


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of a sheet that are one thing: one line, or the whole of a table."""

    kind: Kind
    rows: tuple[tuple[int, ...], ...]  # of glyphs


_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SIGNS = "".join(sign for sign in font.PRINTABLE[1:] if not sign.isalnum())
_COMMON = (_LETTERS + _LETTERS.upper() + "0123456789") * 2
_ALPHABET = _COMMON + _SIGNS
_PHRASE = (
    "the a of to and in is it you that he was for on are with as his they at be this from have or by one had not but"
    " what all were when we there can an your which said if do will each about how up out them then she many some so"
    " these would other into has more her two like him see time could no make than first been its who now people my"
    " made over did down only way find use may water long little very after words called just where most know"
    " letter paper ribbon bell carriage page line ink type key margin invoice total date number order Monday June"
)
_WORDS = _PHRASE.split()
_NAMES = "abcdefghkmnpqrstuvwxyz"


def sheet_of(blocks: tuple[Block, ...], *, rows: int, columns: int, colours: tuple[int, ...] = ()) -> Sheet:
    """The blocks one below the other from the top, each row at the left edge."""
    grid = np.zeros((rows, columns), np.int16)
    lines = [row for block in blocks for row in block.rows]
    for place, row in enumerate(lines):
        grid[place, : len(row)] = row
    inks = np.full(rows, BLACK, np.int8)
    inks[: len(colours)] = colours
    return Sheet(grid, inks)


def text_blocks(random: np.random.Generator, *, lines: int, columns: int, full: bool = False) -> tuple[Block, ...]:
    return tuple(text(random, columns, full=full) for _ in range(lines))


def mixed_blocks(random: np.random.Generator, *, lines: int, columns: int) -> tuple[Block, ...]:
    """Blocks of all kinds that fill up to *lines* lines."""
    blocks: list[Block] = []
    left = lines
    while left:
        kind = random.choice(4, p=(0.3, 0.3, 0.2, 0.2))
        if kind == 0:
            block = text(random, columns)
        elif kind == 1:
            block = formula(random, columns)
        elif kind == 2:
            block = table(random, columns, rows=int(random.integers(1, min(left, 3) + 1)))
        else:
            block = staff(random, columns)
        if kind == 2 and blocks and blocks[-1].kind is Kind.TABLE:
            continue  # nothing on the page would show where one table ends and the next begins
        blocks.append(block)
        left -= len(block.rows)
    return tuple(blocks)


def text(random: np.random.Generator, columns: int, *, full: bool = False) -> Block:
    length = columns if full else int(random.integers(1, columns + 1))
    line = _worded(random, length) if random.random() < 0.4 else _jumble(random, length)
    return Block(Kind.TEXT, (tuple(font.UPRIGHT[letter] for letter in line),))


def formula(random: np.random.Generator, columns: int) -> Block:
    parts = [_term(random)]
    while random.random() < 0.7:
        parts += ["+-=*/<"[random.integers(6)], _term(random)]
    line = "".join(parts)[:columns].rstrip("+-=*/<^_(") or "x"
    return Block(Kind.FORMULA, (tuple(font.SLANTED[letter] for letter in line),))


def table(random: np.random.Generator, columns: int, *, rows: int) -> Block:
    count = int(random.integers(2, 4))
    width = (min(columns, 20) - count + 1) // count
    body = []
    for _ in range(rows):
        cells = [_cell(random, int(random.integers(1, width + 1))) for _ in range(count)]
        body.append(_joined(cells))
    return Block(Kind.TABLE, tuple(body))


def staff(random: np.random.Generator, columns: int) -> Block:
    count = int(random.integers(1, min(columns, 12) + 1))
    return Block(Kind.STAFF, (tuple(int(font.FIRST_NOTE + n) for n in random.integers(0, len(font.NOTES), count)),))


def _jumble(random: np.random.Generator, length: int) -> str:
    letters = [_ALPHABET[n] for n in random.integers(0, len(_ALPHABET), length)]
    for place in range(1, length - 1):
        if letters[place - 1] != " " and random.random() < 0.12:
            letters[place] = " "
    return "".join(letters)


def _worded(random: np.random.Generator, length: int) -> str:
    line = ""
    while len(line) < length:
        word = _WORDS[random.integers(len(_WORDS))]
        form = random.random()
        word = word.capitalize() if form < 0.2 else word.upper() if form < 0.25 else word
        line += word + (",", ".", ":")[random.integers(3)] * (random.random() < 0.15) + " "
    return line[:length].rstrip()


def _term(random: np.random.Generator) -> str:
    name = _NAMES[random.integers(len(_NAMES))]
    match random.integers(6):
        case 0:
            return str(random.integers(100))
        case 1:
            return f"{random.integers(2, 10)}{name}"
        case 2:
            return f"{name}^{random.integers(2, 10)}"
        case 3:
            return f"{name}_{random.integers(10)}"
        case 4:
            return f"{name}({_NAMES[random.integers(len(_NAMES))]})"
        case _:
            return name


def _cell(random: np.random.Generator, length: int) -> str:
    return "".join(_COMMON[n] for n in random.integers(0, len(_COMMON), length))


def _joined(cells: list[str]) -> tuple[int, ...]:
    glyphs: list[int] = []
    for cell in cells:
        glyphs += [font.RULE] if glyphs else []
        glyphs += [font.UPRIGHT[letter] for letter in cell]
    return tuple(glyphs)
