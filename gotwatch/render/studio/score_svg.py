"""How Verovio writes its SVG, and how the same picture is written in a third of the characters."""

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

DRAWN_SIGN = re.compile(r'class="(?:notehead|rest|mRest|multiRest)\b')

_PIXELS_PER_UNIT = 0.42  # a full line of music is as wide as a wide page, a short one is not blown up
_LEFT_OUT = ("style", "desc")
_INVISIBLE = "placeholder"
_SCALE = "definition-scale"  # the inner svg, which all that is drawn stands in
# What the style sheet says, which would be every drawing's on the page.
_STYLES = {
    _SCALE: 'fill="#000" stroke="#000"',
    "ending": 'font-weight="bold"',
    "fing": 'font-weight="bold"',
    "reh": 'font-weight="bold"',
    "tempo": 'font-weight="bold"',
    "dir": 'font-style="italic"',
    "dynam": 'font-style="italic"',
    "mNum": 'font-style="italic"',
}
_KEPT_ATTRIBUTE = re.compile(
    "[cr][xy]|[dr]|[xy][12]?|font-(?:family|size|style|weight)|height|href|points|stroke-(?:dasharray|linecap|linejoin|width)"
    "|text-anchor|transform|viewBox|width"
)
_LINE = re.compile(r"M\S+ \S+ L\S+ \S+")
_SHORT_FORMS = ((re.compile(r"scale\(([\d.]+), ?\1\)"), r"scale(\1)"), (re.compile(r"(?<=[,)]) | (?=scale)"), ""))
# Signs within text that only a music font has, and their likes in other fonts.
_READABLE = str.maketrans(
    {
        "\ueca3": "\U0001d15e",  # the notes of tempo marks, from half to sixteenth, and their dot
        "\ueca5": "\u2669",
        "\ueca7": "\u266a",
        "\ueca9": "\U0001d161",
        "\uecb7": ".",
        "\ue260": "\u266d",  # flat, natural, sharp
        "\ue261": "\u266e",
        "\ue262": "\u266f",
        "\ue520": "p",
        "\ue521": "m",
        "\ue522": "f",
        "\ue523": "r",
        "\ue524": "s",
        "\ue525": "z",
    }
)


def slimmed(pages: Sequence[str]) -> Iterator[str]:
    """*pages* without names, classes and style sheets, and each glyph once: in the first page that has it."""
    known: set[str] = set()
    for number, page in enumerate(pages, start=1):
        root = ElementTree.fromstring(page)
        view = escape(root.get("viewBox", ""))
        width = _PIXELS_PER_UNIT * float(view.split()[2])
        attributes = (
            f'role="img" aria-label="Music, page {number} of {len(pages)}" viewBox="{view}" width="{width:.0f}"'
        )
        yield f"<svg {attributes}>{_glyphs(root, known)}{_children(root)}</svg>"


def _glyphs(root: Element, known: set[str]) -> str:
    glyphs = [glyph for glyph in root.iterfind("{*}defs/{*}g") if glyph.get("id") not in known]
    known.update(glyph.get("id", "") for glyph in glyphs)
    written = (f'<g id="{_glyph_name(glyph.get("id", ""))}">{_children(glyph)}</g>' for glyph in glyphs)
    return f"<defs>{''.join(written)}</defs>" if glyphs else ""


def _glyph_name(name: str) -> str:
    """Without the name of the score, which another prefix stands for."""
    return escape(name.split("-")[0])


def _children(element: Element) -> str:
    own = escape((element.text or "").strip("\n").translate(_READABLE))
    return own + "".join(map(_written, _joined_lines(element)))


def _written(element: Element) -> str:
    tag = element.tag.rpartition("}")[2]
    classes = element.get("class", "").split()
    if tag in _LEFT_OUT or tag == "defs" or _INVISIBLE in classes:
        return ""
    attributes = [*_attributes(element), *(_STYLES[name] for name in classes if name in _STYLES)]
    if tag == "text":
        attributes.append('stroke="none"')
    children = _children(element)
    if tag == "g" and not (children and attributes):
        return children
    return f"<{' '.join([tag, *attributes])}>{children}</{tag}>"


def _attributes(element: Element) -> Iterator[str]:
    for name, value in element.items():
        if _KEPT_ATTRIBUTE.fullmatch(name):
            yield f'{name}="{escape(_short(name, value))}"'


def _short(name: str, value: str) -> str:
    if name == "href":
        return _glyph_name(value)
    if name == "transform":
        for pattern, short in _SHORT_FORMS:
            value = pattern.sub(short, value)
    return value


def _joined_lines(elements: Iterable[Element]) -> Iterator[Element]:
    """Straight lines of one width that follow each other as one path: staffs are made of nothing else."""
    for width, run in groupby(elements, key=_width_of_line):
        lines = list(run)
        if width and len(lines) > 1:
            yield Element("path", {"d": " ".join(line.get("d", "") for line in lines), "stroke-width": width})
        else:
            yield from lines


def _width_of_line(element: Element) -> str:
    is_line = element.tag.endswith("path") and element.attrib.keys() <= {"d", "stroke-width"}
    return element.get("stroke-width", "") if is_line and _LINE.fullmatch(element.get("d", "")) else ""
