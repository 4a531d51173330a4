"""Where model weights lie on this machine, told by paths alone: no library is loaded to look."""

import os
from pathlib import Path

DEFAULT_CHECKPOINT = "stepfun-ai/GOT-OCR-2.0-hf"
TENSORS = "model.safetensors"  # 1.1 GB; savers split a model into several files only far above that
NEEDED = ("config.json", "tokenizer.json", TENSORS)


def local_folder(checkpoint: str) -> Path | None:
    """The folder that *checkpoint* names, if it is one; else it is a name on the hub."""
    folder = Path(checkpoint).expanduser()
    return folder if checkpoint and folder.is_dir() else None


def cached_snapshot(name: str) -> Path | None:
    """A complete copy of hub model *name* in the Hugging Face cache, the current one before older ones."""
    repo = hub_cache() / f"models--{name.replace('/', '--')}"
    return next((folder for folder in _snapshots(repo) if not missing_files(folder)), None)


def hub_cache() -> Path:
    """The cache folder that huggingface_hub uses under the same environment."""
    home = os.environ.get("HF_HOME") or str(Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")) / "huggingface")
    cache = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE") or str(Path(home) / "hub")
    return Path(os.path.expandvars(cache)).expanduser()


def missing_files(folder: Path) -> list[str]:
    """What a checkpoint folder lacks to be loaded."""
    return [name for name in NEEDED if not (folder / name).is_file()]


def is_local(checkpoint: str) -> bool:
    """Whether *checkpoint* ("" is the default) can be loaded without a download."""
    if folder := local_folder(checkpoint):
        return (folder / "config.json").is_file()
    return cached_snapshot(checkpoint or DEFAULT_CHECKPOINT) is not None


def _snapshots(repo: Path) -> list[Path]:
    """The revisions at hand; the one that the branch "main" was last seen at comes first."""
    main = repo / "refs" / "main"
    current = main.read_text("utf-8").strip() if main.is_file() else ""
    folders = [folder for folder in (repo / "snapshots").glob("*") if folder.is_dir()]
    return sorted(folders, key=lambda folder: (folder.name == current, folder.stat().st_mtime_ns), reverse=True)
