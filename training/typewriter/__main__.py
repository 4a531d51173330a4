"""Train the typewriter: `python -m training.typewriter --minutes 60`. Said again, it goes on where it stopped."""

import argparse
import signal
from pathlib import Path

import torch

from training.typewriter.apprenticeship import Apprenticeship, Plan


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("build/typewriter"), help="where the state is kept")
    parser.add_argument("--minutes", type=float, default=60.0, help="how long; the last quarter with a falling rate")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=7e-4)
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    torch.set_float32_matmul_precision("medium")  # bfloat16 inside products, where the processor has it: a third faster
    plan = Plan(out=chosen.out, seconds=60 * chosen.minutes, batch=chosen.batch, rate=chosen.rate)
    apprenticeship = Apprenticeship(plan)
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: apprenticeship.stop())
    apprenticeship.run()


main()
