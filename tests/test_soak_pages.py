"""A small share of the soak: broken pages, each made into a whole HTML page."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gotwatch.render.workbench import Workbench
from tests.formula_letters import lost_letters
from tests.markup_pages import SAMPLES
from tests.soak_pages import broken_page, problems


@pytest.fixture(scope="module")
def bench() -> Iterator[Workbench]:
    bench = Workbench()
    yield bench
    bench.close()


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_is_whole_and_dead(bench: Workbench, sample: Path) -> None:
    assert list(problems(sample.read_text("utf-8"), bench)) == []


@pytest.mark.parametrize("first", range(1, 201, 20))
def test_a_broken_page_is_whole_and_dead(bench: Workbench, first: int) -> None:
    found = {number: list(problems(broken_page(number), bench)) for number in range(first, first + 20)}

    assert {number: what for number, what in found.items() if what} == {}


def test_a_page_of_a_number_is_always_the_same() -> None:
    assert broken_page(7) == broken_page(7) != broken_page(8)


def test_the_checker_sees_a_letter_that_a_formula_does_not_show() -> None:
    assert lost_letters(r"\frac{a}{b1} \begin{array}{cc} c \hspace{2cm} \end{array}", "a b") == "1c"
