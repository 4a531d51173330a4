"""The model's tensors under the names of the port's published files, written and read."""

from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

TENSORS = "model.safetensors"

# Runtime names to those of the published file; the first that fits.
_NAMES = (
    ("model.vision_tower.", "vision_tower."),
    ("model.multi_modal_projector.", "multi_modal_projector."),
    ("model.language_model.", "language_model.model."),
)


def save(got: nn.Module, folder: Path, *, dtype: torch.dtype) -> None:
    tensors = {name: tensor.to(dtype).contiguous() for name, tensor in _published(got).items()}
    save_file(tensors, folder / TENSORS, metadata={"format": "pt"})
    (folder / TENSORS).chmod(0o644)  # as the other files: the library writes it for its owner alone


def load(got: nn.Module, folder: Path) -> None:
    """Set the model's tensors to those of a checkpoint with the same sizes."""
    stored = load_file(folder / TENSORS)
    with torch.no_grad():
        for name, tensor in _published(got).items():
            tensor.copy_(stored[name])


def _published(got: nn.Module) -> dict[str, Tensor]:
    """Without the head, which is the embedding."""
    return {_name(name): tensor for name, tensor in got.state_dict().items() if "lm_head" not in name}


def _name(name: str) -> str:
    for runtime, published in _NAMES:
        if name.startswith(runtime):
            return published + name.removeprefix(runtime)
    raise ValueError(f"{name} is no tensor of GOT's")
