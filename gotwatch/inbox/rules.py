"""Which entries of a watched folder are documents, and why the others are not. Pure."""

import stat
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath

from pathspec import GitIgnoreSpec

from gotwatch.documents import DOCUMENT_SUFFIXES, shown
from gotwatch.words import marked

UNFINISHED_SUFFIXES = (
    ".part",
    ".partial",
    ".filepart",
    ".crdownload",
    ".download",
    ".opdownload",
    ".tmp",
    ".temp",
    "~",
)
SYSTEM_NAMES = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r"})
SYSTEM_FOLDERS = frozenset(
    {"@eadir", "#recycle", "#snapshot", "$recycle.bin", "system volume information", "lost+found", "__macosx"}
)
# Cloud clients leave entries whose content is elsewhere; opening one would download it.
WINDOWS_RECALL = 0x0040_0000 | 0x0004_0000 | 0x0000_1000  # FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS, _ON_OPEN, _OFFLINE
MACOS_DATALESS = 0x4000_0000  # SF_DATALESS, sys/stat.h
MACOS_STUB_SUFFIX = ".icloud"  # `.scan.pdf.icloud` stands for scan.pdf before macOS 14
# A folder whose list of files is elsewhere; its files' other marks say nothing of a folder.
WINDOWS_RECALL_LIST = 0x0004_0000  # FILE_ATTRIBUTE_RECALL_ON_OPEN
STUB_SUFFIXES = (".nextcloud", ".owncloud")  # `scan.pdf.nextcloud`, on Linux


class Rule(StrEnum):
    PASSING = "passing"  # hidden, temporary or the system's own: not worth listing
    PATTERN = "pattern"
    TYPE = "type"
    LINK = "link"
    SPECIAL = "special"
    ONLINE_ONLY = "online only"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Ignored:
    rule: Rule
    reason: str


ONLINE_ONLY = Ignored(Rule.ONLINE_ONLY, "it is online only; it is read once it is on this computer")


@dataclass(frozen=True, slots=True)
class Traits:
    """What the file system says of an entry, without opening it."""

    mode: int  # st_mode of lstat
    windows_attributes: int = 0
    macos_flags: int = 0


class Rules:
    """The ignore rules of one watched folder."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = tuple(filter(None, patterns))  # the spec leaves empty ones out of its count
        self._spec = GitIgnoreSpec.from_lines(self._patterns)

    def folder(self, relative: PurePath, traits: Traits | None = None) -> Ignored | None:
        """Why the subfolder *relative* is left out with all that is in it; None if it is looked into."""
        if _is_passing_folder(relative.name):
            return Ignored(Rule.PASSING, f"{shown(relative.name)} is a hidden or system folder")
        if ignored := self._by_pattern(relative, is_folder=True):
            return ignored
        return ONLINE_ONLY if traits and _is_unlisted(traits) else None

    def file(self, relative: PurePath, traits: Traits) -> Ignored | None:
        """Why the entry *relative* is left out; None if it is a document."""
        if ignored := _by_name(relative.name) or self._by_pattern(relative, is_folder=False):
            return ignored
        return _by_kind(traits) or _by_type(relative)

    def path(self, relative: PurePath, traits: Traits) -> Ignored | None:
        """Like file(), but counting the folders that lead to it."""
        for folder in reversed(relative.parents[:-1]):
            if ignored := self.folder(folder):
                return ignored
        return self.file(relative, traits)

    def _by_pattern(self, relative: PurePath, *, is_folder: bool) -> Ignored | None:
        if not self._patterns:
            return None
        result = self._spec.check_file(relative.as_posix() + ("/" if is_folder else ""))
        if not result.include or result.index is None:
            return None
        return Ignored(Rule.PATTERN, f"the ignore pattern {self._patterns[result.index]!r} matches")


def _is_passing_folder(name: str) -> bool:
    return name.startswith(".") or name.lower() in SYSTEM_FOLDERS


def _is_unlisted(traits: Traits) -> bool:
    """To list such a folder would have its client fetch it."""
    return bool(traits.windows_attributes & WINDOWS_RECALL_LIST or traits.macos_flags & MACOS_DATALESS)


def _by_name(name: str) -> Ignored | None:
    lowered = name.lower()
    if name.startswith("~$"):
        return Ignored(Rule.PASSING, "it is an office program's lock file")
    if name.startswith(".") and lowered.endswith(MACOS_STUB_SUFFIX):
        return ONLINE_ONLY
    if lowered.endswith(STUB_SUFFIXES) and PurePath(lowered).with_suffix("").suffix in DOCUMENT_SUFFIXES:
        return ONLINE_ONLY
    if name.startswith("."):
        return Ignored(Rule.PASSING, "its name begins with a dot")
    if lowered in SYSTEM_NAMES:
        return Ignored(Rule.PASSING, "it belongs to the system")
    if lowered.endswith(UNFINISHED_SUFFIXES):
        return Ignored(Rule.PASSING, "its name says that it is not finished; it is read once it has its final name")
    return None


def _by_kind(traits: Traits) -> Ignored | None:
    if stat.S_ISLNK(traits.mode):
        return Ignored(Rule.LINK, "it is a symbolic link; links are not followed")
    if stat.S_ISDIR(traits.mode):
        return Ignored(Rule.SPECIAL, "it is a folder, though named like a document")
    if not stat.S_ISREG(traits.mode):
        return Ignored(Rule.SPECIAL, "it is a pipe, socket or device, not a file")
    if traits.windows_attributes & WINDOWS_RECALL or traits.macos_flags & MACOS_DATALESS:
        return ONLINE_ONLY
    return None


def _by_type(relative: PurePath) -> Ignored | None:
    suffix = relative.suffix.lower()
    if suffix in DOCUMENT_SUFFIXES:
        return None
    return Ignored(Rule.TYPE, f"{shown(suffix) or marked('a name without an ending')} is no type that gotwatch reads")
