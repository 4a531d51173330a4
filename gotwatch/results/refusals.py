"""What the system means when it refuses a write, in words for a person."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gotwatch.documents import shown
from gotwatch.errors import DestinationUnavailable, FileBusy, GotwatchError, TooLarge
from gotwatch.words import marked

WINDOWS_IN_USE = frozenset({32, 33})  # sharing violation, lock violation
_WINDOWS_NAME_TOO_LONG = 206


@dataclass(frozen=True, slots=True)
class _Cause:
    errnos: frozenset[int]
    winerrors: frozenset[int]  # those that Python turns into an errno which says something else
    message: str
    hint: str


_CAUSES = (
    _Cause(
        frozenset({errno.ENOSPC, errno.EDQUOT}),
        frozenset({39, 112}),
        marked("No space left in {place}"),
        marked("Free some space there; gotwatch goes on by itself."),
    ),
    _Cause(
        frozenset({errno.EROFS}),
        frozenset({19}),
        marked("{place} is read-only"),
        marked("Make the disk writable, or choose another folder."),
    ),
    _Cause(
        frozenset({errno.EACCES, errno.EPERM}),
        frozenset(),
        marked("gotwatch may not write to {place}"),
        marked("Give your user the right to write there."),
    ),
    _Cause(
        frozenset(
            {errno.ENOENT, errno.ESTALE, errno.ENODEV, errno.ENXIO, errno.ENOTCONN, errno.EHOSTDOWN, errno.EHOSTUNREACH}
        ),
        frozenset({21, 53, 59, 64, 67, 1167}),
        marked("{place} is gone"),
        marked("Connect the disk or network share again, or create the folder."),
    ),
    _Cause(
        frozenset({errno.ENOTDIR, errno.EEXIST}),
        frozenset(),
        marked("{place} is not a folder"),
        marked("Move the file that is in its way, or choose another folder."),
    ),
    _Cause(
        frozenset({errno.EIO}),
        frozenset({23, 1117}),
        marked("The disk that holds {place} reports an error"),
        marked("Check its cable or network first, then the disk itself."),
    ),
)


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turn what the system says about writing to *folder* into DestinationUnavailable, FileBusy or TooLarge."""
    try:
        yield
    except OSError as exc:
        raise _explanation(exc, folder) from exc


def _explanation(exc: OSError, folder: Path) -> GotwatchError:
    winerror: int | None = getattr(exc, "winerror", None)
    if winerror in WINDOWS_IN_USE:
        # one file is held, not the folder: the other jobs go on
        name = shown(Path(os.fsdecode(exc.filename2 or exc.filename or folder)))
        return FileBusy(f"{name} is open in another program", hint="Close it there; gotwatch tries again by itself.")
    if exc.errno == errno.ENAMETOOLONG or winerror == _WINDOWS_NAME_TOO_LONG:
        return TooLarge(
            f"The name is too long for {shown(folder)}", hint="Give the file or its folders a shorter name."
        )
    cause = _cause(exc.errno, winerror)
    if cause is None:
        return DestinationUnavailable(f"Cannot write to {shown(folder)}: {exc.strerror or exc}")
    return DestinationUnavailable(cause.message.format(place=shown(folder)), hint=cause.hint)


def _cause(code: int | None, winerror: int | None) -> _Cause | None:
    for cause in _CAUSES:
        if winerror in cause.winerrors:
            return cause
    return next((cause for cause in _CAUSES if code in cause.errnos), None)
