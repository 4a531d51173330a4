"""What the figures depend on: the machine, its disk, and how busy it was."""

import os
import platform
import sqlite3
import statistics
import sys
import time
from importlib import metadata
from pathlib import Path

import psutil

PACKAGES = ("gotwatch", "pillow", "pypdfium2", "onnxruntime", "rapidocr", "watchdog", "torch", "transformers")
SYNCS = 100
GIB = 1024**3


def describe(place: Path) -> str:
    """One paragraph. *place*: where the benchmarks work."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return ". ".join(
        [
            f"{_processor()}, {cores} cores, {psutil.virtual_memory().total / GIB:.0f} GiB of memory",
            f"Disk: {_file_system(place)}, a file written with fsync in {sync_milliseconds(place):.2f} ms",
            f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
            f"SQLite {sqlite3.sqlite_version}, {', '.join(f'{name} {metadata.version(name)}' for name in PACKAGES)}.",
        ]
    )


def load() -> str:
    """The load average of the last minute: above the number of cores, others are slowed down."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def sync_milliseconds(folder: Path) -> float:
    """The median time to write a small file in *folder* and have it on the disk."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "sync-test"
    times = [_write_synced(path) for _ in range(SYNCS)]
    path.unlink()
    return statistics.median(times) * 1000


def _write_synced(path: Path) -> float:
    began = time.perf_counter()
    with path.open("wb") as file:
        file.write(b"x" * 1000)
        file.flush()
        os.fsync(file.fileno())
    return time.perf_counter() - began


def _processor() -> str:
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _file_system(place: Path) -> str:
    """The kind of the file system that holds *place*."""
    real = place.resolve()
    mounts = [part for part in psutil.disk_partitions(all=True) if real.is_relative_to(part.mountpoint)]
    return max(mounts, key=lambda part: len(part.mountpoint)).fstype if mounts else "unknown"
