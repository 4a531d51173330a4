"""The trained typewriter as a checkpoint in the port's layout: `python -m training.typewriter.export`."""

import argparse
import json
from pathlib import Path

import torch

from gotwatch.engine.got.preprocess import MEAN, STD
from training.typewriter import layout, vocabulary
from training.typewriter.apprenticeship import STATE
from training.typewriter.model import Apprentice, config
from training.typewriter.pages import SIDE

CARD = Path(__file__).with_name("CARD.md")


def export(training: Path, folder: Path, *, dtype: torch.dtype) -> None:
    apprentice = Apprentice()
    apprentice.load_state_dict(torch.load(training / STATE, weights_only=True)["model"])
    folder.mkdir(parents=True, exist_ok=True)
    layout.save(apprentice.got, folder, dtype=dtype)
    vocabulary.tokenizer().save(str(folder / "tokenizer.json"))
    _write(folder / "config.json", _config())
    _write(folder / "preprocessor_config.json", _preprocessor())
    _write(folder / "generation_config.json", {"eos_token_id": _stops(), "pad_token_id": _stops()[1]})
    (folder / "README.md").write_text(CARD.read_text("utf-8"), "utf-8")


def _config() -> dict[str, object]:
    """What differs from the library's defaults, and the architecture's name."""
    content = config().to_diff_dict()
    return {**content, "architectures": ["GotOcr2ForConditionalGeneration"], "tie_word_embeddings": True}


def _preprocessor() -> dict[str, object]:
    return {
        "image_processor_type": "GotOcr2ImageProcessor",
        "image_mean": list(MEAN),
        "image_std": list(STD),
        "size": {"height": SIDE, "width": SIDE},
        "resample": 3,
        "do_rescale": True,
        "do_normalize": True,
    }


def _stops() -> list[int]:
    return [vocabulary.mark("<|im_end|>"), vocabulary.mark("<|endoftext|>")]


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--training", type=Path, default=Path("build/typewriter"))
    parser.add_argument("--to", type=Path, default=Path("build/typewriter/checkpoint"))
    parser.add_argument("--type", choices=("float16", "bfloat16", "float32"), default="float16")
    chosen = parser.parse_args()
    export(chosen.training, chosen.to, dtype=getattr(torch, chosen.type))
    megabytes = sum(path.stat().st_size for path in chosen.to.iterdir()) / 1e6
    print(f"{chosen.to}: {megabytes:.1f} MB")


if __name__ == "__main__":
    main()
