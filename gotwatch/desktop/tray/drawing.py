"""The icon as pixels, drawn for the size at which it is shown.

A page, with a sign on it that tells the state without colour: lines of text when idle, a bar that fills when working,
two bars when paused; a triangle with a stroke and a dot when somebody must look. Whatever the panel's colour, a dark
rim and a light one set the shape off. Edges lie on whole pixels, so that they are sharp.
"""

import math
from collections.abc import Callable

from PIL import Image, ImageDraw

from gotwatch.desktop.tray.face import Look, Mood

FINE = 8  # times as many pixels are drawn in each direction, for the slanted edges
GRID = 16  # units of the drawings below
DOUBLE_FROM = 32  # pixels; from here on edges lie on every second one, so that half the size is sharp too

Color = tuple[int, int, int, int]

RIM: Color = (255, 255, 255, 230)
WHITE: Color = (255, 255, 255, 255)
ALARM: Color = (205, 40, 40, 255)
TROUGH: Color = (20, 40, 30, 255)
FILLING: Color = (90, 230, 140, 255)
FILLS: dict[Mood, Color] = {
    Mood.IDLE: (38, 110, 165, 255),
    Mood.WORKING: (20, 128, 74, 255),
    Mood.PAUSED: (196, 116, 0, 255),
    Mood.NEEDS_YOU: ALARM,
}


def draw(look: Look, size: int) -> Image.Image:
    pen = _Pen(size)
    if look.mood is Mood.NEEDS_YOU:
        _warning(pen)
    else:
        _page(pen, FILLS[look.mood])
        _SIGNS[look.mood](pen, look)
    if look.is_marked:
        _mark(pen)
    return pen.finished()


class _Pen:
    """Draws in units of which GRID make the icon, moved to whole pixels of it."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._step = FINE * (2 if size >= DOUBLE_FROM and size % 2 == 0 else 1)
        self._thin = max(size * FINE // (GRID * self._step), 1) * self._step
        self._image = Image.new("RGBA", (size * FINE, size * FINE), (0, 0, 0, 0))
        self._draw = ImageDraw.Draw(self._image)

    def strokes(self, left: float, top: float, width: float, *, count: int) -> None:
        """White lines, one below the other, all alike and as far from each other."""
        x, y, pitch = self._whole(left), self._whole(top), self._whole(2)
        for line in range(count):
            above = y + line * pitch
            self._draw.rectangle((x, above, x + self._whole(width) - 1, above + self._thin - 1), WHITE)

    def gauge(self, top: float, percent: int) -> None:
        """Over the whole width, down to the lower edge."""
        end, above = self._size * FINE, self._whole(top)
        left, right = self._thin, end - self._thin
        self._draw.rectangle((0, above, end - 1, end - 1), RIM)
        for color, share in ((TROUGH, 100), (FILLING, percent)):
            filled = (right - left) // self._step * share // 100 * self._step
            if filled:
                self._draw.rectangle((left, above + self._thin, left + filled - 1, right - 1), color)

    def shape(self, points: list[tuple[float, float]], color: Color) -> None:
        self._draw.polygon([(self._edge(x), self._edge(y)) for x, y in points], color)

    def mirrored(self, left: list[tuple[float, float]], color: Color) -> None:
        """A shape whose right half is its left one turned over."""
        half = [(self._edge(x), self._edge(y)) for x, y in left]
        self._draw.polygon([*half, *((self._size * FINE - 1 - x, y) for x, y in reversed(half))], color)

    def disc(self, left: float, top: float, width: float, color: Color) -> None:
        x, y, across = self._whole(left), self._whole(top), self._whole(width)
        self._draw.ellipse((x, y, x + across - 1, y + across - 1), color)

    def finished(self) -> Image.Image:
        return self._image.resize((self._size, self._size), Image.Resampling.BOX)

    def pair(self, top: float, height: float) -> None:
        """Two white bars side by side, each as far from its side of the page."""
        y, width, inset = self._whole(top), self._whole(3), self._whole(4)
        for x in (inset, self._size * FINE - inset - width):
            self._draw.rectangle((x, y, x + width - 1, y + self._whole(height) - 1), WHITE)

    def middle(self, top: float, width: float, height: float) -> None:
        """A white box with as much on its left as on its right."""
        x = (self._size * FINE - self._whole(width)) // (2 * self._step) * self._step
        y, end = self._whole(top), self._size * FINE - x
        self._draw.rectangle((x, y, end - 1, y + self._whole(height) - 1), WHITE)

    def _edge(self, units: float) -> float:
        """Broken units belong to slanted edges, which need not lie on whole pixels."""
        place = self._whole(units) if units == int(units) else units * self._size * FINE / GRID
        # Pillow paints a polygon's own edges too: right and lower ones would be a pixel too far out
        return place - (units > GRID / 2)

    def _whole(self, units: float) -> int:
        return math.floor(units * self._size * FINE / (GRID * self._step) + 0.5) * self._step


def _page(pen: _Pen, fill: Color) -> None:
    """With its upper right corner folded."""
    pen.shape([(1, 0), (11, 0), (15, 4), (15, 16), (1, 16)], RIM)
    pen.shape([(2, 1), (10.6, 1), (14, 4.4), (14, 15), (2, 15)], fill)
    pen.shape([(10, 1), (10, 5), (14, 5)], RIM)


def _text(pen: _Pen, _: Look) -> None:
    pen.strokes(4, 4, 4, count=1)
    pen.strokes(4, 7, 8, count=3)


def _bar(pen: _Pen, look: Look) -> None:
    pen.strokes(4, 4, 4, count=1)
    pen.strokes(4, 7, 8, count=1)
    pen.gauge(10, look.percent)


def _two_bars(pen: _Pen, _: Look) -> None:
    pen.pair(6, 7)


def _warning(pen: _Pen) -> None:
    pen.mirrored([(7.5, -1), (-0.5, 16)], RIM)
    pen.mirrored([(7.5, 1), (1, 15)], ALARM)
    pen.middle(5, 2, 5)
    pen.middle(12, 2, 2)


def _mark(pen: _Pen) -> None:
    """A disc in the upper right corner."""
    pen.disc(9, 0, 7, RIM)
    pen.disc(10, 1, 5, ALARM)


_SIGNS: dict[Mood, Callable[[_Pen, Look], None]] = {
    Mood.IDLE: _text,
    Mood.WORKING: _bar,
    Mood.PAUSED: _two_bars,
}
