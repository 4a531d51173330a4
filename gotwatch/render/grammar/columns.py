"""What the letters behind \\begin{tabular} say of the columns."""

import re
from dataclasses import dataclass, replace

from gotwatch.render.blocks import Align

MOST_COLUMNS = 100

_ALIGNS = {"l": Align.LEFT, "c": Align.CENTER, "r": Align.RIGHT, "C": Align.CENTER, "R": Align.RIGHT, "S": Align.RIGHT}
_LEFT_TOO = frozenset("LXpmbJ")
_GROUP = r"\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}"
_STEP = re.compile(
    rf"\*\s*\{{\s*(\d{{1,6}})\s*\}}\s*({_GROUP})|[@!><]\s*{_GROUP}|([A-Za-z])\s*(?:{_GROUP})?|(\|)|.", re.DOTALL
)
_SPECIFICATION = re.compile(rf"(?:[\s|lcrpmbLCRXSJ]|[pmbX@!><]\s*{_GROUP}|\*\s*{_GROUP}\s*{_GROUP}|\[[^\]]*\])*")
_MOST_CHARACTERS = 1_000


@dataclass(frozen=True, slots=True)
class Column:
    align: Align
    line_left: bool = False
    line_right: bool = False


def is_specification(text: str) -> bool:
    return len(text) <= _MOST_CHARACTERS and _SPECIFICATION.fullmatch(text) is not None


def columns(specification: str) -> tuple[Column, ...]:
    found: list[Column] = []
    line = False
    for step in _STEP.finditer(specification[:_MOST_CHARACTERS]):
        if step[4]:
            line = True
            if found:
                found[-1] = replace(found[-1], line_right=True)
            continue
        for column in _columns(step):
            found.append(replace(column, line_left=True) if line else column)
            line = False
        if len(found) >= MOST_COLUMNS:
            break
    return tuple(found[:MOST_COLUMNS])


def _columns(step: re.Match[str]) -> tuple[Column, ...]:
    if step[1]:
        times = min(int(step[1]), MOST_COLUMNS)
        return (columns(step[2][1:-1]) * times)[:MOST_COLUMNS]
    if step[3] in _ALIGNS:
        return (Column(_ALIGNS[step[3]]),)
    return (Column(Align.LEFT),) if step[3] in _LEFT_TOO else ()
