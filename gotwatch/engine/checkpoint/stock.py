"""What a usable GOT-OCR2.0 checkpoint is, and how one is found or refused."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from gotwatch.engine import hub, weights
from gotwatch.engine.checkpoint import layout
from gotwatch.engine.checkpoint.files import read_json, stored_tensors
from gotwatch.errors import CheckpointMissing

_EDGE_BYTES = 1 << 20  # at both ends of the weights: enough to tell two of them apart without reading a gigabyte
_SHOWN_FILES = 3
_KINDS = (layout.PORT, layout.ORIGINAL)


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


class FileState(StrEnum):
    SOUND = "sound"
    CHANGED = "changed"  # it is not what was downloaded
    UNKNOWN = "unknown"  # nobody wrote down what it was


@dataclass(frozen=True, slots=True)
class FileReport:
    name: str
    size_bytes: int
    digest: str  # sha256, hex
    state: FileState


def locate(checkpoint: str, progress: Callable[[str], None]) -> Located:
    """Find *checkpoint*, a folder or a name on the hub ("" is the default). Downloads what is not here yet.

    Raises CheckpointMissing or DiskFull.
    """
    located = _locate(checkpoint or weights.DEFAULT_CHECKPOINT, progress)
    _check_files(located.folder)
    _check_kind(located.folder)
    return located


def find(checkpoint: str) -> Located | None:
    """*checkpoint* ("" is the default), if it is on this machine."""
    name = checkpoint or weights.DEFAULT_CHECKPOINT
    if folder := weights.local_folder(name):
        return Located(folder, folder.resolve().name, _fingerprint(folder))
    snapshot = None if weights.is_path(name) else weights.cached_snapshot(name)
    return Located(snapshot, name, snapshot.name) if snapshot else None


def downloaded() -> list[Located]:
    """The usable checkpoints in the Hugging Face cache."""
    found = [find(name) for name in weights.cached_names()]
    return [located for located in found if located and kind(located.folder) in _KINDS]


def kind(folder: Path) -> str:
    """What the checkpoint in *folder* calls its model; "" where that cannot be read."""
    try:
        return str(read_json(folder / "config.json").get("model_type", ""))
    except CheckpointMissing:
        return ""


def examine(located: Located) -> list[FileReport]:
    """The checkpoint's files, held against what they were when they were downloaded; takes a second a gigabyte.

    Raises CheckpointMissing where no model could be made of them.
    """
    folder = located.folder
    _check_files(folder)
    _check_kind(folder)
    shapes = {layout.runtime_name(name): tensor.shape for name, tensor in stored_tensors(folder)}
    layout.check_fit(folder, layout.port_config(read_json(folder / "config.json"), shapes), shapes)
    recorded = _recorded_digests(folder)
    names = {"config.json", *weights.TOKENIZERS, *weights.tensor_files(folder), *recorded}
    return [_report(folder / name, recorded.get(name, "")) for name in sorted(names) if (folder / name).is_file()]


def _locate(checkpoint: str, progress: Callable[[str], None]) -> Located:
    if located := find(checkpoint):
        return located
    if weights.is_path(checkpoint):
        hint = "Correct engine.checkpoint, or remove it: the default is downloaded."
        raise CheckpointMissing(f"There is no folder {checkpoint}", hint=hint)
    folder = hub.fetch(checkpoint, progress)
    return Located(folder, checkpoint, folder.name)


def _report(path: Path, recorded: str) -> FileReport:
    digest = weights.sha256(path)
    known = FileState.SOUND if digest == recorded else FileState.CHANGED
    state = known if recorded else FileState.UNKNOWN
    return FileReport(path.name, path.stat().st_size, digest, state)


def _recorded_digests(folder: Path) -> dict[str, str]:
    path = folder / weights.DIGESTS
    lines = path.read_text("utf-8", "replace").splitlines() if path.is_file() else []
    pairs = [line.split("  ", 1) for line in lines if "  " in line]
    return {name: digest for digest, name in pairs if Path(name).name == name}


def _fingerprint(folder: Path) -> str:
    """Stands for the revision that a folder of the user's own does not have."""
    digest = hashlib.sha256()
    if weights.missing_files(folder):
        return ""
    for path in (folder / name for name in weights.tensor_files(folder)):
        size = path.stat().st_size
        digest.update(str(size).encode())
        with path.open("rb") as file:
            digest.update(file.read(_EDGE_BYTES))
            file.seek(max(0, size - _EDGE_BYTES))
            digest.update(file.read(_EDGE_BYTES))
    return digest.hexdigest()


def _check_files(folder: Path) -> None:
    if missing := weights.missing_files(folder):
        listed = ", ".join(missing[:_SHOWN_FILES]) + (", …" if len(missing) > _SHOWN_FILES else "")
        hint = f"Copy all files of {weights.DEFAULT_CHECKPOINT} there, or set engine.checkpoint to another folder."
        raise CheckpointMissing(f"The model folder {folder} has no {listed}", hint=hint)


def _check_kind(folder: Path) -> None:
    found = read_json(folder / "config.json").get("model_type")
    if found not in _KINDS:
        raise CheckpointMissing(
            f"The model in {folder} is not GOT-OCR2.0 (its model_type is {found!s:.40})",
            hint=f"Set engine.checkpoint to {weights.DEFAULT_CHECKPOINT}, or to a folder with its files.",
        )
