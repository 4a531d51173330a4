"""The numbers of a model that its arithmetic needs, out of a config in the port's words."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class VisionSizes:
    side: int  # of a view, in pixels
    patch: int  # of a patch, in pixels
    width: int
    heads: int
    mlp: int
    windows: tuple[int, ...]  # of each layer, in patches; 0 attends to the whole view
    eps: float

    @property
    def patches(self) -> int:
        """Of a view."""
        return (self.side // self.patch) ** 2

    @property
    def weights(self) -> int:
        """In the layers, about."""
        return len(self.windows) * self.width * (4 * self.width + 2 * self.mlp)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSizes:
    vocabulary: int
    width: int
    mlp: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    positions: int  # that a page may have, its prompt included
    rope_theta: float
    eps: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    vision: VisionSizes
    text: TextSizes
    image_token: int

    @property
    def tokens_per_view(self) -> int:
        """How many image tokens a view becomes: its patches, halved twice in both directions."""
        return math.ceil(self.vision.side // self.vision.patch / 4) ** 2


def sizes_of(config: Mapping[str, Any]) -> Sizes:
    """*config*: as layout.port_config() gives it, every number checked."""
    vision, text = config["vision_config"], config["text_config"]
    layers = range(vision["num_hidden_layers"])
    return Sizes(
        vision=VisionSizes(
            side=vision["image_size"],
            patch=vision["patch_size"],
            width=vision["hidden_size"],
            heads=vision["num_attention_heads"],
            mlp=vision["mlp_dim"],
            windows=tuple(0 if layer in vision["global_attn_indexes"] else vision["window_size"] for layer in layers),
            eps=vision["layer_norm_eps"],
        ),
        text=TextSizes(
            vocabulary=text["vocab_size"],
            width=text["hidden_size"],
            mlp=text["intermediate_size"],
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
