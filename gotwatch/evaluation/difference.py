"""Where two texts differ, in words and signs, for eyes that see both."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from gotwatch.evaluation import distance

# A word, or a sign, of which each Chinese, Japanese or Korean character is one; and the white space behind it.
_TOKEN = re.compile(r"([^\W\u3000-\u9fff\uac00-\ud7af\uf900-\ufaff]+|\S)(\s*)")
_MOST_TOKENS = 8_000  # of a page; behind them all is marked, as the time grows with the square


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbours that the other text has too, or has not."""

    text: str
    same: bool


@dataclass(frozen=True, slots=True)
class Sides:
    left: tuple[Run, ...]
    right: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class _Token:
    word: str
    blank: str


def sides(left: str, right: str) -> Sides:
    """How lines are broken makes no difference; that there is no space where the other text has one does."""
    ours, theirs = _tokens(left), _tokens(right)
    lefts: list[Run] = []
    rights: list[Run] = []
    for found in distance.stretches(_words(ours), _words(theirs)):
        mine, yours = ours[found.begin : found.end], theirs[found.other_begin : found.other_end]
        if found.same:
            lefts += _both(mine, yours)
            rights += _both(yours, mine)
        else:
            lefts += _alone(mine)
            rights += _alone(yours)
    return Sides(_merged([*lefts, *_alone(ours[_MOST_TOKENS:])]), _merged([*rights, *_alone(theirs[_MOST_TOKENS:])]))


def _tokens(text: str) -> list[_Token]:
    return [_Token(*found.groups()) for found in _TOKEN.finditer(text.strip())]


def _words(tokens: list[_Token]) -> list[str]:
    return [token.word for token in tokens[:_MOST_TOKENS]]


def _both(ours: Iterable[_Token], theirs: Iterable[_Token]) -> Iterator[Run]:
    for our, their in zip(ours, theirs, strict=True):
        yield Run(our.word, same=True)
        yield Run(our.blank, same=bool(their.blank))


def _alone(tokens: Iterable[_Token]) -> Iterator[Run]:
    """The white space behind them is nobody's mistake."""
    whole = "".join(token.word + token.blank for token in tokens)
    words = whole.rstrip()
    yield Run(words, same=False)
    yield Run(whole[len(words) :], same=True)


def _merged(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Neighbours of one kind as one, and none that is empty."""
    groups = groupby((run for run in runs if run.text), key=lambda run: run.same)
    return tuple(Run("".join(run.text for run in group), same) for same, group in groups)
