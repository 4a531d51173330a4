"""The language model: embeddings to logits, over a cache of what it has seen. Knows no pages and picks nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from gotwatch.engine.got.kv_cache import KvCache
from gotwatch.engine.got.products import MakeProduct, Product
from gotwatch.engine.got.sizes import TextSizes

Tensors = Mapping[str, Tensor]


class Decoder:
    """Qwen2 without its bookkeeping: fused products, a float32 residual stream, products in the weights' type."""

    def __init__(self, tensors: Tensors, sizes: TextSizes, make_product: MakeProduct) -> None:
        """*tensors*: under their runtime names, on the device, in the type to compute in."""
        self.sizes = sizes
        self._embedding = tensors["language_model.embed_tokens.weight"]
        self._head = make_product(tensors.get("lm_head.weight", self._embedding), None)
        self._norm = tensors["language_model.norm.weight"]
        self._layers = [
            _layer(tensors, f"language_model.layers.{index}.", make_product) for index in range(sizes.layers)
        ]
        self._cos, self._sin = _rope(sizes, self._embedding.device)

    def embed(self, ids: Tensor) -> Tensor:
        return F.embedding(ids, self._embedding)

    def prefill(self, embeddings: Tensor, cache: KvCache, slots: Tensor) -> Tensor:
        """Fill *slots* of *cache* from their beginning with (slots, length, hidden); the logits after the last.

        All rows have one length: pages of one prompt have.
        """
        length = embeddings.shape[1]
        positions = torch.arange(length, device=embeddings.device).expand(embeddings.shape[0], -1)
        hidden = embeddings.float()
        for index, layer in enumerate(self._layers):
            query, key, value = self._project(hidden, layer, positions)
            cache.fill(index, slots, key, value)
            attended = F.scaled_dot_product_attention(query, key, value, is_causal=True, enable_gqa=self._grouped)
            hidden = self._rest(hidden, attended, layer)
        return self._logits(hidden[:, -1])

    def step(self, tokens: Tensor, lengths: Tensor, cache: KvCache, *, reach: int) -> Tensor:
        """One more token for each of the first slots; (slots, vocabulary), float32.

        *tokens*: (slots,), the last one written. *lengths*: (slots,), how many each has seen before it.
        *reach*: a length that none exceeds with this token; only so much of the cache is looked at.
        """
        positions = lengths[:, None]
        hidden = self.embed(tokens)[:, None].float()
        seen = (torch.arange(reach, device=tokens.device) <= positions)[:, None, None]
        for index, layer in enumerate(self._layers):
            query, key, value = self._project(hidden, layer, positions)
            cache.append(index, lengths, key, value)
            keys, values = cache.look(index, len(tokens), reach)
            attended = F.scaled_dot_product_attention(query, keys, values, attn_mask=seen, enable_gqa=self._grouped)
            hidden = self._rest(hidden, attended, layer)
        return self._logits(hidden[:, -1])

    @property
    def _grouped(self) -> bool:
        return self.sizes.kv_heads != self.sizes.heads

    def _project(self, hidden: Tensor, layer: "_Layer", positions: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values, (rows, heads, length, head_dim), the first two turned to their positions."""
        sizes = self.sizes
        normed = _rms_norm(hidden, layer.input_norm, sizes.eps)
        qkv = layer.qkv(normed).unflatten(-1, (-1, sizes.head_dim)).transpose(1, 2)
        query, key, value = qkv.split([sizes.heads, sizes.kv_heads, sizes.kv_heads], dim=1)
        cos, sin = self._cos[positions][:, None], self._sin[positions][:, None]
        return _turn(query, cos, sin), _turn(key, cos, sin), value

    def _rest(self, hidden: Tensor, attended: Tensor, layer: "_Layer") -> Tensor:
        """What comes behind the attention in a layer."""
        hidden = hidden + layer.out(attended.transpose(1, 2).flatten(2)).float()
        normed = _rms_norm(hidden, layer.post_norm, self.sizes.eps)
        gate, up = layer.gate_up(normed).chunk(2, dim=-1)
        return hidden + layer.down(F.silu(gate) * up).float()

    def _logits(self, last: Tensor) -> Tensor:
        return self._head(_rms_norm(last, self._norm, self.sizes.eps)).float()


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
        input_norm=tensors[at + "input_layernorm.weight"],
        qkv=make_product(joined("weight", *attention), joined("bias", *attention)),
        out=make_product(tensors[at + "self_attn.o_proj.weight"], None),
        post_norm=tensors[at + "post_attention_layernorm.weight"],
        gate_up=make_product(joined("weight", "mlp.gate_proj", "mlp.up_proj"), None),
        down=make_product(tensors[at + "mlp.down_proj.weight"], None),
    )


def _rms_norm(hidden: Tensor, weight: Tensor, eps: float) -> Tensor:
    return F.rms_norm(hidden, weight.shape, weight.float(), eps).to(weight.dtype)


def _rope(sizes: TextSizes, device: torch.device) -> tuple[Tensor, Tensor]:
    """cos and sin, (positions, head_dim), float32: arXiv 2104.09864, the halves turned against each other."""
    exponents = torch.arange(0, sizes.head_dim, 2, dtype=torch.float32) / sizes.head_dim
    angles = torch.arange(sizes.positions, dtype=torch.float32)[:, None] / sizes.rope_theta**exponents
    angles = torch.cat([angles, angles], dim=-1).to(device)
    return angles.cos(), angles.sin()


def _turn(heads: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    first, second = heads.chunk(2, dim=-1)
    return (heads * cos + torch.cat([-second, first], dim=-1) * sin).to(heads.dtype)
