"""The keys and values of every page in work, a slot each."""

from collections.abc import Sequence

import torch
from torch import Tensor

from gotwatch.engine.checkpoint.sizes import TextSizes

Beginning = Sequence[tuple[Tensor, Tensor]]  # of a page, layer by layer: (heads, length, head_dim)


class KvCache:
    """Of each layer (slots, heads, length, head_dim), twice. Memory that was never written costs nothing on a CPU."""

    def __init__(self, sizes: TextSizes, *, dtype: torch.dtype, device: str) -> None:
        self._sizes = sizes
        self._kind = {"dtype": dtype, "device": device}
        self._keys = [self._new(0, 0) for _ in range(sizes.layers)]
        self._values = [self._new(0, 0) for _ in range(sizes.layers)]
        self._rows = torch.arange(0, device=device)

    def resize(self, slots: int, length: int) -> None:
        """What still fits stays. Layer by layer, so that there is never a second copy of the whole."""
        for layers in (self._keys, self._values):
            for index in range(len(layers)):
                layers[index] = self._resized(layers[index], slots, length)
        self._rows = torch.arange(slots, device=self._rows.device)

    def put(self, layer: int, rows: slice, positions: Tensor, keys: Tensor, values: Tensor) -> None:
        """*positions*: (rows, length), of the tokens whose (rows, heads, length, head_dim) these are."""
        at = self._rows[rows, None]
        self._keys[layer][at, :, positions] = keys.transpose(1, 2)
        self._values[layer][at, :, positions] = values.transpose(1, 2)

    def look(self, layer: int, rows: slice, reach: int) -> tuple[Tensor, Tensor]:
        """*rows* up to *reach*, without a copy."""
        return self._keys[layer][rows, :, :reach], self._values[layer][rows, :, :reach]

    def beginning(self, row: int, length: int) -> Beginning:
        """A copy of what stands at the beginning of *row*."""
        pairs = zip(self._keys, self._values, strict=True)
        return [(keys[row, :, :length].clone(), values[row, :, :length].clone()) for keys, values in pairs]

    def begin(self, rows: slice, beginning: Beginning) -> None:
        for index, (keys, values) in enumerate(beginning):
            length = keys.shape[1]
            self._keys[index][rows, :, :length] = keys
            self._values[index][rows, :, :length] = values

    def move(self, source: int, target: int, length: int) -> None:
        """Put a page into another slot."""
        for layer in (*self._keys, *self._values):
            layer[target, :, :length] = layer[source, :, :length]

    def _resized(self, old: Tensor, slots: int, length: int) -> Tensor:
        new = self._new(slots, length)
        kept = slice(min(slots, old.shape[0])), slice(None), slice(min(length, old.shape[2]))
        new[kept] = old[kept]
        return new

    def _new(self, slots: int, length: int) -> Tensor:
        # Zeros, not whatever was there: what is masked still takes part, and NaN times nothing is NaN.
        return torch.zeros((slots, self._sizes.kv_heads, length, self._sizes.head_dim), **self._kind)
