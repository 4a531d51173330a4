"""How long the first look through a very large tree takes, until all its files are queued."""

import subprocess
from pathlib import Path

from bench import instant, program, sheets
from bench.program import Installation
from bench.report import Goal, Report, Table

FILES = 100_000
WANTED_SECONDS = 10.0
TIMEOUT_SECONDS = 300.0


def measure(place: Path) -> Report:
    folder = place / "in"
    sheets.tree_of_images(folder, FILES)
    installation = program.install(place, folder, engine=instant.PATH)
    subprocess.run(installation.command("pause"), cwd=program.ROOT, check=True, stdout=subprocess.DEVNULL)
    with program.running(installation) as daemon:
        queued_at = daemon.wait_for(lambda status: status["queue"]["queued"] == FILES, TIMEOUT_SECONDS)
        cpu_seconds = daemon.cpu_seconds()
        megabytes = daemon.megabytes()
        seconds = queued_at - _began_at(installation)
        started = queued_at - daemon.process.create_time()
    return _report(seconds, started, cpu_seconds, megabytes)


def _began_at(installation: Installation) -> float:
    return min(line.at for line in installation.log() if line.message.startswith("watching "))


def _report(seconds: float, started: float, cpu_seconds: float, megabytes: float) -> Report:
    return Report(
        title=f"scan: the first look through {FILES:,} files",
        goals=(
            Goal(
                f"first scan of {FILES:,} files until all are queued",
                f"< {WANTED_SECONDS:.0f} s",
                f"{seconds:.1f} s",
                seconds < WANTED_SECONDS,
            ),
        ),
        tables=(
            Table(
                ("what", "measured"),
                (
                    ("from the start of the scan until all are queued", f"{seconds:.1f} s"),
                    ("from the start of the process", f"{started:.1f} s"),
                    ("CPU used by then", f"{cpu_seconds:.1f} s"),
                    ("memory of the main process then", f"{megabytes:.0f} MB"),
                ),
            ),
        ),
        notes=(
            "100 folders of 1,000 small files that were just written, so the system has them in memory; no quiet time;"
            f" the queue is paused. Seen by asking for the status every {program.SAMPLE_SECONDS:g} s, which is in it.",
        ),
    )
