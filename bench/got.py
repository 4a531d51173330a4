"""How much faster gotwatch writes a page on a CPU than transformers does, with a model of GOT-OCR2.0's size."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from bench import got_bound, got_errand
from bench.got_bound import Machine
from bench.got_errand import Errand, Outcome, Way
from bench.report import Goal, Report, Table
from gotwatch.engine.base import Precision

LENGTH = 300  # tokens of the page
ROUNDS = 2
WANTED_TIMES = {Precision.FP32: 1.3, Precision.INT8: 2.0}
WANTED_MEMORY = 0.75
BYTES = {Precision.FP32: 4, Precision.INT8: 1}  # of a weight; what stands in the cache is float32
MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Contender:
    name: str
    way: Way
    precision: Precision

    def run(self, checkpoint: str) -> Outcome:
        errand = Errand(checkpoint=checkpoint, way=self.way, device="cpu", precision=self.precision, lengths=(LENGTH,))
        return got_errand.run(errand)


THEIRS = Contender("generate, fp32", Way.ONE_BY_ONE, Precision.FP32)
OURS = (
    Contender("gotwatch, fp32", Way.OURS, Precision.FP32),
    Contender("gotwatch, int8", Way.OURS, Precision.INT8),
)


def measure(_place: object) -> Report:
    machine = got_bound.machine("cpu")
    assert machine is not None, "every machine has a CPU"
    checkpoint = got_errand.checkpoint()
    rounds = [{one.name: one.run(checkpoint) for one in (THEIRS, *OURS)} for _ in range(ROUNDS)]
    return Report(
        title=f"got: a page of {LENGTH} tokens on the CPU",
        goals=(*(_speed_goal(one, rounds) for one in OURS), _memory_goal(rounds)),
        tables=(_table(rounds, machine),),
        notes=(_note(machine),),
    )


Rounds = Sequence[dict[str, Outcome]]


def _speed_goal(one: Contender, rounds: Rounds) -> Goal:
    wanted, times = WANTED_TIMES[one.precision], _times(one, rounds)
    return Goal(f"{one.name}: times the speed of generate", f">= {wanted}", f"{times:.1f}", times >= wanted)


def _memory_goal(rounds: Rounds) -> Goal:
    ours, theirs = _peak_bytes(OURS[0], rounds), _peak_bytes(THEIRS, rounds)
    what = f"{OURS[0].name}: peak memory, as a share of generate's"
    return Goal(what, f"<= {WANTED_MEMORY:.0%}", f"{ours / theirs:.0%}", ours <= WANTED_MEMORY * theirs)


def _table(rounds: Rounds, machine: Machine) -> Table:
    columns = ("way", "s", "to the first token, s", "ms for each token more", "peak MB", "times", "of the bound")
    return Table(columns, tuple(_row(one, rounds, machine) for one in (THEIRS, *OURS)))


def _row(one: Contender, rounds: Rounds, machine: Machine) -> tuple[str, ...]:
    outcomes = [outcomes[one.name] for outcomes in rounds]
    seconds = statistics.median(outcome.seconds for outcome in outcomes)
    first = statistics.median(outcome.first_token_seconds for outcome in outcomes)
    bound = machine.seconds([LENGTH], weight_bytes=BYTES[one.precision], cache_bytes=4)
    return (
        one.name,
        f"{seconds:.1f}",
        f"{first:.1f}",
        f"{(seconds - first) / (LENGTH - 1) * 1000:.0f}",
        f"{_peak_bytes(one, rounds) / MEGABYTE:,.0f}",
        f"{_times(one, rounds):.1f}",
        f"{bound / seconds:.0%}",
    )


def _times(one: Contender, rounds: Rounds) -> float:
    return statistics.median(outcomes[THEIRS.name].seconds / outcomes[one.name].seconds for outcomes in rounds)


def _peak_bytes(one: Contender, rounds: Rounds) -> float:
    return statistics.median(outcomes[one.name].peak_bytes for outcomes in rounds)


def _note(machine: Machine) -> str:
    return (
        f"The full model with random weights (`got_random.py`), {LENGTH} tokens forced: no token is a stop, and the"
        " limit ends the page. Every way in a process of its own, which has written two tokens before; in turn"
        f" {ROUNDS} times, the ratios are the pairs' median. generate: the class of transformers in float32, greedy,"
        " no n-gram of 20 twice, as the original's page on the hub shows it, with the same prompt and the same pixels"
        " by the same Pillow. Time is from the page's pixels to its last token; peak memory is the resident set's,"
        " loading included. The bound: the bytes that have to be read and the multiplications that have to be done,"
        f" at the {machine.bytes_per_second / 1e9:.0f} GB/s and the {machine.flop_per_second / 1e9:.0f} GFLOP/s"
        f" (float32, {machine.name}) that this machine reached in the same run."
    )
