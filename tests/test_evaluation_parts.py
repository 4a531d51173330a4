"""Formulas and tables apart from the text."""

import pytest

from gotwatch.evaluation import parts

PAGE = r"""\section*{Falling bodies}
With \(s = g/2 \cdot t^2\) we get
\[ v = g t \]
\begin{tabular}{|l|l|}
\hline
t & s \\
\hline
1 & \(5\) \\
\hline
\end{tabular}
"""


def test_a_page_without_a_mistake_has_no_distance_in_any_part() -> None:
    fair = parts.fair(PAGE, PAGE)
    paper = parts.paper(PAGE, PAGE)

    assert (fair.text, fair.formulas, fair.tables) == (0, 0, 0)
    assert paper.formulas is not None
    assert paper.tables is not None
    assert (paper.formulas.edit_distance, paper.tables.edit_distance) == (0, 0)


@pytest.mark.parametrize(
    ("right", "wrong", "changed"),
    [
        ("Falling", "Failing", {"text"}),
        ("v = g t", "v = g r", {"formulas"}),
        (r"\cdot", r"\times", {"text", "formulas"}),  # what stands in a line is part of it too
        ("1 &", "7 &", {"tables"}),
        (r"\(5\)", r"\(6\)", {"tables"}),  # a formula in a table is part of its cell
    ],
)
def test_a_mistake_is_counted_where_it_is(right: str, wrong: str, changed: set[str]) -> None:
    fair = parts.fair(PAGE, PAGE.replace(right, wrong))

    assert {name for name in ("text", "formulas", "tables") if getattr(fair, name)} == changed


def test_blanks_in_a_formula_and_lines_around_a_table_make_no_difference() -> None:
    other = PAGE.replace("v = g t", "v=gt").replace("\\hline\n", "").replace("|l|l|", "cc")

    assert parts.fair(PAGE, other) == parts.FairParts(0, 0, 0)


def test_what_only_one_side_has_is_wrong_and_left_out_in_the_paper() -> None:
    plain = "Only words"

    fair, paper = parts.fair(PAGE, plain), parts.paper(PAGE, plain)

    assert (fair.formulas, fair.tables) == (1, 1)
    assert (paper.formulas, paper.tables) == (None, None)


def test_a_page_without_formulas_and_tables_has_no_figure_for_them() -> None:
    fair = parts.fair("words", "words")

    assert (fair.text, fair.formulas, fair.tables) == (0, None, None)


def test_the_paper_finds_displays_on_one_line_only_and_tables_that_are_never_closed() -> None:
    broken = parts.paper("\\[ a\n= b \\]", "\\[ a = b \\]")
    unclosed = parts.paper("\\begin{tabular}{l}a", "\\begin{tabular}{l}a\\end{tabular}")

    assert broken.formulas is None
    assert unclosed.tables is not None
    assert unclosed.tables.edit_distance == 0


def test_cells_that_span_keep_the_others_in_their_columns() -> None:
    spanning = "\\begin{tabular}{ll}\n\\multicolumn{2}{l}{a} \\\\\nb & c \\\\\n\\end{tabular}"
    moved = "\\begin{tabular}{ll}\na & b \\\\\nc & \\\\\n\\end{tabular}"

    assert parts.fair(spanning, spanning).tables == 0
    assert parts.fair(spanning, moved).tables
