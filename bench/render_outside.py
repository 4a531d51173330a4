"""Commands that make a page of a file, from the start of their process to its end."""

import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

LIMIT_SECONDS = 60.0
Seconds = tuple[float, float]  # by the clock, and of the processor


def gotwatch_seconds(source: Path, target: Path, environment: Mapping[str, str]) -> Seconds:
    command = [sys.executable, "-m", "gotwatch", "render", str(source), "--out", str(target)]
    taken = _taken(command, environment)
    assert taken is not None, "gotwatch makes a page of any text"
    return taken


def pandoc() -> str | None:
    return shutil.which("pandoc")


def pandoc_seconds(source: Path, target: Path) -> Seconds | None:
    """None if it makes nothing of it."""
    command = ["pandoc", "--from=latex", "--to=html5", "--mathml", "--standalone", str(source), f"--output={target}"]
    return _taken(command, None)


def _taken(command: Sequence[str], environment: Mapping[str, str] | None) -> Seconds | None:
    began, before = time.perf_counter(), _used_by_children()
    try:
        done = subprocess.run(command, env=environment, capture_output=True, timeout=LIMIT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return None
    return (time.perf_counter() - began, _used_by_children() - before) if done.returncode == 0 else None


def _used_by_children() -> float:
    """And theirs, of those that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
