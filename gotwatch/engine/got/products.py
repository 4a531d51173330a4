"""Matrix products with fixed weights: as they are, or with 8-bit weights on a CPU."""

from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

Product = Callable[[Tensor], Tensor]
MakeProduct = Callable[[Tensor, Tensor | None], Product]

_INT8_STEPS = 127.0


def dense(weight: Tensor, bias: Tensor | None) -> Product:
    return partial(F.linear, weight=weight, bias=bias)


def int8(weight: Tensor, bias: Tensor | None) -> Product:
    """Weights as int8 with one scale a row, inputs quantised as they come (PyTorch's dynamic quantisation)."""
    scales = weight.abs().amax(dim=1).clamp(min=1e-8).double() / _INT8_STEPS
    zeros = torch.zeros(len(scales), dtype=torch.int64)
    quantised = torch.quantize_per_channel(weight.float(), scales, zeros, axis=0, dtype=torch.qint8)
    packed = torch.ops.quantized.linear_prepack(quantised, None if bias is None else bias.float())
    return partial(_int8_product, packed=packed)


def _int8_product(hidden: Tensor, *, packed: torch.ScriptObject) -> Tensor:
    flat = hidden.reshape(-1, hidden.shape[-1])
    # reduce_range: without VNNI the CPU adds 8-bit products in 16 bits, which full-range inputs overflow
    product: Tensor = torch.ops.quantized.linear_dynamic(flat, packed, reduce_range=True)
    return product.unflatten(0, hidden.shape[:-1])
