"""How voices split and join in **kern: the only module that carries out its marks for that."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

from gotwatch.render.scores.signs import JOIN, NO_CHANGE, SPLIT

_T = TypeVar("_T")

_MOST_VOICES = 24


@dataclass(frozen=True, slots=True)
class Voice:
    staff: int  # the column at the beginning that it comes from: only voices of one staff can join
    has_notes: bool
    usual_length: str = "4"  # of its last note


def interpreted(signs: Sequence[str], voices: Sequence[Voice]) -> tuple[list[list[str]], list[Voice]]:
    """The lines that *signs* have to be written as, and the voices after them.

    Marks to join that stand side by side are all one voice afterwards. So two staffs whose voices join at
    one moment need two lines.
    """
    now, later = _apart(_runs(signs, voices))
    joining = {place for run in now for place in run}
    line = [NO_CHANGE if sign == JOIN and place not in joining else sign for place, sign in enumerate(signs)]
    line = _without_splits_over(_MOST_VOICES - len(voices), line, voices)
    after = _after(line, voices)
    if not later:
        return [line], after
    waiting = {place for run in later for place in run}
    marks = [JOIN if place in waiting else NO_CHANGE for place in range(len(signs))]
    lines, after = interpreted(_after(line, marks), after)
    return [line, *lines], after


def joins(voices: Sequence[Voice], surplus: int) -> list[str]:
    """The signs that make *voices* fewer by *surplus*, or by as many as can join."""
    signs = [NO_CHANGE] * len(voices)
    for _, run in reversed([(staff, list(run)) for staff, run in _by_staff(voices)]):
        joining = run[: min(surplus, len(run) - 1) + 1]
        if len(joining) > 1:
            surplus -= len(joining) - 1
            for place in joining:
                signs[place] = JOIN
    return signs


def split(voices: Sequence[Voice], place: int) -> list[str]:
    """The signs that make two of the voice at *place*."""
    return [SPLIT if at == place else NO_CHANGE for at in range(len(voices))]


def _by_staff(voices: Sequence[Voice]) -> list[tuple[int, list[int]]]:
    return [(staff, list(run)) for staff, run in groupby(range(len(voices)), key=lambda place: voices[place].staff)]


def _runs(signs: Sequence[str], voices: Sequence[Voice]) -> list[range]:
    """Where neighbours of one staff are to join. One alone cannot."""
    runs = []
    for _, places in groupby(range(len(signs)), key=lambda place: (signs[place] == JOIN, voices[place].staff)):
        run = list(places)
        if signs[run[0]] == JOIN and len(run) > 1:
            runs.append(range(run[0], run[-1] + 1))
    return runs


def _apart(runs: list[range]) -> tuple[list[range], list[range]]:
    """Those that can stand in one line, and those that cannot for their neighbours."""
    now: list[range] = []
    later: list[range] = []
    for run in runs:
        (later if now and now[-1].stop == run.start else now).append(run)
    return now, later


def _without_splits_over(most: int, signs: list[str], voices: Sequence[Voice]) -> list[str]:
    kept = []
    for sign, voice in zip(signs, voices, strict=True):
        is_possible = sign != SPLIT or (most > 0 and voice.has_notes)
        most -= sign == SPLIT
        kept.append(sign if is_possible else NO_CHANGE)
    return kept


def _after(signs: Sequence[str], items: Sequence[_T]) -> list[_T]:
    """*items*, one a voice, once the voices have split and joined."""
    after: list[_T] = []
    previous = NO_CHANGE
    for sign, item in zip(signs, items, strict=True):
        if sign != JOIN or previous != JOIN:
            after.append(item)
        if sign == SPLIT:
            after.append(item)
        previous = sign
    return after
