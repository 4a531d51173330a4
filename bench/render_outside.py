"""Commands that make a page of a file, from the start of their process to its end."""

import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

LIMIT_SECONDS = 20.0


def gotwatch_seconds(source: Path, target: Path, environment: Mapping[str, str]) -> float:
    command = [sys.executable, "-m", "gotwatch", "render", str(source), "--out", str(target)]
    return _seconds(command, environment) or 0.0


def pandoc() -> str | None:
    return shutil.which("pandoc")


def pandoc_seconds(source: Path, target: Path) -> float | None:
    """None if it makes nothing of it."""
    command = ["pandoc", "--from=latex", "--to=html5", "--mathml", "--standalone", str(source), f"--output={target}"]
    return _seconds(command, None)


def _seconds(command: Sequence[str], environment: Mapping[str, str] | None) -> float | None:
    began = time.perf_counter()
    try:
        done = subprocess.run(command, env=environment, capture_output=True, timeout=LIMIT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return None
    return time.perf_counter() - began if done.returncode == 0 else None
