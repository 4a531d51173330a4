"""What a step takes of the processor, of this process and its children: on a busy machine nearly as on a quiet one."""

import time
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class Stopwatch:
    """Runs from start() on. Looking at the children is not counted."""

    children: float
    own: float
    began: float

    def taken(self) -> tuple[float, float]:
        """Seconds by the clock, and of the processor."""
        clock, own = time.perf_counter(), time.process_time()
        return clock - self.began, own - self.own + _of_children() - self.children


def start() -> Stopwatch:
    return Stopwatch(_of_children(), time.process_time(), time.perf_counter())


def _of_children() -> float:
    """Of those that are there now."""
    return sum(map(_seconds, psutil.Process().children(recursive=True)))


def _seconds(process: psutil.Process) -> float:
    """To the nanosecond where the system says it so, else in its ticks."""
    threads = Path(f"/proc/{process.pid}/task")
    try:
        if threads.exists():
            return sum(int((thread / "schedstat").read_text("ascii").split()[0]) for thread in threads.iterdir()) / 1e9
        times = process.cpu_times()
    except (OSError, psutil.Error):  # it has just ended
        return 0.0
    return float(times.user + times.system)
