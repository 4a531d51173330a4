"""The numbers of a model that its arithmetic needs, out of a config in the port's words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class VisionSizes:
    side: int  # of a view, in pixels
    patch: int  # of a patch, in pixels
    heads: int
    windows: tuple[int, ...]  # of each layer, in patches; 0 attends to the whole view
    eps: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSizes:
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    positions: int
    rope_theta: float
    eps: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    vision: VisionSizes
    text: TextSizes
    image_token: int


def sizes_of(config: Mapping[str, Any]) -> Sizes:
    """*config*: as layout.port_config() gives it, every number checked."""
    vision, text = config["vision_config"], config["text_config"]
    layers = range(vision["num_hidden_layers"])
    return Sizes(
        vision=VisionSizes(
            side=vision["image_size"],
            patch=vision["patch_size"],
            heads=vision["num_attention_heads"],
            windows=tuple(0 if layer in vision["global_attn_indexes"] else vision["window_size"] for layer in layers),
            eps=vision["layer_norm_eps"],
        ),
        text=TextSizes(
            layers=text["num_hidden_layers"],
            heads=text["num_attention_heads"],
            kv_heads=text["num_key_value_heads"],
            head_dim=text["head_dim"],
            positions=text["max_position_embeddings"],
            rope_theta=text["rope_theta"],
            eps=text["rms_norm_eps"],
        ),
        image_token=config["image_token_index"],
    )
