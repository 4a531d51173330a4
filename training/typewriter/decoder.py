"""The decoder's forward pass as training needs it: faster than the library's, and with a look inside."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_NEVER = -1e9

Known = list[tuple[Tensor, Tensor]]  # keys and values of each layer, (rows, heads, length, head_dim)


@dataclass(frozen=True, slots=True)
class LayerTrace:
    """What one layer was given and what its attention made of it."""

    before: Tensor  # (rows, inputs, hidden)
    added: Tensor  # (rows, inputs, hidden), by its attention
    scores: Tensor  # (rows, inputs, heads, everything before): how well each fits, before softmax


@dataclass(frozen=True, slots=True)
class Pass:
    known: Known
    last: Tensor | None = None  # (rows, inputs, hidden), from the asked place on
    traces: dict[int, LayerTrace] = field(default_factory=dict)


def decode(
    decoder: nn.Module, inputs: Tensor, past: Known | None, *, first: int | None, traced: Mapping[int, int]
) -> Pass:
    """*first*: from which input on to say what comes next; None where nobody asks. *past*: of what stands before the
    inputs. *traced*: which layers to tell of, and of how many of their heads."""
    length = inputs.shape[1]
    passed = past[0][0].shape[2] if past else 0
    cos, sin = (table[:, None] for table in decoder.rotary_emb(inputs, passed + torch.arange(length)[None]))
    later = torch.ones(length, passed + length, dtype=torch.bool).triu(passed + 1)
    known: Known = []
    traces: dict[int, LayerTrace] = {}
    hidden = inputs
    for number, layer in enumerate(decoder.layers):
        attention, normed = layer.self_attn, _normed(layer.input_layernorm, hidden)
        key = _turned(_heads(attention, attention.k_proj, normed), cos, sin)
        value = _heads(attention, attention.v_proj, normed)
        if past:
            before = past[number]
            key, value = (torch.cat([old, new], dim=2) for old, new in zip(before, (key, value), strict=True))
        known.append((key, value))
        start = 0
        if number == len(decoder.layers) - 1:
            if first is None:
                break
            start = first
        query = _turned(_heads(attention, attention.q_proj, normed[:, start:]), cos[:, :, start:], sin[:, :, start:])
        fit = (query / math.sqrt(attention.head_dim)) @ key.transpose(2, 3)
        fit = fit.masked_fill(later[start:], _NEVER)
        added = attention.o_proj((fit.softmax(-1) @ value).transpose(1, 2).flatten(2))
        if number in traced:
            traces[number] = LayerTrace(hidden, added, fit[:, : traced[number]].transpose(1, 2))
        hidden = hidden[:, start:] + added
        hidden = hidden + layer.mlp(_normed(layer.post_attention_layernorm, hidden))
    return Pass(known, None if first is None else _normed(decoder.norm, hidden), traces)


def for_each(known: Known, rows: Tensor) -> Known:
    """What is known, once for each of *rows*."""
    return [(key[rows], value[rows]) for key, value in known]


def _normed(norm: nn.Module, hidden: Tensor) -> Tensor:
    return F.rms_norm(hidden, hidden.shape[-1:], norm.weight, norm.variance_epsilon)


def _heads(attention: nn.Module, projection: nn.Linear, normed: Tensor) -> Tensor:
    """(rows, heads, length, head_dim)."""
    return projection(normed).unflatten(-1, (-1, attention.head_dim)).transpose(1, 2)


def _turned(heads: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    first, second = heads.chunk(2, dim=-1)
    return heads * cos + torch.cat([-second, first], dim=-1) * sin
