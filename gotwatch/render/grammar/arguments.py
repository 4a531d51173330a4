"""What stands in braces and brackets behind a command."""

import re
from dataclasses import dataclass

from gotwatch.render.blocks import Span
from gotwatch.render.grammar.landmarks import Landmarks

_GAP = re.compile(r"[ \t]*\n?[ \t]*")
_OPTION = re.compile(r"[ \t]*\[((?:[^\[\]{}\n]|\{[^{}\n]{0,100}\}|\[[^\[\]\n]{0,100}\]){0,300})\]")
_LAYOUT_CHARACTERS = 80
_LAYOUT = re.compile(r"\s*[^\s{}$]*(?:\s+[^\s{}$]*){0,3}")
_OPTIONS = re.compile(r"\s*(?:[!htbpHcrl]{1,6}|-?[\d.]+\s*(?:[a-z]{2}|\\[a-z]+)|[^=\n]{1,20}=[^\n]{0,100})\s*")


@dataclass(frozen=True, slots=True)
class Argument:
    inside: Span
    end: int  # behind the closing brace, or where an unclosed argument breaks off
    closed: bool


def argument(marks: Landmarks, at: int, end: int) -> Argument | None:
    """A brace that closes too late or never gives the argument the rest of the stretch, or of the line."""
    gap = _GAP.match(marks.text, at, end)
    begin = gap.end() if gap else at
    if begin >= end or marks.text[begin] != "{":
        return None
    close = marks.group_ends.get(begin)
    if close is None:
        stop = marks.line_end(begin, end)
        return Argument(Span(begin + 1, stop), stop, closed=False)
    if close >= end:
        return Argument(Span(begin + 1, end), end, closed=False)
    return Argument(Span(begin + 1, close), close + 1, closed=True)


def option(marks: Landmarks, at: int, end: int) -> Argument | None:
    """What stands in [brackets], on one line."""
    found = _OPTION.match(marks.text, at, end)
    return Argument(Span(*found.span(1)), found.end(), closed=True) if found else None


def behind_layout(marks: Landmarks, at: int, end: int, *, count: int) -> int | None:
    """The place behind an optional [..] and *count* {..} that need not be shown; None where they cannot be layout."""
    optional = option(marks, at, end)
    here = optional.end if optional and _OPTIONS.fullmatch(_inside(marks, optional)) else at
    for _ in range(count):
        found = argument(marks, here, end)
        if found is None or not found.closed or not is_layout(_inside(marks, found)):
            return None
        here = found.end
    return here


def behind(marks: Landmarks, at: int, end: int, *, count: int) -> int | None:
    """The place behind *count* {..}; None where they are not there."""
    here = at
    for _ in range(count):
        found = argument(marks, here, end)
        if found is None or not found.closed:
            return None
        here = found.end
    return here


def is_layout(text: str) -> bool:
    """Whether this can be a length, a name or a setting, rather than words of the page."""
    return len(text) <= _LAYOUT_CHARACTERS and _LAYOUT.fullmatch(text) is not None


def _inside(marks: Landmarks, found: Argument) -> str:
    return marks.text[found.inside.begin : found.inside.end]
