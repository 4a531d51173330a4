"""Where model weights lie on this machine, told by paths alone: no library is loaded to look."""

import hashlib
import os
import re
from collections.abc import Iterable
from pathlib import Path

DEFAULT_CHECKPOINT = "stepfun-ai/GOT-OCR-2.0-hf"
TENSORS = "model.safetensors"  # 1.1 GB; savers split a model into several files only far above that
TOKENIZER, TIKTOKEN = "tokenizer.json", "qwen.tiktoken"
TOKENIZERS = (TOKENIZER, TIKTOKEN)  # either will do
DIGESTS = "SHA256SUMS"  # of a checkpoint's files, written when they were downloaded

_PART = re.compile(r"model-(\d{5})-of-((?!00000)\d{5})\.safetensors")


def local_folder(checkpoint: str) -> Path | None:
    """The folder that *checkpoint* names, if it is one; else it is a name on the hub."""
    folder = Path(checkpoint).expanduser()
    return folder if checkpoint and folder.is_dir() else None


def is_path(checkpoint: str) -> bool:
    """Whether it cannot be OWNER/MODEL."""
    return checkpoint.startswith((".", "~", "/")) or "\\" in checkpoint or checkpoint.count("/") > 1


def cached_snapshot(name: str) -> Path | None:
    """A complete copy of hub model *name* in the Hugging Face cache, the current one before older ones."""
    repo = hub_cache() / f"models--{name.replace('/', '--')}"
    return next((folder for folder in _snapshots(repo) if not missing_files(folder)), None)


def cached_names() -> list[str]:
    """The hub models of which something is in the Hugging Face cache."""
    folders = sorted(folder.name for folder in hub_cache().glob("models--*--*"))
    return [folder.removeprefix("models--").replace("--", "/", 1) for folder in folders]


def hub_cache() -> Path:
    """The cache folder that huggingface_hub uses under the same environment."""
    home = os.environ.get("HF_HOME") or str(Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")) / "huggingface")
    cache = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE") or str(Path(home) / "hub")
    return Path(os.path.expandvars(cache)).expanduser()


def missing_files(folder: Path) -> list[str]:
    """What a checkpoint folder lacks to be loaded."""
    return missing_names(_file_names(folder))


def missing_names(names: Iterable[str]) -> list[str]:
    """What is not among *names* of what a checkpoint needs."""
    there = set(names)
    missing = [] if "config.json" in there else ["config.json"]
    if not there.intersection(TOKENIZERS):
        missing.append(" or ".join(TOKENIZERS))
    return missing + [name for name in tensor_names(there) if name not in there]


def tensor_files(folder: Path) -> list[str]:
    """The files of the weights in *folder*."""
    return tensor_names(_file_names(folder))


def is_tensor_file(name: str) -> bool:
    return name == TENSORS or _PART.fullmatch(name) is not None


def tensor_names(names: Iterable[str]) -> list[str]:
    """The weights' files that belong with *names*, those that lack among them: one file, or as many as a part says."""
    there = set(names)
    parts = [match for name in sorted(there) if (match := _PART.fullmatch(name))]
    if TENSORS in there or not parts:
        return [TENSORS]
    count = parts[0][2]
    return [f"model-{number:05d}-of-{count}.safetensors" for number in range(1, int(count) + 1)]


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_local(checkpoint: str) -> bool:
    """Whether *checkpoint* ("" is the default) can be loaded without a download."""
    if folder := local_folder(checkpoint):
        return (folder / "config.json").is_file()
    return cached_snapshot(checkpoint or DEFAULT_CHECKPOINT) is not None


def _file_names(folder: Path) -> list[str]:
    """None where the folder may not be looked into."""
    try:
        return [path.name for path in folder.iterdir() if path.is_file()]
    except OSError:
        return []


def _snapshots(repo: Path) -> list[Path]:
    """The revisions at hand; the one that the branch "main" was last seen at comes first."""
    main = repo / "refs" / "main"
    current = main.read_text("utf-8").strip() if main.is_file() else ""
    folders = [folder for folder in (repo / "snapshots").glob("*") if folder.is_dir()]
    return sorted(folders, key=lambda folder: (folder.name == current, folder.stat().st_mtime_ns), reverse=True)
