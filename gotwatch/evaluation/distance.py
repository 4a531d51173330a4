"""How far apart two texts are, and where. The only module that knows RapidFuzz."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Indel, Levenshtein


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbours in the first sequence that stand for neighbours in the second; either may be none."""

    same: bool
    begin: int
    end: int
    other_begin: int
    other_end: int


def edits(one: Sequence[Hashable], other: Sequence[Hashable]) -> int:
    """What must be inserted, left out or replaced to make *other* of *one*."""
    return Levenshtein.distance(one, other)


def share(one: Sequence[Hashable], other: Sequence[Hashable]) -> float:
    """The edits as a share of the longer of the two: 0 where they are equal, 1 where nothing is."""
    longest = max(len(one), len(other))
    return edits(one, other) / longest if longest else 0.0


def stretches(one: Sequence[Hashable], other: Sequence[Hashable]) -> Iterator[Stretch]:
    """Both from begin to end, with as much in common as can be; equal stretches and others in turn.

    Nothing is replaced, as is in edits(): there a word that was left out would be taken for the next one, and so on.
    """
    held: Stretch | None = None
    for step in Indel.opcodes(one, other):
        new = Stretch(step.tag == "equal", step.src_start, step.src_end, step.dest_start, step.dest_end)
        if held is not None and held.same == new.same:
            held = Stretch(held.same, held.begin, new.end, held.other_begin, new.other_end)
            continue
        if held is not None:
            yield held
        held = new
    if held is not None:
        yield held
