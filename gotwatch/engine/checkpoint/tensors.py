"""A checkpoint's weights as PyTorch takes them: one after the other, so that there is never a second copy of them."""

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch

from gotwatch.engine.checkpoint import layout
from gotwatch.engine.checkpoint.files import StoredTensor, damaged, read_json, stored_tensors
from gotwatch.errors import CheckpointMissing

log = logging.getLogger(__name__)

_KINDS = {"BF16": torch.bfloat16, "F16": torch.float16, "F32": torch.float32}
_ROWS = 8192  # of the embedding, compared at a time


class Tensors(Mapping[str, torch.Tensor]):
    """Tensors by their runtime names, read from the files each time that they are asked for."""

    def __init__(
        self,
        stored: Mapping[str, StoredTensor],
        config: Mapping[str, Any],
        *,
        device: str | torch.device = "cpu",
        dtype: torch.dtype | None = None,
    ) -> None:
        """*config*: of the model that they make, as layout.port_config() gives it. *dtype*: None, as stored."""
        self.shapes = {name: tensor.shape for name, tensor in stored.items()}
        self.config = config
        self._stored = stored
        self._device = device
        self._dtype = dtype

    def __getitem__(self, name: str) -> torch.Tensor:
        return _read(self._stored[name]).to(device=self._device, dtype=self._dtype)

    def __contains__(self, name: object) -> bool:
        return name in self._stored

    def __iter__(self) -> Iterator[str]:
        return iter(self._stored)

    def __len__(self) -> int:
        return len(self._stored)

    def on(self, device: str | torch.device, dtype: torch.dtype) -> "Tensors":
        """The same, each to be put on *device* as *dtype* when it is asked for."""
        return Tensors(self._stored, self.config, device=device, dtype=dtype)

    def load(self, device: str | torch.device, dtype: torch.dtype) -> dict[str, torch.Tensor]:
        """All of them, in memory."""
        return dict(self.on(device, dtype))


def open_tensors(folder: Path) -> Tensors:
    """The model in *folder*, of either layout, with all its tensors and no others.

    Raises CheckpointMissing where it is damaged or does not fit its config.
    """
    stored = _by_runtime_name(folder)
    shapes = {name: tensor.shape for name, tensor in stored.items()}
    config = layout.port_config(read_json(folder / "config.json"), shapes)
    layout.check_fit(folder, config, shapes)
    used = stored.keys() & {*layout.expected_shapes(config), layout.HEAD}
    if unused := sorted(stored.keys() - used):
        log.warning("%s: %d unused tensors: %.200r", folder, len(unused), unused)
    return Tensors({name: tensor for name, tensor in stored.items() if name in used}, config)


def _by_runtime_name(folder: Path) -> dict[str, StoredTensor]:
    """An output layer that only repeats the embedding is left out."""
    stored: dict[str, StoredTensor] = {}
    for name, tensor in stored_tensors(folder):
        if stored.setdefault(layout.runtime_name(name), tensor) is not tensor:
            raise damaged(tensor.path, f"{name!r:.80} is there twice")
    if _repeats_embedding(stored):
        del stored[layout.HEAD]
    elif layout.HEAD in stored:
        log.info("%s: the output layer differs from the embedding and is kept", folder)
    return stored


def _repeats_embedding(stored: Mapping[str, StoredTensor]) -> bool:
    head, embedding = stored.get(layout.HEAD), stored.get(layout.EMBEDDING)
    if head is None or embedding is None or (head.shape, head.kind) != (embedding.shape, embedding.kind):
        return False
    chunk = _ROWS * max(1, head.size_bytes // max(1, head.shape[0]))
    with head.path.open("rb") as one, embedding.path.open("rb") as other:
        one.seek(head.start)
        other.seek(embedding.start)
        sizes = [min(chunk, head.size_bytes - done) for done in range(0, head.size_bytes, chunk)]
        return all(one.read(size) == other.read(size) for size in sizes)


def _read(stored: StoredTensor) -> torch.Tensor:
    """Without a memory map, whose pages would count beside the tensors that are made of them."""
    if stored.kind not in _KINDS:
        raise CheckpointMissing(
            f"{stored.path} holds numbers of the kind {stored.kind}",
            hint=f"Use weights in one of {', '.join(_KINDS)}.",
        )
    content = torch.empty(stored.size_bytes, dtype=torch.uint8)
    try:
        with stored.path.open("rb") as file:
            file.seek(stored.start)
            count = file.readinto(content.numpy())
    except OSError as exc:
        raise damaged(stored.path, str(exc)) from exc
    if count != stored.size_bytes:
        raise damaged(stored.path, "it ends too early")
    return content.view(_KINDS[stored.kind]).reshape(stored.shape)
