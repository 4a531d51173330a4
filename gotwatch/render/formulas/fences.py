"""Brackets and integrals without the gaps that browsers leave around them.

Chromium gives a bracket that may stretch the width of its largest form, however small it then is, and sets what follows
an integral as far behind the index as if that stood beside the top of the sign.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from gotwatch.render.formulas.tags import TAG

# What math.css knows them by. The sanitiser lets no class of an engine's through that has such a name.
_FENCE = 'class="fence"'
_INTEGRAL = 'class="integral"'

_WORTH_A_LOOK = re.compile(r'fence="true"(?! form="p\w+" stretchy="false")|>[∫∬∭∮∯∰]<')
_LEFT, _RIGHT = ' fence="true" form="prefix" stretchy="true"', ' fence="true" form="postfix" stretchy="true"'
_SIZED = re.compile(r' fence="true"(?: symmetric="true" minsize=.*)?')  # \bigl and the like, and binomials
_STRETCHES = 'stretchy="true"'
_WIDE = frozenset("()[]{}⟨⟩")
_INTEGRALS = frozenset("∫∬∭∮∯∰")
_TALL_SIGNS = _INTEGRALS | frozenset("∑∏∐\u22c0\u22c1\u22c2\u22c3⨀⨁⨂")
_TALL = frozenset(["mfrac", "msqrt", "mroot", "mover", "munder", "munderover", "mtable", "menclose", "mpadded"])
_SCRIPTED = ("msu", "munder", "mover")
_SMALL = frozenset({"mfrac", "mtable"})
_SAID = re.compile(r'(?<= )display(?:style)?="\w+"')
_DISPLAYED = frozenset({'display="block"', 'displaystyle="true"'})
_STRUT = 'height="'
_MOST_ROWS = 1  # around more, brackets are nearly as wide as the space that they get


@dataclass(slots=True)
class _Element:
    """An element that is open, and what has been seen in it."""

    name: str
    begin: int  # its place in the list of tags, as those that follow
    is_display: bool  # signs that are large in a line of their own are so in it
    left: int = -1  # of the bracket that it begins with
    children: list[int] = field(default_factory=list)
    stretching: int = 0  # signs in it
    rows: int = 0
    is_tall: bool = False


def fitted(mathml: str) -> str:
    """*mathml* with brackets that need not stretch as they are, and a class for what has a gap beside it."""
    if not _WORTH_A_LOOK.search(mathml):
        return mathml
    tags = list(TAG.finditer(mathml))
    changed = dict(_changes(tags))
    return "".join(_written(tag, changed.get(place, tag["attributes"])) for place, tag in enumerate(tags))


def _written(tag: re.Match[str], attributes: str) -> str:
    return f"<{tag['end']}{tag['name']}{attributes}>{tag['text']}"


def _changes(tags: Sequence[re.Match[str]]) -> Iterator[tuple[int, str]]:
    """Places of tags, and the attributes that stand there then."""
    path = [_Element("", -1, is_display=False)]
    for place, tag in enumerate(tags):
        if not tag["end"]:
            if tag["text"] in _WIDE and _SIZED.fullmatch(tag["attributes"]):
                yield place, f"{tag['attributes']} {_FENCE}"
            path.append(_begun(path[-1], tag, place))
        elif len(path) > 1:
            element = path.pop()
            yield from _ended(tags, element, place)
            _take_in(path[-1], element)


def _begun(parent: _Element, tag: re.Match[str], place: int) -> _Element:
    is_display = _is_display(parent, tag)
    if not parent.children and tag["attributes"] == _LEFT:
        parent.left = place
    parent.children.append(place)
    is_tall = tag["name"] in _TALL or tag["text"] in _TALL_SIGNS or _STRUT in tag["attributes"]
    stretching = _STRETCHES in tag["attributes"]
    return _Element(tag["name"], place, is_display, stretching=stretching, is_tall=is_tall)


def _is_display(parent: _Element, tag: re.Match[str]) -> bool:
    is_script = parent.name.startswith(_SCRIPTED) and bool(parent.children)
    if said := _SAID.search(tag["attributes"]):
        return said[0] in _DISPLAYED
    return parent.is_display and not is_script and tag["name"] not in _SMALL


def _take_in(parent: _Element, child: _Element) -> None:
    parent.is_tall |= child.is_tall
    parent.stretching += child.stretching
    parent.rows = max(parent.rows, child.rows) + (child.name == "mtr")


def _ended(tags: Sequence[re.Match[str]], element: _Element, end: int) -> Iterator[tuple[int, str]]:
    if element.left >= 0 and tags[element.children[-1]]["attributes"] == _RIGHT:
        yield from _bracketed(tags, element)
    if element.is_display and element.name in ("msub", "msubsup") and tags[element.children[0]]["text"] in _INTEGRALS:
        _, below, *above = (_letters(tags, child) for child in pairwise([*element.children, end]))
        if not above or below > above[0]:
            yield element.begin, f"{tags[element.begin]['attributes']} {_INTEGRAL}"


def _bracketed(tags: Sequence[re.Match[str]], element: _Element) -> Iterator[tuple[int, str]]:
    brackets = (element.left, element.children[-1])
    if not element.is_tall and element.stretching == len(brackets):
        element.stretching = 0
        for place in brackets:
            yield place, tags[place]["attributes"].replace(_STRETCHES, 'stretchy="false"')
    elif element.rows <= _MOST_ROWS:
        for place in brackets:
            if tags[place]["text"] in _WIDE:
                yield place, f"{tags[place]['attributes']} {_FENCE}"


def _letters(tags: Sequence[re.Match[str]], reach: tuple[int, int]) -> int:
    return sum(len(tag["text"].strip()) for tag in tags[slice(*reach)])
