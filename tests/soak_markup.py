"""Parses broken pages and sees whether anything is lost: python -m tests.soak_markup --count 100000 --seed 1"""

import argparse
import random
import sys
import time
from collections.abc import Iterator

from gotwatch.documents import Mode
from gotwatch.render.coverage import losses
from gotwatch.render.markup import parse
from tests.markup_pages import SAMPLES, misplaced_spans, mutated

MOST_SECONDS = 2.0
MOST_SHOWN = 10
LONG_PAGE_CHARACTERS = 20_000
LONG_PAGES_SHARE = 0.01  # they take as long as a hundred others


def problems(page: str) -> Iterator[str]:
    """What is not as it should be, in words."""
    begin = time.perf_counter()
    try:
        markup = parse(page, mode=Mode.FORMAT)
    except Exception as error:  # noqa: BLE001 - a soak reports whatever comes
        yield f"{type(error).__name__}: {error}"
        return
    seconds = time.perf_counter() - begin
    if seconds > MOST_SECONDS:
        yield f"took {seconds:.1f} s"
    yield from (f"lost {loss.words!r} at {loss.span}" for loss in losses(markup))
    yield from misplaced_spans(markup)


def pages(count: int, chance: random.Random) -> Iterator[str]:
    samples = [path.read_text("utf-8") for path in SAMPLES]
    weights = [LONG_PAGES_SHARE if len(sample) > LONG_PAGE_CHARACTERS else 1 for sample in samples]
    for sample in chance.choices(samples, weights, k=count):
        yield mutated(sample, chance)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    wishes = parser.parse_args()
    bad = 0
    begin = time.monotonic()
    for page in pages(wishes.count, random.Random(wishes.seed)):
        found = list(problems(page))
        bad += bool(found)
        if found and bad <= MOST_SHOWN:
            sys.stdout.write(f"{found[:3]}\nin {page!r}\n\n")
    sys.stdout.write(f"{wishes.count} pages, {bad} bad, {time.monotonic() - begin:.0f} s\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
