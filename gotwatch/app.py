"""The running whole: builds the parts from the config, starts and stops them, and tells how it is."""

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Lock
from typing import Any

from gotwatch import described, pixels, words
from gotwatch.config import load
from gotwatch.config.follow import ConfigFile
from gotwatch.config.places import StateFolder
from gotwatch.config.settings import Config
from gotwatch.desk import Desk, check_watches
from gotwatch.documents import PageText, Prompt, counted
from gotwatch.errors import GotwatchError
from gotwatch.folders import Folders
from gotwatch.inbox import scan
from gotwatch.jobs.job import Job, Patience, in_words
from gotwatch.jobs.progress import Progress
from gotwatch.jobs.queue import Queue
from gotwatch.jobs.runner import EVERYTHING, Runner
from gotwatch.neighbour.awake import Awake
from gotwatch.neighbour.manners import Manners, Wishes
from gotwatch.orders import Orders
from gotwatch.pipeline import Parts, Pipeline
from gotwatch.results import disk
from gotwatch.threads import Threads
from gotwatch.words import marked

log = logging.getLogger(__name__)

STALE_SECONDS = 60.0
STOP_SECONDS = 8.0
CONFIG_LOOK_SECONDS = 2.0
LOOK_SECONDS = 0.05
FIRST_SCAN_SECONDS = 600.0


def utc_now() -> datetime:
    return datetime.now(UTC)


class App:
    """Use between start() and stop(), under instance.only_one(). All other methods may be called from any thread."""

    def __init__(self, config: Config, state: StateFolder, queue: Queue, *, config_path: Path) -> None:
        self._config = config
        self._config_path = config_path
        self._state = state
        self._queue = queue
        self._job_listeners: list[Callable[[dict[str, Any]], None]] = []
        self._listeners: list[Callable[[], None]] = []
        self._tellers: dict[str, Callable[[], Any]] = {}
        self.threads = Threads(self._changed)
        self._desk = Desk(config, self.threads, self._changed)
        self._progress = Progress(self._changed)
        self._watches = {watch.key: watch for watch in config.watch}
        self._pipeline = Pipeline(self._parts(), self._watches)
        self._manners = self._new_manners()
        self._runner = self._new_runner()
        self._awake = Awake(lambda: self._config.schedule.keep_awake and self._runner.active() > 0)
        self._folders = Folders(
            queue, self.threads, now=utc_now, arrived=lambda: self._runner.wake(), on_change=self._changed
        )
        self.orders = self._new_orders()
        self._config_file = ConfigFile(config_path)
        self._config_problem = ""
        self._config_listeners: list[Callable[[Config], None]] = []
        self._taking_up = Lock()
        self._stopping = Event()

    def start(self) -> None:
        """Raises ConfigError for a folder that is not there and never was, or that the engine cannot read as asked."""
        check_watches(self._config)
        self._folders.check(self._config, self._config_path)
        self._folders.prepare(self._config)
        self._config_file.take()
        if self._queue.set_aside:
            log.error(
                "the damaged queue was set aside as %s; the folders are looked through again", self._queue.set_aside
            )
        if put_back := self._queue.store.recover(self._config.limits.attempts, utc_now()):
            log.info("taken up again, as in work when gotwatch ended: %s", counted(put_back, "file"))
        self._desk.start()
        self.threads.start("runner", self._runner.run)
        self.threads.start("tidy", self._tidy)
        self.threads.start("config", self._follow_config)
        self.threads.start("awake", self._awake.run)
        self._folders.watch(self._config)

    def stop(self) -> None:
        self._stopping.set()
        with self._taking_up:  # or what a new config starts would be left running
            self._folders.stop()
            self._awake.stop()
            self._runner.stop()
            self._desk.stop()
        if late := self.threads.join(STOP_SECONDS):
            log.warning("ended without waiting for: %s", ", ".join(late))

    @property
    def config(self) -> Config:
        return self._config

    def subscribe(self, listener: Callable[[], None]) -> None:
        """*listener* is called, on any thread, when status() may have changed. It must be quick."""
        self._listeners.append(listener)

    def subscribe_to_files(self, listener: Callable[[dict[str, Any]], None]) -> None:
        """*listener* is called, on any thread, with the record of each file whose turn ended, well or not."""
        self._job_listeners.append(listener)

    def add_to_status(self, name: str, tell: Callable[[], Any]) -> None:
        """For what stands above this: what it has to say of itself, as JSON."""
        self._tellers[name] = tell

    def subscribe_to_config(self, listener: Callable[[Config], None]) -> None:
        """*listener* is called, on any thread, with each new config that was taken up."""
        self._config_listeners.append(listener)

    def reload(self) -> None:
        """Take up the config as its file has it now. Raises GotwatchError where it is not right: the old one stays."""
        with self._taking_up:
            self._config_file.take()
            try:
                self._take_up(load.load(self._config_path))
            except GotwatchError as error:
                self._config_problem = f"{error.message.rstrip('.')}. {error.hint}".rstrip()
                log.warning("the changed config is not taken up, the old one stays: %s", error.message)
                raise
            else:
                self._config_problem = ""
            finally:
                self._changed()

    def pause(self, until: datetime | None) -> None:
        self.orders.pause(until)
        self._runner.wake()  # to note when the pause ends
        log.info("paused%s", f" until {until.isoformat(timespec='seconds')}" if until else "")
        self._changed()

    def resume(self) -> None:
        self.orders.resume()
        log.info("resumed")
        self._runner.release_holds()
        self._folders.rescan()
        self._changed()

    def rescan(self) -> None:
        self._runner.release_holds()
        self._folders.rescan()

    def retry(self, paths: Sequence[Path]) -> int:
        count = self.orders.retry(paths)
        self._runner.wake()
        self._changed()
        return count

    def reprocess(self, path: Path) -> None:
        self.orders.reprocess(path)
        self._runner.wake()
        self._changed()

    def forget(self, path: Path) -> None:
        self.orders.forget(path)
        self._changed()

    def read_file(self, path: Path, prompt: Prompt, on_page: Callable[[int, int], None]) -> list[PageText]:
        """The text of a file outside of the queue, by the same engine. Blocks."""
        return self._desk.read_now(path, prompt, on_page=on_page)

    @property
    def desk(self) -> Desk:
        """For other doors than the folders."""
        return self._desk

    def is_busy(self) -> bool:
        """Whether there is anything that will be read without anybody doing something, and soon."""
        # In the order in which a file passes: what leaves one stage while we look is seen in the next.
        return self._folders.is_settling() or self._runner.is_busy()

    def wait_until_scanned(self) -> None:
        """Block until every folder was looked through once."""
        self._folders.wait_for_first_scan(FIRST_SCAN_SECONDS)

    def status(self) -> dict[str, Any]:
        """Everything that `gotwatch status --json` prints."""
        pause = self._queue.marks.paused(utc_now())
        state, reason = self._state_of_things(paused=pause is not None)
        return {
            "state": state,
            "held_reason": reason,
            "paused_until": pause.until.isoformat() if pause and pause.until else None,
            "queue": self.orders.counts(),
            "folders": self._folder_records(),
            "engine": described.engine(self._desk.room),
            "current": [described.current(current) for current in self._progress.all()],
            "next": self.orders.next_up(),
            "recent": self.orders.recent(),
            "failed": self.orders.failures(),
            "problems": self._problems(),
            "config": {"path": str(self._config_path), "problem": self._config_problem or None},
            "state_dir": str(self._state.path),
            **{name: tell() for name, tell in self._tellers.items()},
        }

    def _state_of_things(self, *, paused: bool) -> tuple[str, str | None]:
        holds = self._runner.holds()
        waiting = self._queue.store.has_due(utc_now(), self._watches)
        if paused:
            return "paused", None
        if holds and waiting and (EVERYTHING in holds or not self._runner.active()):
            failure = (holds.get(EVERYTHING) or next(iter(holds.values()))).failure
            return "held", in_words(failure)
        if waiting and not self._runner.active() and (hindrance := self._manners.reason()):
            return "held", hindrance
        return ("working" if self._runner.active() or waiting else "idle"), None

    def _problems(self) -> list[str]:
        problems = [f"{name}: {error}" for name, error in self.threads.deaths().items()]
        if self._config_problem:
            problems.append(marked(f"The changed config is not taken up: {self._config_problem}"))
        return problems

    def _folder_records(self) -> list[dict[str, Any]]:
        holds = self._runner.holds()
        return [described.folder(watch, seen, holds.get(watch.key)) for watch, seen in self._folders.statuses()]

    def _job_ended(self, job: Job) -> None:
        if self._job_listeners and (record := self.orders.record(job.id)):
            for listener in self._job_listeners:
                listener(record)

    def _changed(self) -> None:
        for listener in self._listeners:
            listener()

    def _parts(self) -> Parts:
        return Parts(
            queue=self._queue,
            progress=self._progress,
            budget=self._desk.budget,
            open_document=self._desk.readers.open,
            engine=self._desk.engine,
            press=self._desk.press,
            go_on=lambda job: self._runner.go_on(job),
            now=utc_now,
        )

    def _new_runner(self) -> Runner:
        limits = self._config.limits
        return Runner(
            self._queue.store,
            self._queue.marks,
            self._pipeline,
            threads=self.threads,
            watches=self._watches,
            parallel=self._desk.parallel,
            patience=Patience(limits.attempts, limits.give_up_seconds),
            unchanged_seconds=unchanged_seconds,
            remedy=self._desk.room.fall_back,
            now=utc_now,
            on_end=self._job_ended,
            on_change=self._changed,
            hindrance=lambda: self._manners.reason(),
        )

    def _new_manners(self) -> Manners:
        schedule = self._config.schedule
        wishes = Wishes(
            spans=schedule.hours,
            holds_on_battery=schedule.on_battery == "wait",
            free_share=schedule.gpu_memory_free,
        )
        return Manners(wishes, wants_gpu=self._wants_gpu)

    def _wants_gpu(self) -> bool:
        room = self._desk.room
        spec, phase = room.choice.spec, room.fleet.state().phase.value
        return spec.name.startswith("got") and spec.options.device != "cpu" and phase == "stopped"

    def _new_orders(self) -> Orders:
        return Orders(
            self._config,
            self._queue,
            utc_now,
            hold_on=lambda watch: self._runner.hold_on(watch),
            hindrance=lambda: self._manners.reason(),
        )

    def _follow_config(self) -> None:
        while not self._stopping.wait(CONFIG_LOOK_SECONDS):
            if self._config_file.has_changed():
                with suppress(GotwatchError):  # status and log say so
                    self.reload()

    def _take_up(self, config: Config) -> None:
        before = self._config
        if config == before:
            return
        check_watches(config)
        self._folders.check(config, self._config_path)
        self._folders.prepare(config)
        self._config = config
        self._watches = {watch.key: watch for watch in config.watch}
        self._manners = self._new_manners()
        if _reads_alike(before, config):
            self._pipeline.take_up(self._watches)
            self._runner.watch_only(self._watches)
        else:
            self._begin_anew()
        self.orders = self._new_orders()
        self._folders.watch(config)
        if config.messages != before.messages:
            words.speak(config.messages.language)
        for listener in self._config_listeners:
            listener(config)
        log.info("the changed config is taken up")

    def _begin_anew(self) -> None:
        """Other readers and another engine. What was in work goes on after its last kept page."""
        self._runner.stop()
        self._desk.stop()
        deadline = time.monotonic() + STOP_SECONDS
        while self._runner.active() and time.monotonic() < deadline:
            if self._stopping.wait(LOOK_SECONDS):
                return
        self._queue.store.recover(self._config.limits.attempts, utc_now())
        self._desk.furnish(self._config)
        self._pipeline = Pipeline(self._parts(), self._watches)
        self._runner = self._new_runner()
        self._desk.start()
        self.threads.start("runner", self._runner.run)

    def _tidy(self) -> None:
        """What an earlier run may have left: half-written temporary files, originals that were still to be moved."""
        pixels.sweep()
        for watch in self._config.watch:
            disk.sweep(watch.output, STALE_SECONDS)
            for job in self._queue.moves.left(watch.key):
                self._pipeline.archive(job)
        # What was left a moment ago was too fresh: it might have been another machine's, in a shared folder.
        if not self._stopping.wait(STALE_SECONDS + 1):
            for watch in self._config.watch:
                disk.sweep(watch.output, STALE_SECONDS)


def _reads_alike(one: Config, other: Config) -> bool:
    """Whether readers and engine of one config do for the other."""
    return (one.engine, one.pages, one.limits) == (other.engine, other.pages, other.limits)


def unchanged_seconds(job: Job) -> float:
    """How long the job's file has not changed; for ever if it is gone."""
    seen = scan.look(job.path)
    return max(time.time() - seen.changed_at, 0.0) if seen else timedelta.max.total_seconds()
