"""How a file gets onto the disk whole or not at all."""

import errno
import hashlib
import os
import re
import secrets
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from gotwatch.results.refusals import WINDOWS_IN_USE, explained

_TEMPORARY = re.compile(r"\.gotwatch-[0-9a-f]{16}\.tmp")
_WINDOWS_PASSING = {5, *WINDOWS_IN_USE}  # a virus scanner or the search index holds the file for a moment
_WAITS_SECONDS = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8)
_NO_FOLDER_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EACCES, errno.EPERM}


def write_whole(path: Path, content: bytes) -> None:
    """Put *content* at *path* in one step, over what is there. The name is not safe yet: see sync_folder()."""
    temporary = new_temporary(path.parent)
    try:
        with temporary.open("xb") as file:  # created here, with the rights that umask and the folder give
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        patiently(lambda: temporary.replace(path))
    except BaseException:
        discard(temporary)
        raise


def new_temporary(folder: Path) -> Path:
    """A name that nobody has. Short, whatever the length of the name that the file gets in the end."""
    return folder / f".gotwatch-{secrets.token_hex(8)}.tmp"


def discard(path: Path) -> None:
    """Remove *path* on the way out of an error, which must not be hidden by another."""
    with suppress(OSError):
        path.unlink(missing_ok=True)


def rename_new(path: Path, target: Path) -> None:
    """Rename within a file system without going over anything: FileExistsError where *target* is."""
    target.open("xb").close()  # holds the name, so that the rename goes over nothing but this
    try:
        patiently(lambda: path.replace(target))
    except BaseException:
        discard(target)
        raise


def patiently(step: Callable[[], object], *, pause: Callable[[float], None] = time.sleep) -> None:
    """Take *step*, again while Windows says that someone holds the file."""
    for wait_seconds in _WAITS_SECONDS:
        try:
            step()
        except OSError as exc:
            if getattr(exc, "winerror", None) not in _WINDOWS_PASSING:
                raise
        else:
            return
        pause(wait_seconds)
    step()


def sync_folder(folder: Path) -> None:
    """Make the names in *folder* survive a power cut. Windows offers no call for it."""
    if os.name == "nt":
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as exc:
        if exc.errno not in _NO_FOLDER_SYNC:  # some network file systems know no such thing
            raise


def make_folder(folder: Path, *, root: Path) -> None:
    """Create *folder* below *root*. *root* must be there: no folder of its name makes up for an unplugged disk."""
    with explained(root):
        _check_folder(root)
    current = root
    for part in folder.relative_to(root).parts:
        current = current / part
        with explained(current):
            _make_one(current)


def _make_one(folder: Path) -> None:
    try:
        folder.mkdir()
    except FileExistsError:
        _check_folder(folder)
    else:
        sync_folder(folder.parent)


def _check_folder(folder: Path) -> None:
    if not stat.S_ISDIR(folder.stat().st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), os.fspath(folder))


def digest_of(path: Path) -> str | None:
    """sha256 of the regular file at *path*; None where something else is there."""
    if not stat.S_ISREG(path.lstat().st_mode):
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sweep(folder: Path, older_than_seconds: float) -> int:
    """Remove what a killed gotwatch left half-written below *folder*; how many files that were."""
    newest = time.time() - older_than_seconds
    return sum(_remove_if_stale(path, newest) for path in _temporaries(folder))


def _temporaries(folder: Path) -> Iterator[Path]:
    for parent, _, names in os.walk(folder):
        yield from (Path(parent, name) for name in names if _TEMPORARY.fullmatch(name))


def _remove_if_stale(path: Path, newest: float) -> bool:
    try:
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_mtime > newest:
            return False
        path.unlink()
    except OSError:  # gone, or not ours to remove: the next start looks again
        return False
    return True
