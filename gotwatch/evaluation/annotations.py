"""Truth of published test sets, whose annotations are one JSON file beside a folder of pictures."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath
from typing import Any

from gotwatch.documents import shown
from gotwatch.errors import UsageError
from gotwatch.evaluation import fox, omnidocbench
from gotwatch.evaluation.truth import Truth, text_of


def read(path: Path, pictures: Path, *, most: int | None = None) -> list[Truth]:
    """What *path* says of the pictures in the folder *pictures*, in its order. Its shape says which set it is."""
    entries = _entries(path)[:most]
    reader = next((reader for reader in (fox, omnidocbench) if reader.is_entry(entries[0])), None)
    if reader is None:
        hint = "Known are Fox's files for whole pages, such as en_page_ocr.json, and OmniDocBench.json."
        raise UsageError(f"{shown(path)} is of no known test set", hint=hint)
    truths = []
    for number, entry in enumerate(entries, start=1):
        try:
            truths.append(reader.truth(entry, pictures))
        except (LookupError, TypeError, AttributeError) as exc:
            raise UsageError(f"Entry {number} of {shown(path)} is not as its set has them: {exc!r}") from exc
    _require_pictures(truths, pictures)
    return truths


def _entries(path: Path) -> Sequence[Any]:
    try:
        entries = json.loads(text_of(path))
    except ValueError as exc:
        raise UsageError(f"{shown(path)} is no JSON: {exc}") from exc
    if not isinstance(entries, list) or not entries:
        raise UsageError(f"{shown(path)} holds no list of pages")
    return entries


def _require_pictures(truths: Iterable[Truth], pictures: Path) -> None:
    missing = [truth.name for truth in truths if not _is_in_folder(truth) or not truth.path.is_file()]
    if missing:
        hint = f"Name the folder that holds them; {len(missing)} of the pages are not in this one."
        raise UsageError(f"There is no {shown(missing[0])} in {shown(pictures)}", hint=hint)


def _is_in_folder(truth: Truth) -> bool:
    """A name leads nowhere else: the file comes from strangers."""
    return not PurePath(truth.name).is_absolute() and ".." not in PurePath(truth.name).parts
