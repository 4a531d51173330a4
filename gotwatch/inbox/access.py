"""Whether a folder can be read at all, and which setting keeps it from us where it cannot."""

import errno
import os
import sys
from pathlib import Path

from gotwatch.documents import DOCUMENT_SUFFIXES
from gotwatch.inbox import scan
from gotwatch.inbox.rules import Rules
from gotwatch.words import marked

LOOKED_AT = 100  # entries among which a document is sought; macOS keeps all or none from us


def check(folder: Path) -> None:
    """Raises OSError unless *folder* can be listed, what is in it looked at, and not all of it is kept from us."""
    with os.scandir(folder) as entries:
        document = next(filter(_can_be_tried, zip(entries, range(LOOKED_AT), strict=False)), None)
    os.stat(os.path.join(folder, os.curdir))  # noqa: PTH116, PTH118 - Path drops the dot, which asks for entry
    if document:
        _check_reading(document[0].path)


def is_by_privacy(error: PermissionError, *, platform: str = sys.platform) -> bool:
    """Whether macOS's privacy settings keep a folder from this program; mere file permissions give EACCES."""
    return platform == "darwin" and error.errno == errno.EPERM


def why_closed(error: PermissionError, *, platform: str = sys.platform, program: str = sys.executable) -> str:
    """What a person has to know of *error*, which a folder gave."""
    if not is_by_privacy(error, platform=platform):
        return marked("gotwatch may not read this folder")
    return marked(
        "macOS does not let gotwatch read this folder: allow it in System Settings > Privacy & Security >"
        f" Files and Folders, or Full Disk Access, for {Path(os.path.realpath(program)).name}"
    )


def _can_be_tried(numbered: tuple[os.DirEntry[str], int]) -> bool:
    entry, _ = numbered
    if not entry.name.lower().endswith(tuple(DOCUMENT_SUFFIXES)):
        return False
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return False
    # Never one that is online only: to read it would download it.
    return Rules(()).file(Path(entry.name), scan.traits_of(status)) is None


def _check_reading(path: str) -> None:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - a path as scandir gave it
            file.read(1)
    except PermissionError as error:
        if error.errno == errno.EPERM:
            raise
    except OSError:
        pass  # it left, or is busy: that file's own affair
