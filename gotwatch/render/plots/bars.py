"""Bars from the left, one below the other: names of any length have room, and every bar its value."""

from gotwatch.render.elements import Html, element
from gotwatch.render.plots.canvas import (
    GAP,
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
from gotwatch.render.plots.plot import Plot, Point

_MOST_BARS = 60
_BAR_HEIGHT = 16
_WIDEST_NAME = 0.36 * WIDTH
_LEAST_WIDTH = 0.5  # of a bar, so that a small value is seen


def fits(plot: Plot) -> bool:
    return len(plot.series) <= MOST_SERIES and len(plot.categories) * len(plot.series) <= _MOST_BARS


def draw(plot: Plot) -> tuple[Html, float]:
    """The drawing, and its height."""
    has_names = len(plot.series) > 1
    head, top = legend([series.name for series in plot.series], 0) if has_names else (Html(""), 0)
    scale = _Scale(plot)
    parts = [head]
    y = top
    for place, category in enumerate(plot.categories):
        height = _BAR_HEIGHT * len(plot.series)
        parts.append(label(shortened(category, scale.left - GAP), scale.left - GAP, y + height / 2, anchor="end"))
        for row, series in enumerate(plot.series):
            if (point := series.points[place]) is not None:
                parts.append(_bar(scale, point, y + row * _BAR_HEIGHT, color(row)))
        y += height + GAP
    parts.append(line(scale.zero, top - GAP / 2, scale.zero, y - GAP / 2, opacity=".5"))
    return Html("".join(parts)), y


class _Scale:
    """Where values end: bars begin at zero, and a value is written behind each."""

    def __init__(self, plot: Plot) -> None:
        values = [0.0, *plot.values()]
        written = [point for series in plot.series for point in series.present()]
        names = min(_WIDEST_NAME, max(text_width(name) for name in plot.categories)) + GAP
        before = max((text_width(point.written) for point in written if point.value < 0), default=0) + GAP / 2
        behind = max(text_width(point.written) for point in written) + GAP
        self.left = names
        begin = names + (before if min(values) < 0 else 0)
        self._units = (WIDTH - behind - begin) / ((max(values) - min(values)) or 1)
        self.zero = begin - min(values) * self._units

    def width(self, value: float) -> float:
        return max(_LEAST_WIDTH, abs(value) * self._units)


def _bar(scale: _Scale, point: Point, y: float, fill: str) -> Html:
    width = scale.width(point.value)
    x = scale.zero - width if point.value < 0 else scale.zero
    bar = element("rect", x=number(x), y=number(y + 1), width=number(width), height=str(_BAR_HEIGHT - 2), fill=fill)
    middle = y + _BAR_HEIGHT / 2
    if point.value < 0:
        return Html(bar + label(point.written, x - GAP / 2, middle, anchor="end"))
    return Html(bar + label(point.written, x + width + GAP / 2, middle))
