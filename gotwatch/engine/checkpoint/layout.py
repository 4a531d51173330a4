"""How the two kinds of checkpoint name and size the same model: the original's and its port to transformers.

Everything else here knows the port's words only, and the port's names as they are at run time, less "model.".
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gotwatch.errors import CheckpointMissing

PORT, ORIGINAL = "got_ocr2", "GOT"  # what the config calls its kind of model
EMBEDDING = "language_model.embed_tokens.weight"
HEAD = "lm_head.weight"

Shape = tuple[int, ...]

_OF = r"^model\.vision_tower_high\."
_RENAMES = tuple(  # the first that matches
    (re.compile(pattern), name)
    for pattern, name in (
        (r"^model\.(?=(vision_tower|multi_modal_projector|language_model)\.)", ""),
        (r"^language_model\.(lm_head\.)", r"\1"),
        (r"^language_model\.model\.", "language_model."),
        (_OF + r"net_2\.", "multi_modal_projector.conv_upsampler1."),
        (_OF + r"net_3\.", "multi_modal_projector.conv_upsampler2."),
        (r"^model\.mm_projector_vary\.", "multi_modal_projector.multimodal_projector."),
        (_OF + r"patch_embed\.proj\.", "vision_tower.patch_embed.projection."),
        (_OF + r"neck\.0\.", "vision_tower.neck.conv1."),
        (_OF + r"neck\.1\.", "vision_tower.neck.layer_norm1."),
        (_OF + r"neck\.2\.", "vision_tower.neck.conv2."),
        (_OF + r"neck\.3\.", "vision_tower.neck.layer_norm2."),
        (_OF + r"blocks\.(\d+)\.norm([12])\.", r"vision_tower.layers.\1.layer_norm\2."),
        (_OF + r"blocks\.", "vision_tower.layers."),
        (_OF, "vision_tower."),
        (r"^model\.", "language_model."),
    )
)
_VISION_LAYER = re.compile(r"vision_tower\.layers\.(\d{1,3})\.")
_MOST = 1 << 24  # of anything that a config counts
_MOST_LAYERS = 1000
_LARGEST = 1e12
_SHOWN = 3


def runtime_name(stored: str) -> str:
    """What the tensor that a file calls *stored* is called here."""
    for pattern, name in _RENAMES:
        renamed, found = pattern.subn(name, stored)
        if found:
            return renamed
    return stored


def port_config(config: Mapping[str, Any], shapes: Mapping[str, Shape]) -> dict[str, Any]:
    """*config* of either kind in the port's words, every number checked. What it does not say of the vision model,
    the tensors' *shapes* say. Raises CheckpointMissing."""
    text = _section(config, "text_config") if config.get("model_type") == PORT else config
    image_token = config.get("image_token_index", config.get("image_token_id", config.get("im_patch_token", 151859)))
    return {
        "model_type": PORT,
        "image_token_index": _count(image_token, "the image token", least=0),
        "tie_word_embeddings": HEAD not in shapes,
        "text_config": _text_config(text) | {"tie_word_embeddings": HEAD not in shapes},
        "vision_config": _vision_config(_section(config, "vision_config"), shapes),
    }


def expected_shapes(config: Mapping[str, Any]) -> dict[str, Shape]:
    """The tensors of a model of the size that port_config() gave."""
    text, vision = config["text_config"], config["vision_config"]
    return (
        _text_shapes(text) | _vision_shapes(vision) | _projector_shapes(vision["output_channels"], text["hidden_size"])
    )


def check_fit(folder: Path, config: Mapping[str, Any], shapes: Mapping[str, Shape]) -> None:
    """Refuse weights that would leave parts of the model at random numbers, or do not match the config."""
    expected = expected_shapes(config)
    if HEAD in shapes:
        expected[HEAD] = expected[EMBEDDING]
    missing = sorted(expected.keys() - shapes.keys())
    misshapen = sorted(name for name in expected.keys() & shapes.keys() if expected[name] != shapes[name])
    for names, what in ((missing, "lacks"), (misshapen, "has in another shape")):
        if names:
            listed = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
            raise CheckpointMissing(
                f"The model in {folder} does not fit its config: it {what} {len(names)} tensors ({listed})",
                hint="Use config.json and the weights of one and the same checkpoint.",
            )


def _text_config(text: Mapping[str, Any]) -> dict[str, Any]:
    hidden, heads = _number(text, "hidden_size"), _number(text, "num_attention_heads")
    kv_heads = _number(text, "num_key_value_heads", heads)
    head_dim = _number(text, "head_dim", max(1, hidden // heads))
    if heads % kv_heads or head_dim % 2:
        raise _unusable(f"it splits {hidden} into {heads} heads of {head_dim} over {kv_heads}")
    rope = text.get("rope_parameters")
    theta = (rope.get("rope_theta") if isinstance(rope, dict) else None) or text.get("rope_theta", 10_000.0)
    return {
        "model_type": "qwen2",
        "vocab_size": _number(text, "vocab_size"),
        "hidden_size": hidden,
        "intermediate_size": _number(text, "intermediate_size"),
        "num_hidden_layers": _number(text, "num_hidden_layers", most=_MOST_LAYERS),
        "num_attention_heads": heads,
        "num_key_value_heads": kv_heads,
        "head_dim": head_dim,
        "max_position_embeddings": _number(text, "max_position_embeddings", 32768),
        "rope_theta": _positive(theta, "rope_theta"),
        "rms_norm_eps": _positive(text.get("rms_norm_eps", 1e-6), "rms_norm_eps"),
    }


def _vision_config(vision: Mapping[str, Any], shapes: Mapping[str, Shape]) -> dict[str, Any]:
    stored_width, _, stored_patch, _ = _shape(shapes, "vision_tower.patch_embed.projection.weight", 4)
    _, stored_grid, _, _ = _shape(shapes, "vision_tower.pos_embed", 4)
    _, head_dim = _shape(shapes, "vision_tower.layers.0.attn.rel_pos_h", 2)
    width, patch = _number(vision, "hidden_size", stored_width), _number(vision, "patch_size", stored_patch)
    heads = _number(vision, "num_attention_heads", width // head_dim)
    side = _number(vision, "image_size", stored_grid * patch)
    if width % heads or side % patch:
        raise _unusable(f"it splits {width} into {heads} heads, and {side} pixels into patches of {patch}")
    stored_layers = 1 + max(int(match[1]) for name in shapes if (match := _VISION_LAYER.match(name)))
    layers = _number(vision, "num_hidden_layers", stored_layers, most=_MOST_LAYERS)
    window, everywhere = _attention(shapes, layers, grid=side // patch)
    return {
        "hidden_size": width,
        "output_channels": _number(vision, "output_channels", _shape(shapes, "vision_tower.neck.conv1.weight", 4)[0]),
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "image_size": side,
        "patch_size": patch,
        "window_size": _number(vision, "window_size", window),
        "global_attn_indexes": _indexes(vision, everywhere),
        "mlp_dim": _number(vision, "mlp_dim", _shape(shapes, "vision_tower.layers.0.mlp.lin1.weight", 2)[0]),
        "layer_norm_eps": _positive(vision.get("layer_norm_eps", 1e-6), "layer_norm_eps"),
    }


def _attention(shapes: Mapping[str, Shape], layers: int, *, grid: int) -> tuple[int, list[int]]:
    """The side of the windows in patches, and which layers attend to the whole view, told by how far apart two
    patches can be in each."""
    everywhere, window = [], grid
    for layer in range(layers):
        distances = shapes.get(f"vision_tower.layers.{layer}.attn.rel_pos_h", (0, 0))[0]
        if distances == 2 * grid - 1:
            everywhere.append(layer)
        elif distances:
            window = (distances + 1) // 2
    return window, everywhere


def _text_shapes(text: Mapping[str, Any]) -> dict[str, Shape]:
    hidden, inner, head_dim = text["hidden_size"], text["intermediate_size"], text["head_dim"]
    wide, narrow = text["num_attention_heads"] * head_dim, text["num_key_value_heads"] * head_dim
    layer = {
        **_biased("self_attn.q_proj", (wide, hidden)),
        **_biased("self_attn.k_proj", (narrow, hidden)),
        **_biased("self_attn.v_proj", (narrow, hidden)),
        "self_attn.o_proj.weight": (hidden, wide),
        "mlp.gate_proj.weight": (inner, hidden),
        "mlp.up_proj.weight": (inner, hidden),
        "mlp.down_proj.weight": (hidden, inner),
        "input_layernorm.weight": (hidden,),
        "post_attention_layernorm.weight": (hidden,),
    }
    shapes: dict[str, Shape] = {EMBEDDING: (text["vocab_size"], hidden), "language_model.norm.weight": (hidden,)}
    for index in range(text["num_hidden_layers"]):
        shapes |= {f"language_model.layers.{index}.{name}": shape for name, shape in layer.items()}
    return shapes


def _vision_shapes(vision: Mapping[str, Any]) -> dict[str, Shape]:
    width, patch, out = vision["hidden_size"], vision["patch_size"], vision["output_channels"]
    grid = vision["image_size"] // patch
    shapes = {
        "pos_embed": (1, grid, grid, width),
        **_biased("patch_embed.projection", (width, 3, patch, patch)),
        "neck.conv1.weight": (out, width, 1, 1),
        "neck.conv2.weight": (out, out, 3, 3),
        **_biased("neck.layer_norm1", (out,)),
        **_biased("neck.layer_norm2", (out,)),
    }
    for index in range(vision["num_hidden_layers"]):
        reach = grid if index in vision["global_attn_indexes"] else vision["window_size"]
        layer = {
            **_biased("layer_norm1", (width,)),
            **_biased("layer_norm2", (width,)),
            **_biased("attn.qkv", (3 * width, width)),
            **_biased("attn.proj", (width, width)),
            **_biased("mlp.lin1", (vision["mlp_dim"], width)),
            **_biased("mlp.lin2", (width, vision["mlp_dim"])),
            **{f"attn.rel_pos_{axis}": (2 * reach - 1, width // vision["num_attention_heads"]) for axis in "hw"},
        }
        shapes |= {f"layers.{index}.{name}": shape for name, shape in layer.items()}
    return {f"vision_tower.{name}": shape for name, shape in shapes.items()}


def _projector_shapes(channels: int, hidden: int) -> dict[str, Shape]:
    return {
        "multi_modal_projector.conv_upsampler1.weight": (2 * channels, channels, 3, 3),
        "multi_modal_projector.conv_upsampler2.weight": (hidden, 2 * channels, 3, 3),
        **_biased("multi_modal_projector.multimodal_projector", (hidden, hidden)),
    }


def _biased(name: str, shape: Shape) -> dict[str, Shape]:
    return {f"{name}.weight": shape, f"{name}.bias": shape[:1]}


def _shape(shapes: Mapping[str, Shape], name: str, dimensions: int) -> Shape:
    """Of a tensor without which nothing can be told."""
    if name not in shapes:
        raise _unusable(f"the weights lack {name}")
    shape = shapes[name]
    if len(shape) != dimensions or not all(shape):
        raise _unusable(f"{name} has the shape {list(shape)}")
    return shape


def _section(config: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    section = config.get(key) or {}
    if not isinstance(section, dict):
        raise _unusable(f"{key} is no object")
    return section


def _number(section: Mapping[str, Any], key: str, default: int | None = None, *, most: int = _MOST) -> int:
    value = section.get(key)
    if value is None and default is None:
        raise _unusable(f"it does not say {key}")
    return _count(default if value is None else value, key, most=most)


def _count(value: object, what: str, *, least: int = 1, most: int = _MOST) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise _unusable(f"{what} is {value!r:.40}")
    return value


def _positive(value: object, what: str) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < _LARGEST:
        raise _unusable(f"{what} is {value!r:.40}")
    return float(value)


def _indexes(vision: Mapping[str, Any], default: list[int]) -> list[int]:
    indexes = vision.get("global_attn_indexes", default)
    if not isinstance(indexes, list):
        raise _unusable(f"global_attn_indexes is {indexes!r:.40}")
    return [_count(index, "one of global_attn_indexes", least=0) for index in indexes]


def _unusable(why: str) -> CheckpointMissing:
    hint = "Use config.json and the weights of one and the same GOT-OCR2.0 checkpoint."
    return CheckpointMissing(f"The model does not fit its config, or is none of GOT-OCR2.0: {why}", hint=hint)
