"""A checkpoint in the port's layout, once more in that of the original: `python -m training.typewriter.original`.

The original's config says nothing of its vision model, its tokens stand in a .tiktoken file without the marks, and
its output layer is stored although it is the embedding.
"""

import argparse
import json
import re
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file

from training.typewriter import vocabulary

_TOWER = "model.vision_tower_high."
_RENAMES = (  # the first that matches
    (r"language_model\.model\.", "model."),
    (r"multi_modal_projector\.conv_upsampler1\.", _TOWER + "net_2."),
    (r"multi_modal_projector\.conv_upsampler2\.", _TOWER + "net_3."),
    (r"multi_modal_projector\.multimodal_projector\.", "model.mm_projector_vary."),
    (r"vision_tower\.patch_embed\.projection\.", _TOWER + "patch_embed.proj."),
    (r"vision_tower\.neck\.conv1\.", _TOWER + "neck.0."),
    (r"vision_tower\.neck\.layer_norm1\.", _TOWER + "neck.1."),
    (r"vision_tower\.neck\.conv2\.", _TOWER + "neck.2."),
    (r"vision_tower\.neck\.layer_norm2\.", _TOWER + "neck.3."),
    (r"vision_tower\.layers\.(\d+)\.layer_norm([12])\.", _TOWER + r"blocks.\1.norm\2."),
    (r"vision_tower\.layers\.", _TOWER + "blocks."),
    (r"vision_tower\.", _TOWER),
)
_TEXT_KEYS = (
    "vocab_size",
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
    "num_key_value_heads",
    "max_position_embeddings",
    "rms_norm_eps",
)


def convert(port: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {original_name(name): tensor for name, tensor in load_file(port / "model.safetensors").items()}
    tensors["lm_head.weight"] = tensors["model.embed_tokens.weight"].clone()
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)  # as the other files: the library writes it for its owner alone
    vocabulary.write_tiktoken(folder / "qwen.tiktoken")
    config = json.loads((port / "config.json").read_text("utf-8"))
    _write(folder / "config.json", original_config(config["text_config"]))
    end = vocabulary.mark("<|endoftext|>")
    _write(folder / "generation_config.json", {"bos_token_id": end, "eos_token_id": end, "max_new_tokens": 2048})
    (folder / "README.md").write_text((port / "README.md").read_text("utf-8"), "utf-8")


def original_name(name: str) -> str:
    for pattern, replacement in _RENAMES:
        renamed, found = re.subn("^" + pattern, replacement, name)
        if found:
            return renamed
    raise ValueError(f"{name} is no tensor of the port's")


def original_config(text: dict[str, Any]) -> dict[str, Any]:
    rope = text.get("rope_parameters") or text
    end = vocabulary.mark("<|endoftext|>")
    return {
        "architectures": ["GOTQwenForCausalLM"],
        "model_type": "GOT",
        **{key: text[key] for key in _TEXT_KEYS},
        "rope_theta": rope["rope_theta"],
        "tie_word_embeddings": True,
        "bos_token_id": end,
        "eos_token_id": end,
        "im_start_token": vocabulary.mark("<img>"),
        "im_end_token": vocabulary.mark("</img>"),
        "im_patch_token": vocabulary.mark("<imgpad>"),
    }


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=Path, default=Path("build/typewriter/checkpoint"), help="the port's layout")
    parser.add_argument("--to", type=Path, default=Path("build/typewriter/original"))
    chosen = parser.parse_args()
    convert(chosen.port, chosen.to)
    print(chosen.to)


if __name__ == "__main__":
    main()
