"""Where a model that writes has begun to repeat itself."""

from collections.abc import Sequence

_GRAM = 4  # tokens that must have stood together before to count as known
_KNOWN_SHARE = 0.7  # a stretch with more known tokens than this is a loop, if it is long
_LIMIT = 90.0  # 300 tokens if all are known, 900 if 80 % are: the n-gram guard forces a new one every 20


def loop_start(ids: Sequence[int]) -> int | None:
    """Where the second time round begins in *ids*, or None while the end of *ids* is no loop.

    The guard against repeated n-grams makes the model leave its loop by one token now and then, so a loop
    is a long tail of mostly known 4-grams, not an exact period.
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
    """For each token, whether the 4-gram that it ends stood before."""
    seen: set[tuple[int, ...]] = set()
    known = []
    for end in range(1, len(ids) + 1):
        gram = tuple(ids[max(0, end - _GRAM) : end])
        known.append(gram in seen)
        seen.add(gram)
    return known
