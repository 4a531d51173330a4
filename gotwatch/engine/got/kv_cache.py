"""The keys and values of every page in work, in slots."""

import torch
from torch import Tensor

from gotwatch.engine.got.sizes import TextSizes


class KvCache:
    """(layers, slots, heads, length, head_dim), twice. Memory that was never written costs nothing on a CPU."""

    def __init__(self, sizes: TextSizes, *, slots: int, length: int, dtype: torch.dtype, device: torch.device) -> None:
        shape = (sizes.layers, slots, sizes.kv_heads, length, sizes.head_dim)
        # Zeros, not whatever was there: what is masked still takes part, and NaN times nothing is NaN.
        self._keys = torch.zeros(shape, dtype=dtype, device=device)
        self._values = torch.zeros(shape, dtype=dtype, device=device)
        self._rows = torch.arange(slots, device=device)

    def fill(self, layer: int, slots: Tensor, keys: Tensor, values: Tensor) -> None:
        """The beginning of *slots*: (slots, heads, length, head_dim)."""
        length = keys.shape[2]
        self._keys[layer][slots, :, :length] = keys
        self._values[layer][slots, :, :length] = values

    def append(self, layer: int, lengths: Tensor, keys: Tensor, values: Tensor) -> None:
        """One token, (slots, heads, 1, head_dim), behind the *lengths* that the first slots have."""
        rows = self._rows[: lengths.shape[0]]
        self._keys[layer][rows, :, lengths] = keys[:, :, 0]
        self._values[layer][rows, :, lengths] = values[:, :, 0]

    def look(self, layer: int, slots: int, reach: int) -> tuple[Tensor, Tensor]:
        """The first *slots* up to *reach*, without a copy."""
        return self._keys[layer, :slots, :, :reach], self._values[layer, :slots, :, :reach]

    def move(self, source: int, target: int, length: int) -> None:
        """Put a page into another slot, so that the slots in use stay the first ones."""
        self._keys[:, target, :, :length] = self._keys[:, source, :, :length]
        self._values[:, target, :, :length] = self._values[:, source, :, :length]

    def take(self, other: "KvCache", slots: int, length: int) -> None:
        """The beginning of another cache's first *slots*."""
        self._keys[:, :slots, :, :length] = other._keys[:, :slots, :, :length]
        self._values[:, :slots, :, :length] = other._values[:, :slots, :, :length]
