"""Renders broken pages and sees what is lost or alive in them: python -m tests.soak_pages --first 1 --count 100000

A page of a number is the same in every run. So each can be looked at alone, and a run goes on where another ended.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache

from gotwatch.documents import Mode
from gotwatch.render import html
from gotwatch.render.blocks import Markup
from gotwatch.render.coverage import losses
from gotwatch.render.formulas.glyphs import words_of
from gotwatch.render.markup import parse
from gotwatch.render.web import inventory
from gotwatch.render.workbench import Workbench
from tests.formula_letters import lost_letters
from tests.injections import INJECTIONS
from tests.lost_lines import lost_lines
from tests.markup_pages import SAMPLES, misplaced_spans, mutated
from tests.read_documents import formatted
from tests.web_pages import alive_in, parsed, words

MOST_SECONDS = 2.0
LONG_PAGE_CHARACTERS = 20_000
LONG_PAGES_SHARE = 0.01  # they take as long as a hundred others
HOSTILE_PAGES_SHARE = 0.2
MOST_SHOWN = 200
PAGES_A_WORKBENCH = 1_000
TRIES = 3  # of a page that takes too long: the machine may have been busy with something else
CLOSED = r"\end{tikzpicture}"  # of a drawing that was cut off: no word of the page


def broken_page(number: int) -> str:
    """A sample with a few faults, and at times with something in it that wants to be more than text."""
    chance = random.Random(number)
    samples = _samples()
    weights = [LONG_PAGES_SHARE if len(sample) > LONG_PAGE_CHARACTERS else 1 for sample in samples]
    page = mutated(chance.choices(samples, weights)[0], chance)
    if chance.random() < HOSTILE_PAGES_SHARE:
        at = chance.randrange(len(page) + 1)
        page = page[:at] + chance.choice(INJECTIONS) + page[at:]
    return page


@cache
def _samples() -> tuple[str, ...]:
    return tuple(path.read_text("utf-8") for path in SAMPLES)


def problems(page: str, bench: Workbench) -> Iterator[str]:
    """What is not as it should be, in words."""
    begin = time.perf_counter()
    try:
        made = html.render(formatted(page), bench)
        markup = parse(page, mode=Mode.FORMAT)
    except Exception as error:  # noqa: BLE001 - a soak reports whatever comes
        yield f"{type(error).__name__}: {error}"
        return
    if time.perf_counter() - begin > MOST_SECONDS:
        yield from _slowness(page)
    tree = parsed(made)
    yield from (f"alive: {sign}" for sign in alive_in(tree))
    yield from (f"lost {loss.words!r} at {loss.span}" for loss in losses(markup))
    yield from misplaced_spans(markup)
    yield from _missing(markup, words(tree), bench)


def _slowness(page: str) -> Iterator[str]:
    seconds = min(_seconds(page) for _ in range(TRIES))
    if seconds > MOST_SECONDS:
        yield f"takes {seconds:.1f} s"


def _seconds(page: str) -> float:
    bench = Workbench()
    html.render(formatted(r"\(x\)", "**kern\n4c\n*-\n"), bench)  # each of the processes is up
    begin = time.perf_counter()
    html.render(formatted(page), bench)
    seconds = time.perf_counter() - begin
    bench.close()
    return seconds


def _missing(markup: Markup, shown: str, bench: Workbench) -> Iterator[str]:
    """What stands in the blocks and not on the page."""
    requests = inventory.take(markup.blocks).formulas
    formulas = {
        request.tex: words_of(result.html)
        for request, result in zip(requests, bench.formulas.render(requests), strict=True)
    }
    for line in lost_lines(markup, shown, formula=formulas.__getitem__):
        if line != CLOSED:
            yield f"not on the page: {line!r}"
    for tex, formula in formulas.items():
        if lost := lost_letters(tex, formula):
            yield f"{lost!r} is lost of {tex!r}, shown as {formula!r}"


def _soak(numbers: range, tell: Callable[[str], object]) -> int:
    """How many are bad."""
    bad = 0
    bench = Workbench()
    for number in numbers:
        found = list(problems(broken_page(number), bench))
        bad += bool(found)
        if found and bad <= MOST_SHOWN:
            tell(f"page {number}: {found[:3]}\n")
        if number % PAGES_A_WORKBENCH == 0:
            tell(f"{number}: {bad} bad so far\n")
            bench.close()
            bench = Workbench()
    bench.close()
    return bad


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--show", action="store_true", help="the pages themselves, and nothing else")
    wishes = parser.parse_args()
    numbers = range(wishes.first, wishes.first + wishes.count)
    if wishes.show:
        sys.stdout.writelines(f"{broken_page(number)}\n" for number in numbers)
        return 0
    begin = time.monotonic()
    bad = _soak(numbers, sys.stdout.write)
    sys.stdout.write(f"{wishes.count} pages, {bad} bad, {time.monotonic() - begin:.0f} s\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
