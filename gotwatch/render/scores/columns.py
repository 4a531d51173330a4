"""How a line of music falls into its columns, also where the tabs between them are lost."""

import re
from dataclasses import dataclass

from gotwatch.render.scores.signs import read_note

_SIGN = re.compile(r"(?P<gap>\s*)(?P<sign>\S+)")
_TAB_WEIGHT = 8.0  # a tab or two blanks nearly always part two columns
_DESCENT_WEIGHT = 3.0  # chords are written from low to high
_NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class _Sign:
    text: str
    is_apart: bool  # from the sign before it


def columns(line: str, count: int) -> list[str]:
    """The columns of *line*: *count* of them, "" for an empty one, or fewer where there are not enough signs.

    Notes of a chord share a column and are parted by one blank, so a lost tab looks like a chord. Only notes of one
    length can be one; of these the two that lie farthest apart are the likeliest to belong to two hands.
    """
    parts = [part.strip() for part in line.split("\t")]
    if len(parts) == count:
        return parts
    signs = _signs(line)
    if len(signs) <= count:
        return [sign.text for sign in signs]
    return _joined(signs, _boundaries(signs, count))


def _signs(line: str) -> list[_Sign]:
    return [
        _Sign(found["sign"], is_apart="\t" in found["gap"] or len(found["gap"]) > 1) for found in _SIGN.finditer(line)
    ]


def _boundaries(signs: list[_Sign], count: int) -> set[int]:
    """Where new columns begin: at the *count* - 1 places that are the least likely to lie within a chord."""
    places = sorted(range(1, len(signs)), key=lambda place: -_distance(signs[place - 1], signs[place]))
    return set(places[: count - 1])


def _distance(left: _Sign, right: _Sign) -> float:
    """How unlikely it is that two neighbours are of one chord."""
    low, high = read_note(left.text), read_note(right.text)
    if low is None or high is None or low.length != high.length or low.height is None or high.height is None:
        return _NEVER
    interval = high.height - low.height
    return abs(interval) / 12 + _DESCENT_WEIGHT * (interval < 0) + _TAB_WEIGHT * right.is_apart


def _joined(signs: list[_Sign], boundaries: set[int]) -> list[str]:
    """Chords; what cannot be in one although no column is left for it is dropped."""
    joined: list[str] = []
    for place, sign in enumerate(signs):
        if place == 0 or place in boundaries:
            joined.append(sign.text)
        elif _distance(signs[place - 1], sign) < _NEVER:
            joined[-1] += f" {sign.text}"
    return joined
