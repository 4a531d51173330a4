"""The watched folders while gotwatch runs: made ready, each with its watcher, and changed as the config changes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock

from gotwatch.config import load
from gotwatch.config.settings import Config, Detection, Existing, Originals, Watch
from gotwatch.errors import ConfigError
from gotwatch.inbox import folder as inbox_folder
from gotwatch.inbox import identity
from gotwatch.inbox.folder import FolderStatus, WatchedFolder
from gotwatch.inbox.rules import Rules
from gotwatch.inbox.watcher import Watcher
from gotwatch.intake import FolderIntake
from gotwatch.jobs.queue import Queue
from gotwatch.threads import Threads


@dataclass(frozen=True, slots=True)
class _Watched:
    watch: Watch
    leave_out: tuple[Path, ...]  # it ends where another one begins
    watcher: Watcher


class Folders:
    """All methods may be called from any thread, watch() by one at a time."""

    def __init__(
        self,
        queue: Queue,
        threads: Threads,
        *,
        now: Callable[[], datetime],
        arrived: Callable[[], None],
        on_change: Callable[[], None],
    ) -> None:
        self._queue = queue
        self._threads = threads
        self._now = now
        self._arrived = arrived
        self._on_change = on_change
        self._lock = Lock()
        self._watched: Mapping[str, _Watched] = {}

    def check(self, config: Config, config_path: Path) -> None:
        """Raises ConfigError for a folder that is not there and never was."""
        for watch in config.watch:
            if not _is_there(watch.folder) and not self._queue.marks.folder(watch.folder):
                raise load.missing_folder(config_path, config, watch)

    def prepare(self, config: Config) -> None:
        """Make what gotwatch fills, once, and give waiting files their new places. Raises ConfigError."""
        for watch in config.watch:
            self._create_once(watch.output)
            if watch.originals is Originals.ARCHIVE and watch.archive:
                self._create_once(watch.archive)
            self._queue.store.rank_again(watch.key, priority=watch.priority, rank=watch.order)

    def watch(self, config: Config) -> None:
        """Watch these folders and no others. Those that stay as they are are not disturbed."""
        before = self._watched
        now = {watch.key: self._kept(before.get(watch.key), watch, config) for watch in config.watch}
        with self._lock:
            self._watched = now
        for key, old in before.items():
            if now.get(key) is not old:
                old.watcher.stop()
        for key, new in now.items():
            if before.get(key) is not new:
                self._threads.start(f"inbox {key}", new.watcher.run)

    def stop(self) -> None:
        for watched in self._all():
            watched.watcher.stop()

    def rescan(self) -> None:
        for watched in self._all():
            watched.watcher.rescan()

    def statuses(self) -> list[tuple[Watch, FolderStatus]]:
        return [(watched.watch, watched.watcher.status()) for watched in self._all()]

    def is_settling(self) -> bool:
        return any(watched.watcher.status().settling for watched in self._all())

    def wait_for_first_scan(self, timeout_seconds: float) -> None:
        """Block until every folder was looked through once."""
        for watched in self._all():
            watched.watcher.wait_for_first_scan(timeout_seconds)

    def _all(self) -> list[_Watched]:
        with self._lock:
            return list(self._watched.values())

    def _kept(self, old: _Watched | None, watch: Watch, config: Config) -> _Watched:
        leave_out = tuple(
            other.folder for other in config.watch if other is not watch and other.folder.is_relative_to(watch.folder)
        )
        if old and (old.watch, old.leave_out) == (watch, leave_out):
            return old
        return _Watched(watch, leave_out, self._watcher(watch, leave_out))

    def _watcher(self, watch: Watch, leave_out: tuple[Path, ...]) -> Watcher:
        detection = None if watch.detection is Detection.AUTO else inbox_folder.Detection(watch.detection.value)
        watched = WatchedFolder(
            folder=watch.folder,
            recursive=watch.recursive,
            rules=Rules(watch.ignore),
            quiet_seconds=watch.quiet_seconds,
            rescan_seconds=watch.rescan_seconds,
            detection=detection,
            leave_out=leave_out,
            leave_existing=watch.existing is Existing.LEAVE,
        )
        intake = FolderIntake(watch, self._queue.store, self._queue.marks, now=self._now, arrived=self._arrived)
        return Watcher(watched, intake, self._on_change)

    def _create_once(self, folder: Path) -> None:
        """Make *folder* the first time. Later its absence means that its disk is away, and results must wait."""
        marks = self._queue.marks
        if marks.folder(folder):
            return
        try:
            folder.mkdir(parents=True, exist_ok=True)
            seen = identity.identify(folder)
        except OSError as exc:
            raise ConfigError(
                f"The folder {folder} cannot be made: {exc.strerror}.", hint="Correct the config."
            ) from exc
        if seen:
            marks.set_folder(folder, (seen.device, seen.inode, seen.mount, seen.volume))


def _is_there(folder: Path) -> bool:
    try:
        return folder.is_dir()
    except PermissionError:
        return True  # its watcher says what is amiss
