"""A watched folder with its pipeline, in the test's own process: all is real but the engine, which is a small one."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from gotwatch.config.settings import Watch
from gotwatch.documents import PageText, Prompt
from gotwatch.flow import ByteBudget
from gotwatch.inbox import scan
from gotwatch.intake import FolderIntake
from gotwatch.jobs.entries import Entry
from gotwatch.jobs.job import Job
from gotwatch.jobs.progress import Progress
from gotwatch.jobs.queue import Queue
from gotwatch.pipeline import EngineInUse, Parts, Pipeline
from gotwatch.pixels import SharedPage
from tests.in_process import InstantEngine, InstantPress, OpenedFile, no_news, open_file
from tests.queues import NOW, try_claim


class Killed(BaseException):
    """Stands for kill -9 at this very place."""


class CountingEngine(InstantEngine):
    """Remembers which pages it read; is killed when it is asked for page *deadly*."""

    def __init__(self) -> None:
        super().__init__()
        self.read_pages: list[int] = []
        self.deadly = 0

    def submit(self, pages: Sequence[SharedPage], prompt: Prompt) -> Future[PageText]:
        if self.deadly in [page.number for page in pages]:
            raise Killed
        return super().submit(pages, prompt)

    def read(self, pages: Sequence[SharedPage], prompt: Prompt) -> PageText:
        self.read_pages += [page.number for page in pages]
        return super().read(pages, prompt)


class StoppedEngine(InstantEngine):
    """Cancels each page, as an engine does that another one takes the place of."""

    def submit(self, pages: Sequence[SharedPage], prompt: Prompt) -> Future[PageText]:
        future: Future[PageText] = Future()
        future.cancel()
        future.set_running_or_notify_cancel()
        return future


class Shop:
    """A watched folder with its pipeline. Files go in, and nothing happens until work()."""

    def __init__(self, root: Path, queue: Queue, **settings: Any) -> None:
        self.queue = queue
        self.folder, self.output, self.archive = (root / name for name in ("in", "out", "archive"))
        for folder in (self.folder, self.output, self.archive):
            folder.mkdir(exist_ok=True)
        self.watch = Watch(folder=self.folder, output=self.output, archive=self.archive, **settings)
        self.engine = CountingEngine()
        self.in_use = EngineInUse("counting", "", self.engine)
        self.on_render: Callable[[int], None] = no_news
        self.pipeline = Pipeline(self.parts(), {self.watch.key: self.watch})
        self.intake = FolderIntake(self.watch, queue.store, queue.marks, now=lambda: NOW, arrived=lambda: None)

    def parts(self) -> Parts:
        return Parts(
            queue=self.queue,
            progress=Progress(lambda: None),
            budget=ByteBudget(10**6),
            open_document=self.open,
            engine=lambda: self.in_use,
            press=InstantPress(),
            go_on=lambda _: None,
            now=lambda: NOW,
        )

    def with_parts(self, **changes: Any) -> Pipeline:
        return Pipeline(replace(self.parts(), **changes), {self.watch.key: self.watch})

    def with_settings(self, **changes: Any) -> Pipeline:
        """The pipeline of a new config."""
        self.watch = self.watch.model_copy(update=changes)
        self.pipeline = Pipeline(self.parts(), {self.watch.key: self.watch})
        return self.pipeline

    def open(self, path: Path) -> AbstractContextManager[OpenedFile]:
        return open_file(path, lambda number: self.on_render(number))

    def drop(self, name: str, *colors: str) -> Path:
        """A file with a page of each color arrives, and settles."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        draw(path, *(colors or ("red",)))
        self.settle(path)
        return path

    def settle(self, path: Path) -> None:
        seen = scan.look(path)
        assert seen is not None
        self.intake.deliver([(path, seen.stamp)])

    def claim(self) -> Job:
        job = try_claim(self.queue, watches=(self.watch.key,))
        assert job is not None
        return job

    def work(self) -> None:
        """Do all that is due."""
        while job := try_claim(self.queue, watches=(self.watch.key,)):
            self.pipeline(job)

    def restart(self) -> None:
        """What a new start does after the program was killed, and then all that is due."""
        self.queue.store.recover(3, NOW)
        self.work()

    def results(self) -> dict[str, str]:
        """Every file below the output folder."""
        return {
            path.relative_to(self.output).as_posix(): path.read_text("utf-8")
            for path in self.output.rglob("*")
            if path.is_file()
        }

    def entry(self, path: Path) -> Entry:
        entry = self.queue.entries.of(path)
        assert entry is not None
        return entry


def draw(path: Path, *colors: str) -> None:
    pages = [Image.new("RGB", (40, 30 + 10 * number), color) for number, color in enumerate(colors)]
    for page in pages:
        if page.getpixel((0, 0)) != (255, 255, 255):
            ImageDraw.Draw(page).line((5, 5, 30, 25), "black", 2)
    more: dict[str, Any] = {"save_all": True, "append_images": pages[1:]} if len(pages) > 1 else {}
    pages[0].save(path, **more)


def touch(path: Path, *, seconds: int = 60) -> None:
    status = path.stat()
    later_ns = status.st_mtime_ns + seconds * 10**9
    os.utime(path, ns=(later_ns, later_ns))
