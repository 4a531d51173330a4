"""Gives due jobs to a few threads, and holds the queue back while it is paused or something is amiss."""

import logging
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Lock

from gotwatch.errors import GotwatchError
from gotwatch.jobs.job import Failure, Hold, Job, JobState, Patience, describe, judge, wait
from gotwatch.jobs.marks import Marks
from gotwatch.jobs.store import JobStore

log = logging.getLogger(__name__)

BEAT_SECONDS = 15.0
LEASE_SECONDS = 60.0
LONGEST_HOLD = timedelta(seconds=60)
EVERYTHING = ""  # the hold on all watches


class BrokenOff(Exception):
    """A job was left off between two pages, as the queue is paused, ending, or the file has a newer version."""


@dataclass(frozen=True, slots=True)
class Held:
    """Why the queue, or one watch of it, stands still for now."""

    failure: Failure
    until: datetime
    times: int


class Runner:
    """run() works until stop(). All other methods may be called from any thread."""

    def __init__(
        self,
        store: JobStore,
        marks: Marks,
        process: Callable[[Job], None],
        *,
        watches: Collection[str],
        parallel: int,
        patience: Patience,
        unchanged_seconds: Callable[[Job], float],
        remedy: Callable[[Exception], bool],
        now: Callable[[], datetime],
        on_end: Callable[[Job], None],
        on_change: Callable[[], None],
    ) -> None:
        """*remedy*: whether something was changed because of this error, so that the job can be tried again at once."""
        self._store = store
        self._marks = marks
        self._process = process
        self._watches = frozenset(watches)
        self._parallel = parallel
        self._patience = patience
        self._unchanged_seconds = unchanged_seconds
        self._remedy = remedy
        self._now = now
        self._on_end = on_end
        self._on_change = on_change
        self._wake = Event()
        self._stopping = False
        self._lock = Lock()
        self._active: dict[int, Job] = {}
        self._holds: dict[str, Held] = {}
        self._next_beat = 0.0

    def run(self) -> None:
        with ThreadPoolExecutor(self._parallel, thread_name_prefix="job") as pool:
            while not self._stopping:
                self._wake.clear()
                try:
                    self._beat()
                    self._start_due(pool)
                except GotwatchError as error:
                    self._hold(EVERYTHING, describe(error))
                self._wake.wait(self._pause_seconds())

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()

    def wake(self) -> None:
        """Something may be due now."""
        self._wake.set()

    def go_on(self) -> None:
        """Called between two pages. Raises BrokenOff if no further one should be begun."""
        if self._stopping or self._marks.paused(self._now()):
            raise BrokenOff

    def active(self) -> int:
        with self._lock:
            return len(self._active)

    def holds(self) -> dict[str, Held]:
        """What is held, by watch; EVERYTHING for all of them."""
        with self._lock:
            return dict(self._holds)

    def release_holds(self) -> None:
        """Try again now what is held."""
        with self._lock:
            self._holds.clear()
        self._wake.set()

    def _beat(self) -> None:
        if time.monotonic() < self._next_beat:
            return
        self._next_beat = time.monotonic() + BEAT_SECONDS
        with self._lock:
            active = list(self._active)
        now = self._now()
        if active:
            self._store.renew(active, now + timedelta(seconds=LEASE_SECONDS))
        if lost := self._store.reclaim(now):
            log.warning("%d jobs were put back, as nobody worked on them any more", lost)

    def _start_due(self, pool: ThreadPoolExecutor) -> None:
        while self._may_start() and (job := self._claim()):
            with self._lock:
                self._active[job.id] = job
            pool.submit(self._work, job)

    def _may_start(self) -> bool:
        now = self._now()
        with self._lock:
            held = self._holds.get(EVERYTHING)
            if held and held.until > now:
                return False
            # While it is not known whether the cause is gone, one job tries it out.
            room = 1 if held else self._parallel
            if len(self._active) >= room:
                return False
        return not self._stopping and not self._marks.paused(now)

    def _claim(self) -> Job | None:
        now = self._now()
        with self._lock:
            held = {watch for watch, held in self._holds.items() if held.until > now}
        lease = now + timedelta(seconds=LEASE_SECONDS)
        return self._store.claim(now, lease_until=lease, held=held, watches=self._watches)

    def _work(self, job: Job) -> None:
        try:
            self._try(job)
            self._on_end(job)
        except GotwatchError as error:
            # The queue itself cannot be written. The job's lease runs out, and it is tried again.
            log.error("job %d: %s", job.id, error.message)
            self._hold(EVERYTHING, describe(error))
        finally:
            with self._lock:
                del self._active[job.id]
            self._wake.set()
            self._on_change()

    def _try(self, job: Job) -> None:
        try:
            self._process(job)
        except BrokenOff:
            self._store.put_back(job)
        except Exception as error:  # noqa: BLE001 - the job's boundary: whatever went wrong, the others go on
            if self._stopping or self._remedy(error):
                self._store.put_back(job)
            else:
                self._record(job, error)
        else:
            self._let_go(job.watch)

    def _record(self, job: Job, error: Exception) -> None:
        verdict = judge(
            error,
            job=job,
            patience=self._patience,
            unchanged_seconds=self._unchanged_seconds(job),
            now=self._now(),
        )
        self._store.settle(job, verdict, self._now())
        if verdict.hold is Hold.ALL:
            self._hold(EVERYTHING, verdict.failure)
        elif verdict.hold is Hold.WATCH:
            self._hold(job.watch, verdict.failure)
        else:
            bug = None if verdict.failure.name else error
            level = logging.INFO if verdict.state in (JobState.WAITING, JobState.GONE) else logging.WARNING
            log.log(level, "job %d is %s: %s", job.id, verdict.state, verdict.failure.message, exc_info=bug)

    def _hold(self, scope: str, failure: Failure) -> None:
        with self._lock:
            old = self._holds.get(scope)
            times = old.times + 1 if old else 0
            self._holds[scope] = Held(failure, self._now() + min(wait(times), LONGEST_HOLD), times)
        if old is None or old.failure.message != failure.message:
            log.error("held%s: %s", f" for {scope}" if scope else "", failure.message)
        self._on_change()

    def _let_go(self, watch: str) -> None:
        with self._lock:
            ended = [self._holds.pop(scope) for scope in (EVERYTHING, watch) if scope in self._holds]
        for held in ended:
            log.info("goes on: %s", held.failure.message)

    def _pause_seconds(self) -> float:
        now = self._now()
        holds = [held.until for held in self.holds().values() if held.until > now]
        moments = [now + timedelta(seconds=BEAT_SECONDS), *holds]
        try:
            if not self.active() and (due := self._store.next_due()) and due > now:
                moments.append(due)
        except GotwatchError:
            pass  # the next turn meets it again, and holds the queue
        return max((min(moments) - now).total_seconds(), 0.0)
