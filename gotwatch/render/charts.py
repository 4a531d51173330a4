"""Charts: whether the values of one can be drawn, and as what. The table has them in any case."""

from collections.abc import Callable
from enum import Enum

from gotwatch.documents import counted
from gotwatch.render.blocks import Chart
from gotwatch.render.drawn import Drawn, Undrawn
from gotwatch.render.elements import Html, element, text
from gotwatch.render.plots import bars, lines, pie
from gotwatch.render.plots.canvas import LINE_HEIGHT, TEXT_SIZE, WIDTH, label, number, shortened
from gotwatch.render.plots.numbers import read_number, shown_number
from gotwatch.render.plots.plot import Plot, Point, Series
from gotwatch.render.sanitise import clean_svg

_LEAST_NUMBERS = 2
_LEAST_SHARE = 0.5  # of the values; a drawing of fewer would mislead
_ROOT = {
    "role": "img",
    "aria_labelledby": "title description",
    "font_size": str(TEXT_SIZE),
    "fill": "currentColor",
}


class _Kind(Enum):
    """In the order in which they are tried."""

    PIE = "Pie chart"
    LINES = "Line chart"
    BARS = "Bar chart"


_PLOTTERS: dict[_Kind, Callable[[Plot], tuple[Html, float]]] = {
    _Kind.PIE: pie.draw,
    _Kind.LINES: lines.draw,
    _Kind.BARS: bars.draw,
}
_WORDS = {
    "pie": _Kind.PIE,
    "donut": _Kind.PIE,
    "line": _Kind.LINES,
    "bar": _Kind.BARS,
    "column": _Kind.BARS,
}


def draw(chart: Chart, *, id_prefix: str) -> Drawn | Undrawn:
    written = [value for _, values in chart.rows for value in values if value]
    left_out = sum(read_number(value) is None for value in written)
    if len(written) - left_out < max(_LEAST_NUMBERS, _LEAST_SHARE * len(written)):
        return Undrawn("The values of this chart are not plain numbers.")
    plot = _plot(chart)
    kind = _kind(plot, _wish(chart))
    if kind is None:
        return Undrawn("This chart has too many values to be drawn.")
    notes = (f"{counted(left_out, 'value')} could not be drawn: no number.",) if left_out else ()
    return Drawn(clean_svg(_svg(chart, plot, kind), id_prefix=id_prefix), notes)


def _plot(chart: Chart) -> Plot:
    series = (
        Series(name, tuple(_point(values[place]) for _, values in chart.rows))
        for place, name in enumerate(chart.columns)
    )
    return Plot(tuple(name for name, _ in chart.rows), tuple(series))


def _point(written: str | None) -> Point | None:
    value = read_number(written or "")
    return None if value is None else Point(value, (written or "").strip())


def _wish(chart: Chart) -> _Kind | None:
    """What the model calls it."""
    named = " ".join(value for name, value in chart.others if name in ("type", "chart_type")).lower()
    return next((kind for word, kind in _WORDS.items() if word in named), None)


def _kind(plot: Plot, wish: _Kind | None) -> _Kind | None:
    possible = {_Kind.PIE: pie.fits(plot), _Kind.LINES: lines.fits(plot), _Kind.BARS: bars.fits(plot)}
    if wish is not None and possible[wish]:
        return wish
    suitable = {_Kind.PIE: pie.suits(plot), _Kind.LINES: lines.suits(plot), _Kind.BARS: True}
    return next((kind for kind in _Kind if possible[kind] and suitable[kind]), None)


def _svg(chart: Chart, plot: Plot, kind: _Kind) -> str:
    drawing, height = _PLOTTERS[kind](plot)
    is_over_time = kind is _Kind.LINES
    above = chart.y_label if is_over_time else chart.y_label or chart.x_label
    below = chart.x_label if is_over_time else ""
    top = 1.5 * LINE_HEIGHT if above else 0.0
    end = top + height + (LINE_HEIGHT if below else 0)
    parts = [
        element("title", text(chart.title or kind.value), id="title"),
        element("desc", text(_description(plot, kind)), id="description"),
        element("g", drawing, transform=f"translate(0,{number(top)})"),
    ]
    if above:
        parts.append(label(shortened(above, WIDTH), 0, LINE_HEIGHT / 2))
    if below:
        parts.append(label(shortened(below, WIDTH), WIDTH / 2, end - LINE_HEIGHT / 2, anchor="middle"))
    return element("svg", *parts, **_ROOT, viewBox=f"0 0 {WIDTH} {number(end)}", width=str(WIDTH))


def _description(plot: Plot, kind: _Kind) -> str:
    values = plot.values()
    lowest, highest = shown_number(min(values)), shown_number(max(values))
    series = f" in {len(plot.series)} series" if len(plot.series) > 1 else ""
    return f"{kind.value} of {counted(len(values), 'value')}{series}, from {lowest} to {highest}."
