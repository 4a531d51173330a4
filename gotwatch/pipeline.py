"""One job, start to finish."""

import hashlib
import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from gotwatch import flow
from gotwatch.config.settings import Duplicates, Originals, Watch
from gotwatch.documents import Document, Output, PageText, Prompt, Reading, SourceFile, Stamp, shown
from gotwatch.errors import FileBusy, GotwatchError, SourceGone, Unreadable
from gotwatch.flow import ByteBudget, PageReader, PageSource
from gotwatch.inbox import scan
from gotwatch.jobs.job import Job, Original
from gotwatch.jobs.progress import Progress
from gotwatch.jobs.runner import BrokenOff
from gotwatch.jobs.shelf import Shelf
from gotwatch.jobs.store import Completed, JobStore
from gotwatch.render import forms, notes
from gotwatch.results import archive, names, publish

log = logging.getLogger(__name__)

SAME_BYTES_SECONDS = 0.1


class OpenDocument(PageSource, Protocol):
    @property
    def count(self) -> int: ...


@dataclass(frozen=True, slots=True)
class EngineInUse:
    """The engine, and what stands in its results and in the key of what it reads."""

    name: str
    checkpoint: str  # as configured
    reader: PageReader


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a job works with."""

    store: JobStore
    shelf: Shelf
    progress: Progress
    budget: ByteBudget
    open_document: Callable[[Path], AbstractContextManager[OpenDocument]]
    engine: Callable[[], EngineInUse]
    go_on: Callable[[], None]  # raises BrokenOff
    now: Callable[[], datetime]


class Pipeline:
    def __init__(self, parts: Parts, watches: Mapping[str, Watch]) -> None:
        self._parts = parts
        self._watches = watches

    def __call__(self, job: Job) -> None:
        """Read *job*'s file and put its results in place. Raises what went wrong; then nothing is half done."""
        watch = self._watches[job.watch]
        self._parts.progress.begin(job.id, job.path)
        try:
            source = self._identify(job, watch)
            document = self._read(job, source, watch)
            self._check_still_wanted(job)
            outputs = self._publish(job, document, watch)
            self._finish(job, document, outputs, watch)
        finally:
            self._parts.progress.end(job.id)
        if watch.originals is Originals.ARCHIVE:
            self.archive(job)

    def archive(self, job: Job) -> None:
        """Move the original of a finished job away. It stays "to move" until it was, also through a crash."""
        watch = self._watches[job.watch]
        entry = self._parts.store.entry(job.path)
        if entry is None or entry.original is not Original.TO_MOVE or watch.archive is None:
            return
        source = SourceFile(job.path, job.watch, entry.job.stamp, entry.digest)
        target = watch.archive / names.output_folder(job.path.parent.relative_to(watch.folder)) / job.path.name
        try:
            moved = archive.archive(source, target, root=watch.archive)
        except GotwatchError as error:
            log.warning("job %d: done, original not moved: %s", job.id, error.message)
            self._parts.store.not_moved(job, f"The original was not moved: {error.message}")
        else:
            log.info("job %d: original moved to %s", job.id, shown(moved))
            self._parts.store.moved(job, moved)

    def _identify(self, job: Job, watch: Watch) -> SourceFile:
        try:
            digest = digest_of(job.path, job.stamp)
        except FileNotFoundError as exc:
            if not watch.folder.is_dir():
                raise FileBusy(
                    f"The folder {watch.folder} is away", hint="It goes on when the folder is back."
                ) from exc
            raise SourceGone(f"{shown(job.path.name)} is no longer there") from exc
        while not self._parts.store.identify(job, digest):
            self._parts.go_on()  # the same bytes are being read under another name; that text will do here too
            time.sleep(SAME_BYTES_SECONDS)
        return SourceFile(job.path, job.watch, job.stamp, digest)

    def _read(self, job: Job, source: SourceFile, watch: Watch) -> Document:
        parts = self._parts
        in_use = parts.engine()
        reading = reading_of(in_use, watch, source.path)
        if job.redo:
            parts.shelf.drop_pages(source.digest, reading)
            parts.store.redone(job)
        kept = parts.shelf.pages(source.digest, reading)
        with parts.open_document(source.path) as opened:
            wanted = [number for number in range(1, opened.count + 1) if watch.wants(number)]
            missing = [number for number in wanted if number not in kept]
            copied_from = parts.store.first_of(source.digest, job) if wanted and not missing else None
            parts.progress.known(job.id, pages=len(wanted), kept=len(wanted) - len(missing))
            log.info("job %d: %s, %d pages, %d of them to read", job.id, shown(job.path), len(wanted), len(missing))

            def keep(page: PageText) -> None:
                kept[page.number] = page
                parts.shelf.save_page(source.digest, reading, page)
                parts.progress.page_done(job.id)

            flow.read_pages(
                opened, missing, in_use.reader, reading.prompt, budget=parts.budget, go_on=parts.go_on, keep=keep
            )
        return Document(
            source=source,
            relative=source.path.relative_to(watch.folder),
            pages=tuple(kept[number] for number in wanted),
            reading=reading,
            read_at=parts.now(),
            copied_from=copied_from,
            warnings=() if wanted else ("None of its pages is among those that are wanted.",),
        )

    def _check_still_wanted(self, job: Job) -> None:
        if not self._parts.store.is_current(job):
            raise BrokenOff  # its newer version has its own turn
        seen = scan.look(job.path)
        if seen is None or seen.stamp != job.stamp:
            raise FileBusy("The file changed while it was read", hint="It is read again when it has settled.")

    def _publish(self, job: Job, document: Document, watch: Watch) -> tuple[Output, ...]:
        contents = {form.value: forms.render(document, form).encode() for form in watch.formats}
        folder = watch.output / names.output_folder(document.relative.parent)
        earlier = self._parts.shelf.outputs(job.id)
        ledger = _JobLedger(self._parts.shelf, job.id)
        outputs = publish.publish(contents, name=job.path.name, folder=folder, root=watch.output, ledger=ledger)
        # Where the results had to take other names, or fewer forms are wanted, no stale one stays behind.
        written = {output.path for output in outputs}
        publish.remove(output for output in earlier if output.path not in written)
        return outputs

    def _finish(self, job: Job, document: Document, outputs: Sequence[Output], watch: Watch) -> None:
        completed = Completed(
            pages=len(document.pages),
            engine=document.reading.engine,
            checkpoint=checkpoint_of(document),
            copied_from=document.copied_from,
            warnings=notes.warnings(document),
            original=Original.TO_MOVE if watch.originals is Originals.ARCHIVE else Original.LEFT,
        )
        self._parts.store.finish(job, completed, outputs, self._parts.now())
        log.info("job %d: done, %d pages, %s", job.id, len(document.pages), f"{len(completed.warnings)} warnings")


class _JobLedger:
    """The shelf, as seen by the publishing of one job."""

    def __init__(self, shelf: Shelf, job_id: int) -> None:
        self._shelf = shelf
        self._job_id = job_id

    def wrote(self, path: Path) -> frozenset[str]:
        return self._shelf.wrote(self._job_id, path)

    def taken(self, path: Path) -> bool:
        return self._shelf.taken(self._job_id, names.fold(path))

    def intend(self, output: Output) -> None:
        self._shelf.intend(self._job_id, output, names.fold(output.path))


def reading_of(in_use: EngineInUse, watch: Watch, path: Path) -> Reading:
    """How files of *watch* are read. One that must not use another file's text has a way of reading of its own."""
    alone = hashlib.sha256(os.fsencode(path)).hexdigest() if watch.duplicates is Duplicates.READ else ""
    return Reading(in_use.name, in_use.checkpoint, Prompt(watch.mode), alone)


def checkpoint_of(document: Document) -> str:
    return next((page.checkpoint for page in document.pages if page.checkpoint), "")


def digest_of(path: Path, stamp: Stamp) -> str:
    """sha256 of the file, which must look like *stamp* afterwards. Raises FileBusy, Unreadable, FileNotFoundError."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except PermissionError as exc:
        raise FileBusy(
            f"{shown(path.name)} cannot be opened", hint="Another program has it, or it is not yours."
        ) from exc
    except FileNotFoundError:
        raise
    except OSError as exc:
        raise FileBusy(f"{shown(path.name)} cannot be read: {exc.strerror}") from exc
    seen = scan.look(path)
    if seen is None or seen.stamp != stamp:
        raise FileBusy(f"{shown(path.name)} still changes", hint="It is read when it has settled.")
    if not stamp.size:
        raise Unreadable(f"{shown(path.name)} is empty", hint="It is read once it has content.")
    return digest
