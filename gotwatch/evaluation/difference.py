"""Where two texts differ, in words and signs, for eyes that see both."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gotwatch.evaluation import distance

# A word; a sign, of which each Chinese, Japanese or Korean character is one; a run of white space.
_TOKEN = re.compile(r"\s+|[^\W\u3000-\u9fff\uac00-\ud7af\uf900-\ufaff]+|.", re.DOTALL)
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


def sides(left: str, right: str) -> Sides:
    """How lines are broken makes no difference."""
    ours, theirs = _TOKEN.findall(left.strip()), _TOKEN.findall(right.strip())
    keys, others = list(map(_key, ours[:_MOST_TOKENS])), list(map(_key, theirs[:_MOST_TOKENS]))
    found = list(distance.stretches(keys, others))
    lefts = (Run("".join(ours[each.begin : each.end]), each.same) for each in found)
    rights = (Run("".join(theirs[each.other_begin : each.other_end]), each.same) for each in found)
    return Sides((*_shown(lefts), *_rest(ours)), (*_shown(rights), *_rest(theirs)))


def _key(token: str) -> str:
    return " " if token.isspace() else token


def _shown(runs: Iterator[Run]) -> Iterator[Run]:
    return (run for run in runs if run.text)


def _rest(tokens: list[str]) -> Iterator[Run]:
    if len(tokens) > _MOST_TOKENS:
        yield Run("".join(tokens[_MOST_TOKENS:]), same=False)
