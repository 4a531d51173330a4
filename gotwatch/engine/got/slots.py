"""The memory of the pages in work: what each has seen as tokens, and as keys and values. One row, one slot, a page."""

import torch
from torch import Tensor

from gotwatch.engine.got.kv_cache import KvCache
from gotwatch.engine.got.sizes import TextSizes


class Slots:
    def __init__(self, sizes: TextSizes, *, count: int, room: int, dtype: torch.dtype, device: torch.device) -> None:
        """*room*: tokens that a page may have in all, its prompt included."""
        self.count = count
        self.room = room
        self.cache = KvCache(sizes, slots=count, length=room, dtype=dtype, device=device)
        self.tokens = torch.zeros((count, room), dtype=torch.int64, device=device)
        self.log_probs = torch.zeros((count, room), dtype=torch.float32, device=device)
        self.lengths = torch.zeros(count, dtype=torch.int64, device=device)  # tokens, the last of them not in the cache

    def begin(self, rows: Tensor, prompts: Tensor) -> None:
        """Put prompts of one length, (rows, length), into *rows*."""
        self.tokens[rows, : prompts.shape[1]] = prompts
        self.lengths[rows] = prompts.shape[1]

    def put(self, rows: Tensor, chosen: Tensor, log_probs: Tensor) -> None:
        """One more token in each of *rows*."""
        lengths = self.lengths[rows]
        self.tokens[rows, lengths] = chosen
        self.log_probs[rows, lengths] = log_probs
        self.lengths[rows] = lengths + 1

    def last(self, rows: Tensor) -> Tensor:
        """The newest token of each of *rows*."""
        return self.tokens[rows, self.lengths[rows] - 1]

    def written(self, row: int, begin: int) -> tuple[list[int], list[float]]:
        """The tokens of *row* behind the first *begin*, and their log-probabilities."""
        fresh = slice(begin, int(self.lengths[row]))
        return self.tokens[row, fresh].tolist(), self.log_probs[row, fresh].tolist()

    def move(self, source: int, target: int) -> None:
        """Put a page into another slot."""
        self.cache.move(source, target, int(self.lengths[source]))
        for rows in (self.tokens, self.log_probs, self.lengths):
            rows[target] = rows[source]

    def take(self, other: "Slots", pages: int) -> None:
        """Go on with the first *pages* of smaller slots."""
        used = int(other.lengths[:pages].max())
        self.cache.take(other.cache, pages, used)
        self.tokens[:pages, :used] = other.tokens[:pages, :used]
        self.log_probs[:pages, :used] = other.log_probs[:pages, :used]
        self.lengths[:pages] = other.lengths[:pages]
