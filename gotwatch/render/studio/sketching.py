"""TikZ as pictures. The only module that knows tikra."""

import re
from html import escape

import tikra

from gotwatch.render.studio.orders import Sketch, Sketched

_SIZE = re.compile(r' width="(?P<points>[\d.]+)pt" height="[\d.]+pt"')
_ENLARGED = 1.25  # from the letters of a printed page to those of ours
_EMPTY = re.compile(r"</defs>\s*</svg>\s*\Z")
_CODE = re.compile(r"\A[A-Z]+-[A-Z]+-\d+ ")  # of a warning: nothing to a person
# Its font has no Chinese. It draws boxes for it, all by this glyph, and names what they stand for in warnings.
_BOX = re.compile(r'<path id="(?P<name>[\w-]+)" d="M722 -63 L722 563 ')
_MISSING = re.compile(r"the font has no '(?P<sign>.)' \(U\+[0-9A-F]+\): drew a box")
_PLACED = r'<use href="#{name}" transform="(?P<place>translate\([^)]*\)) scale\((?P<scale>[\d.]+) -[\d.]+\)"/>'
_BOX_WIDTH = 778  # in units of the glyph


def sketch(order: Sketch) -> Sketched:
    try:
        result = tikra.render(order.tikz)
    except ValueError as exc:
        return Sketched("", (str(exc),))
    warnings = [_CODE.sub("", warning) for warning in result["warnings"]]
    if _EMPTY.search(result["svg"]):
        return Sketched("", tuple(warnings) or ("there is nothing in it",))
    return _spelled(_enlarged(result["svg"]), order.tikz, warnings)


def _enlarged(svg: str) -> str:
    return _SIZE.sub(lambda size: f' width="{_ENLARGED * float(size["points"]):.0f}pt"', svg, count=1)


def _spelled(svg: str, tikz: str, warnings: list[str]) -> Sketched:
    """*svg* with the signs for their boxes, if there are as many of both, and so in the same order."""
    missing = {found["sign"] for warning in warnings if (found := _MISSING.search(warning))}
    signs = iter(wanted := [sign for sign in tikz if sign in missing])
    box = _BOX.search(svg)
    if box is None:
        return Sketched(svg, tuple(warnings))
    placed = re.compile(_PLACED.format(name=re.escape(box["name"])))
    if len(placed.findall(svg)) != len(wanted):
        return Sketched(svg, tuple(warnings))
    spelled = placed.sub(lambda found: _text(next(signs), found), svg)
    return Sketched(spelled, tuple(warning for warning in warnings if not _MISSING.search(warning)))


def _text(sign: str, found: re.Match[str]) -> str:
    size = _BOX_WIDTH * float(found["scale"])
    return f'<text transform="{found["place"]}" font-size="{size:.2f}">{escape(sign)}</text>'
