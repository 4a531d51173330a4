"""How much faster gotwatch writes pages on a GPU than transformers does, with a model of GOT-OCR2.0's size."""

import random
import statistics
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bench import got_bound, got_errand
from bench.got_bound import Machine
from bench.got_errand import Errand, Outcome, Way
from bench.report import Goal, Report, Table
from gotwatch.engine.base import Precision

SEED = 1
LENGTHS = tuple(random.Random(SEED).randint(150, 1500) for _ in range(384))
MEAN = statistics.mean(LENGTHS)
ALONE = round(MEAN)  # tokens of the page that is written alone
PAGES = {Way.ONE_BY_ONE: 3, Way.BATCH: 64, Way.OURS: len(LENGTHS)}
BATCHES = (16, 32, 64)
SLOTS = 128  # pages at once, where memory is no limit
WANTED_TIMES = {Way.ONE_BY_ONE: 150, Way.BATCH: 5}
WANTED_LATENCY, WANTED_PEAK, WANTED_SHARE = 10, 2.5e9, 0.35
WEIGHT_BYTES = 2


@dataclass(frozen=True, slots=True)
class Run:
    name: str
    errand: Errand
    outcome: Outcome

    @property
    def tokens_per_second(self) -> float:
        return sum(self.errand.lengths) / self.outcome.seconds

    @property
    def pages_per_second(self) -> float:
        """Of pages of the mean length: a few pages may happen to be long or short ones."""
        return self.tokens_per_second / MEAN


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    one_by_one: Run
    batches: tuple[Run, ...]
    ours: Run
    their_page: Run
    our_page: Run

    @property
    def best_batch(self) -> Run:
        return max(self.batches, key=lambda run: run.tokens_per_second)


def measure(_place: object) -> Report:
    machine = got_bound.machine("cuda")
    if machine is None:
        note = "PyTorch finds no CUDA device on this machine, so nothing was measured here."
        return Report(title="got-cuda: pages on a GPU", goals=(), tables=(), notes=(note,))
    runs = _runs()
    return Report(
        title=f"got-cuda: pages of 150 to 1,500 tokens on {machine.name}",
        goals=(*_speed_goals(runs), *_other_goals(runs, machine)),
        tables=(_table(runs, machine), _alone_table(runs, machine)),
        notes=(_note(machine),),
    )


def _runs() -> Runs:
    theirs = Errand(
        checkpoint=got_errand.checkpoint(),
        way=Way.ONE_BY_ONE,
        device="cuda",
        precision=Precision.FP32,
        lengths=_lengths(Way.ONE_BY_ONE),
    )
    batch = replace(theirs, way=Way.BATCH, precision=Precision.BF16, lengths=_lengths(Way.BATCH))
    ours = replace(theirs, way=Way.OURS, precision=Precision.BF16, lengths=_lengths(Way.OURS))
    return Runs(
        one_by_one=_run("generate, one page at a time", theirs),
        batches=tuple(_batches(batch)),
        ours=_run("gotwatch", ours),
        their_page=_run("generate", replace(theirs, lengths=(ALONE,))),
        our_page=_run("gotwatch", replace(ours, lengths=(ALONE,))),
    )


def _batches(errand: Errand) -> Iterator[Run]:
    """Of every size that there is memory for."""
    for size in BATCHES:
        try:
            run = _run(f"generate, {size} pages at a time", replace(errand, at_once=size))
        except subprocess.CalledProcessError:
            if size == BATCHES[0]:
                raise
            return
        yield run


def _run(name: str, errand: Errand) -> Run:
    return Run(name, errand, got_errand.run(errand))


def _lengths(way: Way) -> tuple[int, ...]:
    return LENGTHS[: PAGES[way]]


def _speed_goals(runs: Runs) -> Iterator[Goal]:
    for way, run in ((Way.ONE_BY_ONE, runs.one_by_one), (Way.BATCH, runs.best_batch)):
        times = runs.ours.tokens_per_second / run.tokens_per_second
        yield Goal(f"times {run.name}", f">= {WANTED_TIMES[way]}", f"{times:.0f}", times >= WANTED_TIMES[way])


def _other_goals(runs: Runs, machine: Machine) -> Iterator[Goal]:
    sooner = runs.their_page.outcome.seconds / runs.our_page.outcome.seconds
    yield Goal("times sooner, a page alone", f">= {WANTED_LATENCY}", f"{sooner:.0f}", sooner >= WANTED_LATENCY)
    peak = runs.our_page.outcome.peak_bytes
    yield Goal("memory for a page alone", f"<= {WANTED_PEAK / 1e9} GB", f"{peak / 1e9:.1f} GB", peak <= WANTED_PEAK)
    share = _share(runs.ours, machine, at_once=SLOTS)
    yield Goal("share of the bound", f">= {WANTED_SHARE:.0%}", f"{share:.0%}", share >= WANTED_SHARE)


def _table(runs: Runs, machine: Machine) -> Table:
    columns = ("way", "pages", "pages/s", "tokens/s", "peak GB", "of the bound")
    rows = [_row(run, machine, at_once=run.errand.at_once) for run in (runs.one_by_one, *runs.batches)]
    return Table(columns, (*rows, _row(runs.ours, machine, at_once=SLOTS)))


def _row(run: Run, machine: Machine, *, at_once: int) -> tuple[str, ...]:
    return (
        run.name,
        str(len(run.errand.lengths)),
        f"{run.pages_per_second:.2f}",
        f"{run.tokens_per_second:,.0f}",
        f"{run.outcome.peak_bytes / 1e9:.1f}",
        f"{_share(run, machine, at_once=at_once):.0%}",
    )


def _alone_table(runs: Runs, machine: Machine) -> Table:
    columns = (f"a page of {ALONE} tokens alone", "ms", "to the first token, ms", "peak GB", "of the bound")
    return Table(columns, tuple(_alone_row(run, machine) for run in (runs.their_page, runs.our_page)))


def _alone_row(run: Run, machine: Machine) -> tuple[str, ...]:
    milliseconds = (run.outcome.seconds * 1000, run.outcome.first_token_seconds * 1000)
    share = _share(run, machine, at_once=1)
    figures = (f"{figure:,.0f}" for figure in milliseconds)
    return (run.name, *figures, f"{run.outcome.peak_bytes / 1e9:.1f}", f"{share:.0%}")


def _share(run: Run, machine: Machine, *, at_once: int) -> float:
    lengths: Sequence[int] = run.errand.lengths
    bound = machine.seconds(lengths, weight_bytes=WEIGHT_BYTES, cache_bytes=WEIGHT_BYTES, at_once=at_once)
    return bound / run.outcome.seconds


def _note(machine: Machine) -> str:
    return (
        "The full model with random weights (`got_random.py`). Each page has its own length, drawn once, and is"
        " forced to it: no token is a stop. All ways take their pages from the front of the one list; pages a second"
        " are those of the mean length. One page at a time: as the original's page on the hub shows it, weights in"
        " float32 under an automatic cast to bfloat16, greedy, no n-gram of 20 twice, by the class of transformers."
        " Pages at a time: the same in bfloat16, each call until its longest page is done. gotwatch: bfloat16,"
        f" {SLOTS} pages at once as far as there is memory. Every way in a process of its own that has written a few"
        " tokens before; peak memory is what PyTorch took of the GPU's. The bound: the bytes that have to be read and"
        " the multiplications that have to be done, at the"
        f" {machine.bytes_per_second / 1e9:,.0f} GB/s and the {machine.flop_per_second / 1e12:,.0f} TFLOP/s"
        " (bfloat16) that this machine reached in the same run."
    )
