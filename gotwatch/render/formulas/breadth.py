"""How wide a formula is, roughly: enough to tell what does not fit on paper."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from gotwatch.render.formulas.tags import TAG

_EMS = re.compile(r'width="(-?[\d.]+)em"')
_ENTITY = re.compile(r"&#?\w+;")

# Ems of Latin Modern Math, rounded up.
_NARROW, _LETTER, _CAPITAL, _FULL = 0.4, 0.6, 0.8, 1.0
_AROUND_SIGN = 0.5  # a relation has that on both sides together
_SCRIPT = 0.7  # the size of an index
_BETWEEN_COLUMNS = 0.8
_BESIDE_FRACTION = 0.3
_ROOT = 0.9
_PAPER_EMS = 34.0  # A4 has some 43 of them beside its margins; that much we may be wrong
_FEWEST_CHARACTERS = 60  # of MathML, for so many
_FIRST_WIDE_SIGN = "\u2e80"  # Chinese, Japanese, Korean
_THIN = frozenset("()[]{}|,;:.'!/ ijlt")
_UNSPACED = frozenset("()[]{}|,;.!/\u2223‖⟨⟩")
_OVER = frozenset(["munder", "mover", "munderover"])
_SCRIPTED = frozenset(["msub", "msup", "msubsup", "mroot", "mmultiscripts"])


@dataclass(slots=True)
class _Element:
    name: str
    ems: float  # of its own text
    children: list[float] = field(default_factory=list)
    rows: list[list[float]] = field(default_factory=list)  # of a table


def measured(mathml: str) -> str:
    """*mathml*; where it may be wider than paper with its width in --ems, by which math.css makes it fit."""
    if len(mathml) < _FEWEST_CHARACTERS or (ems := ems_of(mathml)) <= _PAPER_EMS:
        return mathml
    begin, style, rest = mathml.partition(' style="')
    own = f"--ems:{ems:.0f}"
    if style and ">" not in begin:
        return f"{begin}{style}{own};{rest}"
    return mathml.replace("<math", f'<math style="{own}"', 1)


def ems_of(mathml: str) -> float:
    """The width of *mathml* in ems of its own font size; more rather than less."""
    path = [_Element("", 0.0)]
    for tag in TAG.finditer(mathml):
        if not tag["end"]:
            path.append(_Element(tag["name"], _own(tag)))
        elif len(path) > 1:
            element = path.pop()
            if element.name == "mtr":
                path[-1].rows.append(element.children)
            path[-1].children.append(_width(element))
    return _width(path[0])


def _own(tag: re.Match[str]) -> float:
    if tag["name"] == "mspace" and (ems := _EMS.search(tag["attributes"])):
        return float(ems[1])
    text = _ENTITY.sub("x", tag["text"])
    around = _AROUND_SIGN if tag["name"] == "mo" and text not in _UNSPACED else 0.0
    return sum(map(_of_sign, text)) + around if text.strip() else 0.0


def _of_sign(sign: str) -> float:
    if sign >= _FIRST_WIDE_SIGN:
        return _FULL if sign < "\U00010000" else _CAPITAL
    if sign in _THIN:
        return _NARROW
    return _LETTER if sign.islower() or sign.isdigit() else _CAPITAL


def _width(element: _Element) -> float:
    first, *more = element.children or [0.0]
    if element.name == "mtable":
        columns: Sequence[Sequence[float]] = [*zip_longest(*element.rows, fillvalue=0.0)]
        return sum(map(max, columns)) + _BETWEEN_COLUMNS * max(len(columns) - 1, 0)
    if element.name == "mfrac":
        return max([first, *more]) + _BESIDE_FRACTION
    if element.name in _OVER:
        return max([first, *(_SCRIPT * one for one in more)])
    if element.name in _SCRIPTED:
        return first + _SCRIPT * (max(more, default=0.0) if element.name == "msubsup" else sum(more))
    return element.ems + sum(element.children) + (_ROOT if element.name == "msqrt" else 0.0)
