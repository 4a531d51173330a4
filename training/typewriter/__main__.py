"""Train the typewriter: `python -m training.typewriter --minutes 60`. Said again, it goes on where it stopped."""

import argparse
from functools import partial
from pathlib import Path

from training.typewriter.apprenticeship import Plan, train
from training.typewriter.crew import work_together


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("build/typewriter"), help="where the state is kept")
    parser.add_argument("--minutes", type=float, default=60.0, help="how long; four fifths of it with a falling rate")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=7e-4)
    parser.add_argument("--processes", type=int, default=1, help="that share the work: as many as cores are free")
    parser.add_argument("--seed", type=int, default=1, help="of the weights and of all exercises")
    parser.add_argument("--from", type=Path, dest="start", help="a checkpoint to begin with, in the port's layout")
    chosen = parser.parse_args()
    plan = Plan(
        out=chosen.out,
        seconds=60 * chosen.minutes,
        batch=chosen.batch,
        rate=chosen.rate,
        seed=chosen.seed,
        start=chosen.start,
    )
    work_together(chosen.processes, partial(train, plan))


main()
