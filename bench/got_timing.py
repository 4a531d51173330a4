"""How a way to have pages written is timed. Nothing of transformers is imported here: that memory is not gotwatch's."""

import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Protocol

import numpy as np
import torch

from bench.got_errand import Errand, Outcome
from gotwatch.documents import PageImage

WIDTH, HEIGHT = 1654, 2339  # A4 at 200 dpi


class Writer(Protocol):
    def write(self, pages: Sequence[PageImage], lengths: Sequence[int]) -> None:
        """Each page to its length."""


def main(open_writer: Callable[[Errand], Writer]) -> None:
    """Carry out the errand that the first argument is, and print what came of it."""
    errand = Errand.parse(sys.argv[1])
    print(json.dumps(asdict(_measure(errand, open_writer(errand)))))


def check(written: Sequence[int], wanted: Sequence[int]) -> None:
    """A figure for shorter pages would be a lie."""
    if list(written) != list(wanted):
        raise ArithmeticError(f"{list(written)} tokens were written instead of {list(wanted)}")


def _measure(errand: Errand, writer: Writer) -> Outcome:
    pages = [_page(number) for number in range(len(errand.lengths))]
    writer.write(pages[:1], [2])  # some things are made when they are first used
    first_token = _timed(lambda: writer.write(pages[:1], [1]))
    seconds = _timed(lambda: writer.write(pages, errand.lengths))
    return Outcome(seconds=seconds, first_token_seconds=first_token, peak_bytes=_peak_bytes(errand.device))


def _page(number: int) -> PageImage:
    """Noise: a page of nothing would be left out before the model."""
    pixels = np.random.default_rng(number).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    return PageImage(1, WIDTH, HEIGHT, pixels.tobytes())


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _peak_bytes(device: str) -> int:
    if device == "cuda":
        return int(torch.cuda.max_memory_reserved())
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
