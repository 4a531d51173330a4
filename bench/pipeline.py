"""How many small files a second go from folder to results, with an engine that answers at once."""

import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import instant, machine, program, sheets
from bench.program import Run
from bench.report import Goal, Report, Table

FILES = 2000
ROUNDS = 2
WANTED_PER_SECOND = 100
SYNCS_PER_FILE = 6  # in the queue its claim and the names of both results; both results; their folder
MEMORY_DISK = Path("/dev/shm")


def measure(place: Path) -> Report:
    folder = place / "in"
    sheets.small_images(folder, FILES)
    sync_milliseconds = machine.sync_milliseconds(place / "sync")
    runs: list[Run] = []
    memory_runs: list[Run] = []
    naive: list[float] = []
    naive_synced: list[float] = []
    for number in range(ROUNDS):
        runs.append(_gotwatch(place / f"gotwatch-{number}", folder))
        naive.append(_naive(folder, place / f"naive-{number}"))
        naive_synced.append(_naive(folder, place / f"naive-synced-{number}", "--fsync"))
        memory_runs += _in_memory(folder)
    return _report(runs, memory_runs, naive, naive_synced, sync_milliseconds)


def _gotwatch(base: Path, folder: Path) -> Run:
    run = program.once(program.install(base, folder, engine=instant.PATH))
    shutil.rmtree(base)
    return run


def _in_memory(folder: Path) -> list[Run]:
    """The same with queue and results where fsync costs nothing, if this system has such a place."""
    if not os.access(MEMORY_DISK, os.W_OK):
        return []
    with TemporaryDirectory(dir=MEMORY_DISK, prefix="gotwatch-bench-") as base:
        return [_gotwatch(Path(base) / "gotwatch", folder)]


def _naive(folder: Path, output: Path, *options: str) -> float:
    command = [sys.executable, "-m", "bench.naive", str(folder), str(output), *options]
    began = time.perf_counter()
    subprocess.run(command, cwd=program.ROOT, check=True)
    return time.perf_counter() - began


def _report(
    runs: list[Run],
    memory_runs: list[Run],
    naive: list[float],
    naive_synced: list[float],
    sync_milliseconds: float,
) -> Report:
    seconds = statistics.median(run.seconds for run in runs)
    done = min(run.summary["queue"]["done"] for run in runs)
    per_second = FILES / seconds
    compared = [("gotwatch", seconds)]
    if memory_runs:
        compared.append(("gotwatch, queue and results in memory", statistics.median(r.seconds for r in memory_runs)))
    compared += [
        ("plain loop with fsync", statistics.median(naive_synced)),
        ("plain loop, nothing made safe", statistics.median(naive)),
    ]
    return Report(
        title=f"pipeline: {FILES:,} small PNGs, txt and html, an engine that answers at once",
        goals=(
            Goal(
                "small files a second, from folder to fsynced results",
                f">= {WANTED_PER_SECOND}",
                f"{per_second:.0f}",
                per_second >= WANTED_PER_SECOND and done == FILES,
            ),
        ),
        tables=(_speeds(compared), _where(runs, seconds, sync_milliseconds)),
        notes=(
            f"Median of {ROUNDS} runs each, taken in turn; {done:,} of {FILES:,} files done. Timed from outside, so"
            " each includes the start of Python and of the processes. The plain loop opens with Pillow, asks the same"
            " engine and writes the same two files, in one process and one after the other.",
        ),
    )


def _speeds(compared: list[tuple[str, float]]) -> Table:
    ours = compared[0][1]
    rows = [(name, f"{FILES / taken:.0f}", f"{taken:.1f}", f"{taken / ours:.2f}") for name, taken in compared]
    return Table(("way", "files/s", "seconds", "of gotwatch's time"), tuple(rows))


def _where(runs: list[Run], seconds: float, sync_milliseconds: float) -> Table:
    roles = {
        "main": "CPU of the main process",
        "readers": "CPU of the reader processes",
        "engine": "CPU of the engine process",
        "tracker": "CPU of Python's tracker of shared memory",
    }
    cpu_seconds = {role: statistics.median(run.cpu_seconds[role] for run in runs) for role in roles}
    spent = [(words, cpu_seconds[role] / FILES * 1000) for role, words in roles.items()]
    spent.append(("CPU in all", sum(cpu_seconds.values()) / FILES * 1000))
    spent.append((f"{SYNCS_PER_FILE} times fsync on this disk", SYNCS_PER_FILE * sync_milliseconds))
    spent.append(("time from one file to the next", seconds / FILES * 1000))
    return Table(("what", "ms a file"), tuple((words, f"{milliseconds:.2f}") for words, milliseconds in spent))
