"""A look through a folder: every entry's kind and stamp, without opening or following anything."""

import os
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from gotwatch.documents import Stamp
from gotwatch.inbox.rules import Ignored, Rule, Rules, Traits
from gotwatch.inbox.settle import Look


@dataclass(slots=True)
class Scan:
    """What one look through a folder found. Paths are text as os.fsdecode gives it, as there may be 100,000."""

    documents: dict[str, Look] = field(default_factory=dict)
    ignored: dict[str, Ignored] = field(default_factory=dict)


def scan(
    root: Path, rules: Rules, *, recursive: bool, leave_out: Collection[Path] = (), start: Path | None = None
) -> Scan:
    """All documents below *root* (or below *start* in it). Raises OSError if that folder itself cannot be listed.

    *leave_out*: folders below root that other watches look after.
    """
    found = Scan()
    for entry, ignored in _walk(root, rules, recursive=recursive, leave_out=leave_out, start=start or root):
        if ignored is None:
            found.documents[entry.path] = look_of(entry.stat(follow_symlinks=False))
        elif ignored.rule is not Rule.PASSING:
            found.ignored[entry.path] = ignored
    return found


def _walk(
    root: Path, rules: Rules, *, recursive: bool, leave_out: Collection[Path], start: Path
) -> Iterator[tuple[os.DirEntry[str], Ignored | None]]:
    skip = {str(path) for path in leave_out}
    base = len(str(root)) + 1
    folders = [str(start)]
    while folders:
        folder = folders.pop()
        for entry in _entries(folder, must=folder == str(start)):
            relative = PurePath(entry.path[base:])
            try:
                if entry.is_dir(follow_symlinks=False):
                    if recursive and entry.path not in skip and not rules.folder(relative):
                        folders.append(entry.path)
                    if relative.suffix:
                        yield from _folder_named_like_a_document(entry, relative, rules)
                else:
                    yield entry, rules.file(relative, traits_of(entry.stat(follow_symlinks=False)))
            except FileNotFoundError:
                continue  # it left while we looked


def _folder_named_like_a_document(
    entry: os.DirEntry[str], relative: PurePath, rules: Rules
) -> Iterator[tuple[os.DirEntry[str], Ignored]]:
    ignored = rules.file(relative, Traits(stat.S_IFDIR))
    if ignored and ignored.rule is Rule.SPECIAL and not rules.file(relative, Traits(stat.S_IFREG)):
        yield entry, ignored


def _entries(folder: str, *, must: bool) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        if must:
            raise
        return []  # a subfolder that is closed to us, or left while we looked


def look(path: Path) -> Look | None:
    """What *path* looks like now; None unless it is a regular file."""
    try:
        status = path.lstat()
    except OSError:
        return None
    return look_of(status) if stat.S_ISREG(status.st_mode) else None


def look_of(status: os.stat_result) -> Look:
    return Look(Stamp(status.st_size, status.st_mtime_ns), max(status.st_mtime, status.st_ctime))


def traits_of(status: os.stat_result) -> Traits:
    return Traits(status.st_mode, getattr(status, "st_file_attributes", 0), getattr(status, "st_flags", 0))
