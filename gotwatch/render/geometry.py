"""Geometry in TikZ: what a model writes instead of it, and what a person is told of the drawing."""

import re
from importlib.util import find_spec

from gotwatch.render.blocks import Drawing
from gotwatch.render.drawn import Drawn, Undrawn
from gotwatch.render.sanitise import clean_svg
from gotwatch.render.studio.orders import Sketch
from gotwatch.render.studio.process import DrawingFailed, Studio

_MOST_CHARACTERS = 50_000
_MOST_NOTES = 3
# A model that reads Chinese pages writes their punctuation also where TikZ needs its own.
_WIDE = {"，": ",", "。": ";", "；": ";", "：": ":", "（": "(", "）": ")", "．": "."}  # noqa: RUF001  that is what it is about
_CHINESE = "[\u3400-\u9fff]"
_WIDE_SIGN = re.compile(f"(?<!{_CHINESE})[{''.join(_WIDE)}](?!{_CHINESE})")
_DECIMAL_SIGN = re.compile(r"(?<=\d)。(?=\d)")


def draw(drawing: Drawing, studio: Studio, *, id_prefix: str) -> Drawn | Undrawn:
    if find_spec("tikra") is None:
        return Undrawn("Geometry is drawn where the Python package tikra is installed.")
    if len(drawing.tikz) > _MOST_CHARACTERS:
        return Undrawn("This drawing is too long to be drawn.")
    try:
        sketched = studio.draw(Sketch(narrowed(drawing.tikz)))
    except DrawingFailed as exc:
        return Undrawn(f"This drawing is not drawn: {exc}.")
    if not sketched.svg:
        return Undrawn(f"This drawing is not drawn: {'; '.join(sketched.warnings)}.")
    return Drawn(clean_svg(sketched.svg, id_prefix=id_prefix), _notes(sketched.warnings))


def narrowed(tikz: str) -> str:
    """*tikz* with TikZ's punctuation for the Chinese one, but in Chinese text."""
    return _WIDE_SIGN.sub(lambda sign: _WIDE[sign[0]], _DECIMAL_SIGN.sub(".", tikz))


def _notes(warnings: tuple[str, ...]) -> tuple[str, ...]:
    notes = [f"Not all of it is drawn: {warning}" for warning in dict.fromkeys(warnings)]
    more = [f"Not all of it is drawn: {len(notes) - _MOST_NOTES} more remarks"] if len(notes) > _MOST_NOTES else []
    return (*notes[:_MOST_NOTES], *more)
