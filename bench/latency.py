"""How soon after its quiet time a file is taken up by an idle daemon."""

import random
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from bench import instant, program, sheets
from bench.program import Daemon, Installation
from bench.report import Goal, Report, Table

FILES = 20
QUIET_SECONDS = 1.0
WANTED_SECONDS = 0.5
TIMEOUT_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Drop:
    """What became of one file; seconds from the end of its quiet time."""

    taken_up: float  # its pages are known: it was claimed, opened and identified before
    results: float  # the last result file was written


def measure(place: Path) -> Report:
    source, folder = place / "source", place / "in"
    folder.mkdir(parents=True)
    sheets.small_images(source, FILES + 1)
    contents = [path.read_bytes() for path in sorted(source.iterdir())]
    installation = program.install(place, folder, engine=instant.PATH, quiet_seconds=QUIET_SECONDS)
    with program.running(installation) as daemon:
        daemon.wait_for(lambda status: status["folders"][0]["state"] == "watching", TIMEOUT_SECONDS)
        first, *others = [
            _drop(content, number, folder, daemon, installation) for number, content in enumerate(contents)
        ]
    return _report(first, others)


def _drop(content: bytes, number: int, folder: Path, daemon: Daemon, installation: Installation) -> Drop:
    """Write one file and wait until it is done."""
    time.sleep(random.uniform(0, LONGEST_PAUSE_SECONDS))  # no rhythm of ours shall meet one of its own
    path = folder / f"drop-{number:02d}.png"
    path.write_bytes(content)
    quiet_ends = time.time() + QUIET_SECONDS
    daemon.wait_for(lambda status: status["queue"]["done"] > number, TIMEOUT_SECONDS)
    taken_up = min(line.at for line in installation.log() if f"{path}, " in line.message)
    results = max(output.stat().st_mtime for output in installation.output.glob(f"{path.name}.*"))
    return Drop(taken_up - quiet_ends, results - quiet_ends)


def _report(first: Drop, drops: list[Drop]) -> Report:
    taken_up = [drop.taken_up for drop in drops]
    worst = max(taken_up)
    rows = (
        _row("taken up", taken_up, first.taken_up),
        _row("results written", [drop.results for drop in drops], first.results),
    )
    return Report(
        title=f"latency: {len(drops)} files dropped one by one, quiet time {QUIET_SECONDS:g} s",
        goals=(
            Goal(
                "from the end of the quiet time to the claim, slowest file",
                f"< {WANTED_SECONDS:g} s",
                f"{worst:.3f} s",
                worst < WANTED_SECONDS,
            ),
        ),
        tables=(Table(("ms after the quiet time", "median", "95th of 100", "slowest", "very first"), rows),),
        notes=(
            "The quiet time begins when the file is closed. Taken up is the log's line on how many pages it has, a"
            " little after the claim: by then the file was also read through and opened. The very first file, which"
            " has to start a reader process and the engine process, is left out of the other columns.",
        ),
    )


def _row(name: str, seconds: list[float], first: float) -> tuple[str, ...]:
    high = statistics.quantiles(seconds, n=20, method="inclusive")[-1]
    figures = (statistics.median(seconds), high, max(seconds), first)
    return (name, *(f"{figure * 1000:.0f}" for figure in figures))
