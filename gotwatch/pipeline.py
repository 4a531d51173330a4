"""One job, start to finish."""

import hashlib
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Protocol

from gotwatch import flow
from gotwatch.config.settings import Duplicates, Originals, Watch
from gotwatch.documents import Document, Output, PageText, Prompt, Reading, SourceFile, Stamp, counted, shown
from gotwatch.edition import Edition, Editor, PictureSource, Renderer
from gotwatch.engine import abilities
from gotwatch.errors import DestinationUnavailable, EngineUnusable, FileBusy, GotwatchError, SourceGone, Unreadable
from gotwatch.flow import ByteBudget, PageReader, PageSource
from gotwatch.inbox import identity, scan
from gotwatch.inbox.identity import Identity
from gotwatch.jobs.job import Job, Original
from gotwatch.jobs.progress import Progress
from gotwatch.jobs.queue import Queue
from gotwatch.jobs.runner import BrokenOff
from gotwatch.jobs.shelf import Shelf
from gotwatch.jobs.store import Completed
from gotwatch.render import notes
from gotwatch.results import archive, disk, names, publish
from gotwatch.words import marked

log = logging.getLogger(__name__)


class OpenDocument(PageSource, PictureSource, Protocol):
    @property
    def count(self) -> int: ...


@dataclass(frozen=True, slots=True)
class EngineInUse:
    """The engine, and what stands in its results and in the key of what it reads."""

    name: str
    checkpoint: str  # as configured
    reader: PageReader
    precision: str = ""  # as configured; "": the device's own


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a job works with."""

    queue: Queue
    progress: Progress
    budget: ByteBudget
    open_document: Callable[[Path], AbstractContextManager[OpenDocument]]
    engine: Callable[[], EngineInUse]
    press: Renderer
    go_on: Callable[[Job], None]  # raises BrokenOff
    now: Callable[[], datetime]


class Pipeline:
    def __init__(self, parts: Parts, watches: Mapping[str, Watch]) -> None:
        self._parts = parts
        self._queue = parts.queue
        self._editor = Editor(parts.press, parts.open_document)
        self._watches = watches

    def take_up(self, watches: Mapping[str, Watch]) -> None:
        """Read by these from now on; what is in work goes on as it was begun."""
        self._watches = watches

    def __call__(self, job: Job) -> None:
        """Read *job*'s file and put its results in place. Raises what went wrong; then nothing is half done."""
        watch = self._watches.get(job.watch)
        if watch is None:
            raise BrokenOff  # it was taken out of the config since the job was claimed
        self._parts.progress.begin(job.id, job.path)
        try:
            source = self._identify(job, watch)
            document = self._read(job, source, watch)
            edition = self._editor.edit(document, watch)
            self._check_still_wanted(job, watch)
            outputs = self._publish(job, edition, watch)
            self._finish(job, edition.document, outputs, watch)
        finally:
            self._parts.progress.end(job.id)
        if watch.originals is Originals.ARCHIVE:
            self.archive(job)

    def archive(self, job: Job) -> None:
        """Move the original of a finished job away. It stays "to move" until it was, also through a crash."""
        watch = self._watches.get(job.watch)
        source = self._queue.moves.original_of(job)
        if source is None or watch is None or watch.archive is None:
            return
        target = watch.archive / names.output_folder(job.path.parent.relative_to(watch.folder)) / job.path.name
        try:
            moved = self._move(source, target, watch.archive)
        except GotwatchError as error:
            log.warning("job %d: done, original not moved: %s", job.id, error.message)
            self._queue.moves.not_moved(job, marked(f"The original was not moved: {error.message}"))
        else:
            log.info("job %d: original moved to %s", job.id, shown(moved))
            self._queue.moves.moved(job, moved)

    def _move(self, source: SourceFile, target: Path, root: Path) -> Path:
        try:
            return archive.archive(source, target, root=root)
        except SourceGone:
            # An earlier run may have been killed between the move and the note of it.
            for place in _with_counters(target):
                if self._queue.entries.of(place) is None and disk.digest_of(place) == source.digest:
                    return place
            raise

    def _identify(self, job: Job, watch: Watch) -> SourceFile:
        try:
            digest = digest_of(job.path, job.stamp)
        except SourceGone as gone:
            raise self._absence(job, watch) from gone
        if not self._queue.store.identify(job, digest):
            raise BrokenOff  # a newer version, or a file of the same bytes, comes first
        return SourceFile(job.path, job.watch, job.stamp, digest)

    def _read(self, job: Job, source: SourceFile, watch: Watch) -> Document:
        in_use = self._parts.engine()
        reading = reading_of(in_use, watch, source.path)
        kept = self._kept(job, source, reading)
        with self._parts.open_document(source.path) as opened:
            wanted = [number for number in range(1, opened.count + 1) if watch.wants(number)]
            texts = usable(kept.values(), wanted)
            missing = _missing(texts, wanted)
            copied_from = self._queue.store.first_of(source.digest, job) if wanted and not missing else None
            self._parts.progress.known(job.id, pages=len(wanted), kept=len(wanted) - len(missing))
            log.info("job %d: %s, %s, %d to read", job.id, shown(job.path), counted(len(wanted), "page"), len(missing))

            def keep(page: PageText) -> None:
                # Else the text of a new content would be kept under the digest of the old one.
                self._check_unchanged(job, watch)
                texts.append(page)
                self._save(job, source, reading, page)

            self._read_missing(job, opened, missing, in_use, reading.prompt, keep)
        return Document(
            source=source,
            relative=source.path.relative_to(_home(job, watch)),
            pages=tuple(sorted(texts, key=lambda page: page.number)),
            reading=reading,
            read_at=self._parts.now(),
            copied_from=copied_from,
            warnings=() if wanted else (marked("None of its pages is among those that are wanted."),),
        )

    def _kept(self, job: Job, source: SourceFile, reading: Reading) -> dict[int, PageText]:
        """The pages that need not be read any more."""
        if job.redo:
            self._queue.shelf.drop_pages(source.digest, reading)
            self._queue.store.redone(job)
        return self._queue.shelf.pages(source.digest, reading)

    def _read_missing(
        self,
        job: Job,
        opened: OpenDocument,
        missing: Sequence[int],
        in_use: EngineInUse,
        prompt: Prompt,
        keep: Callable[[PageText], None],
    ) -> None:
        def go_on() -> None:
            self._parts.go_on(job)

        try:
            flow.read_pages(opened, missing, in_use.reader, prompt, budget=self._parts.budget, go_on=go_on, keep=keep)
        except EngineUnusable:
            if self._parts.engine().reader is in_use.reader:
                raise
            raise BrokenOff from None  # another engine was taken meanwhile, because of another document's error

    def _save(self, job: Job, source: SourceFile, reading: Reading, page: PageText) -> None:
        self._queue.shelf.save_page(source.digest, reading, page)
        if job.attempts > 1:
            self._queue.store.progressed(job)
        self._parts.progress.pages_done(job.id, page.count)

    def _check_still_wanted(self, job: Job, watch: Watch) -> None:
        if not self._queue.store.is_current(job):
            raise BrokenOff  # its newer version has its own turn
        self._check_unchanged(job, watch)

    def _check_unchanged(self, job: Job, watch: Watch) -> None:
        seen = scan.look(job.path)
        if seen is None:
            raise self._absence(job, watch)
        if seen.stamp != job.stamp:
            raise FileBusy("The file changed while it was read", hint="It is read again when it has settled.")

    def _absence(self, job: Job, watch: Watch) -> GotwatchError:
        """What it means that *job*'s file is not there."""
        home = _home(job, watch)
        known, seen = self._queue.marks.folder(home), _identity_of(home)
        if seen is None or (known and not identity.same_folder(Identity(*known), seen)):
            return FileBusy(f"The folder {shown(home)} is away", hint="It goes on when the folder is back.")
        return SourceGone(f"{shown(job.path.name)} is no longer there", hint="Put it back to have it read.")

    def _publish(self, job: Job, edition: Edition, watch: Watch) -> tuple[Output, ...]:
        folder = watch.output / names.output_folder(edition.document.relative.parent)
        earlier = self._queue.shelf.outputs(job.id)
        ledger = _JobLedger(self._queue.shelf, job.id)
        outputs = publish.publish(edition.contents, name=job.path.name, folder=folder, root=watch.output, ledger=ledger)
        # Where the results had to take other names, or fewer forms are wanted, no stale one stays behind.
        written = {output.path for output in outputs}
        try:
            publish.remove(output for output in earlier if output.path not in written)
        except DestinationUnavailable as error:  # the output folder of an earlier config, perhaps: no reason to wait
            log.warning("job %d: an old result was not removed: %s", job.id, error.message)
        return outputs

    def _finish(self, job: Job, document: Document, outputs: Sequence[Output], watch: Watch) -> None:
        completed = Completed(
            pages=document.page_count,
            engine=document.reading.engine,
            checkpoint=checkpoint_of(document),
            copied_from=document.copied_from,
            warnings=notes.warnings(document),
            original=_original(job, watch),
        )
        self._queue.store.finish(job, completed, outputs, self._parts.now())
        how = (counted(completed.pages, "page"), counted(len(completed.warnings), "warning"))
        log.info("job %d: done, %s, %s", job.id, *how)


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
        if not self._shelf.intend(self._job_id, output, names.fold(output.path)):
            raise FileBusy(
                f"Another file's result took the name {shown(output.path.name)} just now", hint="It gets another."
            )


def reading_of(in_use: EngineInUse, watch: Watch, path: Path) -> Reading:
    """How files of *watch* are read. One that must not use another file's text has a way of reading of its own.

    Raises UsageError where the engine cannot read in that way.
    """
    alone = hashlib.sha256(os.fsencode(path)).hexdigest() if watch.duplicates is Duplicates.READ else ""
    abilities.check_prompt(in_use.name, watch.prompt)
    return Reading(in_use.name, in_use.checkpoint, watch.prompt, alone, in_use.precision)


def usable(kept: Iterable[PageText], wanted: Iterable[int]) -> list[PageText]:
    """Those of *kept*, in their order, that are of wanted pages only, no page twice.

    Pages that were read in one go cannot be taken apart again when others are wanted than then.
    """
    left = set(wanted)
    found = []
    for page in kept:
        if left.issuperset(page.numbers):
            left.difference_update(page.numbers)
            found.append(page)
    return found


def _missing(texts: Iterable[PageText], wanted: Iterable[int]) -> list[int]:
    known = {number for page in texts for number in page.numbers}
    return [number for number in wanted if number not in known]


def checkpoint_of(document: Document) -> str:
    return next((page.checkpoint for page in document.pages if page.checkpoint), "")


def digest_of(path: Path, stamp: Stamp) -> str:
    """sha256 of the file, which must look like *stamp* all the time. Raises FileBusy, SourceGone or Unreadable."""
    _check_looks_like(stamp, path)  # before opening: whoever opens a pipe waits for its other end
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except PermissionError as exc:
        raise FileBusy(
            f"{shown(path.name)} cannot be opened", hint="Another program has it, or it is not yours."
        ) from exc
    except OSError as exc:
        raise FileBusy(f"{shown(path.name)} cannot be read: {exc.strerror}") from exc
    _check_looks_like(stamp, path)
    if not stamp.size:
        raise Unreadable(f"{shown(path.name)} is empty", hint="It is read once it has content.")
    return digest


def _check_looks_like(stamp: Stamp, path: Path) -> None:
    seen = scan.look(path)
    if seen is None:
        raise SourceGone(f"{shown(path.name)} is no longer there")
    if seen.stamp != stamp:
        raise FileBusy(f"{shown(path.name)} still changes", hint="It is read when it has settled.")


def _home(job: Job, watch: Watch) -> Path:
    """The folder whose tree the results mirror. An archived original lies in the same tree as before."""
    is_archived = watch.archive is not None and job.path.is_relative_to(watch.archive)
    return watch.archive if watch.archive and is_archived else watch.folder


def _original(job: Job, watch: Watch) -> Original:
    if _home(job, watch) != watch.folder:
        return Original.MOVED
    return Original.TO_MOVE if watch.originals is Originals.ARCHIVE else Original.LEFT


def _identity_of(folder: Path) -> Identity | None:
    try:
        return identity.identify(folder)
    except OSError:
        return None


def _with_counters(target: Path) -> Iterator[Path]:
    """*target* and its like with a counter, as far as there are any."""
    for counter in count(1):
        place = target if counter == 1 else target.with_name(names.with_counter(target.name, counter))
        if scan.look(place) is None:
            return
        yield place
