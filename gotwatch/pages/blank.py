"""Whether a page has ink on it.

A page called blank is not shown to the model, so in doubt it is not blank: a page number, a pencil
line or a word in one colour on another of the same brightness is content. Paper colour, slow shading,
the scanner's noise, single specks of dust and dark strips along the edges are not.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageFilter

from gotwatch.documents import PageImage

CELL_PIXELS = 4  # at 200 dpi half a millimetre; smaller pages get smaller cells
CELLS_WANTED = 240_000  # an A4 page at 200 dpi in cells of 4 x 4 pixels

# How far a cell must differ from the paper around it, of 255: six times the noise, within these bounds.
LEAST_CONTRAST, MOST_CONTRAST = 6, 24
NOISE_FACTOR = 6 * 1.48  # 1.48 median deviations are one standard deviation

PAPER_CELLS = 8  # side of the blocks whose median is the paper around them
PAPER_WINDOW = 9  # of blocks: 36 mm at 200 dpi, so that a picture's edge is ink but a shadow is paper

EDGE_SHARE = 0.03  # of the page's sides, where dark strips are the scanner's
DUST_CELLS = 3  # specks up to this many cells high and wide
DUST_SPECKS = 40  # more specks than that are small print
PLENTY_CELLS = 600  # nobody's dust

INK = 255

Cell = tuple[int, int]


def is_blank(page: PageImage) -> bool:
    return not _has_ink(_grey_cells(page)) and not any(_has_ink(band) for band in _color_cells(page))


def _cell_side(page: PageImage) -> int:
    wanted = round(math.sqrt(page.width * page.height / CELLS_WANTED))
    return max(1, min(CELL_PIXELS, wanted))


def _grey_cells(page: PageImage) -> Image.Image:
    """Means of cells over all three colours: the pixels taken as grey ones, three times as wide, need no copy."""
    side = _cell_side(page)
    grey = _picture("L", (page.width * 3, page.height), page.rgb)
    return grey.reduce((3 * side, side))


def _color_cells(page: PageImage) -> tuple[Image.Image, ...]:
    """Means of cells for each colour, where red ink on green paper shows. Dearer: only for what is blank in grey."""
    rgb = _picture("RGB", (page.width, page.height), page.rgb)
    return rgb.reduce(_cell_side(page)).split()


def _picture(mode: str, size: tuple[int, int], pixels: bytes | memoryview) -> Image.Image:
    return Image.frombuffer(mode, size, pixels, "raw", mode, 0, 1)  # type: ignore[arg-type]  # it takes any buffer


def _has_ink(cells: Image.Image) -> bool:
    edge = _Edge.of(cells)
    ink = _ink(cells, _paper(cells, edge))
    if ink.crop(edge.inner).histogram()[INK] > PLENTY_CELLS:
        return True
    specks = 0
    for blob in _blobs(_marked(ink)):
        if edge.casts(blob):
            continue
        specks += 1
        if _extent(blob) > DUST_CELLS or specks > DUST_SPECKS:
            return True
    return False


def _ink(cells: Image.Image, paper: Image.Image) -> Image.Image:
    """INK where a cell stands out from the paper around it, else 0."""
    contrast = ImageChops.difference(cells, paper)
    threshold = _threshold(contrast)
    return contrast.point([INK if value > threshold else 0 for value in range(256)])


def _paper(cells: Image.Image, edge: "_Edge") -> Image.Image:
    """The page without its ink. Taken from inside the margin and stretched over it, as paper changes slowly."""
    blocks = cells.crop(edge.inner).reduce(PAPER_CELLS).filter(ImageFilter.MedianFilter(PAPER_WINDOW))
    return blocks.resize(cells.size, Image.Resampling.BILINEAR)


def _threshold(contrast: Image.Image) -> float:
    return min(MOST_CONTRAST, max(LEAST_CONTRAST, NOISE_FACTOR * _median(contrast.histogram())))


def _median(counts: list[int]) -> float:
    """To a fraction of a level, as the noise of a good scanner is less than two levels."""
    half, below = sum(counts) / 2, 0
    for level, count in enumerate(counts):
        if below + count >= half:
            low = max(0.0, level - 0.5)
            return low + (level + 0.5 - low) * (half - below) / count
        below += count
    raise AssertionError("half of the counts lie somewhere")


def _marked(ink: Image.Image) -> set[Cell]:
    flat = ink.tobytes()
    marked, at = set(), flat.find(INK)
    while at >= 0:
        marked.add((at % ink.width, at // ink.width))
        at = flat.find(INK, at + 1)
    return marked


def _blobs(cells: set[Cell]) -> Iterator[set[Cell]]:
    """Cells that hang together, corners included. Empties *cells*."""
    while cells:
        blob, open_ends = set[Cell](), [cells.pop()]
        while open_ends:
            x, y = open_ends.pop()
            blob.add((x, y))
            touching = cells & {(x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)}
            cells -= touching
            open_ends += touching
        yield blob


def _extent(blob: set[Cell]) -> int:
    across, down = {x for x, _ in blob}, {y for _, y in blob}
    return 1 + max(max(across) - min(across), max(down) - min(down))


@dataclass(frozen=True, slots=True)
class _Edge:
    """The margin where a scanner's lid and shadow show."""

    width: int  # all in cells
    height: int
    across: int  # how deep the margin is at the left and the right
    down: int  # and at the top and the bottom

    @classmethod
    def of(cls, cells: Image.Image) -> "_Edge":
        return cls(cells.width, cells.height, round(cells.width * EDGE_SHARE), round(cells.height * EDGE_SHARE))

    @property
    def inner(self) -> tuple[int, int, int, int]:
        return self.across, self.down, self.width - self.across, self.height - self.down

    def casts(self, blob: set[Cell]) -> bool:
        """Whether *blob* comes in from outside and stays in the margin. A page number does not come in from outside."""
        return any(self._outermost(cell) for cell in blob) and all(self._in_margin(cell) for cell in blob)

    def _outermost(self, cell: Cell) -> bool:
        x, y = cell
        return x in (0, self.width - 1) or y in (0, self.height - 1)

    def _in_margin(self, cell: Cell) -> bool:
        left, top, right, bottom = self.inner
        x, y = cell
        return not (left <= x < right and top <= y < bottom)
