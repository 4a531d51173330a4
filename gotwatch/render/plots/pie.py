"""Slices of a whole."""

import math

from gotwatch.render.elements import Html, element
from gotwatch.render.plots.canvas import GAP, LINE_HEIGHT, MOST_SERIES, WIDTH, color, label, number, patch, shortened
from gotwatch.render.plots.plot import Plot, Point

_HUNDRED = (99.0, 101.0)  # what the parts of a whole add up to, but for rounding
_RADIUS = 90.0


def fits(plot: Plot) -> bool:
    if len(plot.series) != 1 or None in plot.series[0].points:
        return False
    return 1 < len(plot.categories) <= MOST_SERIES and min(plot.values()) > 0


def suits(plot: Plot) -> bool:
    return _HUNDRED[0] <= sum(plot.values()) <= _HUNDRED[1]


def draw(plot: Plot) -> tuple[Html, float]:
    """The drawing, with a list of what its colors are, and its height."""
    slices = [(name, point) for name, point in zip(plot.categories, plot.series[0].points, strict=True) if point]
    height = max(2 * _RADIUS + 2 * GAP, LINE_HEIGHT * len(slices))
    drawn = _slices([point for _, point in slices], height / 2)
    top = (height - LINE_HEIGHT * len(slices)) / 2
    names = (_name(place, name, point, top) for place, (name, point) in enumerate(slices))
    return Html("".join([*drawn, *names])), height


def _slices(points: list[Point], middle: float) -> list[Html]:
    whole = sum(point.value for point in points)
    parts = []
    begin = 0.0
    for place, point in enumerate(points):
        end = begin + point.value / whole
        parts.append(element("path", d=_path(begin, end, middle), fill=color(place), stroke="none"))
        begin = end
    return parts


def _path(begin: float, end: float, middle: float) -> str:
    """From *begin* to *end*, as parts of a turn that starts above."""
    is_large = int(end - begin > 0.5)
    arc = f"A{_RADIUS:g} {_RADIUS:g} 0 {is_large} 1 {_at(end, _RADIUS, middle)}"
    return f"M{_at(0, 0, middle)}L{_at(begin, _RADIUS, middle)}{arc}Z"


def _at(turn: float, distance: float, middle: float) -> str:
    x = GAP + _RADIUS + distance * math.sin(math.tau * turn)
    return f"{number(x)} {number(middle - distance * math.cos(math.tau * turn))}"


def _name(place: int, name: str, point: Point, top: float) -> Html:
    x = 2 * _RADIUS + 4 * GAP
    y = top + place * LINE_HEIGHT
    words = f"{name}: {point.written}" if name else point.written
    return Html(
        patch(place, x, y + 3) + label(shortened(words, WIDTH - x - LINE_HEIGHT), x + LINE_HEIGHT, y + LINE_HEIGHT / 2)
    )
