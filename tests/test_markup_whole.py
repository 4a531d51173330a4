"""What holds of every page, however broken: nothing raised, nothing lost, everything in its place, in linear time."""

import random
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gotwatch.documents import Mode
from gotwatch.render.blocks import Heading, Markup, Paragraph, Span, Words
from gotwatch.render.coverage import losses
from gotwatch.render.markup import parse
from tests.markup_pages import SAMPLES, misplaced_spans, mutated

_SCRAPS = st.sampled_from(
    [
        *["\\begin{tabular}{|l|c|}", "\\end{tabular}", "\\begin{itemize}", "\\end{itemize}", "\\item", "\\item[(a)]"],
        *[
            "\\begin{align}",
            "\\end{align*}",
            "\\begin{figure}[h]",
            "\\end{figure}",
            "\\caption{",
            "\\multicolumn{2}{c}{",
        ],
        *[
            "\\multirow{2}{*}{",
            "\\hline",
            "\\cline{1-2}",
            " & ",
            "\\\\",
            "\\\\[2pt]",
            "\\(",
            "\\)",
            "\\[",
            "\\]",
            "$",
            "$$",
        ],
        *["{", "}", "[", "]", "\\section*{", "\\title{", "\\textbf{", "\\footnote{", "\\footnotetext{", "\\label{k}"],
        *[
            "\n",
            "\n\n",
            " ",
            "# ",
            "> ",
            "- ",
            "1. ",
            "**",
            "*",
            "`",
            "```\n",
            "|",
            "|---|---|\n",
            "~~",
            "---",
            "``",
            "''",
        ],
        *[
            "**kern\t**kern\n",
            "<smiles>",
            "</smiles>",
            "{'title': 'T', 'values': {'a': 1",
            "}}",
            "\\'e",
            "\\c{c}",
            "\\foo",
        ],
        *["\\begin{theorem}[T]", "\\end{theorem}", "\\begin{tikzpicture}", "\\end{tikzpicture}", "\\begin{verbatim}"],
        *["![p](u.png)", "[l](https://a.b/c)", "\\includegraphics[alt={w}]{f}", "\\href{https://a.b}{", "\\verb|x|"],
        *["word", "字", "2*3*4", "x^{2}", "\\frac{1}{2}", "$5 and $10", "é", "a_b", "the words go on"],
    ]
)
_PAGES = st.one_of(st.lists(_SCRAPS, max_size=60).map("".join), st.text(max_size=200))


@settings(max_examples=300, deadline=None)
@given(_PAGES)
def test_nothing_is_raised_or_lost_and_all_stands_in_its_place(page: str) -> None:
    markup = parse(page, mode=Mode.FORMAT)

    assert losses(markup) == ()
    assert misplaced_spans(markup) == []


@settings(max_examples=100, deadline=None)
@given(_PAGES)
def test_plain_text_shows_every_sign(page: str) -> None:
    markup = parse(page, mode=Mode.PLAIN)

    assert losses(markup) == ()
    assert misplaced_spans(markup) == []


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_no_sample_loses_anything(sample: Path) -> None:
    markup = parse(sample.read_text("utf-8"), mode=Mode.FORMAT)

    assert losses(markup) == ()
    assert misplaced_spans(markup) == []


@pytest.mark.parametrize("seed", range(20))
def test_a_broken_sample_loses_nothing(seed: int) -> None:
    chance = random.Random(seed)
    page = mutated(chance.choice(SAMPLES[:12]).read_text("utf-8"), chance)

    markup = parse(page, mode=Mode.FORMAT)

    assert losses(markup) == ()
    assert misplaced_spans(markup) == []


@pytest.mark.parametrize(
    "unit",
    [
        "{",
        "}",
        "\\(",
        "$",
        "$$",
        "\\[",
        "**",
        "`",
        "[",
        "\\textbf{",
        "\\begin{itemize}\\item ",
        "\\begin{tabular}{l}",
        "\\begin{verbatim}",
        "\\footnote{",
        "a & b \\\\ ",
        "{ & ",
        "\\section{",
        "<smiles>",
        "{'title': ",
        "\\(x\\) $y$ ",
        "| a | b |\n|---|---|\n",
        "- a\n",
        "> a\n",
        "\\noindent ",
        "```\n",
        "\\left(",
        "\\caption{",
        "\\begin{figure}",
        "\\item ",
        "--",
        "~",
    ],
)
def test_twice_the_page_takes_about_twice_the_steps(unit: str) -> None:
    few, many = (_steps(unit * times) for times in (400, 1600))

    assert many < 6 * few + 20_000


def _steps(page: str) -> int:
    """Lines of Python that the parser runs; the clock would tell of the machine."""
    count = 0

    def step(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return step

    before = sys.gettrace()
    sys.settrace(step)
    try:
        parse(page, mode=Mode.FORMAT)
    finally:
        sys.settrace(before)
    return count


def test_the_checker_sees_a_word_that_no_block_shows() -> None:
    words = Words("kept", Span(0, 4))
    markup = Markup("kept lost", (Paragraph((words,), Span(0, 4)),))

    assert [loss.words for loss in losses(markup)] == ["lost"]


def test_the_checker_sees_a_word_that_a_piece_left_out() -> None:
    words = Words("a c", Span(0, 5))
    markup = Markup("a b c", (Heading(1, (words,), Span(0, 5)),))

    assert [loss.span for loss in losses(markup)] == [Span(0, 5)]
