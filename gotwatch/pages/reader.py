"""The reader processes. The only module that knows that files are opened elsewhere, and how that can go wrong."""

import multiprocessing
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import BoundedSemaphore, Condition, Thread

import psutil

from gotwatch import pixels, processes
from gotwatch.documents import PagePicture
from gotwatch.errors import GotwatchError, ReaderCrashed
from gotwatch.pages.base import (
    Close,
    Depict,
    Depicted,
    Open,
    Opened,
    PageLimits,
    Quote,
    Quoted,
    Render,
    Rendered,
    Reply,
    Request,
    Started,
    TextLayer,
)
from gotwatch.processes import Refused
from gotwatch.words import marked

START_SECONDS = 60.0
END_SECONDS = 2.0  # for a reader to leave by itself once its pipe is closed
LOOK_SECONDS = 0.1  # between two looks at the memory of a reader at work


class ReaderPool:
    """Up to *readers* processes that open files and render pages, for any number of threads."""

    def __init__(self, limits: PageLimits, *, readers: int, idle_seconds: float = 60.0) -> None:
        self._limits = limits
        self._idle_seconds = idle_seconds
        self._turns = BoundedSemaphore(readers)
        self._changed = Condition()  # guards the three below
        self._idle: list[_Idle] = []  # longest idle first
        self._at_work: set[_Reader] = set()
        self._stopping = False
        self._sweeper = Thread(target=self._sweep, name="reader-sweep", daemon=True)

    def start(self) -> None:
        """Begin to end idle readers. The readers themselves start when there is a file to open."""
        self._sweeper.start()

    def stop(self) -> None:
        """End all readers, also in the middle of a page."""
        with self._changed:
            self._stopping = True
            idle, self._idle = self._idle, []
            at_work = list(self._at_work)
            self._changed.notify_all()
        for reader in at_work:
            reader.kill()
        for rest in idle:
            rest.reader.end()
        if self._sweeper.is_alive():
            self._sweeper.join()

    @contextmanager
    def open(self, path: Path, *, title: str = "") -> Iterator["OpenDocument"]:
        """Wait until a reader is free, and have it open *path*. The document is for one thread at a time.
        *title*: what messages call it, if not by its name.

        Raises an InputError for what is wrong with the file, FileBusy or ReaderCrashed.
        """
        with ExitStack() as held:
            held.enter_context(self._turns)
            reader = self._take()
            held.callback(self._give_back, reader)
            title = title or path.name
            yield OpenDocument(reader, title, reader.open(path, title), let_go=held.close)

    def _take(self) -> "_Reader":
        reader = self._newest_idle() or _start_reader(self._limits)
        with self._changed:
            if not self._stopping:
                self._at_work.add(reader)
                return reader
        reader.end()
        raise ReaderCrashed("The reader processes have been stopped")

    def _newest_idle(self) -> "_Reader | None":
        with self._changed:
            reader = self._idle.pop().reader if self._idle else None
        if reader is None or reader.usable:
            return reader
        reader.end()  # it died while nobody looked
        return self._newest_idle()

    def _give_back(self, reader: "_Reader") -> None:
        reader.close_document()
        with self._changed:
            self._at_work.discard(reader)
            keep = reader.usable and not self._stopping
            if keep:
                self._idle.append(_Idle(reader, time.monotonic()))
                self._changed.notify_all()
        if not keep:
            reader.end()

    def _sweep(self) -> None:
        while overdue := self._wait_for_overdue():
            for reader in overdue:
                reader.end()

    def _wait_for_overdue(self) -> list["_Reader"]:
        """The readers that have been idle for too long; none when the pool stops."""
        with self._changed:
            while not self._stopping:
                newest = time.monotonic() - self._idle_seconds
                if overdue := [idle.reader for idle in self._idle if idle.since <= newest]:
                    del self._idle[: len(overdue)]
                    return overdue
                self._changed.wait(self._idle[0].since - newest if self._idle else None)
            return []


class OpenDocument:
    """A file that lies open in a reader process."""

    def __init__(self, reader: "_Reader", name: str, count: int, *, let_go: Callable[[], None]) -> None:
        self.count = count
        self._let_go = let_go
        self._reader = reader
        self._name = name

    def let_go(self) -> None:
        """No more pages are wanted: leave the reader to the next document. A second call does nothing."""
        self._let_go()

    def render(self, number: int) -> pixels.Hold:
        """The page's pixels, for the caller to release. Numbers start at 1."""
        block = pixels.new_block_name()
        try:
            return pixels.Hold(self._reader.render(number, block, self._name))
        except BaseException:
            pixels.discard(block)
            raise

    def depict(self, number: int, *, longest_pixels: int) -> PagePicture:
        """The page as a small picture, its longer side at most so long."""
        return self._reader.depict(number, longest_pixels, self._name)

    def text(self, number: int) -> TextLayer:
        """The text that the page holds as text; none in a picture."""
        return self._reader.text(number, self._name)


def _start_reader(limits: PageLimits) -> "_Reader":
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, limits), name="gotwatch-reader", daemon=True)
    process.start()
    theirs.close()  # so that the pipe breaks when the reader dies
    reader = _Reader(process, ours, limits)
    try:
        reader.wait_until_started()
    except BaseException:
        reader.end()
        raise
    return reader


def _serve(pipe: "Connection[Reply, Request]", limits: PageLimits) -> None:
    from gotwatch.pages import worker  # noqa: PLC0415  keeps PDFium and Pillow out of the main process

    worker.serve(pipe, limits)


class _Reader:
    """One reader process: of use until it fails to answer."""

    def __init__(self, process: BaseProcess, pipe: "Connection[Request, Reply]", limits: PageLimits) -> None:
        self._process = process
        self._pipe = pipe
        self._limits = limits
        self._answered = False  # False while a reply may be under way that nobody waits for

    @property
    def usable(self) -> bool:
        return self._answered and self._process.is_alive()

    def wait_until_started(self) -> None:
        too_late = ReaderCrashed(f"A reader process did not start within {START_SECONDS:g} s")
        assert isinstance(self._wait(marked("Starting it"), START_SECONDS, too_late), Started)
        self._answered = True

    def open(self, path: Path, title: str) -> int:
        reply = self._ask(Open(path, title), title)
        assert isinstance(reply, Opened)
        return reply.count

    def render(self, number: int, block: str, name: str) -> pixels.SharedPage:
        reply = self._ask(Render(number, block), marked(f"Page {number} of {name}"))
        assert isinstance(reply, Rendered)
        return reply.page

    def depict(self, number: int, longest_pixels: int, name: str) -> PagePicture:
        reply = self._ask(Depict(number, longest_pixels), marked(f"Page {number} of {name}"))
        assert isinstance(reply, Depicted)
        return reply.picture

    def text(self, number: int, name: str) -> TextLayer:
        reply = self._ask(Quote(number), marked(f"Page {number} of {name}"))
        assert isinstance(reply, Quoted)
        return reply.layer

    def close_document(self) -> None:
        if self.usable:
            with suppress(OSError):  # it dies at this moment, and so closes the file as well
                self._pipe.send(Close())

    def end(self) -> None:
        """Let it leave if it is idle, kill it if it is not."""
        self._pipe.close()
        if self._answered:
            self._process.join(END_SECONDS)
        self.kill()

    def kill(self) -> None:
        """From any thread. The one that waits for an answer finds the pipe broken."""
        self._process.kill()
        self._process.join(END_SECONDS)  # no longer: a process that waits for a dead network drive cannot be killed

    def _ask(self, request: Request, what: str) -> Reply:
        self._answered = False
        with suppress(OSError):  # it has died; the wait finds out how
            self._pipe.send(request)
        try:
            reply = self._wait(what, self._limits.page_seconds, self._limits.time_exceeded(what))
        except BaseException:
            self.kill()  # at once: it could still create the block that the caller is about to remove
            raise
        self._answered = True
        if isinstance(reply, Refused):
            raise processes.revive(reply)
        return reply

    def _wait(self, what: str, seconds: float, too_late: GotwatchError) -> Reply:
        deadline = time.monotonic() + seconds
        try:
            while not self._pipe.poll(min(LOOK_SECONDS, max(0.0, deadline - time.monotonic()))):
                if time.monotonic() >= deadline:
                    raise too_late
                if self._memory_bytes() > self._limits.memory_bytes:
                    raise self._limits.memory_exceeded(what)
            return self._pipe.recv()
        except (EOFError, OSError) as exc:
            self._process.join(END_SECONDS)
            raise _crash(what, self._process.exitcode) from exc

    def _memory_bytes(self) -> int:
        try:
            return int(psutil.Process(self._process.pid).memory_info().rss)
        except psutil.NoSuchProcess:
            return 0


def _crash(what: str, exit_code: int | None) -> ReaderCrashed:
    if exit_code is None or exit_code >= 0:
        return ReaderCrashed(f"The reader process ended at {what} (exit code {exit_code})", hint=CRASH_HINT)
    cause = signal.Signals(-exit_code)
    hint = SIGNAL_HINTS.get(cause.name, CRASH_HINT)
    return ReaderCrashed(f"The reader process ended at {what} ({cause.name})", hint=hint)


CRASH_HINT = marked("If it happens to this file again, save it anew with another program, and drop that copy.")
SIGNAL_HINTS = {
    "SIGKILL": marked("The computer may be out of memory: close other programs."),
    "SIGBUS": marked("The shared memory may be full (/dev/shm on Linux): make room, or read fewer pages at once."),
}


@dataclass(frozen=True, slots=True)
class _Idle:
    reader: _Reader
    since: float  # by time.monotonic()
