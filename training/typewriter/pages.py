"""What stands on a typewriter page, and what the page looks like after a scan."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageFilter

from training.typewriter import font

ROWS, COLUMNS = 8, 16  # of a page that fills one view
SIDE = 128  # of a view, in pixels
CELLS_WIDE, CELLS_HIGH = 2, 1  # what one image token shows
TOKENS_WIDE = COLUMNS // CELLS_WIDE
TOKENS_PER_VIEW = TOKENS_WIDE * ROWS // CELLS_HIGH

Grid = NDArray[np.int16]  # (rows, columns) of glyphs; 0 is the space

BLACK, RED, GREEN, BLUE = range(4)
COLOUR_NAMES = ("black", "red", "green", "blue")
_INKS = ((0, 0, 0), (200, 0, 0), (0, 140, 0), (0, 0, 200))

_SHIFT = 2  # pixels by which a sheet may lie off, each way
_NOISE = 8.0  # levels
_BLUR = 0.8  # pixels


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page before it is drawn."""

    grid: Grid
    colours: NDArray[np.int8]  # of each row


@dataclass(frozen=True, slots=True)
class Wear:
    """How a sheet was typed and scanned."""

    paper: tuple[int, int, int] = (255, 255, 255)
    fade: int = 0  # levels that ink is brighter than it should be
    shift: tuple[int, int] = (0, 0)  # pixels down and to the right
    noise: float = 0.0
    blur: float = 0.0


FRESH = Wear()


def worn(random: np.random.Generator) -> Wear:
    """One of the ways in which real sheets look."""
    tone = int(random.integers(225, 256))
    down, right = random.integers(-_SHIFT, _SHIFT + 1, 2)
    return Wear(
        paper=(tone, min(255, tone + int(random.integers(-6, 7))), max(0, tone - int(random.integers(0, 16)))),
        fade=int(random.integers(0, 70)),
        shift=(int(down), int(right)),
        noise=float(random.uniform(0, _NOISE)) if random.random() < 0.5 else 0.0,
        blur=float(random.uniform(0.3, _BLUR)) if random.random() < 0.4 else 0.0,
    )


def draw(sheet: Sheet, wear: Wear, random: np.random.Generator) -> Image.Image:
    """The sheet at its natural size, a cell of the font for each glyph."""
    return _coloured(sheet, _ink(sheet, wear), wear, random)


def draw_small(sheet: Sheet, size: tuple[int, int], wear: Wear, random: np.random.Generator) -> Image.Image:
    """What *draw* gives, resized, in a quarter of the time: the ink is resized before it gets its colour."""
    ink = _ink(sheet, wear).resize(size, Image.Resampling.BICUBIC)
    return _coloured(sheet, ink, wear, random)


def _ink(sheet: Sheet, wear: Wear) -> Image.Image:
    rows, columns = sheet.grid.shape
    ink = _inks()[sheet.grid].transpose(0, 2, 1, 3).reshape(rows * font.CELL_HEIGHT, columns * font.CELL_WIDTH)
    image = ImageChops.offset(Image.fromarray(ink), wear.shift[1], wear.shift[0])
    return image.filter(ImageFilter.GaussianBlur(wear.blur)) if wear.blur else image


def _coloured(sheet: Sheet, ink: Image.Image, wear: Wear, random: np.random.Generator) -> Image.Image:
    """Coloured *ink* on paper."""
    share = np.asarray(ink, np.float32) / 255
    line_height = share.shape[0] // sheet.grid.shape[0]
    inks = np.minimum(np.asarray(_INKS, np.float32)[sheet.colours] + wear.fade, 255)
    paper = np.asarray(wear.paper, np.float32)
    steps = np.repeat(inks - paper, line_height, axis=0)
    steps = np.roll(steps, wear.shift[0] * line_height // font.CELL_HEIGHT, axis=0)
    levels = paper + share[..., None] * steps[:, None]
    if wear.noise:
        levels += random.standard_normal((*share.shape, 1), np.float32) * wear.noise
    return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))


@cache
def _inks() -> NDArray[np.uint8]:
    return font.inks() * np.uint8(255)
