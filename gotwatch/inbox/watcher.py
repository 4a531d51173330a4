"""Looks after one watched folder: events as hints, rescans as the truth, and whether the folder is there at all."""

import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path
from threading import Event
from typing import Any

from gotwatch.errors import GotwatchError
from gotwatch.inbox import access, identity, scan
from gotwatch.inbox.ear import Ear
from gotwatch.inbox.folder import Detection, FolderState, FolderStatus, Intake, Pace, WatchedFolder
from gotwatch.inbox.identity import Identity
from gotwatch.inbox.rules import Rule
from gotwatch.inbox.settle import Look, Settler
from gotwatch.inbox.slumber import Slumber
from gotwatch.words import marked

log = logging.getLogger(__name__)

POLL_SHARE = 50  # a poll costs at most one part in this many of the time
PACE = Pace()
DELIVERY = 1000  # files handed on in one go, so that stop() need not wait for 100,000


class Watcher:
    """run() works until stop(). status(), rescan() and wait_for_first_scan() may be called from any thread."""

    def __init__(
        self,
        watched: WatchedFolder,
        intake: Intake,
        on_change: Callable[[], None],
        pace: Pace = PACE,
        *,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._watched = watched
        self._intake = intake
        self._on_change = on_change
        self._pace = pace
        self._wake = Event()
        self._stopping = False
        self._touched: deque[Path] = deque()
        self._changed_folders: deque[Path] = deque()
        self._settler = Settler(watched.quiet_seconds, clock=time.monotonic, wall_clock=time.time, look=scan.look)
        self._ear = Ear(
            watched,
            touched=self._note_later,
            folder_changed=self._look_into_later,
            overflowed=self._overflowed,
            listen_again_seconds=pace.listen_again_seconds,
        )
        self._slumber = Slumber(clock=time.monotonic, wall_clock=wall_clock)
        self._seen: Identity | None = None
        self._heard_since = 0.0  # of all that came later than this, by the wall clock, an event should have told
        self._next_check = 0.0
        self._next_scan = 0.0
        self._scanned = Event()
        self._status = FolderStatus(watched.folder, FolderState.STARTING, watched.detection or Detection.EVENTS, "", 0)

    def run(self) -> None:
        self._slumber.begin()
        try:
            while not self._stopping:
                try:
                    self._turn()
                except GotwatchError as error:
                    self._put_off(error)
                self._rest(self._pause_seconds())
        finally:
            self._ear.stop()

    def _rest(self, seconds: float) -> None:
        began = time.monotonic()
        self._wake.wait(seconds)
        self._wake.clear()  # before stop is looked for, or it would be slept through
        if self._slumber.has_passed(late_seconds=time.monotonic() - began - seconds):
            log.info("%s: the computer slept, or its clock was set; looking through the folder", self._watched.folder)
            self._heard_since = time.time()
            self._next_scan = self._next_check = 0.0

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()

    def rescan(self) -> None:
        """Look through the whole folder now."""
        self._next_scan = 0.0
        self._next_check = 0.0
        self._wake.set()

    def status(self) -> FolderStatus:
        return self._status

    def wait_for_first_scan(self, timeout_seconds: float) -> bool:
        """Block until the folder was looked through once, or is known to be missing."""
        return self._scanned.wait(timeout_seconds)

    def _turn(self) -> None:
        self._check_root_if_due()
        if self._status.state is FolderState.WATCHING:
            self._scan_if_due()
            self._take_events()
            self._deliver_settled()
        self._show(settling=len(self._settler))
        self._scanned.set()

    def _put_off(self, error: GotwatchError) -> None:
        """The queue cannot take the files now. They stay on disk, where a later look finds them."""
        log.error("%s: %s", self._watched.folder, error.message)
        self._settler.forget_all()
        self._heard_since = time.time()
        self._next_scan = self._next_check = time.monotonic() + self._pace.retry_seconds

    def _check_root_if_due(self) -> None:
        if time.monotonic() < self._next_check:
            return
        self._next_check = time.monotonic() + self._pace.root_check_seconds
        try:
            seen = identity.identify(self._watched.folder, self._seen)
            if seen and seen is not self._seen:
                access.check(self._watched.folder)
            self._judge_root(seen)
        except OSError as error:
            self._lose_by(error)

    def _judge_root(self, seen: Identity | None) -> None:
        if seen is None:
            self._lose(FolderState.MISSING, marked("the folder is not there"))
        elif seen is not self._seen:
            known = self._intake.identity()
            if known is None and self._watched.leave_existing:
                self._leave_existing()
            if known is None or identity.same_folder(known, seen):
                self._find(seen)
            else:
                self._lose(FolderState.MISSING, _other_volume(self._watched.folder))
        elif self._ear.is_broken:
            log.warning("%s: the system's news broke off; listening anew", self._watched.folder)
            self._find(seen)
        elif self._ear.may_hear_again:
            self._find(seen)

    def _leave_existing(self) -> None:
        """Before the folder's identity is noted: if we are killed in between, the next start does it again."""
        found = self._scan(self._watched.folder)
        self._intake.leave([(Path(text), seen.stamp) for text, seen in found.documents.items()])
        log.info("%s: %d files that were there before are left alone", self._watched.folder, len(found.documents))

    def _lose_by(self, error: OSError) -> None:
        if isinstance(error, PermissionError):
            self._lose(FolderState.NO_ACCESS, access.why_closed(error))
        else:
            self._lose(FolderState.MISSING, marked(f"the folder cannot be looked at ({error.strerror})"))

    def _lose(self, state: FolderState, why: str) -> None:
        if (state, why) != (self._status.state, self._status.why):
            log.warning("%s: %s; waiting for it", self._watched.folder, why)
        self._ear.stop()
        self._settler.forget_all()
        self._seen = None
        self._show(state=state, why=why)

    def _find(self, seen: Identity) -> None:
        self._intake.set_identity(seen)
        self._seen = seen
        self._ear.listen()
        detection, why = self._ear.detection, self._ear.why
        log.info("watching %s by %s%s", self._watched.folder, detection, f" ({why})" if why else "")
        self._show(state=FolderState.WATCHING, detection=detection, why=why)
        self._heard_since = time.time()
        self._next_scan = 0.0

    def _scan_if_due(self) -> None:
        began = time.monotonic()
        if began < self._next_scan:
            return
        self._next_scan = (
            began + self._watched.rescan_seconds
        )  # before we look: what asks for a new look meanwhile counts
        try:
            found = self._scan(self._watched.folder)
        except OSError as error:
            self._lose_by(error)
            return
        self._note_new(found)
        self._intake.ignored(found.ignored)
        self._ear.check(found.folders)
        online_only = sum(ignored.rule is Rule.ONLINE_ONLY for ignored in found.ignored.values())
        self._show(detection=self._ear.detection, why=self._ear.why, online_only=online_only)
        if self._ear.detection is Detection.POLL:
            took_seconds = time.monotonic() - began
            self._next_scan = min(
                self._next_scan, began + max(self._pace.shortest_poll_seconds, POLL_SHARE * took_seconds)
            )

    def _scan(self, start: Path) -> scan.Scan:
        watched = self._watched
        return scan.scan(
            watched.folder, watched.rules, recursive=watched.recursive, leave_out=watched.leave_out, start=start
        )

    def _note_new(self, found: scan.Scan) -> None:
        known = self._intake.stamps()
        new = {Path(text): seen for text, seen in found.documents.items() if known.get(text) != seen.stamp}
        unheard = sum(
            self._should_have_been_heard_of(path, seen) for path, seen in new.items() if str(path) not in known
        )
        for path, seen in new.items():
            self._settler.note(path, seen)
        self._ear.doubt(unheard)

    def _should_have_been_heard_of(self, path: Path, seen: Look) -> bool:
        in_time = self._heard_since < seen.changed_at < time.time() - self._pace.late_seconds
        return in_time and path not in self._settler

    def _take_events(self) -> None:
        for folder in _drained(self._changed_folders):
            self._look_into(folder)
        self._doubt(len(self._touched))
        for path in _drained(self._touched):
            self._note(path)

    def _doubt(self, burst: int) -> None:
        """Where the system drops events in silence, a burst is followed by a look through the folder."""
        if self._pace.doubted_burst is not None and burst >= self._pace.doubted_burst:
            self._next_scan = time.monotonic() + self._pace.calm_seconds

    def _look_into(self, folder: Path) -> None:
        """A folder that came as a whole has files in it that raise no event of their own."""
        watched = self._watched
        if folder == watched.folder:
            self._next_check = 0.0  # it was deleted, perhaps
        elif watched.recursive and not self._belongs_to_another(folder) and not self._is_left_out(folder):
            try:
                found = self._scan(folder)
            except OSError:
                return  # it left again
            for path, seen in found.documents.items():
                self._settler.note(Path(path), seen)

    def _is_left_out(self, folder: Path) -> bool:
        relative = folder.relative_to(self._watched.folder)
        return any(self._watched.rules.folder(part) for part in (relative, *relative.parents[:-1]))

    def _belongs_to_another(self, path: Path) -> bool:
        return any(path.is_relative_to(other) for other in self._watched.leave_out)

    def _note(self, path: Path) -> None:
        watched = self._watched
        if self._belongs_to_another(path):
            return
        try:
            status = path.lstat()
        except OSError:
            return
        if watched.rules.path(path.relative_to(watched.folder), scan.traits_of(status)) is None:
            self._settler.note(path, scan.look_of(status))

    def _deliver_settled(self) -> None:
        settled = self._settler.settled()
        while not self._stopping and (files := list(islice(settled, DELIVERY))):
            self._intake.deliver(files)

    def _pause_seconds(self) -> float:
        due = [self._next_check]
        if self._status.state is FolderState.WATCHING:
            settles = self._settler.next_due()
            due += [self._next_scan] if settles is None else [self._next_scan, settles]
        return max(min(due) - time.monotonic(), 0.0)

    def _note_later(self, path: Path) -> None:
        self._touched.append(path)
        self._wake.set()

    def _look_into_later(self, folder: Path) -> None:
        self._changed_folders.append(folder)
        self._wake.set()

    def _overflowed(self) -> None:
        log.warning("%s: the system dropped events; looking through the folder", self._watched.folder)
        self._heard_since = time.time()
        self.rescan()

    def _show(self, **changes: Any) -> None:
        """Replace these fields of the status, and tell of it if that changes anything."""
        old, self._status = self._status, replace(self._status, **changes)
        if self._status != old:
            self._on_change()


def _drained(paths: deque[Path]) -> list[Path]:
    """What is in *paths* now, each once; other threads may go on adding."""
    return list(dict.fromkeys(paths.popleft() for _ in range(len(paths))))


def _other_volume(folder: Path) -> str:
    return marked(
        f'the volume that holds the folder is not there; if it was replaced for good: gotwatch forget "{folder}"'
    )
