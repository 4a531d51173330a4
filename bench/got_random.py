"""A model of GOT-OCR2.0's size with random weights, in whose place the real ones could stand: what it writes is noise,
but it costs the same. Its prompt is the real one, token for token."""

import base64
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import platformdirs
import torch
from safetensors.torch import save_file

from gotwatch.engine.checkpoint import layout

SEED = 1
TOKENS = 151_643
STOPS = (151_643, 151_645)
WORDS = {  # what the prompt is made of
    13: ".", 25: ":", 198: "\n", 220: " ", 279: " the", 304: " in", 323: " and", 697: " your", 872: "user",
    1265: " should", 1795: " follow", 2610: "You", 7716: " detail", 8948: "system", 10339: " explain",
    11221: " instructions", 11253: " answers", 15516: " carefully", 77091: "assistant", 93495: "OCR",
}  # fmt: skip
CONFIG: dict[str, Any] = {
    "architectures": ["GotOcr2ForConditionalGeneration"],
    "model_type": "got_ocr2",
    "image_token_index": 151_859,
    "tie_word_embeddings": True,
    "dtype": "bfloat16",
    "text_config": {
        "model_type": "qwen2",
        "vocab_size": 151_860,
        "hidden_size": 1024,
        "intermediate_size": 2816,
        "num_hidden_layers": 24,
        "num_attention_heads": 16,
        "num_key_value_heads": 16,
        "head_dim": 64,
        "max_position_embeddings": 32_768,
        "rope_theta": 1e6,
        "tie_word_embeddings": True,
    },
    "vision_config": {
        "hidden_size": 768,
        "output_channels": 256,
        "num_hidden_layers": 12,
        "num_attention_heads": 12,
        "image_size": 1024,
        "patch_size": 16,
        "window_size": 14,
        "global_attn_indexes": [2, 5, 8, 11],
        "mlp_dim": 3072,
    },
}


def checkpoint() -> Path:
    """Its folder; made at the first time, 1.1 GB in the user's cache, and kept there."""
    folder = platformdirs.user_cache_path("gotwatch-bench") / f"got-random-{SEED}"
    if not folder.is_dir():
        unfinished = folder.with_name(f"{folder.name}.part")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        _write(unfinished)
        unfinished.rename(folder)
    return folder


def _write(folder: Path) -> None:
    (folder / "config.json").write_text(json.dumps(CONFIG), "utf-8")
    (folder / "qwen.tiktoken").write_bytes(b"\n".join(_vocabulary()))
    tensors = {f"model.{name}": tensor for name, tensor in _tensors()}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def _tensors() -> Iterator[tuple[str, torch.Tensor]]:
    random = torch.Generator().manual_seed(SEED)
    for name, shape in layout.expected_shapes(CONFIG).items():
        tensor = _tensor(random, name, shape)
        if name == layout.EMBEDDING:
            tensor[list(STOPS)] = 0  # others reach more than 0: a page ends where it is told to
        yield name, tensor.bfloat16()


def _tensor(random: torch.Generator, name: str, shape: tuple[int, ...]) -> torch.Tensor:
    """Of a scale at which the text varies: not one token again and again."""
    if "norm" in name and name.endswith("weight"):
        return torch.ones(shape)
    scale = 0.1 if name == layout.EMBEDDING or len(shape) == 1 else 2 / torch.tensor(shape[1:]).prod().sqrt()
    return torch.randn(shape, generator=random) * scale


def _vocabulary() -> Iterator[bytes]:
    """All bytes, the prompt's words at their places, and elsewhere what no prompt has."""
    single = iter([byte for byte in range(256) if chr(byte) not in WORDS.values()])
    for rank in range(TOKENS):
        token = WORDS[rank].encode() if rank in WORDS else _filler(rank, single)
        yield base64.b64encode(token) + f" {rank}".encode()


def _filler(rank: int, single: Iterator[int]) -> bytes:
    byte = next(single, None)
    return bytes([byte]) if byte is not None else b"\xff" + rank.to_bytes(3, "big")


if __name__ == "__main__":
    print(json.dumps(str(checkpoint())))
