"""Where a model that writes has begun to repeat itself."""

from collections.abc import Iterable

NO_REPEAT_NGRAM = 20  # tokens in a row that may not come twice, as in the original

_GRAM = 8  # tokens that must have stood together before to count as known; with 4, a table of digits is a loop
_KNOWN_SHARE = 0.5  # a loop has more known tokens than this: 60 % where the n-gram guard forces a new one every 20
_LIMIT = 150.0  # known tokens above that share before it is a loop: 300 tokens if all are known, 1,500 if 60 % are


class LoopWatch:
    """Is told every token of a page, and knows when they have become a loop.

    The guard against repeated n-grams makes the model leave its loop by one token now and then, so a loop
    is a long tail of mostly known n-grams, not an exact period.
    """

    def __init__(self) -> None:
        self.loop_start: int | None = None  # where the second time round began
        self._count = 0
        self._gram: tuple[int, ...] = ()
        self._seen: set[tuple[int, ...]] = set()
        self._surplus = 0.0  # known tokens above the share, in the tail where that is most
        self._tail_start = 0

    def add(self, tokens: Iterable[int]) -> None:
        for token in tokens:
            self._add(token)

    def _add(self, token: int) -> None:
        self._gram = (*self._gram[-_GRAM + 1 :], token)
        self._surplus += (1 - _KNOWN_SHARE) if self._gram in self._seen else -_KNOWN_SHARE
        self._seen.add(self._gram)
        self._count += 1
        if self._surplus <= 0:
            self._surplus, self._tail_start = 0.0, self._count
        elif self.loop_start is None and self._surplus >= _LIMIT:
            self.loop_start = max(0, self._tail_start - _GRAM + 1)
