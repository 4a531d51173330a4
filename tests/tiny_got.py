"""A GOT-OCR2.0 checkpoint of 100 kB with random weights, in the file layout of the real one."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

MARKS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<img>", "</img>", "<imgpad>")  # behind the 256 bytes
END_OF_TEXT, IM_START, IM_END, IMG, IMG_END, IMG_PAD = range(256, 262)
VOCABULARY = 264
SIDE = 64
PATCH = 8
TOKENS_PER_VIEW = 4

HIDDEN = 32
LAYERS = 2
HEADS = 2
MLP = 64
WINDOW = 4
POSITIONS = 2048

Tensors = dict[str, NDArray[np.float32]]


def make(folder: Path, *, seed: int = 1, stops_at_once: bool = False, never_stops: bool = False) -> Path:
    """Write the checkpoint. *stops_at_once*: its first token ends the page; *never_stops*: no token does."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config()), "utf-8")
    (folder / "preprocessor_config.json").write_text(json.dumps({"size": {"height": SIDE, "width": SIDE}}), "utf-8")
    tokenizer().save(str(folder / "tokenizer.json"))
    tensors = weights(seed)
    if stops_at_once:
        _stop_at_once(tensors)
    if never_stops:
        tensors["language_model.model.embed_tokens.weight"][[END_OF_TEXT, IM_END]] = 0  # others reach more than 0
    save(tensors, folder)
    return folder


def save(tensors: Tensors, folder: Path) -> None:
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def config() -> dict[str, Any]:
    return {
        "architectures": ["GotOcr2ForConditionalGeneration"],
        "model_type": "got_ocr2",
        "image_token_index": IMG_PAD,
        "image_seq_length": 576,  # as in the real one: not the number of image tokens
        "tie_word_embeddings": True,
        "text_config": {
            "model_type": "qwen2",
            "vocab_size": VOCABULARY,
            "hidden_size": HIDDEN,
            "intermediate_size": MLP,
            "num_hidden_layers": LAYERS,
            "num_attention_heads": HEADS,
            "num_key_value_heads": HEADS,
            "max_position_embeddings": POSITIONS,
            "rope_theta": 10000.0,
            "tie_word_embeddings": True,
        },
        "vision_config": {
            "hidden_size": HIDDEN,
            "output_channels": HIDDEN,
            "num_hidden_layers": LAYERS,
            "num_attention_heads": HEADS,
            "image_size": SIDE,
            "patch_size": PATCH,
            "window_size": WINDOW,
            "global_attn_indexes": [1],
            "mlp_dim": MLP,
        },
    }


def tokenizer() -> Tokenizer:
    """One token a byte, and the marks."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {character: number for number, character in enumerate(alphabet)}
    bytewise = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    bytewise.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytewise.decoder = decoders.ByteLevel()
    bytewise.add_special_tokens([AddedToken(mark, special=True, normalized=False) for mark in MARKS])
    return bytewise


def weights(seed: int) -> Tensors:
    """All tensors under the names of the real file."""
    random = np.random.default_rng(seed)
    shapes = {**_vision_shapes(), **_projector_shapes(), **_text_shapes()}
    return {name: _tensor(random, name, shape) for name, shape in shapes.items()}


def _tensor(random: np.random.Generator, name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Of a scale at which the text varies: not one token again and again."""
    if "norm" in name and name.endswith("weight"):
        return np.ones(shape, np.float32)
    scale = 0.1 if "embed_tokens" in name or len(shape) == 1 else 2 / np.sqrt(np.prod(shape[1:]))
    return (random.standard_normal(shape) * scale).astype(np.float32)


def _vision_shapes() -> dict[str, tuple[int, ...]]:
    grid, head = SIDE // PATCH, HIDDEN // HEADS
    shapes: dict[str, tuple[int, ...]] = {
        "pos_embed": (1, grid, grid, HIDDEN),
        "patch_embed.projection.weight": (HIDDEN, 3, PATCH, PATCH),
        "patch_embed.projection.bias": (HIDDEN,),
        "neck.conv1.weight": (HIDDEN, HIDDEN, 1, 1),
        "neck.conv2.weight": (HIDDEN, HIDDEN, 3, 3),
        **_with_bias("neck.layer_norm1", (HIDDEN,)),
        **_with_bias("neck.layer_norm2", (HIDDEN,)),
    }
    for layer, reach in enumerate((WINDOW, grid)):  # the second layer is global
        at = f"layers.{layer}."
        shapes |= _with_bias(at + "layer_norm1", (HIDDEN,)) | _with_bias(at + "layer_norm2", (HIDDEN,))
        shapes |= _with_bias(at + "attn.qkv", (3 * HIDDEN, HIDDEN)) | _with_bias(at + "attn.proj", (HIDDEN, HIDDEN))
        shapes |= _with_bias(at + "mlp.lin1", (MLP, HIDDEN)) | _with_bias(at + "mlp.lin2", (HIDDEN, MLP))
        shapes |= {at + "attn.rel_pos_h": (2 * reach - 1, head), at + "attn.rel_pos_w": (2 * reach - 1, head)}
    return {f"vision_tower.{name}": shape for name, shape in shapes.items()}


def _projector_shapes() -> dict[str, tuple[int, ...]]:
    return {
        "multi_modal_projector.conv_upsampler1.weight": (2 * HIDDEN, HIDDEN, 3, 3),
        "multi_modal_projector.conv_upsampler2.weight": (HIDDEN, 2 * HIDDEN, 3, 3),
        **_with_bias("multi_modal_projector.multimodal_projector", (HIDDEN, HIDDEN)),
    }


def _text_shapes() -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {"embed_tokens.weight": (VOCABULARY, HIDDEN), "norm.weight": (HIDDEN,)}
    for layer in range(LAYERS):
        at = f"layers.{layer}."
        for part in ("q_proj", "k_proj", "v_proj"):
            shapes |= _with_bias(f"{at}self_attn.{part}", (HIDDEN, HIDDEN))
        shapes |= {
            at + "self_attn.o_proj.weight": (HIDDEN, HIDDEN),
            at + "mlp.gate_proj.weight": (MLP, HIDDEN),
            at + "mlp.up_proj.weight": (MLP, HIDDEN),
            at + "mlp.down_proj.weight": (HIDDEN, MLP),
            at + "input_layernorm.weight": (HIDDEN,),
            at + "post_attention_layernorm.weight": (HIDDEN,),
        }
    return {f"language_model.model.{name}": shape for name, shape in shapes.items()}


def _with_bias(name: str, shape: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": shape, f"{name}.bias": shape[:1]}


def _stop_at_once(tensors: Tensors) -> None:
    """Let one number alone decide what is written: a stop token where it is positive, the other where negative."""
    tensors["language_model.model.norm.weight"][1:] = 0
    embedding = tensors["language_model.model.embed_tokens.weight"]
    embedding[IM_END, 0], embedding[END_OF_TEXT, 0] = 100.0, -100.0
