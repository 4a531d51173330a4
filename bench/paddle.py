"""How much of the bare engine's speed is left when gotwatch uses it, with the paddle engine on real pages."""

import shutil
import statistics
from dataclasses import dataclass
from pathlib import Path

from bench import child, program, sheets
from bench.program import Line, Run
from bench.report import Goal, Report, Table

SAMPLE_ROUNDS = 3
ROUNDS = 3
WANTED_SHARE = 0.90


@dataclass(frozen=True, slots=True)
class Pair:
    """Both ways, one right after the other."""

    pages: int
    bare_seconds: float
    gotwatch_seconds: float  # from the loaded engine's first page to the last result on disk
    run: Run

    @property
    def share(self) -> float:
        return self.bare_seconds / self.gotwatch_seconds


def measure(place: Path) -> Report:
    folder = place / "in"
    sheets.sample_documents(folder, SAMPLE_ROUNDS)
    pairs = [_pair(folder, place / f"gotwatch-{number}") for number in range(ROUNDS)]
    return _report(pairs)


def _pair(folder: Path, base: Path) -> Pair:
    bare = child.answer("bench.bare", str(folder))
    run = program.once(program.install(base, folder, engine="paddle"))
    shutil.rmtree(base)
    return Pair(bare["pages"], bare["seconds"], reading_seconds(run.log), run)


def reading_seconds(log: list[Line]) -> float:
    """The engine says that it has started when it is loaded, and in the same moment it is given its first pages."""
    first = min(line.at for line in log if program.ENGINE_STARTED.match(line.message))
    return max(line.at for line in log if ": done, " in line.message) - first


def _report(pairs: list[Pair]) -> Report:
    share = statistics.median(pair.share for pair in pairs)
    pages = pairs[0].pages
    rows = [_row(f"run {number}", pair) for number, pair in enumerate(pairs, start=1)]
    return Report(
        title=f"paddle: {pages} pages of the samples, against the bare engine",
        goals=(
            Goal(
                "pages a second with paddle, as a share of the bare engine's",
                f">= {WANTED_SHARE:.0%}",
                f"{share:.0%}",
                share >= WANTED_SHARE,
            ),
        ),
        tables=(
            Table(("", "bare pages/s", "gotwatch pages/s", "share", "in all, from command to end"), tuple(rows)),
            _cpu(pairs),
        ),
        notes=(
            "Bare: one process, all pages decoded beforehand, read by as many threads as the engine asks for; timed"
            " from the first page to the last text. gotwatch: `gotwatch once` over the same files; timed by its log"
            " from the moment the engine is loaded and gets its first pages to the last result on disk, so decoding,"
            " queue and results are in it, and loading is in neither. Run in turn; the share is the pairs' median.",
        ),
    )


def _row(name: str, pair: Pair) -> tuple[str, ...]:
    return (
        name,
        f"{pair.pages / pair.bare_seconds:.2f}",
        f"{pair.pages / pair.gotwatch_seconds:.2f}",
        f"{pair.share:.1%}",
        f"{pair.run.seconds:.1f} s",
    )


def _cpu(pairs: list[Pair]) -> Table:
    rows = []
    for role in ("main", "readers", "engine"):
        seconds = statistics.median(pair.run.cpu_seconds[role] for pair in pairs)
        rows.append((role, f"{seconds / pairs[0].pages * 1000:.0f}"))
    return Table(("CPU of", "ms a page"), tuple(rows))
