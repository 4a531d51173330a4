"""Where a model that writes has begun to repeat itself."""

from collections.abc import Sequence

NO_REPEAT_NGRAM = 20  # tokens in a row that may not come twice, as in the original

_GRAM = 8  # tokens that must have stood together before to count as known; with 4, a table of digits is a loop
_KNOWN_SHARE = 0.5  # a loop has more known tokens than this: 60 % where the n-gram guard forces a new one every 20
_LIMIT = 150.0  # known tokens above that share before it is a loop: 300 tokens if all are known, 1,500 if 60 % are


def loop_start(ids: Sequence[int]) -> int | None:
    """Where the second time round begins in *ids*, or None while the end of *ids* is no loop.

    The guard against repeated n-grams makes the model leave its loop by one token now and then, so a loop
    is a long tail of mostly known n-grams, not an exact period.
    """
    known = _known(ids)
    best, start, total = 0.0, None, 0.0
    for position in range(len(known) - 1, -1, -1):
        total += (1 - _KNOWN_SHARE) if known[position] else -_KNOWN_SHARE
        if total > best:
            best, start = total, position
    if start is None or best < _LIMIT:
        return None
    return max(0, start - _GRAM + 1)


def _known(ids: Sequence[int]) -> list[bool]:
    """For each token, whether the n-gram that it ends stood before."""
    seen: set[tuple[int, ...]] = set()
    known = []
    for end in range(1, len(ids) + 1):
        gram = tuple(ids[max(0, end - _GRAM) : end])
        known.append(gram in seen)
        seen.add(gram)
    return known
