"""A runner at work on a real queue, with small work that is bad in one way each."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event, Lock

from gotwatch.jobs.job import Job, Patience
from gotwatch.jobs.queue import Queue
from gotwatch.jobs.runner import Runner
from gotwatch.threads import Threads
from tests.queues import NOW, SCANS, completed, seconds

Eventually = Callable[..., None]


@dataclass
class Clock:
    """Stands still until it is set."""

    moment: datetime = NOW

    def __call__(self) -> datetime:
        return self.moment

    def add(self, number: float) -> None:
        self.moment += seconds(number)


class Work:
    """Finishes every job; notes which, and how many at once."""

    def __init__(self, queue: Queue) -> None:
        self.queue = queue
        self.runner: Runner | None = None  # set by Office
        self.begun: list[str] = []
        self.at_once = 0
        self.most_at_once = 0
        self._lock = Lock()

    def __call__(self, job: Job) -> None:
        with self._lock:
            self.begun.append(job.path.name)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            self.read(job)
        finally:
            with self._lock:
                self.at_once -= 1

    def read(self, job: Job) -> None:
        self.queue.store.finish(job, completed(), (), NOW)


class Refusing(Work):
    """Raises *error* for the files *names*, for all where there are none, until it is mended."""

    def __init__(self, queue: Queue, error: Exception, *names: str) -> None:
        super().__init__(queue)
        self.error = error
        self.names = names
        self.mended = False

    def read(self, job: Job) -> None:
        if not self.mended and job.path.name in (self.names or [job.path.name]):
            raise self.error
        super().read(job)


class Paging(Work):
    """Turns pages until it is told to go no further, or *last* is set."""

    def __init__(self, queue: Queue) -> None:
        super().__init__(queue)
        self.turning = Event()
        self.last = Event()

    def read(self, job: Job) -> None:
        assert self.runner is not None
        while not self.last.wait(0.005):
            self.turning.set()
            self.runner.go_on(job)
        super().read(job)


class Waiting(Work):
    """Works on each job until *go* is set."""

    def __init__(self, queue: Queue) -> None:
        super().__init__(queue)
        self.go = Event()

    def read(self, job: Job) -> None:
        self.go.wait(20)
        super().read(job)


@dataclass
class Office:
    """A runner with all that it needs, at work."""

    queue: Queue
    work: Work
    parallel: int = 1
    watches: tuple[str, ...] = (SCANS,)
    now: Callable[[], datetime] = field(default_factory=Clock)
    remedy: Callable[[Exception], bool] = lambda _: False
    on_end: Callable[[Job], None] = lambda _: None
    hindrance: Callable[[], str] = lambda: ""

    def __post_init__(self) -> None:
        self.threads = Threads(lambda: None)
        self.runner = Runner(
            self.queue.store,
            self.queue.marks,
            self.work,
            threads=self.threads,
            watches=self.watches,
            parallel=lambda: self.parallel,
            patience=Patience(attempts=3, give_up_seconds=900),
            unchanged_seconds=lambda _: 1e9,
            remedy=self.remedy,
            now=self.now,
            on_end=self.on_end,
            on_change=lambda: None,
            hindrance=self.hindrance,
        )
        self.work.runner = self.runner

    def start(self) -> None:
        self.threads.start("runner", self.runner.run)

    def stop(self) -> None:
        self.runner.stop()
        assert self.threads.join(20) == []

    def later(self, number: float) -> None:
        """The clock goes on, and the runner looks at it."""
        assert isinstance(self.now, Clock)
        self.now.add(number)
        self.runner.wake()


AtWork = Callable[[Office], Office]
