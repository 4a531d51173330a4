"""What all plots are drawn with: sizes, colors, and where a text ends."""

import unicodedata

from gotwatch.render.elements import Html, element, text

WIDTH = 520
TEXT_SIZE = 13
LINE_HEIGHT = 18
GAP = 8

# Each has a contrast of at least 3.6 with white paper and with the dark page.
_COLORS = ("#3b82c4", "#d9602b", "#2f9468", "#b0609f", "#8a7a1f", "#c2474f", "#1f93a5", "#7b7f86")
MOST_SERIES = len(_COLORS)


def color(place: int) -> str:
    return _COLORS[place % len(_COLORS)]


def text_width(words: str) -> float:
    """An estimate: which font will be there is not known."""
    return TEXT_SIZE * sum(1.0 if unicodedata.east_asian_width(sign) in "WF" else 0.6 for sign in words)


def shortened(words: str, width: float) -> str:
    """*words*, or as much of their beginning as *width* holds. The table has them whole."""
    words = " ".join(words.split())
    if text_width(words) <= width:
        return words
    while words and text_width(words) + TEXT_SIZE > width:
        words = words[:-1]
    return f"{words.rstrip()}\N{HORIZONTAL ELLIPSIS}"


def label(words: str, x: float, y: float, *, anchor: str = "start") -> Html:
    """Text whose middle is at the height *y*."""
    anchored = {} if anchor == "start" else {"text_anchor": anchor}
    return element("text", text(words), x=number(x), y=number(y + 0.36 * TEXT_SIZE), **anchored)


def line(x1: float, y1: float, x2: float, y2: float, *, opacity: str) -> Html:
    ends = {"x1": number(x1), "y1": number(y1), "x2": number(x2), "y2": number(y2)}
    return element("line", **ends, stroke="currentColor", stroke_opacity=opacity)


def legend(names: list[str], top: float) -> tuple[Html, float]:
    """A patch of color and a name for each, in as many lines as they need; and where it ends."""
    parts = []
    x, y = 0.0, top
    for place, name in enumerate(names):
        words = shortened(name, WIDTH - 2 * LINE_HEIGHT)
        width = LINE_HEIGHT + text_width(words) + 2 * GAP
        if x > 0 and x + width > WIDTH:
            x, y = 0.0, y + LINE_HEIGHT
        parts.append(patch(place, x, y + 3))
        parts.append(label(words, x + LINE_HEIGHT, y + LINE_HEIGHT / 2))
        x += width
    return Html("".join(parts)), y + LINE_HEIGHT + GAP


def patch(place: int, x: float, y: float) -> Html:
    return element("rect", x=number(x), y=number(y), width="12", height="12", rx="2", fill=color(place))


def number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
