"""Matrix products with fixed weights, so that the model's parts need not know how their weights are kept."""

from collections.abc import Callable
from functools import partial

import torch.nn.functional as F
from torch import Tensor

Product = Callable[[Tensor], Tensor]
MakeProduct = Callable[[Tensor, Tensor | None], Product]


def dense(weight: Tensor, bias: Tensor | None) -> Product:
    """In the weights' own type."""
    return partial(F.linear, weight=weight, bias=bias)
