"""Has the engine process read hundreds of pages, calls pages off and kills it now and then, and sees whether it stays
small and right: python -m tests.soak_engine --pages 500"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil

from gotwatch import pixels
from gotwatch.documents import BoxBy, Color, Mode, PageText, Prompt
from gotwatch.engine import choose
from gotwatch.engine.base import EngineOptions, EngineSpec
from gotwatch.engine.process import EngineProcess
from gotwatch.pixels import Hold
from gotwatch.threads import Threads
from tests import tiny_got

MIB = 1 << 20
SEEDS = 12  # different pages; each comes again and again, and must give the same text
IN_FLIGHT = 8
PAGE_SECONDS = 120.0
PROMPTS = (
    Prompt(),
    Prompt(Mode.FORMAT),
    Prompt(crop=True),
    Prompt(trim=True, strips=True),
    Prompt(color=Color.RED),
    Prompt(box=(5, 5, 60, 40)),
    Prompt(Mode.FORMAT, box=(5, 5, 60, 40), box_by=BoxBy.PROMPT),
    Prompt(Mode.FORMAT, multi_page=True),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """How large one life of the engine process was, after so many of its pages."""

    pid: int
    pages: int
    rss_mib: float


@dataclass(slots=True)
class Flight:
    key: tuple[int, str]
    holds: Sequence[Hold]
    text: Future[PageText]


@dataclass(slots=True)
class Soak:
    engine: EngineProcess
    chance: random.Random
    counts: Counter[str] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)
    _flights: list[Flight] = field(default_factory=list)
    _known: dict[tuple[int, str], tuple[int, ...]] = field(default_factory=dict)
    _lives: Counter[int] = field(default_factory=Counter)

    def run(self, pages: int, *, kill_every: int) -> None:
        for number in range(1, pages + 1):
            self._submit()
            if self.chance.random() < 0.1:
                self._call_off()
            if number % kill_every == 0:
                self._kill()
            self._settle(IN_FLIGHT - 1)
        self._settle(0)

    def _submit(self) -> None:
        seed, prompt = self.chance.randrange(SEEDS), self.chance.choice(PROMPTS)
        count = 3 if prompt.multi_page else 1
        holds = [_hold(seed + number, number, tall=prompt.strips) for number in range(1, count + 1)]
        self._flights.append(
            Flight((seed, prompt.key), holds, self.engine.submit([hold.page for hold in holds], prompt))
        )

    def _call_off(self) -> None:
        if self.chance.choice(self._flights).text.cancel():
            self.counts["called off"] += 1

    def _kill(self) -> None:
        if pid := self.engine.state().pid:
            psutil.Process(pid).kill()
            self.counts["kills"] += 1

    def _settle(self, most: int) -> None:
        """Wait until no more than so many pages are in flight."""
        while len(self._flights) > most:
            time.sleep(0.01)  # between two looks at the futures
            for flight in [flight for flight in self._flights if flight.text.done()]:
                self._flights.remove(flight)
                self._take(flight)

    def _take(self, flight: Flight) -> None:
        for hold in flight.holds:
            hold.release()
        try:
            text = flight.text.result()
        except CancelledError:
            return
        self.counts["read"] += 1
        if self._known.setdefault(flight.key, text.ids) != text.ids:
            self.counts["read otherwise than before"] += 1
        self._weigh()

    def _weigh(self) -> None:
        pid = self.engine.state().pid
        if pid is not None and psutil.pid_exists(pid):
            self._lives[pid] += 1
            rss = psutil.Process(pid).memory_info().rss / MIB
            self.samples.append(Sample(pid, self._lives[pid], rss))


def _hold(seed: int, number: int, *, tall: bool) -> Hold:
    width, height = 80 + 10 * (seed % 5), 700 if tall else 100
    rgb = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8).tobytes()
    page, memory = pixels.fill(pixels.new_block_name(), number, width, height, rgb, blank=False)
    hold = Hold(page)
    memory.close()
    return hold


@contextmanager
def _engine(checkpoint: Path) -> Iterator[EngineProcess]:
    options = EngineOptions(checkpoint=str(checkpoint), device="cpu", max_new_tokens=120)
    engine = EngineProcess(
        EngineSpec("got", choose.PATHS["got"], options),
        page_seconds=PAGE_SECONDS,
        start_seconds=PAGE_SECONDS,
        keep_alive_seconds=-1,
        threads=Threads(lambda: None),
        on_change=lambda: None,
    )
    engine.start()
    try:
        yield engine
    finally:
        engine.stop()


def _lives(samples: Sequence[Sample]) -> Iterator[str]:
    """A line for each life: how large it was after its first pages, half-way, and at the end."""
    for pid in dict.fromkeys(sample.pid for sample in samples):
        life = [sample for sample in samples if sample.pid == pid]
        marks = [life[len(life) * part // 4 - (part == 4)] for part in range(5)]
        yield f"pid {pid}: " + ", ".join(f"{mark.rss_mib:.0f} MiB after {mark.pages}" for mark in marks)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--kill-every", type=int, default=170, metavar="PAGES")
    parser.add_argument("--checkpoint", type=Path, help="a folder; a small one with random weights is made otherwise")
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        checkpoint = options.checkpoint or tiny_got.make(Path(folder) / "model")
        with _engine(checkpoint) as engine:
            soak = Soak(engine, random.Random(options.seed))
            soak.run(options.pages, kill_every=options.kill_every)
    counts = ", ".join(f"{count} {what}" for what, count in sorted(soak.counts.items()))
    sys.stdout.write(f"seed {options.seed}: {time.monotonic() - began:.0f} s; {counts}\n")
    sys.stdout.write("\n".join(_lives(soak.samples)) + "\n")
    return 1 if soak.counts["read otherwise than before"] else 0


if __name__ == "__main__":
    sys.exit(main())
