"""The vision model: views of a page to the embeddings that stand for them in the prompt."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from gotwatch.engine.checkpoint.sizes import VisionSizes
from gotwatch.engine.got.preprocess import Recipe, table
from gotwatch.engine.got.products import MakeProduct, Product

Tensors = Mapping[str, Tensor]
Norm = Callable[[Tensor], Tensor]

_SMALL_AREA = 400  # patches: a window
_TILE_ROWS = 256  # queries of a whole view at a time


class VisionTower:
    """SAM's ViT with GOT's neck and projector. Residual streams are float32, products in the weights' type."""

    def __init__(self, tensors: Tensors, sizes: VisionSizes, recipe: Recipe, make_product: MakeProduct) -> None:
        """*tensors*: under their runtime names, on the device, in the type to compute in. Each is asked for once."""
        tower, projector = "vision_tower.", "multi_modal_projector."
        self._patch = sizes.patch
        self._patch_weight = tensors[tower + "patch_embed.projection.weight"]
        self._patch_bias = tensors[tower + "patch_embed.projection.bias"]
        self._places = tensors[tower + "pos_embed"].float()
        self._layers = [
            _layer(tensors, f"{tower}layers.{index}.", window, sizes, make_product)
            for index, window in enumerate(sizes.windows)
        ]
        self._convolutions = [tensors[f"{tower}neck.conv{index}.weight"] for index in (1, 2)]
        self._neck_norms = [_norm(tensors, f"{tower}neck.layer_norm{index}.", sizes.eps) for index in (1, 2)]
        self._shrinking = [tensors[f"{projector}conv_upsampler{index}.weight"] for index in (1, 2)]
        self._project = _product(tensors, projector + "multimodal_projector.", make_product)
        self._levels = torch.from_numpy(table(recipe)).to(self._patch_weight.device)

    def __call__(self, views: Tensor) -> Tensor:
        """(views, side, side, 3) of uint8 to (views, tokens, hidden)."""
        hidden = self._patches(views) + self._places
        for layer in self._layers:
            hidden = layer(hidden)
        hidden = self._neck(hidden.to(self._patch_weight.dtype))
        for weight in self._shrinking:
            hidden = F.conv2d(hidden, weight, stride=2, padding=1)
        return self._project(hidden.flatten(2).permute(0, 2, 1))

    def _patches(self, views: Tensor) -> Tensor:
        """(views, grid, grid, width), float32."""
        channels = [self._levels[channel][views[..., channel].long()] for channel in range(3)]
        pixels = torch.stack(channels, dim=1).to(self._patch_weight.dtype)
        patches = F.conv2d(pixels, self._patch_weight, self._patch_bias, stride=self._patch)
        return patches.permute(0, 2, 3, 1).float()

    def _neck(self, hidden: Tensor) -> Tensor:
        """(views, grid, grid, width) to (views, channels, grid, grid)."""
        hidden = hidden.permute(0, 3, 1, 2)
        for weight, norm in zip(self._convolutions, self._neck_norms, strict=True):
            hidden = F.conv2d(hidden, weight, padding=weight.shape[-1] // 2)
            hidden = norm(hidden.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        return hidden


@dataclass(frozen=True, slots=True)
class _Layer:
    window: int  # side of the area that a patch attends to, in patches; 0: the whole view
    heads: int
    first_norm: Norm
    qkv: Product
    rel_h: Tensor  # (2 side - 1, head_dim): embeddings of distances in rows
    rel_w: Tensor
    out: Product
    second_norm: Norm
    widen: Product
    narrow: Product

    def __call__(self, hidden: Tensor) -> Tensor:
        normed = self.first_norm(hidden)
        if self.window:
            windows = self._attend(_into_windows(normed, self.window))
            attended = _from_windows(windows, side=hidden.shape[1], views=hidden.shape[0])
        else:
            attended = self._attend(normed)
        hidden = hidden + attended
        return hidden + self.narrow(F.gelu(self.widen(self.second_norm(hidden))))

    def _attend(self, patches: Tensor) -> Tensor:
        """(areas, side, side, width) to the same, each patch attending to all of its area."""
        areas, side, _, width = patches.shape
        parts = self.qkv(patches).reshape(areas, side * side, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        query, key, value = parts.unbind(0)
        rel_h, rel_w = _by_distance(self.rel_h, side), _by_distance(self.rel_w, side)
        attend = biased if query.device.type == "cpu" else folded  # the faster one of each
        attended = attend(query, key, value, rel_h, rel_w)
        return self.out(attended.transpose(1, 2).reshape(areas, side, side, width))


def biased(query: Tensor, key: Tensor, value: Tensor, rel_h: Tensor, rel_w: Tensor) -> Tensor:
    """Attention with the relative positions as a bias, (areas, heads, length, head_dim) to the same.

    A whole view goes head by head and a few rows at a time: the bias of all heads at once would be gigabytes, and one
    of 256 x 4096 stays in the processor's cache, which takes a third less time than all 4096 rows of a head.
    """
    along_h, along_w = _position_scores(query, rel_h, rel_w)
    _, count, length, _ = query.shape
    heads, rows = (count, length) if length <= _SMALL_AREA else (1, _TILE_ROWS)
    outputs = []
    for head in range(0, count, heads):
        chosen = slice(head, head + heads)
        tiles = zip(*(whole[:, chosen].split(rows, dim=2) for whole in (query, along_h, along_w)), strict=True)
        parts = [
            F.scaled_dot_product_attention(
                tile,
                key[:, chosen],
                value[:, chosen],
                attn_mask=(tile_h[..., :, None] + tile_w[..., None, :]).flatten(-2),
            )
            for tile, tile_h, tile_w in tiles
        ]
        outputs.append(torch.cat(parts, dim=2))
    return torch.cat(outputs, dim=1)


def folded(query: Tensor, key: Tensor, value: Tensor, rel_h: Tensor, rel_w: Tensor) -> Tensor:
    """The same, exact, without a bias: the position scores become further columns of the query, and one-hot rows and
    columns those of the key. So the flash kernels apply, and nothing of length x length is ever there."""
    along_h, along_w = _position_scores(query, rel_h, rel_w)
    side = rel_h.shape[0]
    spot = torch.arange(side * side, device=query.device)
    where = torch.cat([F.one_hot(spot // side, side), F.one_hot(spot % side, side)], dim=1).to(key.dtype)
    wide_query = torch.cat([query * query.shape[-1] ** -0.5, along_h, along_w], dim=-1)
    wide_key = torch.cat([key, where.expand(*key.shape[:2], -1, -1)], dim=-1)
    padding = -wide_query.shape[-1] % 8
    wide_query, wide_key = F.pad(wide_query, (0, padding)), F.pad(wide_key, (0, padding))
    wide_value = F.pad(value, (0, wide_query.shape[-1] - value.shape[-1]))  # flash kernels want one width
    return F.scaled_dot_product_attention(wide_query, wide_key, wide_value, scale=1.0)[..., : value.shape[-1]]


def _position_scores(query: Tensor, rel_h: Tensor, rel_w: Tensor) -> tuple[Tensor, Tensor]:
    """(areas, heads, length, side) each: what a patch thinks of each row, and of each column, of its area."""
    side = rel_h.shape[0]
    grid = query.unflatten(2, (side, side))
    along_h = torch.einsum("anyxc,ykc->anyxk", grid, rel_h).flatten(2, 3)
    along_w = torch.einsum("anyxc,xkc->anyxk", grid, rel_w).flatten(2, 3)
    return along_h, along_w


def _by_distance(rel_pos: Tensor, side: int) -> Tensor:
    """(side, side, head_dim): the embedding of the distance from each place to each other one."""
    spot = torch.arange(side, device=rel_pos.device)
    return rel_pos[spot[:, None] - spot[None, :] + side - 1]


def _into_windows(patches: Tensor, window: int) -> Tensor:
    """(views * windows, window, window, width); what sticks out at the right and below is zeros."""
    padding = -patches.shape[1] % window
    patches = F.pad(patches, (0, 0, 0, padding, 0, padding))
    views, side, _, width = patches.shape
    count = side // window
    tiles = patches.reshape(views, count, window, count, window, width).transpose(2, 3)
    return tiles.reshape(-1, window, window, width)


def _from_windows(windows: Tensor, *, side: int, views: int) -> Tensor:
    _, window, _, width = windows.shape
    count = -(-side // window)
    tiles = windows.reshape(views, count, count, window, window, width).transpose(2, 3)
    return tiles.reshape(views, count * window, count * window, width)[:, :side, :side]


def _layer(tensors: Tensors, at: str, window: int, sizes: VisionSizes, make_product: MakeProduct) -> _Layer:
    return _Layer(
        window=window,
        heads=sizes.heads,
        first_norm=_norm(tensors, at + "layer_norm1.", sizes.eps),
        qkv=_product(tensors, at + "attn.qkv.", make_product),
        rel_h=tensors[at + "attn.rel_pos_h"],
        rel_w=tensors[at + "attn.rel_pos_w"],
        out=_product(tensors, at + "attn.proj.", make_product),
        second_norm=_norm(tensors, at + "layer_norm2.", sizes.eps),
        widen=_product(tensors, at + "mlp.lin1.", make_product),
        narrow=_product(tensors, at + "mlp.lin2.", make_product),
    )


def _product(tensors: Tensors, at: str, make_product: MakeProduct) -> Product:
    return make_product(tensors[at + "weight"], tensors[at + "bias"])


def _norm(tensors: Tensors, at: str, eps: float) -> Norm:
    """Computed in float32, handed on in the weights' type."""
    weight, bias = tensors[at + "weight"], tensors[at + "bias"]
    return partial(_normed, weight=weight.float(), bias=bias.float(), eps=eps, dtype=weight.dtype)


def _normed(hidden: Tensor, *, weight: Tensor, bias: Tensor, eps: float, dtype: torch.dtype) -> Tensor:
    return F.layer_norm(hidden.float(), weight.shape, weight, bias, eps).to(dtype)
