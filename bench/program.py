"""gotwatch as a user starts it: a process with its own config, state folder and output folder."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psutil

from gotwatch import control
from gotwatch.config.places import StateFolder
from gotwatch.doors.choose import door_of

ROOT = Path(__file__).parent.parent
SAMPLE_SECONDS = 0.1
START_SECONDS = 60.0
LOG_LINE = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),(\d{3}) \S+ +\S+: (.*)")
ENGINE_STARTED = re.compile(r"engine \S+ started, pid (\d+)")
MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Line:
    """A line of gotwatch's log."""

    at: float  # seconds since the epoch
    message: str


@dataclass(frozen=True, slots=True)
class Installation:
    """A config, and all that gotwatch makes for it."""

    base: Path

    @property
    def state(self) -> StateFolder:
        return StateFolder(self.base / "state")

    @property
    def output(self) -> Path:
        return self.base / "out"

    def command(self, *arguments: str) -> list[str]:
        options = ["--config", str(self.base / "config.toml"), "--state-dir", str(self.state.path)]
        return [sys.executable, "-m", "gotwatch", *options, *arguments]

    def log(self) -> list[Line]:
        matches = map(LOG_LINE.match, self.state.log.read_text("utf-8").splitlines())
        return [Line(_seconds(match[1]) + int(match[2]) / 1000, match[3]) for match in matches if match]


def install(
    base: Path, *folders: Path, engine: str, quiet_seconds: float = 0.0, more: Sequence[str] = ()
) -> Installation:
    """All settings but these are gotwatch's own defaults, and the log is kept whole. *more*: lines of each folder's."""
    base.mkdir(parents=True, exist_ok=True)
    installation = Installation(base)
    lines = [*("[engine]", f"name = {json.dumps(engine)}"), *("[log]", "megabytes = 1000")]
    for number, folder in enumerate(folders):
        output = installation.output / str(number) if len(folders) > 1 else installation.output
        lines += [
            *("[[watch]]", f"folder = {json.dumps(str(folder))}", f"output = {json.dumps(str(output))}"),
            *(f"quiet_seconds = {quiet_seconds}", 'order = "name"', *more),
        ]
    (base / "config.toml").write_text("\n".join(lines) + "\n", "utf-8")
    return installation


@dataclass(slots=True)
class Usage:
    """What a process and its children have used so far, by process id."""

    cpu_seconds: dict[int, float] = field(default_factory=dict)
    trackers: set[int] = field(default_factory=set)  # the standard library's clean-up process for shared memory
    peak_bytes: dict[int, int] = field(default_factory=dict)

    def look(self, main: psutil.Process) -> None:
        try:
            family = [main, *main.children(recursive=True)]
        except psutil.NoSuchProcess:
            return
        for process in family:
            try:
                self._note(process)
            except psutil.Error:  # it ended just now
                continue

    def _note(self, process: psutil.Process) -> None:
        with process.oneshot():
            times, memory = process.cpu_times(), process.memory_info().rss
        if process.pid not in self.cpu_seconds and any("resource_tracker" in part for part in process.cmdline()):
            self.trackers.add(process.pid)
        self.cpu_seconds[process.pid] = times.user + times.system
        self.peak_bytes[process.pid] = max(memory, self.peak_bytes.get(process.pid, 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One `gotwatch once`, from its start to its end."""

    seconds: float
    summary: dict[str, Any]
    log: list[Line]
    cpu_seconds: dict[str, float]  # by role: main, readers, engine, tracker
    main_peak_megabytes: float


def once(installation: Installation) -> Run:
    began = time.perf_counter()
    process = subprocess.Popen(installation.command("once", "--json"), cwd=ROOT, stdout=subprocess.PIPE)
    usage = Usage()
    with _watched(psutil.Process(process.pid), usage):
        summary, _ = process.communicate()
    seconds = time.perf_counter() - began
    log = installation.log()
    return Run(
        seconds=seconds,
        summary=json.loads(summary),
        log=log,
        cpu_seconds=_by_role(usage, process.pid, log),
        main_peak_megabytes=usage.peak_bytes.get(process.pid, 0) / MEGABYTE,
    )


@contextmanager
def _watched(main: psutil.Process, usage: Usage) -> Iterator[None]:
    """Look at the usage all the time, as a process that has ended tells nothing any more."""
    ended = Event()

    def look() -> None:
        while not ended.wait(SAMPLE_SECONDS):
            usage.look(main)

    watcher = Thread(target=look, name="usage")
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def _by_role(usage: Usage, main: int, log: list[Line]) -> dict[str, float]:
    engines = {int(match[1]) for line in log if (match := ENGINE_STARTED.match(line.message))}
    roles = {"main": 0.0, "readers": 0.0, "engine": 0.0, "tracker": 0.0}
    for pid, seconds in usage.cpu_seconds.items():
        child = "engine" if pid in engines else "tracker" if pid in usage.trackers else "readers"
        roles["main" if pid == main else child] += seconds
    return roles


class Daemon:
    """A `gotwatch run` that runs."""

    def __init__(self, installation: Installation, process: psutil.Popen) -> None:
        self._installation = installation
        self._usage = Usage()
        self.process = process

    def status(self) -> dict[str, Any]:
        reply = control.call(door_of(self._installation.state), {"verb": "status"})
        assert reply is not None, "gotwatch has ended"
        status: dict[str, Any] = reply["status"]
        return status

    def rescan(self) -> None:
        control.call(door_of(self._installation.state), {"verb": "rescan"})

    def wait_for(
        self,
        condition: Callable[[dict[str, Any]], object],
        timeout_seconds: float,
        *,
        look_seconds: float = SAMPLE_SECONDS,
    ) -> float:
        """Ask for the status until *condition* holds for it; when that was, in seconds since the epoch."""
        deadline = time.monotonic() + timeout_seconds
        while not condition(self.status()):
            if time.monotonic() > deadline:
                raise TimeoutError("gotwatch did not get there in time")
            time.sleep(look_seconds)
        return time.time()

    def cpu_seconds(self) -> float:
        """What it and its children have used so far; those that have ended, until they were looked at last."""
        self._usage.look(self.process)
        return sum(self._usage.cpu_seconds.values())

    def megabytes(self) -> float:
        """The main process's memory, as its resident set."""
        return float(self.process.memory_info().rss / MEGABYTE)


@contextmanager
def running(installation: Installation, environment: Mapping[str, str] | None = None) -> Iterator[Daemon]:
    """`gotwatch run`, ready for commands. *environment*: what it has beside ours."""
    ours = {**os.environ, **(environment or {})}
    with (installation.base / "stderr").open("wb") as stderr:
        process = psutil.Popen(installation.command("run"), cwd=ROOT, stderr=stderr, env=ours)
    try:
        _wait_for_door(installation, process)
        yield Daemon(installation, process)
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def _wait_for_door(installation: Installation, process: psutil.Popen) -> None:
    deadline = time.monotonic() + START_SECONDS
    while control.call(door_of(installation.state), {"verb": "status"}) is None:
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError((installation.base / "stderr").read_text("utf-8"))
        time.sleep(SAMPLE_SECONDS)


def _seconds(local_time: str) -> float:
    return time.mktime(time.strptime(local_time, "%Y-%m-%d %H:%M:%S"))
