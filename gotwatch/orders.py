"""What a person may ask of the queue and order it to do, with or without a running daemon."""

import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from gotwatch.config.settings import Config, Watch
from gotwatch.documents import shown
from gotwatch.errors import UsageError
from gotwatch.inbox import scan
from gotwatch.inbox.rules import Rules
from gotwatch.jobs.job import JobState, in_words
from gotwatch.jobs.marks import Marks
from gotwatch.jobs.shelf import Shelf
from gotwatch.jobs.store import Entry, JobStore

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
        self, config: Config, store: JobStore, shelf: Shelf, marks: Marks, now: Callable[[], datetime]
    ) -> None:
        self._config = config
        self._store = store
        self._shelf = shelf
        self._marks = marks
        self._now = now

    def pause(self, until: datetime | None) -> None:
        self._marks.pause(until)

    def resume(self) -> None:
        self._marks.resume()

    def retry(self, paths: Sequence[Path]) -> int:
        """Try these failed files again; all of them where *paths* is empty. How many there are."""
        failed = self._store.failed()
        if unknown := [path for path in paths if path not in failed]:
            raise UsageError(f"{shown(unknown[0])} has not failed", hint=f"See: gotwatch why {shown(unknown[0])}")
        return self._store.retry(paths or failed, self._now())

    def reprocess(self, path: Path) -> None:
        """Read *path* anew, as if its text had never been kept."""
        self._known(path)
        if not self._store.retry([path], self._now(), redo=True):
            raise UsageError(f"{shown(path)} is being read just now", hint="Wait until it is done.")

    def forget(self, path: Path) -> None:
        """Drop a file from the queue, with its kept text. A file that is still there is not read until it changes."""
        if self._marks.forget_folder(path):
            return
        self._known(path)
        if not self._store.forget(path, still_there=path.exists()):
            raise UsageError(f"{shown(path)} is being read just now", hint="Wait until it is done.")

    def why(self, path: Path) -> Reason:
        """What became of *path*, in words."""
        if entry := self._store.entry(path):
            return self._why_known(entry)
        if reason := self._marks.ignored(path):
            return Reason(path, "ignored", f"It is ignored: {reason}.")
        watch = self._watch_of(path)
        if watch is None:
            return Reason(path, "unknown", "It lies in no watched folder.")
        return self._why_unknown(path, watch)

    def counts(self) -> dict[str, int]:
        counts = self._store.counts()
        return {
            state: counts[state]
            for state in ("queued", "reading", "waiting", "done", "done_with_warnings", "failed", "ignored")
        }

    def recent(self) -> list[dict[str, Any]]:
        return [self._as_json(entry) for entry in self._store.recent(RECENT)]

    def record(self, job_id: int) -> dict[str, Any] | None:
        """The file of this job as status shows it."""
        entry = self._store.entry_of(job_id)
        return self._as_json(entry) if entry else None

    def next_up(self) -> list[dict[str, Any]]:
        return [self._as_json(entry) for entry in self._store.open_entries(RECENT)]

    def _known(self, path: Path) -> Entry:
        if entry := self._store.entry(path):
            return entry
        raise UsageError(f"gotwatch does not know {shown(path)}", hint=f"See: gotwatch why {shown(path)}")

    def _why_known(self, entry: Entry) -> Reason:
        path, failure = entry.job.path, entry.failure
        outputs = tuple(output.path for output in self._shelf.outputs(entry.job.id))
        because = f" {in_words(failure)}" if failure else ""
        match entry.state:
            case JobState.QUEUED:
                why = f"It waits for its turn.{because}"
            case JobState.READING:
                why = "It is being read."
            case JobState.WAITING:
                why = f"It is tried again after {entry.not_before.astimezone():%H:%M:%S}:{because}"
            case JobState.FAILED:
                why = f"It could not be read:{because}"
            case JobState.GONE:
                why = "It was taken away before it was read."
            case JobState.FORGOTTEN:
                why = "It was forgotten on request; it is read again when it changes."
            case _:
                why = _how_done(entry)
        return Reason(path, entry.state, why, outputs if entry.finished_at else ())

    def _watch_of(self, path: Path) -> Watch | None:
        """The innermost watched folder that holds *path*."""
        holding = [watch for watch in self._config.watch if path != watch.folder and path.is_relative_to(watch.folder)]
        return max(holding, key=lambda watch: len(watch.folder.parts), default=None)

    def _why_unknown(self, path: Path, watch: Watch) -> Reason:
        try:
            status = path.lstat()
        except OSError:
            return Reason(path, "unknown", "There is no such file, and gotwatch has not seen one.")
        if stat.S_ISDIR(status.st_mode) and not path.suffix:
            return Reason(path, "unknown", f"It is a folder; the files in it are looked at for {watch.folder}.")
        relative = path.relative_to(watch.folder)
        if not watch.recursive and len(relative.parts) > 1:
            return Reason(path, "ignored", "It is ignored: it lies in a subfolder, and recursive = false.")
        if ignored := Rules(watch.ignore).path(relative, scan.traits_of(status)):
            return Reason(path, "ignored", f"It is ignored: {ignored.reason}.")
        return Reason(
            path, "settling", f"It is new, and must not change for {watch.quiet_seconds:g} s before it is read."
        )

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
            "outputs": [shown(output.path) for output in self._shelf.outputs(entry.job.id)],
        }


def _how_done(entry: Entry) -> str:
    finished = f" on {entry.finished_at.astimezone():%Y-%m-%d at %H:%M}" if entry.finished_at else ""
    how = (
        f"Its text was read{finished} by {entry.engine} ({entry.checkpoint or 'no page had ink'}), {entry.pages} pages."
    )
    if entry.copied_from:
        how += f" It has the same bytes as {shown(entry.copied_from)}, whose text was used."
    if entry.original != "left":
        how += f" Original: {entry.original}."
    return " ".join([how, *entry.warnings])
