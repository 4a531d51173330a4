"""What the parser makes of tables."""

import pytest

from gotwatch.render.blocks import (
    Align,
    Table,
)
from tests.shown_blocks import blocks, shown, table


def test_the_cells_of_a_table_are_told_apart() -> None:
    source = "\\begin{tabular}{lr}a \\& b & \\(c & d\\) \\\\Inventory & {e & f} \\\\[2pt] g\\end{tabular}"

    assert table(source) == [["a & b", "<c & d>"], ["Inventory", "{e & f}"], ["g", ""]]


def test_spanning_cells_swallow_their_empty_places() -> None:
    (found,) = blocks(
        "\\begin{tabular}{|c|c|c|}\\multirow{2}{*} {a} & "
        "\\multicolumn{2}{|c|} { b } \\\\ \\cline { 2 - 3 } & c & d \\end{tabular}"
    )

    assert isinstance(found, Table)
    assert [[(shown(cell.blocks), cell.columns, cell.rows) for cell in row] for row in found.rows] == [
        [("a", 1, 2), ("b", 2, 1)],
        [("c", 1, 1), ("d", 1, 1)],
    ]
    assert found.rows[1][0].line_above


def test_a_cell_that_is_written_where_another_spans_ends_the_span() -> None:
    (found,) = blocks("\\begin{tabular}{cc}\\multirow{3}{*}{a} & b \\\\ & c \\\\ d & e\\end{tabular}")

    assert isinstance(found, Table)
    assert found.rows[0][0].rows == 2
    assert shown(found.rows[2][0].blocks) == "d"


def test_columns_say_how_cells_align() -> None:
    (found,) = blocks("\\begin{tabular}{@{}l*{2}{c}|>{\\bf}p{3cm}r@{}}a & b & c & d & e\\end{tabular}")

    assert isinstance(found, Table)
    assert [cell.align for cell in found.rows[0]] == [Align.LEFT, Align.CENTER, Align.CENTER, Align.LEFT, Align.RIGHT]
    assert [cell.line_left for cell in found.rows[0]] == [False, False, False, True, False]


def test_a_table_in_a_cell_is_a_table() -> None:
    assert table("\\begin{tabular}{l}\\begin{tabular}{c}a \\\\ b\\end{tabular} \\\\ c\\end{tabular}") == [
        ["Table"],
        ["c"],
    ]


def test_a_stray_brace_does_not_swallow_the_rows_below() -> None:
    source = "\\begin{tabular}{ll}{ a & b \\\\ \\hline\nc & d } \\\\\n\\hline\\end{tabular}"

    assert table(source) == [["{ a", "b"], ["c", "d }"]]


def test_cells_past_the_columns_are_kept() -> None:
    assert table("\\begin{tabular}{l}a & b & c \\\\ d\\end{tabular}") == [["a", "b", "c"], ["d", "", ""]]


def test_a_table_that_is_cut_off_keeps_its_rows() -> None:
    assert table("\\begin{tabular}{ll}a & b \\\\ c & d") == [["a", "b"], ["c", "d"]]


def test_the_word_tabular_alone_makes_no_table() -> None:
    assert shown(blocks("\\begin{tabular}\nwords")) == "\\begin{tabular}\nwords"


def test_signs_of_markdown_in_a_cell_are_words() -> None:
    assert table("\\begin{tabular}{ll}# 3 & > 5 \\\\ - a & 1. b\\end{tabular}") == [["# 3", "> 5"], ["- a", "1. b"]]


def test_rows_under_names_over_several_columns_are_the_head_in_a_table_full_of_lines() -> None:
    lined = r"""\begin{tabular}{|c|c|c|} \hline \multirow{2}{*}{} & \multicolumn{2}{|c|} { Latency } \\ \cline{2-3}
      & off & on \\ \hline a & 1 & 2 \\ \hline b & 3 & 4 \\ \hline \end{tabular}"""
    grouped = lined.replace(r"\multicolumn{2}{|c|} { Latency }", "x & y")

    [(found,), (without,)] = [blocks(lined), blocks(grouped)]

    assert isinstance(found, Table)
    assert isinstance(without, Table)
    assert (found.head_rows, without.head_rows) == (2, 0)


@pytest.mark.parametrize(("rows", "head_rows"), [(r"a \\ b \\ c \\ \hline d \\", 1), (r"a \\ \hline b \\", 0)])
def test_a_row_above_groups_of_rows_is_the_head(rows: str, head_rows: int) -> None:
    (found,) = blocks(rf"\begin{{tabular}}{{l}} \hline Name \\ \hline {rows} \hline \end{{tabular}}")

    assert isinstance(found, Table)
    assert found.head_rows == head_rows


def test_the_rows_above_the_rule_are_the_head() -> None:
    (found,) = blocks("\\begin{tabular}{l}\\toprule a \\\\ \\midrule b \\\\ c \\\\ \\bottomrule\\end{tabular}")

    assert isinstance(found, Table)
    assert found.head_rows == 1
    assert found.rows[-1][0].line_below


def test_a_pipe_in_a_formula_parts_no_cells() -> None:
    assert table("| a | b |\n|---|:--|\n| \\(|x|\\) | c \\| d |") == [["a", "b"], ["<|x|>", "c | d"]]
