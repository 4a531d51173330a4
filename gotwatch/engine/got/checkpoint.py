"""What a usable GOT-OCR2.0 checkpoint is, and how one is found or refused."""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from gotwatch.engine import weights
from gotwatch.engine.got import hub
from gotwatch.errors import CheckpointMissing

_EDGE_BYTES = 1 << 20  # at both ends of the weights: enough to tell two of them apart without reading a gigabyte
_SHOWN_TENSORS = 3


@dataclass(frozen=True, slots=True)
class Located:
    """A checkpoint that is on this machine, with all its files."""

    folder: Path
    name: str
    revision: str

    @property
    def title(self) -> str:
        """As it stands in results."""
        return f"{self.name}@{self.revision[:8]}"


def locate(checkpoint: str, progress: Callable[[str], None]) -> Located:
    """Find *checkpoint*, a folder or a name on the hub ("" is the default). Downloads what is not here yet.

    Raises CheckpointMissing or DiskFull.
    """
    located = _locate(checkpoint or weights.DEFAULT_CHECKPOINT, progress)
    _check_files(located.folder)
    _check_kind(located.folder)
    _check_tensors(located.folder / weights.TENSORS)
    return located


def check_fit(folder: Path, *, missing: Iterable[str], misshapen: Iterable[str]) -> None:
    """Refuse weights that leave parts of the model at random numbers. Takes the names that loading found."""
    for names, what in ((sorted(missing), "lacks"), (sorted(misshapen), "has in another shape")):
        if names:
            shown = ", ".join(names[:_SHOWN_TENSORS]) + (", …" if len(names) > _SHOWN_TENSORS else "")
            raise CheckpointMissing(
                f"The model in {folder} does not fit its config: it {what} {len(names)} tensors ({shown})",
                hint="Use config.json and model.safetensors of one and the same checkpoint.",
            )


def _locate(checkpoint: str, progress: Callable[[str], None]) -> Located:
    if folder := weights.local_folder(checkpoint):
        return Located(folder, folder.resolve().name, _fingerprint(folder))
    if _is_path(checkpoint):
        hint = "Correct engine.checkpoint, or remove it: the default is downloaded."
        raise CheckpointMissing(f"There is no folder {checkpoint}", hint=hint)
    snapshot = weights.cached_snapshot(checkpoint) or hub.fetch(checkpoint, progress)
    return Located(snapshot, checkpoint, snapshot.name)


def _is_path(checkpoint: str) -> bool:
    """Whether it cannot be OWNER/MODEL."""
    return checkpoint.startswith((".", "~", "/")) or "\\" in checkpoint or checkpoint.count("/") > 1


def _fingerprint(folder: Path) -> str:
    """Stands for the revision that a folder of the user's own does not have."""
    path = folder / weights.TENSORS
    if not path.is_file():
        return ""
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        digest.update(file.read(_EDGE_BYTES))
        file.seek(max(0, size - _EDGE_BYTES))
        digest.update(file.read(_EDGE_BYTES))
    return digest.hexdigest()


def _check_files(folder: Path) -> None:
    if missing := weights.missing_files(folder):
        hint = f"Copy all files of {weights.DEFAULT_CHECKPOINT} there, or set engine.checkpoint to another folder."
        raise CheckpointMissing(f"The model folder {folder} has no {', '.join(missing)}", hint=hint)


def _check_kind(folder: Path) -> None:
    kind = _config(folder).get("model_type")
    if kind != "got_ocr2":
        raise CheckpointMissing(
            f"The model in {folder} is not GOT-OCR2.0 in the layout that is read here (its model_type is {kind})",
            hint=f"Set engine.checkpoint to {weights.DEFAULT_CHECKPOINT}, or to a folder with its files.",
        )


def _config(folder: Path) -> dict[str, Any]:
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text("utf-8"))
    except ValueError as exc:
        raise _damaged(path, str(exc)) from exc
    return config if isinstance(config, dict) else {}


def _check_tensors(path: Path) -> None:
    """Read the list of tensors, which also tells whether the file has the length that they need."""
    try:
        with safe_open(path, framework="numpy"):
            return
    except (SafetensorError, OSError) as exc:
        raise _damaged(path, str(exc)) from exc


def _damaged(path: Path, why: str) -> CheckpointMissing:
    hint = "Delete this file: it is downloaded again, or copy it again if you put it there."
    return CheckpointMissing(f"{path} is damaged or not complete ({why})", hint=hint)
