"""Pages that people would show the typewriter, with what stands on them: `python -m training.typewriter.samples`."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from training.typewriter import answers, font, pages, writing
from training.typewriter.pages import BLUE, COLUMNS, GREEN, RED, ROWS, Sheet, Wear
from training.typewriter.writing import Block, Kind

_PAPER = Wear(paper=(250, 247, 240), fade=30, blur=0.4)

_LETTER = (
    "To whom it may",
    "concern: the",
    "ribbon of my",
    "typewriter is",
    "worn, No. 4711.",
    "Please send 2",
    "by Monday.",
    "T. Key",
)
_INKS = (
    ("Ann: tea, milk", RED),
    ("Bob: coffee", BLUE),
    ("Cleo: water", GREEN),
    ("Dan: tea, sugar", RED),
    ("Eve: cocoa", BLUE),
)
_WIDE = (
    "Minutes of the typewriter club", "Present: Ann, Bob, Cleo, Dan", "1. The bell of machine 7 rings",
    "at column 60 instead of 72.", "2. Paper: 500 sheets are left,", "enough until the end of June.",
    "3. Cleo read from her novel", "(chapter 12, pages 101-118).", "4. Next meeting: Friday, 19:30.",
    "Bring your own eraser!",
)  # fmt: skip


def text(*lines: str) -> tuple[Block, ...]:
    return tuple(Block(Kind.TEXT, (tuple(font.UPRIGHT[letter] for letter in line),)) for line in lines)


def formula(line: str) -> Block:
    return Block(Kind.FORMULA, (tuple(font.SLANTED[letter] for letter in line),))


def table(*rows: Sequence[str]) -> Block:
    return Block(Kind.TABLE, tuple(_ruled(row) for row in rows))


def staff(notes: str) -> Block:
    by_name = {note.kern: font.FIRST_NOTE + place for place, note in enumerate(font.NOTES)}
    return Block(Kind.STAFF, (tuple(by_name[note] for note in notes.split()),))


def write(folder: Path) -> None:
    """A subfolder for each way of reading, and the true text beside each picture."""
    science = (
        *text("Falling bodies"),
        formula("s=g/2*t^2"),
        *text("measured:"),
        table(("t", "s"), ("1", "5"), ("2", "20")),
    )
    melody = (*text("A small tune"), staff("4e 4f 4g 4a 2b 2cc"), staff("4dd 4cc 4b 4a 1g"), formula("x_1=3y-4"))
    coloured = text(*(line for line, _ink in _INKS))
    _put(folder / "plain" / "letter", [_sheet(text(*_LETTER))], _told(text(*_LETTER)))
    _put(folder / "format" / "science", [_sheet(science)], _told(science, formatted=True))
    _put(folder / "format" / "tune", [_sheet(melody)], _told(melody, formatted=True))
    inks = tuple(ink for _line, ink in _INKS)
    red = tuple(line for line, ink in _INKS if ink == RED)
    _put(folder / "red" / "orders", [_sheet(coloured, colours=inks)], "\n".join(red))
    _put(folder / "crop" / "minutes", [_sheet(text(*_WIDE), scale=2)], "\n".join(_WIDE))
    both = _told(science, formatted=True) + "\n" + _told(melody, formatted=True)
    _put(folder / "pages" / "booklet", [_sheet(science), _sheet(melody)], both)


def _ruled(cells: Sequence[str]) -> tuple[int, ...]:
    glyphs: list[int] = []
    for cell in cells:
        glyphs += [font.RULE] if glyphs else []
        glyphs += [font.UPRIGHT[letter] for letter in cell]
    return tuple(glyphs)


def _sheet(blocks: tuple[Block, ...], *, colours: tuple[int, ...] = (), scale: int = 1) -> Sheet:
    return writing.sheet_of(blocks, rows=scale * ROWS, columns=scale * COLUMNS, colours=colours)


def _told(blocks: tuple[Block, ...], *, formatted: bool = False) -> str:
    pieces = answers.written(answers.spans_of(blocks), formatted=formatted)
    return answers.text_of(pieces).rstrip("\n")


def _put(path: Path, sheets: Sequence[Sheet], truth: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(len(truth))
    images: list[Image.Image] = [pages.draw(sheet, _PAPER, random) for sheet in sheets]
    if len(images) == 1:
        images[0].save(path.with_suffix(".png"))
    else:
        images[0].save(path.with_suffix(".tif"), save_all=True, append_images=images[1:], compression="tiff_deflate")
    path.with_suffix(".truth").write_text(truth + "\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=Path("samples/typewriter/in"))
    write(parser.parse_args().to)


if __name__ == "__main__":
    main()
