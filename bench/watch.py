"""Whether the watcher misses files that come by the ten thousand, and how soon they are queued."""

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench import instant, program
from bench.program import Daemon
from bench.report import Goal, Report, Table

FILES = 10_000
MANY_FILES = 30_000
FOLDERS = 100
MEMORY = Path("/dev/shm")  # a disk that is faster than the reader of events
TIMEOUT_SECONDS = 90.0
WANTED_SECONDS = 10.0

# Run by a process of its own, as a scanner or a file manager would be. It prints when it began and when it ended.
WRITER = """
import os, sys, time
inbox, stage, way, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
names = [f"{number % 100:03}/{number:05}.png" for number in range(count)]
def write(path):
    with open(path, "wb") as file:
        file.write(b"x" * 2000)
if way == "moved in":
    for number in range(count):
        write(f"{stage}/{number:05}.png")
began = time.time()
for number, name in enumerate(names):
    if way == "written":
        write(f"{inbox}/{name}")
    elif way == ".part, then renamed":
        write(f"{inbox}/{name}.part")
        os.replace(f"{inbox}/{name}.part", f"{inbox}/{name}")
    else:
        os.rename(f"{stage}/{number:05}.png", f"{inbox}/{name}")
print(began, time.time())
"""
WRITTEN, RENAMED, MOVED_IN = "written", ".part, then renamed", "moved in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flood:
    """Files that come at once."""

    way: str
    count: int
    disk: str
    detection: str = "events"

    @property
    def title(self) -> str:
        by = "" if self.detection == "events" else f", by {self.detection}"
        return f"{self.count:,} {self.way}, on {self.disk}{by}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    flood: Flood
    lost: int
    late_seconds: float  # from the last file's coming until all were queued
    writing_seconds: float
    cpu_seconds: float  # of the daemon meanwhile
    overflows: int  # how often the system dropped events


def measure(place: Path) -> Report:
    disk = "disk"
    floods = [Flood(way=way, count=FILES, disk=disk) for way in (WRITTEN, RENAMED, MOVED_IN)]
    floods += [Flood(way=way, count=FILES, disk="tmpfs") for way in (WRITTEN, RENAMED, MOVED_IN)]
    floods += [
        Flood(way=RENAMED, count=MANY_FILES, disk="tmpfs"),
        Flood(way=RENAMED, count=FILES, disk="tmpfs", detection="poll"),
    ]
    outcomes = []
    for number, flood in enumerate(floods):
        if flood.disk == disk:
            outcomes.append(_endured(flood, place / str(number), place / str(number)))
        elif MEMORY.is_dir():
            with tempfile.TemporaryDirectory(dir=MEMORY, prefix="gotwatch-bench-") as memory:
                outcomes.append(_endured(flood, place / str(number), Path(memory)))
    return _report(outcomes)


def _endured(flood: Flood, base: Path, disk: Path) -> Outcome:
    """*base*: where the daemon keeps its own; *disk*: where the files come."""
    inbox, stage = disk / "in", disk / "stage"
    stage.mkdir(parents=True)
    for number in range(FOLDERS):
        (inbox / f"{number:03}").mkdir(parents=True)
    installation = program.install(base, inbox, engine=instant.PATH, more=(f'detection = "{flood.detection}"',))
    subprocess.run(installation.command("pause"), cwd=program.ROOT, check=True, stdout=subprocess.DEVNULL)
    with program.running(installation) as daemon:
        daemon.wait_for(lambda status: status["folders"][0]["state"] == "watching", TIMEOUT_SECONDS)
        before = daemon.cpu_seconds()
        began, ended = _write(flood, inbox, stage)
        queued, seen_at = _queued(daemon, flood.count)
        overflows = sum("the system dropped events" in line.message for line in installation.log())
        return Outcome(
            flood=flood,
            lost=flood.count - queued,
            late_seconds=max(seen_at - ended, 0.0),
            writing_seconds=ended - began,
            cpu_seconds=daemon.cpu_seconds() - before,
            overflows=overflows,
        )


def _write(flood: Flood, inbox: Path, stage: Path) -> tuple[float, float]:
    command = [sys.executable, "-c", WRITER, str(inbox), str(stage), flood.way, str(flood.count)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(told[0]), float(told[1])


def _queued(daemon: Daemon, count: int) -> tuple[int, float]:
    """How many there are in the end, and when that was seen."""
    try:
        seen_at = daemon.wait_for(lambda status: status["queue"]["queued"] >= count, TIMEOUT_SECONDS)
    except TimeoutError:
        seen_at = float("inf")
    return int(daemon.status()["queue"]["queued"]), seen_at


def _report(outcomes: list[Outcome]) -> Report:
    lost = sum(outcome.lost for outcome in outcomes)
    bursts = [
        outcome.late_seconds for outcome in outcomes if outcome.flood == Flood(way=RENAMED, count=FILES, disk="tmpfs")
    ]
    goals = [Goal("files lost, over all rows", "0", str(lost), lost == 0)]
    if bursts:
        late = f"{bursts[0]:.1f} s"
        goals.append(
            Goal(
                f"{FILES:,} files by rename on tmpfs until all are queued",
                f"<= {WANTED_SECONDS:.0f} s",
                late,
                bursts[0] <= WANTED_SECONDS,
            )
        )
    return Report(
        title="watch: files that come by the ten thousand",
        goals=tuple(goals),
        tables=(
            Table(("files", "lost", "all queued after", "written in", "CPU", "overflows"), tuple(map(_row, outcomes))),
        ),
        notes=(
            f"Files of 2 kB into {FOLDERS} folders, by a process of its own; no quiet time; the queue is paused."
            " All queued after: from the last file on, seen by asking for the status every"
            f" {program.SAMPLE_SECONDS:g} s. CPU is the daemon's, from the first file until then."
            " Overflows: how often the system said that it dropped events.",
        ),
    )


def _row(outcome: Outcome) -> tuple[str, ...]:
    return (
        outcome.flood.title,
        str(outcome.lost),
        f"{outcome.late_seconds:.1f} s",
        f"{outcome.writing_seconds:.1f} s",
        f"{outcome.cpu_seconds:.1f} s",
        str(outcome.overflows),
    )
