"""Runs the benchmarks: python -m bench [NAME ...] [--write]. They measure and print; they assert nothing."""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench import feeding, idle, latency, machine, paddle, pipeline, readme, scan, trips
from bench.program import ROOT
from bench.report import Report, goals_markdown, markdown

BENCHMARKS: dict[str, Callable[[Path], Report]] = {
    "pipeline": pipeline.measure,
    "paddle": paddle.measure,
    "feeding": feeding.measure,
    "idle": idle.measure,
    "scan": scan.measure,
    "latency": latency.measure,
    "trips": trips.measure,
}
WORK = ROOT / "build"  # on the disk that the project lies on: what is called temporary may be memory


@dataclass(frozen=True, slots=True)
class Measured:
    report: Report
    load: str

    def markdown(self) -> str:
        return f"{markdown(self.report)}\n\n{self.load}"


def main(arguments: Sequence[str] | None = None) -> None:
    chosen = _arguments(arguments)
    WORK.mkdir(exist_ok=True)
    heading = f"{datetime.now(UTC):%Y-%m-%d}, `python -m bench`. {machine.describe(WORK)}"
    print(heading, end="\n\n")
    results = []
    for result in _measure(chosen.names or list(BENCHMARKS)):
        print(result.markdown(), end="\n\n", flush=True)
        results.append(result)
    goals = goals_markdown([goal for result in results for goal in result.report.goals])
    print(goals)
    if chosen.write:
        readme.write([heading, goals, *(result.markdown() for result in results)])


def _measure(names: Sequence[str]) -> Iterator[Measured]:
    for name in names:
        before, began = machine.load(), time.monotonic()
        with tempfile.TemporaryDirectory(dir=WORK, prefix=f"bench-{name}-", ignore_cleanup_errors=True) as place:
            report = BENCHMARKS[name](Path(place))
        took = time.monotonic() - began
        yield Measured(report, f"Load average {before} before, {machine.load()} after; it took {took:.0f} s.")


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(BENCHMARKS)}; all if left out")
    parser.add_argument("--write", action="store_true", help="put what all of them measured into bench/README.md")
    chosen = parser.parse_args(arguments)
    if unknown := set(chosen.names) - BENCHMARKS.keys():
        parser.error(f"there is no {', '.join(sorted(unknown))}; known are {', '.join(BENCHMARKS)}")
    if chosen.write and chosen.names:
        parser.error("--write needs all of them, so that all figures in the file are of one run")
    return chosen


if __name__ == "__main__":
    main()
