"""A checkpoint's files, none of which is trusted: small ones as JSON, the weights as a list of what they hold."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from gotwatch.engine import weights
from gotwatch.errors import CheckpointMissing

_LENGTH_BYTES = 8  # before the header of a safetensors file: how long that is


@dataclass(frozen=True, slots=True)
class StoredTensor:
    path: Path
    start: int  # in the file, in bytes
    size_bytes: int
    shape: tuple[int, ...]
    kind: str  # "BF16", "F16", "F32", …


def read_json(path: Path) -> dict[str, Any]:
    """Raises CheckpointMissing where there is no object to read."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as exc:
        raise damaged(path, str(exc)) from exc
    if not isinstance(content, dict):
        raise damaged(path, "it holds no object")
    return content


def stored_tensors(folder: Path) -> Iterator[tuple[str, StoredTensor]]:
    """All tensors in all weight files, under the names that they have there."""
    for name in weights.tensor_files(folder):
        yield from _listed(folder / name)


def damaged(path: Path, why: str) -> CheckpointMissing:
    hint = "Delete this file: it is downloaded again, or copy it again if you put it there."
    return CheckpointMissing(f"{path} is damaged or not complete ({why})", hint=hint)


def _listed(path: Path) -> Iterator[tuple[str, StoredTensor]]:
    try:
        with safe_open(path, framework="numpy"):  # holds the header against the file's real length
            pass
        with path.open("rb") as file:
            length = int.from_bytes(file.read(_LENGTH_BYTES), "little")
            header = json.loads(file.read(length))
    except (SafetensorError, OSError, ValueError, RecursionError) as exc:
        raise damaged(path, str(exc)) from exc
    header.pop("__metadata__", None)
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        start = _LENGTH_BYTES + length + begin
        yield name, StoredTensor(path, start, end - begin, tuple(entry["shape"]), entry["dtype"])
