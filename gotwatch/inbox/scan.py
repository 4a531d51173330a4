"""A look through a folder: every entry's kind and stamp, without opening or following anything."""

import os
import stat
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from gotwatch.documents import DOCUMENT_SUFFIXES, Stamp
from gotwatch.inbox.rules import Ignored, Rule, Rules, Traits
from gotwatch.inbox.settle import Look

WINDOWS_JUNCTION = 0xA000_0003  # IO_REPARSE_TAG_MOUNT_POINT: stat calls it a folder, but it may lead in a circle


@dataclass(slots=True)
class Scan:
    """What one look through a folder found. Paths are text as os.fsdecode gives it, as there may be 100,000."""

    documents: dict[str, Look] = field(default_factory=dict)
    ignored: dict[str, Ignored] = field(default_factory=dict)
    folders: int = 0  # that were looked into


def scan(
    root: Path, rules: Rules, *, recursive: bool, leave_out: Collection[Path] = (), start: Path | None = None
) -> Scan:
    """All documents below *root* (or below *start* in it). Raises OSError if that folder itself cannot be listed.

    *leave_out*: folders below root that other watches look after.
    """
    found = Scan()
    skip = {str(path) for path in leave_out}
    below_root = len(os.path.join(root, ""))  # noqa: PTH118 - Path drops the separator at the end
    first = str(start or root)
    folders = [first]
    while folders:
        folder = folders.pop()
        try:
            entries = _entries(folder)
        except OSError as error:
            if folder == first:
                raise
            _note_closed(found, folder, error)
            continue
        found.folders += 1
        for entry in entries:
            if _take(found, entry, PurePath(entry.path[below_root:]), rules) and recursive and entry.path not in skip:
                folders.append(entry.path)
    return found


def _entries(folder: str) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return list(entries)


def _take(found: Scan, entry: os.DirEntry[str], relative: PurePath, rules: Rules) -> bool:
    """Note what *entry* is; whether it is a folder to look into."""
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError as error:
        _note_closed(found, entry.path, error)
        return False
    traits = traits_of(status)
    if stat.S_ISDIR(traits.mode):
        return _take_folder(found, entry, relative, traits, rules)
    ignored = rules.file(relative, traits)
    if ignored is None:
        found.documents[entry.path] = look_of(status)
    elif ignored.rule is not Rule.PASSING:
        found.ignored[entry.path] = ignored
    return False


def _take_folder(found: Scan, entry: os.DirEntry[str], relative: PurePath, traits: Traits, rules: Rules) -> bool:
    if ignored := rules.folder(relative, traits):
        if ignored.rule is Rule.ONLINE_ONLY:
            found.ignored[entry.path] = ignored
        return False
    if relative.suffix.lower() in DOCUMENT_SUFFIXES and (ignored := rules.file(relative, traits)):
        found.ignored[entry.path] = ignored
    return True


def _note_closed(found: Scan, path: str, error: OSError) -> None:
    if not isinstance(error, FileNotFoundError | NotADirectoryError):  # those left while we looked
        found.ignored[path] = Ignored(Rule.CLOSED, f"gotwatch may not look at it ({error.strerror})")


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
    mode = status.st_mode
    if getattr(status, "st_reparse_tag", 0) == WINDOWS_JUNCTION:
        mode = stat.S_IFLNK
    return Traits(mode, getattr(status, "st_file_attributes", 0), getattr(status, "st_flags", 0))
