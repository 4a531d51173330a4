"""The language model: embeddings to logits, over a cache of what it has seen. Knows no pages and picks nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from gotwatch.engine.checkpoint.sizes import TextSizes
from gotwatch.engine.got.kv_cache import KvCache
from gotwatch.engine.got.products import MakeProduct, Product

Tensors = Mapping[str, Tensor]

_HEAD = "lm_head.weight"  # only where it differs from the embedding


class Decoder:
    """Qwen2 without its bookkeeping: fused products, a float32 residual stream, products in the weights' type."""

    def __init__(self, tensors: Tensors, sizes: TextSizes, make_product: MakeProduct) -> None:
        """*tensors*: under their runtime names, on the device, in the type to compute in."""
        self.sizes = sizes
        head, norm = tensors.get(_HEAD), tensors["language_model.norm.weight"]
        self._dtype = norm.dtype
        self._embedding = make_product(tensors["language_model.embed_tokens.weight"], None)
        self._head = self._embedding if head is None else make_product(head, None)
        self._norm = norm.float()
        self._layers = [
            _layer(tensors, f"language_model.layers.{index}.", make_product) for index in range(sizes.layers)
        ]
        self._frequencies = _frequencies(sizes).to(norm.device)

    def embed(self, ids: Tensor) -> Tensor:
        return self._embedding.rows(ids)

    def predict(self, embeddings: Tensor, positions: Tensor, cache: KvCache, rows: slice, *, reach: int) -> Tensor:
        """Take in further tokens of the pages in *rows*; the logits of what follows, (rows, vocabulary), float32.

        *embeddings*: (rows, length, hidden). *positions*: (rows, length), where the tokens stand; what stands before
        them is in the cache. *reach*: more than all positions; only so much of the cache is looked at.
        """
        hidden = embeddings.float()
        turns = self._turns(positions)
        bias = self._bias(positions, reach)
        for index, layer in enumerate(self._layers):
            query, key, value = self._project(hidden, layer, turns)
            cache.put(index, rows, positions, key, value)
            keys, values = cache.look(index, rows, reach)
            attended = F.scaled_dot_product_attention(query, keys, values, attn_mask=bias, enable_gqa=self._grouped)
            hidden = self._rest(hidden, attended, layer)
        return self._head(self._normed(hidden[:, -1], self._norm)).float()

    @property
    def _grouped(self) -> bool:
        return self.sizes.kv_heads != self.sizes.heads

    def _turns(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        """cos and sin, (rows, 1, length, head_dim): arXiv 2104.09864, the halves turned against each other."""
        angles = (positions[..., None] * self._frequencies)[:, None]
        cos, sin = angles.cos(), angles.sin()
        return torch.cat([cos, cos], dim=-1), torch.cat([-sin, sin], dim=-1)

    def _bias(self, positions: Tensor, reach: int) -> Tensor:
        """(rows, 1, length, reach): no token sees what stands behind it."""
        behind = torch.arange(reach, device=positions.device) > positions[..., None]
        return torch.zeros(behind.shape, dtype=self._dtype, device=behind.device).masked_fill_(behind, -torch.inf)[
            :, None
        ]

    def _project(self, hidden: Tensor, layer: "_Layer", turns: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values, (rows, heads, length, head_dim), the first two turned to their positions."""
        sizes = self.sizes
        heads = layer.qkv(self._normed(hidden, layer.input_norm)).unflatten(-1, (-1, sizes.head_dim)).transpose(1, 2)
        turned, value = heads.split([sizes.heads + sizes.kv_heads, sizes.kv_heads], dim=1)
        query, key = _turn(turned, *turns).split([sizes.heads, sizes.kv_heads], dim=1)
        return query, key, value

    def _rest(self, hidden: Tensor, attended: Tensor, layer: "_Layer") -> Tensor:
        """What comes behind the attention in a layer."""
        hidden = hidden + layer.out(attended.transpose(1, 2).flatten(2))
        gate, up = layer.gate_up(self._normed(hidden, layer.post_norm)).chunk(2, dim=-1)
        return hidden + layer.down(F.silu(gate) * up)

    def _normed(self, hidden: Tensor, weight: Tensor) -> Tensor:
        return F.rms_norm(hidden, weight.shape, weight, self.sizes.eps).to(self._dtype)


@dataclass(frozen=True, slots=True)
class _Layer:
    input_norm: Tensor
    qkv: Product
    out: Product
    post_norm: Tensor
    gate_up: Product
    down: Product


def _layer(tensors: Tensors, at: str, make_product: MakeProduct) -> _Layer:
    def joined(kind: str, *names: str) -> Tensor:
        return torch.cat([tensors[f"{at}{name}.{kind}"] for name in names])

    attention = ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj")
    return _Layer(
        input_norm=tensors[at + "input_layernorm.weight"].float(),
        qkv=make_product(joined("weight", *attention), joined("bias", *attention)),
        out=make_product(tensors[at + "self_attn.o_proj.weight"], None),
        post_norm=tensors[at + "post_attention_layernorm.weight"].float(),
        gate_up=make_product(joined("weight", "mlp.gate_proj", "mlp.up_proj"), None),
        down=make_product(tensors[at + "mlp.down_proj.weight"], None),
    )


def _frequencies(sizes: TextSizes) -> Tensor:
    return 1 / sizes.rope_theta ** (torch.arange(0, sizes.head_dim, 2, dtype=torch.float32) / sizes.head_dim)


def _turn(heads: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    swapped = heads.roll(heads.shape[-1] // 2, dims=-1)
    return (heads * cos + swapped * sin).to(heads.dtype)
