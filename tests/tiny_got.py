"""GOT-OCR2.0 checkpoints of 100 kB with random weights, in the file layouts of the real ones."""

import base64
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from safetensors.torch import save_file as save_torch_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers.convert_slow_tokenizer import bytes_to_unicode

MARKS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<img>", "</img>", "<imgpad>")  # behind the 256 bytes
END_OF_TEXT, IM_START, IM_END, IMG, IMG_END, IMG_PAD = range(256, 262)
VOCABULARY = 264

Tensors = dict[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a model is, and how it is built."""

    hidden: int = 32
    layers: int = 2
    heads: int = 2
    kv_heads: int = 2
    mlp: int = 64
    positions: int = 2048
    rope_theta: float = 10_000.0
    side: int = 64
    patch: int = 8
    vision_width: int = 32
    vision_heads: int = 2
    vision_mlp: int = 64
    channels: int = 32
    windows: tuple[int, ...] = (4, 0)  # of each vision layer; 0 is global

    @property
    def grid(self) -> int:
        return self.side // self.patch

    @property
    def tokens_per_view(self) -> int:
        return -(-self.grid // 4) * -(-self.grid // 4)


TINY = Size()
SIZES = {
    "tiny": TINY,
    "grouped": Size(hidden=48, heads=6, kv_heads=2, mlp=40, layers=3, rope_theta=1e6),
    "wide windows": Size(side=96, patch=8, windows=(5, 0, 5), vision_width=24, vision_heads=3, channels=16),
    "all global": Size(side=48, patch=8, windows=(0, 0), vision_mlp=48, layers=1, hidden=64, heads=4, kv_heads=4),
    "narrow vision": Size(vision_width=16, vision_heads=4, vision_mlp=20, channels=8, windows=(3, 3, 0, 3)),
}

HIDDEN = TINY.hidden
SIDE = TINY.side
PATCH = TINY.patch
TOKENS_PER_VIEW = TINY.tokens_per_view


def make(
    folder: Path, *, seed: int = 1, size: Size = TINY, stops_at_once: bool = False, never_stops: bool = False
) -> Path:
    """Write the checkpoint. *stops_at_once*: its first token ends the page; *never_stops*: no token does."""
    folder.mkdir(parents=True, exist_ok=True)
    recipe = {"size": {"height": size.side, "width": size.side}}
    (folder / "config.json").write_text(json.dumps(config(size)), "utf-8")
    (folder / "preprocessor_config.json").write_text(json.dumps(recipe), "utf-8")
    tokenizer().save(str(folder / "tokenizer.json"))
    tensors = weights(seed, size)
    if stops_at_once:
        _stop_at_once(tensors)
    if never_stops:
        tensors["language_model.model.embed_tokens.weight"][[END_OF_TEXT, IM_END]] = 0  # others reach more than 0
    save(tensors, folder)
    return folder


def make_original(port: Path, folder: Path) -> Path:
    """The same model as in *port*, in the layout of the first publication, output layer and all."""
    folder.mkdir(parents=True)
    text = json.loads((port / "config.json").read_text("utf-8"))["text_config"]
    images = {"im_start_token": IMG, "im_end_token": IMG_END, "im_patch_token": IMG_PAD}
    own = {**text, **images, "model_type": "GOT", "architectures": ["GOTQwenForCausalLM"], "eos_token_id": END_OF_TEXT}
    (folder / "config.json").write_text(json.dumps(own), "utf-8")
    (folder / "qwen.tiktoken").write_bytes(tiktoken_lines())
    tensors = {original_name(name): tensor for name, tensor in load_file(port / "model.safetensors").items()}
    tensors["lm_head.weight"] = tensors["model.embed_tokens.weight"]
    save(tensors, folder)
    return folder


def save(tensors: Tensors, folder: Path) -> None:
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def save_as(folder: Path, dtype: torch.dtype, *, files: int = 1) -> None:
    """Store the weights in *folder* anew in other numbers, in so many files."""
    path = folder / "model.safetensors"
    tensors = {name: torch.from_numpy(tensor).to(dtype) for name, tensor in load_file(path).items()}
    if files == 1:
        save_torch_file(tensors, path, metadata={"format": "pt"})
        return
    path.unlink()
    names = sorted(tensors)
    where = {}
    for number in range(1, files + 1):
        file = f"model-{number:05d}-of-{files:05d}.safetensors"
        part = {name: tensors[name] for name in names[number - 1 :: files]}
        save_torch_file(part, folder / file, metadata={"format": "pt"})
        where |= dict.fromkeys(part, file)
    index = {"metadata": {}, "weight_map": where}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), "utf-8")


def original_name(name: str) -> str:
    """What the first publication calls a tensor of the port's file."""
    for pattern, replacement in (
        (r"^language_model\.model\.", "model."),
        (r"^multi_modal_projector\.conv_upsampler1\.", "model.vision_tower_high.net_2."),
        (r"^multi_modal_projector\.conv_upsampler2\.", "model.vision_tower_high.net_3."),
        (r"^multi_modal_projector\.multimodal_projector\.", "model.mm_projector_vary."),
        (r"^vision_tower\.patch_embed\.projection\.", "model.vision_tower_high.patch_embed.proj."),
        (r"^vision_tower\.layers\.(\d+)\.layer_norm", r"model.vision_tower_high.blocks.\1.norm"),
        (r"^vision_tower\.layers\.", "model.vision_tower_high.blocks."),
        (r"^vision_tower\.neck\.conv1\.", "model.vision_tower_high.neck.0."),
        (r"^vision_tower\.neck\.layer_norm1\.", "model.vision_tower_high.neck.1."),
        (r"^vision_tower\.neck\.conv2\.", "model.vision_tower_high.neck.2."),
        (r"^vision_tower\.neck\.layer_norm2\.", "model.vision_tower_high.neck.3."),
        (r"^vision_tower\.", "model.vision_tower_high."),
    ):
        renamed, found = re.subn(pattern, replacement, name)
        if found:
            return renamed
    return name


def config(size: Size = TINY) -> dict[str, Any]:
    return {
        "architectures": ["GotOcr2ForConditionalGeneration"],
        "model_type": "got_ocr2",
        "image_token_index": IMG_PAD,
        "image_seq_length": 576,  # as in the real one: not the number of image tokens
        "tie_word_embeddings": True,
        "text_config": {
            "model_type": "qwen2",
            "vocab_size": VOCABULARY,
            "hidden_size": size.hidden,
            "intermediate_size": size.mlp,
            "num_hidden_layers": size.layers,
            "num_attention_heads": size.heads,
            "num_key_value_heads": size.kv_heads,
            "max_position_embeddings": size.positions,
            "rope_theta": size.rope_theta,
            "tie_word_embeddings": True,
        },
        "vision_config": {
            "hidden_size": size.vision_width,
            "output_channels": size.channels,
            "num_hidden_layers": len(size.windows),
            "num_attention_heads": size.vision_heads,
            "image_size": size.side,
            "patch_size": size.patch,
            "window_size": max(size.windows) or size.grid,
            "global_attn_indexes": [index for index, window in enumerate(size.windows) if not window],
            "mlp_dim": size.vision_mlp,
        },
    }


def tokenizer(merges: Sequence[tuple[str, str]] = (), pre: pre_tokenizers.PreTokenizer | None = None) -> Tokenizer:
    """One token a byte, then one a merge, and the marks."""
    tokens = [*sorted(pre_tokenizers.ByteLevel.alphabet()), *("".join(merge) for merge in merges)]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    bytewise = Tokenizer(models.BPE(vocab=vocabulary, merges=list(merges)))
    bytewise.pre_tokenizer = pre or pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytewise.decoder = decoders.ByteLevel()
    bytewise.add_special_tokens([AddedToken(mark, special=True, normalized=False) for mark in MARKS])
    return bytewise


def tiktoken_lines(tokens: Tokenizer | None = None) -> bytes:
    """The tokens of tokenizer(), less the marks, as the first publication lists them."""
    vocabulary = (tokens or tokenizer()).get_vocab(with_added_tokens=False)
    by_character = {character: byte for byte, character in bytes_to_unicode().items()}
    lines = []
    for token, rank in sorted(vocabulary.items(), key=lambda item: item[1]):
        content = bytes(by_character[character] for character in token)
        lines.append(base64.b64encode(content) + f" {rank}\n".encode())
    return b"".join(lines)


def weights(seed: int, size: Size = TINY) -> Tensors:
    """All tensors under the names of the real file."""
    random = np.random.default_rng(seed)
    shapes = {**_vision_shapes(size), **_projector_shapes(size), **_text_shapes(size)}
    return {name: _tensor(random, name, shape) for name, shape in shapes.items()}


def _tensor(random: np.random.Generator, name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Of a scale at which the text varies: not one token again and again."""
    if "norm" in name and name.endswith("weight"):
        return np.ones(shape, np.float32)
    scale = 0.1 if "embed_tokens" in name or len(shape) == 1 else 2 / np.sqrt(np.prod(shape[1:]))
    return (random.standard_normal(shape) * scale).astype(np.float32)


def _vision_shapes(size: Size) -> dict[str, tuple[int, ...]]:
    width, head = size.vision_width, size.vision_width // size.vision_heads
    shapes: dict[str, tuple[int, ...]] = {
        "pos_embed": (1, size.grid, size.grid, width),
        "patch_embed.projection.weight": (width, 3, size.patch, size.patch),
        "patch_embed.projection.bias": (width,),
        "neck.conv1.weight": (size.channels, width, 1, 1),
        "neck.conv2.weight": (size.channels, size.channels, 3, 3),
        **_with_bias("neck.layer_norm1", (size.channels,)),
        **_with_bias("neck.layer_norm2", (size.channels,)),
    }
    for layer, window in enumerate(size.windows):
        at, reach = f"layers.{layer}.", window or size.grid
        shapes |= _with_bias(at + "layer_norm1", (width,)) | _with_bias(at + "layer_norm2", (width,))
        shapes |= _with_bias(at + "attn.qkv", (3 * width, width)) | _with_bias(at + "attn.proj", (width, width))
        shapes |= _with_bias(at + "mlp.lin1", (size.vision_mlp, width))
        shapes |= _with_bias(at + "mlp.lin2", (width, size.vision_mlp))
        shapes |= {at + "attn.rel_pos_h": (2 * reach - 1, head), at + "attn.rel_pos_w": (2 * reach - 1, head)}
    return {f"vision_tower.{name}": shape for name, shape in shapes.items()}


def _projector_shapes(size: Size) -> dict[str, tuple[int, ...]]:
    return {
        "multi_modal_projector.conv_upsampler1.weight": (2 * size.channels, size.channels, 3, 3),
        "multi_modal_projector.conv_upsampler2.weight": (size.hidden, 2 * size.channels, 3, 3),
        **_with_bias("multi_modal_projector.multimodal_projector", (size.hidden, size.hidden)),
    }


def _text_shapes(size: Size) -> dict[str, tuple[int, ...]]:
    hidden, narrow = size.hidden, size.hidden // size.heads * size.kv_heads
    shapes: dict[str, tuple[int, ...]] = {"embed_tokens.weight": (VOCABULARY, hidden), "norm.weight": (hidden,)}
    for layer in range(size.layers):
        at = f"layers.{layer}."
        for part, out in (("q_proj", hidden), ("k_proj", narrow), ("v_proj", narrow)):
            shapes |= _with_bias(f"{at}self_attn.{part}", (out, hidden))
        shapes |= {
            at + "self_attn.o_proj.weight": (hidden, hidden),
            at + "mlp.gate_proj.weight": (size.mlp, hidden),
            at + "mlp.up_proj.weight": (size.mlp, hidden),
            at + "mlp.down_proj.weight": (hidden, size.mlp),
            at + "input_layernorm.weight": (hidden,),
            at + "post_attention_layernorm.weight": (hidden,),
        }
    return {f"language_model.model.{name}": shape for name, shape in shapes.items()}


def _with_bias(name: str, shape: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": shape, f"{name}.bias": shape[:1]}


def _stop_at_once(tensors: Tensors) -> None:
    """Let one number alone decide what is written: a stop token where it is positive, the other where negative."""
    tensors["language_model.model.norm.weight"][1:] = 0
    embedding = tensors["language_model.model.embed_tokens.weight"]
    embedding[IM_END, 0], embedding[END_OF_TEXT, 0] = 100.0, -100.0
