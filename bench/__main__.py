"""Runs the benchmarks: python -m bench [NAME ...] [--write]. They measure and print; they assert nothing."""

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench import (
    feeding,
    got,
    got_cuda,
    idle,
    latency,
    machine,
    paddle,
    pipeline,
    quality,
    readme,
    render,
    scan,
    server,
    trips,
    watch,
)
from bench.program import ROOT
from bench.report import Report, markdown

BENCHMARKS: dict[str, Callable[[Path], Report]] = {
    "pipeline": pipeline.measure,
    "paddle": paddle.measure,
    "feeding": feeding.measure,
    "idle": idle.measure,
    "scan": scan.measure,
    "watch": watch.measure,
    "latency": latency.measure,
    "trips": trips.measure,
    "render": render.measure,
    "server": server.measure,
    "got": got.measure,
    "got-cuda": got_cuda.measure,
    "quality": quality.measure,
}
WORK = ROOT / "build"  # on the disk that the project lies on: what is called temporary may be memory


def main(arguments: Sequence[str] | None = None) -> None:
    chosen = _arguments(arguments)
    WORK.mkdir(exist_ok=True)
    for name in chosen.names or BENCHMARKS:
        section = _measured(name)
        print(section, end="\n\n", flush=True)
        if chosen.write:
            readme.write(name, section)


def _measured(name: str) -> str:
    """A section of the README."""
    before, began = machine.load(), time.monotonic()
    with tempfile.TemporaryDirectory(dir=WORK, prefix=f"bench-{name}-", ignore_cleanup_errors=True) as place:
        report = BENCHMARKS[name](Path(place))
    took = time.monotonic() - began
    circumstances = (
        f"{datetime.now(UTC):%Y-%m-%d}: load average {before} before, {machine.load()} after; it took {took:.0f} s."
        f" {machine.describe(WORK)}"
    )
    return f"{markdown(report)}\n\n{circumstances}"


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(BENCHMARKS)}; all if left out")
    parser.add_argument("--write", action="store_true", help="put what was measured into bench/README.md")
    chosen = parser.parse_args(arguments)
    if unknown := set(chosen.names) - BENCHMARKS.keys():
        parser.error(f"there is no {', '.join(sorted(unknown))}; known are {', '.join(BENCHMARKS)}")
    return chosen


if __name__ == "__main__":
    main()
