"""Lines over categories that follow each other, such as years."""

import re
from collections.abc import Iterator

from gotwatch.render.elements import Html, element
from gotwatch.render.plots.canvas import (
    GAP,
    LINE_HEIGHT,
    MOST_SERIES,
    WIDTH,
    color,
    label,
    legend,
    line,
    number,
    shortened,
    text_width,
)
from gotwatch.render.plots.numbers import shown_number, ticks
from gotwatch.render.plots.plot import Plot, Point, Series

_MOST_CATEGORIES = 120
_LEAST_IN_ORDER = 4
_IN_ORDER = re.compile(
    r"\D{0,6}(?:1[5-9]|20)\d\d(?!\d)\D{0,2}[\dQHSE]{0,4}年?|\d{1,2}[月日时]?"  # 2015, FY 2015/16, Q1 2020, 12
    r"|(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?(?:[ '-]*\d{2,4})?",
    re.IGNORECASE,
)
_HEIGHT = 240
_TICKS = 6
_MOST_VALUES = 24  # more would cover each other; then only the ends of each line have theirs
_NEAR_ZERO = 0.5  # of the largest: a line that comes so near to zero is shown from there
_DASHES = ("", "8 3", "2 3", "9 3 2 3", "5 2", "12 4", "1 2", "6 2 1 2")  # for eyes that tell few colors apart
_ABOVE, _BELOW = -11.0, 13.0  # from a dot to the middle of its value
_ROOM = 1.5 * LINE_HEIGHT
_WIDEST_CATEGORY = 100.0


def fits(plot: Plot) -> bool:
    return len(plot.series) <= MOST_SERIES and 1 < len(plot.categories) <= _MOST_CATEGORIES


def suits(plot: Plot) -> bool:
    """Whether the categories follow each other, and are more than a comparison of a few."""
    return len(plot.categories) >= _LEAST_IN_ORDER and all(map(_IN_ORDER.fullmatch, plot.categories))


def draw(plot: Plot) -> tuple[Html, float]:
    """The drawing, and its height."""
    has_names = len(plot.series) > 1
    head, top = legend([series.name for series in plot.series], 0) if has_names else (Html(""), 0)
    frame = _Frame(plot, top + LINE_HEIGHT)
    drawn = [_series(frame, series, place) for place, series in enumerate(plot.series)]
    values = [_values(frame, series, plot, all_of_them=len(plot.values()) <= _MOST_VALUES) for series in plot.series]
    return Html("".join([head, *frame.grid(), *frame.names(plot.categories), *drawn, *values])), frame.end


class _Frame:
    """Where categories and values lie."""

    def __init__(self, plot: Plot, top: float) -> None:
        low, high = min(plot.values()), max(plot.values())
        if 0 < low <= _NEAR_ZERO * high or low == high:
            low, high = min(0.0, low), max(0.0, high)
        self._ticks = ticks(low, high if high > low else 1.0, _TICKS)
        self._left = max(text_width(shown_number(tick)) for tick in self._ticks) + GAP
        self._top = top
        self._steps = max(1, len(plot.categories) - 1)
        widest = max(map(text_width, plot.categories), default=0)
        self._margin = min(_WIDEST_CATEGORY, widest) / 2 + GAP
        self.end = top + _HEIGHT + GAP + LINE_HEIGHT

    def x(self, place: int) -> float:
        return self._left + self._margin + place * self._step()

    def y(self, value: float) -> float:
        return self._top + _HEIGHT * (self._ticks[-1] - value) / (self._ticks[-1] - self._ticks[0])

    def grid(self) -> Iterator[Html]:
        for tick in self._ticks:
            yield line(self._left, self.y(tick), WIDTH, self.y(tick), opacity=".18")
            yield label(shown_number(tick), self._left - GAP, self.y(tick), anchor="end")

    def names(self, categories: tuple[str, ...]) -> Iterator[Html]:
        """As many as have room, at equal distances."""
        widest = min(_WIDEST_CATEGORY, max(map(text_width, categories))) + GAP
        every = max(1, -int(-widest // self._step()))
        for place in range(0, len(categories), every):
            words = shortened(categories[place], _WIDEST_CATEGORY)
            yield label(words, self.x(place), self._top + _HEIGHT + GAP + LINE_HEIGHT / 2, anchor="middle")

    def _step(self) -> float:
        return (WIDTH - self._left - 2 * self._margin) / self._steps


def _series(frame: _Frame, series: Series, place: int) -> Html:
    """A line with a gap where a value is missing, and a dot at each value."""
    path = []
    is_on = False
    for at, point in enumerate(series.points):
        if point is not None:
            path.append(f"{'L' if is_on else 'M'}{number(frame.x(at))} {number(frame.y(point.value))}")
        is_on = point is not None
    dashes = {"stroke_dasharray": _DASHES[place]} if _DASHES[place] else {}
    way = element("path", d="".join(path), fill="none", stroke=color(place), stroke_width="2", **dashes)
    dots = (_dot(frame, at, point, place) for at, point in enumerate(series.points) if point is not None)
    return Html(way + "".join(dots))


def _dot(frame: _Frame, at: int, point: Point, place: int) -> Html:
    return element("circle", cx=number(frame.x(at)), cy=number(frame.y(point.value)), r="3", fill=color(place))


def _values(frame: _Frame, series: Series, plot: Plot, *, all_of_them: bool) -> Html:
    present = [(at, point) for at, point in enumerate(series.points) if point is not None]
    shown = present if all_of_them else list(dict.fromkeys([*present[:1], *present[-1:]]))
    written = (
        label(point.written, frame.x(at), frame.y(point.value) + _beside(frame, series, plot, at), anchor="middle")
        for at, point in shown
    )
    return Html("".join(written))


def _beside(frame: _Frame, series: Series, plot: Plot, at: int) -> float:
    """Above its dot, or below where the line comes down to it from both sides and nothing else is near."""
    before, here, behind = (None, *series.points, None)[at : at + 3]
    if before is None or here is None or behind is None or here.value >= min(before.value, behind.value):
        return _ABOVE
    others = [point for other in plot.series if (point := other.points[at]) is not None]
    near = [*(frame.y(point.value) for point in others), frame.end - LINE_HEIGHT]
    return _ABOVE if any(0 < y - frame.y(here.value) < _ROOM for y in near) else _BELOW
