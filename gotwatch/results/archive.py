"""Moves a read original away: never over another file, and out of its old place only when it is safe in the new."""

import errno
import os
import shutil
from contextlib import suppress
from itertools import count
from pathlib import Path

from gotwatch.documents import SourceFile, Stamp, shown
from gotwatch.errors import DestinationUnavailable, FileBusy, SourceGone
from gotwatch.results import disk, names
from gotwatch.results.refusals import explained

_COPY_BYTES = 1 << 20


def archive(source: SourceFile, target: Path, *, root: Path) -> Path:
    """Move the original to *target*, or beside it with a counter; where it went.

    *root* is the archive folder, which must be there. Raises DestinationUnavailable, SourceGone, TooLarge, or FileBusy
    where the original is no longer what was read; after any of them the original is where it was.
    """
    disk.make_folder(target.parent, root=root)
    with explained(target.parent):
        _check_unchanged(source)
        for counter in count(1):
            place = target if counter == 1 else target.with_name(names.with_counter(target.name, counter))
            try:
                _move(source, place)
            except FileExistsError:
                continue
            return place
    raise AssertionError("count() has no end")


def _check_unchanged(source: SourceFile) -> None:
    """What came into the file since it was read would be out of sight in the archive, unread."""
    try:
        found = source.path.lstat()
    except FileNotFoundError as exc:
        raise SourceGone(f"{shown(source.path)} is no longer there") from exc
    if Stamp(found.st_size, found.st_mtime_ns) != source.stamp:
        raise _changed(source)


def _changed(source: SourceFile) -> FileBusy:
    return FileBusy(f"{shown(source.path)} has changed since it was read", hint="It is read again first.")


def _move(source: SourceFile, target: Path) -> None:
    try:
        target.hardlink_to(source.path)  # unlike a rename, this goes over nothing
    except FileExistsError:
        raise
    except OSError as exc:
        if exc.errno != errno.EXDEV:
            _rename(source.path, target)  # no hard links here, as on exFAT and some network shares
            return
        _copy(source, target)
    disk.sync_folder(target.parent)
    _remove_original(source.path, target)


def _rename(path: Path, target: Path) -> None:
    try:
        disk.rename_new(path, target)
    except OSError as exc:
        if exc.filename2 is None:  # it was not the rename that failed, but the place in the archive
            raise
        raise _stuck(path, exc) from exc
    disk.sync_folder(target.parent)


def _copy(source: SourceFile, target: Path) -> None:
    temporary = disk.new_temporary(target.parent)
    try:
        _copy_checked(source, temporary)
        _place(temporary, target)
    finally:
        disk.discard(temporary)


def _copy_checked(source: SourceFile, temporary: Path) -> None:
    # 0600 until the original's rights are set: a private scan is at no moment open to others
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(handle, "wb") as copy, source.path.open("rb") as original:
        shutil.copyfileobj(original, copy, _COPY_BYTES)
        copy.flush()
        os.fsync(copy.fileno())
    if disk.digest_of(temporary) != source.digest:
        raise _changed(source)
    with suppress(PermissionError):  # some file systems know no rights; the times are set before these
        shutil.copystat(source.path, temporary)


def _place(temporary: Path, target: Path) -> None:
    try:
        target.hardlink_to(temporary)
    except FileExistsError:
        raise
    except OSError:
        disk.rename_new(temporary, target)


def _remove_original(path: Path, target: Path) -> None:
    try:
        disk.patiently(path.unlink)
    except OSError as exc:
        disk.discard(target)
        raise _stuck(path, exc) from exc


def _stuck(path: Path, exc: OSError) -> DestinationUnavailable:
    return DestinationUnavailable(
        f"{shown(path)} cannot be moved away: {exc.strerror}",
        hint="Give your user the right to change its folder, or leave originals where they are.",
    )
