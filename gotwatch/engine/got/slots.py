"""The memory of the pages in work: what each has seen as tokens, and as keys and values. One row, one slot, a page."""

import torch
from torch import Tensor

from gotwatch.engine.checkpoint.sizes import TextSizes
from gotwatch.engine.got.kv_cache import KvCache


class Slots:
    def __init__(self, sizes: TextSizes, *, dtype: torch.dtype, device: str) -> None:
        self.count = 0
        self.room = 0  # tokens that a page may have in all, its prompt included
        self.cache = KvCache(sizes, dtype=dtype, device=device)
        self.tokens = torch.zeros((0, 0), dtype=torch.int64, device=device)
        self.log_probs = torch.zeros((0, 0), dtype=torch.float32, device=device)
        self.lengths = torch.zeros(0, dtype=torch.int64, device=device)  # tokens, the last of them not in the cache

    def resize(self, count: int, room: int) -> None:
        """What still fits stays, at another place in memory."""
        self.cache.resize(count, room)
        self.tokens = _resized(self.tokens, count, room)
        self.log_probs = _resized(self.log_probs, count, room)
        self.lengths = _resized(self.lengths, count)
        self.count, self.room = count, room

    def begin(self, rows: slice, prompts: Tensor) -> None:
        """Put prompts of one length, (rows, length), into *rows*."""
        self.tokens[rows, : prompts.shape[1]] = prompts
        self.lengths[rows] = prompts.shape[1]

    def put(self, rows: slice, chosen: Tensor, log_probs: Tensor) -> None:
        """One more token in each of *rows*."""
        at = self.lengths[rows, None]
        self.tokens[rows].scatter_(1, at, chosen[:, None])
        self.log_probs[rows].scatter_(1, at, log_probs[:, None])
        self.lengths[rows].add_(1)

    def last(self, rows: slice) -> Tensor:
        """The newest token of each of *rows*, (rows, 1)."""
        return self.tokens[rows].gather(1, self.lengths[rows, None] - 1)

    def newest(self, rows: slice, count: int) -> tuple[list[list[int]], list[list[float]]]:
        """The last *count* tokens of each of *rows*, and their log-probabilities. Waits for the device."""
        at = self.lengths[rows, None] - count + torch.arange(count, device=self.lengths.device)
        return self.tokens[rows].gather(1, at).tolist(), self.log_probs[rows].gather(1, at).tolist()

    def idle(self, rows: slice) -> None:
        """Rows without a page, which are computed beside the others: they write over their own beginning."""
        self.lengths[rows] = 1

    def move(self, source: int, target: int, length: int) -> None:
        """Put a page of so many tokens into another slot."""
        self.cache.move(source, target, length)
        for rows in (self.tokens, self.log_probs, self.lengths):
            rows[target] = rows[source]


def rows_for(pages: int) -> int:
    """How many rows are computed for so many pages: 1, 2, 3, 4, 6, 8, 12, 16, 24, … so that few shapes come about."""
    return _rounded_up(pages, least=1, parts=4)


def reach_for(length: int) -> int:
    """How much of the cache is looked at for pages of up to this length; at most an eighth too much, from 1024 on."""
    return _rounded_up(length, least=128, parts=16)


def room_for(length: int, most: int) -> int:
    """How much memory a page of this *length* gets that will not grow over *most*: twice as much each time."""
    return min(_rounded_up(length, least=512, parts=1), reach_for(most))


def _rounded_up(number: int, *, least: int, parts: int) -> int:
    """To a multiple of *least*, or of so many parts of the next power of two if that is more."""
    granule = max(least, (1 << (number - 1).bit_length()) // parts)
    return -(-number // granule) * granule


def _resized(old: Tensor, *shape: int) -> Tensor:
    new = old.new_zeros(shape)
    kept = tuple(slice(min(sizes)) for sizes in zip(shape, old.shape, strict=True))
    new[kept] = old[kept]
    return new
