"""What a person may ask of the queue and order it to do, with or without a running daemon."""

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from gotwatch.config.settings import Config, Watch
from gotwatch.documents import DOCUMENT_SUFFIXES, counted, shown
from gotwatch.errors import UsageError
from gotwatch.inbox import scan
from gotwatch.inbox.rules import Ignored, Rules
from gotwatch.jobs.entries import Entry
from gotwatch.jobs.job import Failure, JobState, Original, in_words
from gotwatch.jobs.queue import Queue
from gotwatch.words import marked

COUNTED = (
    JobState.QUEUED,
    JobState.READING,
    JobState.WAITING,
    JobState.DONE,
    JobState.DONE_WITH_WARNINGS,
    JobState.FAILED,
)
RECENT = 10


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a file is in the state that it is in."""

    path: Path
    state: str
    why: str
    outputs: tuple[Path, ...] = ()


class Orders:
    def __init__(
        self,
        config: Config,
        queue: Queue,
        now: Callable[[], datetime],
        *,
        hold_on: Callable[[str], Failure | None],
        hindrance: Callable[[], str] = lambda: "",
    ) -> None:
        """*hold_on*: why files of the watch with this key are held back just now.
        *hindrance*: why nothing at all should be read now, as others need the computer.
        """
        self._config = config
        self._queue = queue
        self._now = now
        self._hold_on = hold_on
        self._hindrance = hindrance
        self._watches = frozenset(watch.key for watch in config.watch)

    def pause(self, until: datetime | None) -> None:
        self._queue.marks.pause(until)

    def resume(self) -> None:
        self._queue.marks.resume()

    def retry(self, paths: Sequence[Path]) -> int:
        """Try these failed files again; all of them where *paths* is empty. How many there are."""
        failed = self._queue.entries.failed(self._watches)
        for path in paths:
            self._known(path)
            if path not in failed:
                raise UsageError(f"{shown(path)} has not failed", hint=f"See: gotwatch why {shown(path)}")
        return self._queue.store.retry(paths or failed, self._now())

    def reprocess(self, path: Path) -> None:
        """Read *path* anew, as if its text had never been kept."""
        entry = self._known(path)
        if not self._queue.store.retry([entry.job.path], self._now(), redo=True):
            raise _being_read(path)

    def forget(self, path: Path) -> None:
        """Drop a file from the queue, with its kept text. A file that is still there is not read until it changes."""
        if self._queue.marks.forget_folder(path):
            return
        entry = self._queue.entries.of(path)
        if entry is None:
            raise _unknown(path)
        found = entry.job.path
        # What lies in a folder that is away just now comes back, and shall not be new then.
        still_there = os.path.lexists(found) or not os.path.isdir(entry.job.watch)  # noqa: PTH112 - Path's may raise
        if not self._queue.store.forget(found, still_there=still_there):
            raise _being_read(path)

    def why(self, path: Path) -> Reason:
        """What became of *path*, in words."""
        if entry := self._queue.entries.of(path):
            return self._why_known(path, entry)
        watch = self._watch_of(path)
        if watch is None:
            return Reason(path, "unknown", "It lies in no watched folder.")
        if reason := self._queue.marks.ignored(path):
            return Reason(path, "ignored", f"It is ignored: {reason}.")
        return _why_unknown(path, watch)

    def counts(self) -> dict[str, int]:
        """How many files of the watched folders are in each state."""
        counts = self._queue.entries.counts(self._watches)
        states = {state.value: counts[state] for state in COUNTED}
        return states | {"ignored": self._queue.marks.count_ignored(self._watches)}

    def recent(self) -> list[dict[str, Any]]:
        return [self._as_json(entry) for entry in self._queue.entries.recent(self._watches, RECENT)]

    def failures(self) -> list[dict[str, Any]]:
        return [self._as_json(entry) for entry in self._queue.entries.failures(self._watches, RECENT)]

    def record(self, job_id: int) -> dict[str, Any] | None:
        """The file of this job as status shows it."""
        entry = self._queue.entries.of_job(job_id)
        return self._as_json(entry) if entry else None

    def next_up(self) -> list[dict[str, Any]]:
        return [self._as_json(entry) for entry in self._queue.entries.next_up(self._watches, RECENT)]

    def _known(self, path: Path) -> Entry:
        """The file at *path*, which can be read."""
        entry = self._queue.entries.of(path)
        if entry is None:
            raise _unknown(path)
        if entry.job.watch not in self._watches:
            raise UsageError(
                f"{shown(path)} lies in no watched folder any more", hint=f"Watch {shown(entry.job.watch)} again."
            )
        return entry

    def _why_known(self, path: Path, entry: Entry) -> Reason:
        if entry.state in (JobState.QUEUED, JobState.WAITING):
            why = self._waits_for(entry)
        elif entry.state is JobState.READING:
            why = "It is being read."
        else:
            why = _how_it_ended(path, entry)
        outputs = tuple(output.path for output in self._queue.shelf.outputs(entry.job.id))
        return Reason(path, entry.state, why, outputs if entry.finished_at else ())

    def _waits_for(self, entry: Entry) -> str:
        if entry.job.watch not in self._watches:
            return marked(f"It is not read: {shown(entry.job.watch)} is no longer a watched folder.")
        now = self._now()
        if pause := self._queue.marks.paused(now):
            until = marked(f" until {pause.until.astimezone():%Y-%m-%d %H:%M}") if pause.until else ""
            return marked(f"It waits, as gotwatch is paused{until}.")
        if hindrance := self._hindrance():
            return marked(f"It waits. {hindrance}")
        if held := self._hold_on(entry.job.watch):
            return marked(f"It waits until this is mended: {in_words(held)}")
        because = f" {in_words(entry.failure)}" if entry.failure else ""
        if entry.not_before > now:
            return marked(f"It is tried again after {entry.not_before.astimezone():%H:%M:%S}.{because}")
        return marked(f"It waits for its turn.{because}")

    def _watch_of(self, path: Path) -> Watch | None:
        """The innermost watched folder that holds *path*."""
        holding = [watch for watch in self._config.watch if path != watch.folder and path.is_relative_to(watch.folder)]
        return max(holding, key=lambda watch: len(watch.folder.parts), default=None)

    def _as_json(self, entry: Entry) -> dict[str, Any]:
        return {
            "path": shown(entry.job.path),
            "state": entry.state.value,
            "pages": entry.pages,
            "engine": entry.engine,
            "finished_at": entry.finished_at.isoformat(timespec="seconds") if entry.finished_at else None,
            "error": entry.failure.message if entry.failure else None,
            "hint": entry.failure.hint if entry.failure else None,
            "warnings": list(entry.warnings),
            "outputs": [shown(output.path) for output in self._queue.shelf.outputs(entry.job.id)],
        }


def _unknown(path: Path) -> UsageError:
    return UsageError(f"gotwatch does not know {shown(path)}", hint=f"See: gotwatch why {shown(path)}")


def _being_read(path: Path) -> UsageError:
    return UsageError(f"{shown(path)} is being read just now", hint="Wait until it is done.")


def _why_unknown(path: Path, watch: Watch) -> Reason:
    try:
        status = path.lstat()
    except OSError:
        return Reason(path, "unknown", "There is no such file, and gotwatch has not seen one.")
    relative, is_folder = path.relative_to(watch.folder), stat.S_ISDIR(status.st_mode)
    if not watch.recursive and len(relative.parts) > (0 if is_folder else 1):
        return Reason(path, "ignored", "It is ignored: it lies in a subfolder, and recursive = false.")
    if ignored := _ignored(relative, status, Rules(watch.ignore)):
        return Reason(path, "ignored", f"It is ignored: {ignored.reason}.")
    if is_folder:
        return Reason(path, "unknown", f"It is a folder; the files in it are looked at for {shown(watch.folder)}.")
    return Reason(path, "settling", f"It is new, and must not change for {watch.quiet_seconds:g} s before it is read.")


def _ignored(relative: Path, status: os.stat_result, rules: Rules) -> Ignored | None:
    if not stat.S_ISDIR(status.st_mode) or relative.suffix.lower() in DOCUMENT_SUFFIXES:
        return rules.path(relative, scan.traits_of(status))
    folders = [*reversed(relative.parents[:-1]), relative]
    return next(filter(None, map(rules.folder, folders)), None)


def _how_it_ended(path: Path, entry: Entry) -> str:
    match entry.state:
        case JobState.FAILED:
            return (
                marked(f"It could not be read: {in_words(entry.failure)}")
                if entry.failure
                else marked("It could not be read.")
            )
        case JobState.GONE:
            return marked("It was taken away before it was read.")
        case JobState.FORGOTTEN:
            return marked("It is left alone, as you asked; it is read when it changes, or with: gotwatch reprocess")
        case _:
            return _how_done(path, entry)


def _how_done(path: Path, entry: Entry) -> str:
    finished = f" on {entry.finished_at.astimezone():%Y-%m-%d at %H:%M}" if entry.finished_at else ""
    model = entry.checkpoint or marked("no page had ink")
    how = marked(f"Its text was read{finished} by {entry.engine} ({model}), {counted(entry.pages, 'page')}.")
    if entry.copied_from:
        how += marked(f" It has the same bytes as {shown(entry.copied_from)}, whose text was used.")
    return " ".join([how, *_where_it_went(path, entry), *entry.warnings])


def _where_it_went(path: Path, entry: Entry) -> Iterator[str]:
    if entry.original is Original.TO_MOVE:
        yield marked("It will be moved to the archive.")
    elif entry.moved_from and entry.job.path != path:
        yield marked(f"It was moved to {shown(entry.job.path)}.")
    elif entry.moved_from:
        yield marked(f"It was moved here from {shown(entry.moved_from)}.")
