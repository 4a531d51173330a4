"""What a watcher is told of its folder, what it tells, and where its finds go."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from gotwatch.documents import Stamp
from gotwatch.inbox.identity import Identity
from gotwatch.inbox.rules import Ignored, Rules

# Windows and macOS drop news without a word when too much happens at once. So many at once are a sign of it:
# the buffer on Windows holds some hundreds.
DOUBTED_BURST = None if sys.platform == "linux" else 100


class Detection(StrEnum):
    EVENTS = "events"
    POLL = "poll"


class FolderState(StrEnum):
    STARTING = "starting"
    WATCHING = "watching"
    MISSING = "missing"
    NO_ACCESS = "no access"


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedFolder:
    """What a watcher must know of its folder."""

    folder: Path
    recursive: bool
    rules: Rules
    quiet_seconds: float
    rescan_seconds: float
    detection: Detection | None  # None: as the volume allows
    leave_out: tuple[Path, ...]  # folders below it that other watches look after
    leave_existing: bool = False  # leave alone what is in it when it is seen for the first time


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often a watcher looks, beside what its folder's config says."""

    root_check_seconds: float = 5.0
    shortest_poll_seconds: float = 10.0
    late_seconds: float = 10.0  # an event that is not here by then does not come
    retry_seconds: float = 30.0  # after the queue could not take a file
    listen_again_seconds: float = 300.0  # after the system had no watches left
    calm_seconds: float = 2.0  # after a burst that is doubted
    doubted_burst: int | None = DOUBTED_BURST  # events in one go; None: the system says when it drops any


@dataclass(frozen=True, slots=True)
class FolderStatus:
    path: Path
    state: FolderState
    detection: Detection
    why: str  # of a state or detection that a person would not expect, else ""
    settling: int  # files that still change, or are too fresh
    online_only: int = 0  # files of a cloud that are not on this computer


class Intake(Protocol):
    """Where a watcher's finds go, and what is known of them."""

    def deliver(self, files: Sequence[tuple[Path, Stamp]]) -> None: ...
    def stamps(self) -> Mapping[str, Stamp]: ...
    def leave(self, files: Sequence[tuple[Path, Stamp]]) -> None: ...
    def ignored(self, files: Mapping[str, Ignored]) -> None: ...
    def identity(self) -> Identity | None: ...
    def set_identity(self, identity: Identity) -> None: ...
