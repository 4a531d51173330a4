"""What a watcher finds, on its way into the queue: one for each watched folder."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from gotwatch import pipeline
from gotwatch.config.settings import Order, Watch
from gotwatch.documents import Stamp
from gotwatch.errors import GotwatchError
from gotwatch.inbox.identity import Identity
from gotwatch.inbox.rules import Ignored
from gotwatch.jobs.marks import Marks
from gotwatch.jobs.store import JobStore, NewFile


class FolderIntake:
    """An inbox.folder.Intake over the queue."""

    def __init__(
        self, watch: Watch, store: JobStore, marks: Marks, *, now: Callable[[], datetime], arrived: Callable[[], None]
    ) -> None:
        self._watch = watch
        self._store = store
        self._marks = marks
        self._now = now
        self._arrived = arrived

    def deliver(self, files: Sequence[tuple[Path, Stamp]]) -> None:
        read = self._store.finished_stamps([path for path, _ in files])
        new = [
            self._new_file(path, stamp)
            for path, stamp in files
            if not (path in read and self._is_only_touched(path, stamp, read[path]))
        ]
        if self._store.enqueue(new, self._now()):
            self._arrived()

    def leave(self, files: Sequence[tuple[Path, Stamp]]) -> None:
        self._store.leave([self._new_file(path, stamp) for path, stamp in files], self._now())

    def stamps(self) -> Mapping[str, Stamp]:
        return self._store.stamps(self._watch.key)

    def ignored(self, files: Mapping[str, Ignored]) -> None:
        self._marks.set_ignored(self._watch.key, {path: (entry.rule, entry.reason) for path, entry in files.items()})

    def identity(self) -> Identity | None:
        known = self._marks.folder(self._watch.folder)
        return Identity(*known) if known else None

    def set_identity(self, identity: Identity) -> None:
        known = (identity.device, identity.inode, identity.mount, identity.volume)
        if self._marks.folder(self._watch.folder) != known:
            self._marks.set_folder(self._watch.folder, known)

    def _is_only_touched(self, path: Path, stamp: Stamp, known: Stamp) -> bool:
        """A finished file with another time but the old content; its new time is noted."""
        if known == stamp or known.size != stamp.size:
            return False  # the queue knows what to do
        try:
            digest = pipeline.digest_of(path, stamp)
        except GotwatchError:
            return False
        return self._store.touch(path, stamp, digest)

    def _new_file(self, path: Path, stamp: Stamp) -> NewFile:
        return NewFile(
            path=path,
            watch=self._watch.key,
            stamp=stamp,
            priority=self._watch.priority,
            rank=rank_of(self._watch.order, stamp),
        )


def rank_of(order: Order, stamp: Stamp) -> int:
    """A number that puts files in this order; files of one rank go by name."""
    match order:
        case Order.OLDEST:
            return stamp.mtime_ns
        case Order.NEWEST:
            return -stamp.mtime_ns
        case Order.NAME:
            return 0
