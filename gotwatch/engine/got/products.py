"""Matrix products with fixed weights, so that the model's parts need not know how their weights are kept."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

_FEW_ROWS = 16  # up to here the reading of the weights is the work
_BLOCK = 1 << 22  # weights that are made floats at a time: what a processor's cache holds
_LEVELS = 127
_STRIDE = 16  # PyTorch's 8-bit product reads so many weights at a time, and knows no rest


class Product(Protocol):
    """Weights, (outputs, inputs), and a bias."""

    def __call__(self, inputs: Tensor, /) -> Tensor:
        """(…, inputs) to (…, outputs)."""

    def rows(self, numbers: Tensor, /) -> Tensor:
        """Some of the weights' rows: an embedding's, where the output layer has the same weights."""


MakeProduct = Callable[[Tensor, Tensor | None], Product]


def dense(weight: Tensor, bias: Tensor | None) -> Product:
    """In the weights' own type."""
    return _Dense(weight, bias)


def int8(weight: Tensor, bias: Tensor | None) -> "Int8":
    """On a CPU, with weights of 8 bits and a scale for each row. Float32 in and out."""
    numbers, scales = _quantised(weight)
    # PyTorch's builds for Windows have only a slow version of it.
    has_kernel = sys.platform != "win32" and weight.shape[1] % _STRIDE == 0
    return Int8(numbers, scales, bias, has_kernel, torch.bfloat16 if _multiplies_bfloat16() else torch.float32)


@dataclass(frozen=True, slots=True)
class _Dense:
    weight: Tensor
    bias: Tensor | None

    def __call__(self, inputs: Tensor, /) -> Tensor:
        return _multiply(inputs, self.weight, self.bias)

    def rows(self, numbers: Tensor, /) -> Tensor:
        return F.embedding(numbers, self.weight)


@dataclass(frozen=True, slots=True)
class Int8:
    """Only the weights are rounded to 8 bits. What is multiplied with them is bfloat16, in which the model was
    trained, where that is fast."""

    weight: Tensor  # int8
    scales: Tensor  # bfloat16, of each row
    bias: Tensor | None
    has_kernel: bool  # for few rows
    kind: torch.dtype  # in which many are multiplied

    def __call__(self, inputs: Tensor, /) -> Tensor:
        flat = inputs.reshape(-1, inputs.shape[-1])
        multiply = self._few if self.has_kernel and len(flat) <= _FEW_ROWS else self._many
        outputs = multiply(flat).float()
        outputs = outputs if self.bias is None else outputs.add_(self.bias)
        return outputs.unflatten(0, inputs.shape[:-1])

    def rows(self, numbers: Tensor, /) -> Tensor:
        return self.weight[numbers].float() * self.scales[numbers][..., None]

    def _few(self, inputs: Tensor) -> Tensor:
        return torch._weight_int8pack_mm(inputs.bfloat16(), self.weight, self.scales)

    def _many(self, inputs: Tensor) -> Tensor:
        inputs, scales, height = inputs.to(self.kind), self.scales.to(self.kind), _block_height(self.weight)
        parts = [
            # Not weight * scale at once: PyTorch takes 20 times as long where it multiplies two types.
            _multiply(inputs, weight.to(self.kind).mul_(scale[:, None]), None)
            for weight, scale in zip(self.weight.split(height), scales.split(height), strict=True)
        ]
        return parts[0] if len(parts) == 1 else torch.cat(parts, dim=-1)


def _quantised(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Whole numbers, and what each row of them is to be multiplied with. Block by block: an embedding is large."""
    largest = torch.linalg.vector_norm(weight, ord=torch.inf, dim=1)
    # Rounded before it is used, so that it is the very scale that the kernel takes.
    scales = (largest.float() / _LEVELS).bfloat16().clamp(min=torch.finfo(torch.bfloat16).tiny)
    numbers = torch.empty(weight.shape, dtype=torch.int8)
    height = _block_height(weight)
    for into, block, scale in zip(*(tensor.split(height) for tensor in (numbers, weight, scales)), strict=True):
        into.copy_((block / scale[:, None].float()).round_().clamp_(-_LEVELS, _LEVELS))
    return numbers, scales


def _block_height(weight: Tensor) -> int:
    return max(1, _BLOCK // int(weight.shape[1]))


def _multiply(inputs: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """As F.linear does. Where that would ask MKL, ask oneDNN, which is up to three times as fast on AMD processors."""
    if weight.device.type == "cpu" and weight.dtype == torch.float32 and _asks_mkl():
        return torch.ops.mkldnn._linear_pointwise(inputs, weight, bias, "none", [], "")
    return F.linear(inputs, weight, bias)


def _asks_mkl() -> bool:
    return bool(torch.backends.mkl.is_available() and torch.backends.mkldnn.is_available())


def _multiplies_bfloat16() -> bool:
    """Whether the processor has instructions for it: without them it is the slowest way of all."""
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
