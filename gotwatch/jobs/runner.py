"""Gives due jobs to a few threads, and holds the queue back while it is paused or something is amiss."""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from threading import Event, Lock

from gotwatch.documents import counted
from gotwatch.errors import GotwatchError
from gotwatch.jobs.job import LONGEST_HOLD_SECONDS, Failure, Hold, Job, JobState, Patience, describe, judge, wait
from gotwatch.jobs.marks import Marks
from gotwatch.jobs.store import JobStore
from gotwatch.threads import Threads

log = logging.getLogger(__name__)

BEAT = timedelta(seconds=15)
LEASE = timedelta(seconds=60)
LONGEST_HOLD = timedelta(seconds=LONGEST_HOLD_SECONDS)
EVERYTHING = ""  # the hold on all watches


class BrokenOff(Exception):
    """A job was left off between two steps, as the queue is paused, ending, or another job must come first."""


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
        threads: Threads,
        watches: Collection[str],
        parallel: Callable[[], int],
        patience: Patience,
        unchanged_seconds: Callable[[Job], float],
        remedy: Callable[[Exception], bool],
        now: Callable[[], datetime],
        on_end: Callable[[Job], None],
        on_change: Callable[[], None],
        hindrance: Callable[[], str] = lambda: "",
    ) -> None:
        """*remedy*: whether something was changed because of this error, so that the job can be tried again at once.
        *hindrance*: why the computer should be left alone now, if it should; asked before every page.
        """
        self._store = store
        self._marks = marks
        self._process = process
        self._threads = threads
        self._watches = frozenset(watches)
        self._parallel = parallel
        self._patience = patience
        self._unchanged_seconds = unchanged_seconds
        self._remedy = remedy
        self._now = now
        self._on_end = on_end
        self._on_change = on_change
        self._hindrance = hindrance
        self._wake = Event()
        self._stopping = False
        self._lock = Lock()
        self._active: dict[int, Job] = {}
        self._holds: dict[str, Held] = {}
        self._next_beat: datetime | None = None

    def run(self) -> None:
        while not self._stopping:
            try:
                self._beat()
                self._start_due()
            except GotwatchError as error:
                self._hold(EVERYTHING, describe(error))
            self._wake.wait(self._pause_seconds())
            self._wake.clear()  # before stop is looked for, or it would be slept through

    def stop(self) -> None:
        """Begin nothing more. The jobs in work end at their next page."""
        self._stopping = True
        self._wake.set()

    def wake(self) -> None:
        """Something may be due now."""
        self._wake.set()

    def watch_only(self, watches: Collection[str]) -> None:
        """From now on begin files of these watches only; what is in work goes on."""
        self._watches = frozenset(watches)
        self._wake.set()

    def go_on(self, job: Job) -> None:
        """Called between two pages. Raises BrokenOff if no further one should be begun."""
        if self._stopping or self._marks.paused(self._now()) or self._hindrance() or not self._store.is_current(job):
            raise BrokenOff

    def active(self) -> int:
        with self._lock:
            return len(self._active)

    def is_busy(self) -> bool:
        """Whether anything is in work, or will be soon without anybody doing something."""
        # In the order in which a job passes: what leaves one stage while we look is seen in the next.
        return self._is_work_due() or self._store.is_any_reading() or self.active() > 0

    def holds(self) -> dict[str, Held]:
        """What is held, by watch; EVERYTHING for all of them."""
        with self._lock:
            return dict(self._holds)

    def hold_on(self, watch: str) -> Failure | None:
        """Why files of *watch* are not read just now, if they are held."""
        holds = self.holds()
        held = holds.get(EVERYTHING) or holds.get(watch)
        return held.failure if held else None

    def release_holds(self) -> None:
        """Try again now what is held or put off."""
        with self._lock:
            self._holds.clear()
        self._store.hurry(self._now())
        self._wake.set()

    def _is_work_due(self) -> bool:
        now, holds = self._now(), self.holds()
        if EVERYTHING in holds or self._marks.paused(now) or self._hindrance():
            return False
        return self._store.has_due(now, self._watches - holds.keys())

    def _beat(self) -> None:
        """Renew the leases, and take back those of threads that ended without a word."""
        # By the clock that the leases go by: after the machine slept they are renewed before anything is claimed.
        now = self._now()
        if self._next_beat and self._next_beat - BEAT <= now < self._next_beat:
            return
        self._next_beat = now + BEAT
        with self._lock:
            active = list(self._active)
        if active:
            self._store.renew(active, now + LEASE)
        if lost := self._store.reclaim(now):
            log.warning("%s put back, as nobody worked on them any more", counted(lost, "job"))

    def _start_due(self) -> None:
        while self._may_start() and (job := self._claim()):
            with self._lock:
                self._active[job.id] = job
            self._threads.start(f"job {job.id}", partial(self._work, job))

    def _may_start(self) -> bool:
        now = self._now()
        with self._lock:
            held = self._holds.get(EVERYTHING)
            if held and held.until > now:
                return False
            # While it is not known whether the cause is gone, one job tries it out.
            room = 1 if held else self._parallel()
            if len(self._active) >= room:
                return False
        return not self._stopping and not self._marks.paused(now) and not self._hindrance()

    def _claim(self) -> Job | None:
        now = self._now()
        held = {watch for watch, held in self.holds().items() if held.until > now}
        return self._store.claim(now, lease_until=now + LEASE, held=held, watches=self._watches)

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
        # First the hold: as soon as the job is settled another thread may look for work.
        if verdict.hold is Hold.ALL:
            self._hold(EVERYTHING, verdict.failure)
        elif verdict.hold is Hold.WATCH:
            self._hold(job.watch, verdict.failure)
        else:
            bug = None if verdict.failure.name else error
            level = logging.INFO if verdict.state in (JobState.WAITING, JobState.GONE) else logging.WARNING
            log.log(level, "job %d is %s: %s", job.id, verdict.state, verdict.failure.message, exc_info=bug)
        self._store.settle(job, verdict, self._now())

    def _hold(self, scope: str, failure: Failure) -> None:
        now = self._now()
        with self._lock:
            old = self._holds.get(scope)
            if old and old.until > now:  # from a job that was begun before the hold
                self._holds[scope] = Held(failure, old.until, old.times)
            else:
                times = old.times + 1 if old else 0
                self._holds[scope] = Held(failure, now + min(wait(times), LONGEST_HOLD), times)
        if old is None or old.failure.message != failure.message:
            log.error("held%s: %s", f" for {scope}" if scope else "", failure.message)
        self._on_change()

    def _let_go(self, watch: str) -> None:
        with self._lock:
            ended = [self._holds.pop(scope) for scope in (EVERYTHING, watch) if scope in self._holds]
        for held in ended:
            log.info("goes on: %s", held.failure.message)

    def _pause_seconds(self) -> float:
        """How long there is nothing to do unless somebody calls wake()."""
        now = self._now()
        moments = [now + BEAT, *(held.until for held in self.holds().values() if held.until > now)]
        try:
            pause = self._marks.paused(now)
            moments += filter(None, [self._store.next_due(now, self._watches), pause.until if pause else None])
        except GotwatchError:
            pass  # the next turn meets it again, and holds the queue
        return max((min(moments) - now).total_seconds(), 0.0)
