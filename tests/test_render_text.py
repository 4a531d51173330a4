"""Results as text: what the model wrote, letter by letter, or what it means in lines for people."""

import random
from pathlib import Path

import pytest

from gotwatch.documents import Finish, Mode, TextStyle
from gotwatch.render.formulas.linear import linear
from gotwatch.render.markup import parse
from gotwatch.render.readable.page import readable
from gotwatch.render.readable.widths import width
from gotwatch.render.text import render
from tests.lost_lines import lost_lines
from tests.markup_pages import SAMPLES, mutated
from tests.read_documents import document, formatted, page

TABLE = r"""\begin{tabular}{lcr}
\hline Name & 数量 & Price \\ \hline
苹果汁 & 2 & 1,200.00 \\
Tea & 12 & $x^{2}$ \\ \hline
\end{tabular}"""


def text_of(markup: str) -> str:
    return render(formatted(markup), TextStyle.READABLE)


def test_text_is_what_the_model_wrote_with_pages_parted_by_form_feeds() -> None:
    text = render(document(page(1, "  one\n\n1. two \n"), page(2, "", finish=Finish.BLANK), page(3, "three")))

    assert text == "  one\n\n1. two \n\f\fthree\n"


@pytest.mark.parametrize(
    ("markups", "expected"), [([""], "\n"), (["a", ""], "a\n\f\n"), (["", "a"], "\fa\n"), (["a\n\n\n"], "a\n")]
)
def test_text_ends_with_one_newline_and_keeps_empty_pages(markups: list[str], expected: str) -> None:
    pages = [page(number, markup) for number, markup in enumerate(markups, start=1)]

    assert render(document(*pages)) == expected


def test_what_no_text_file_should_hold_is_removed() -> None:
    text = render(document(page(1, "a\0b\x1b[31mc\x7f\x9b\td\r\ne\rf\fg\ud800h")))

    assert text == "ab[31mc\td\ne\nf\ng\ufffdh\n"


def test_formatted_text_is_the_models_own_unless_readable_text_is_asked_for() -> None:
    assert render(formatted(TABLE)) == f"{TABLE}\n"


def test_plain_text_is_readable_as_it_is() -> None:
    text = r"C:\new & \textbf{2*3}"

    assert render(document(page(1, text)), TextStyle.READABLE) == f"{text}\n"


def test_columns_are_aligned_also_where_letters_take_two_of_them() -> None:
    lines = text_of(TABLE).splitlines()

    assert lines[0] == "Name    数量     Price"
    assert lines[-2:] == ["苹果汁   2    1,200.00", "Tea      12        x^2"]
    assert len({width(line) for line in lines}) == 1


def test_a_cell_that_spans_columns_stands_over_them() -> None:
    text = text_of(
        r"\begin{tabular}{lcc} & \multicolumn{2}{c}{Time (s)} \\ A & 1 & 2 \\ Long name & 30 & 4 \end{tabular}"
    )

    assert text.splitlines() == ["           Time (s)", "A          1    2", "Long name  30   4"]


def test_a_cell_that_spans_rows_leaves_its_place_empty_below() -> None:
    text = text_of(r"\begin{tabular}{ll}\multirow{2}{*}{Both} & one \\ & two \end{tabular}")

    assert text.splitlines() == ["Both  one", "      two"]


def test_one_very_long_cell_does_not_widen_the_other_rows() -> None:
    text = text_of(rf"\begin{{tabular}}{{ll}}{'long ' * 100} & x \\ a & b \end{{tabular}}")

    assert width(text.splitlines()[-1]) < 100


def test_formulas_are_written_in_a_line() -> None:
    assert text_of(r"So \(\frac{a+b}{2} \leq \sqrt{x}\).") == "So (a+b)/2 ≤ √x.\n"


def test_a_formula_of_its_own_is_set_off() -> None:
    assert text_of("Then\n\\[\nx^{2}=4\n\\]\nholds.") == "Then\n\n    x^2 = 4\n\nholds.\n"


def test_lists_keep_their_marks() -> None:
    markup = "\\begin{enumerate}\n\\setcounter{enumi}{4}\n\\item five\n\\item[(b)] own\n\\item six\n" + (
        "\\begin{itemize}\n\\item inner\n\\end{itemize}\n\\end{enumerate}"
    )

    assert text_of(markup) == "5. five\n(b) own\n6. six\n    - inner\n"


def test_footnotes_stand_behind() -> None:
    text = text_of("First\\footnote{Really.} and second\\footnotemark[7].\n\n\\footnotetext[7]{Perhaps.}\n\nEnd.")

    assert text == "First[1] and second[7].\n\nEnd.\n\n[1] Really.\n[7] Perhaps.\n"


def test_a_raised_figure_keeps_its_meaning() -> None:
    assert text_of(r"10\textsuperscript{5}, 5\textsuperscript{th}, X\({ }^{\circledR}\)") == "10⁵, 5th, X®\n"


def test_headings_and_styles_are_plain() -> None:
    assert text_of("\\section*{One}\n\\textbf{Two} `three`\n\n> four") == "One\n\nTwo three\n\n> four\n"


def test_music_and_drawings_are_their_source() -> None:
    kern = "**kern\n*clefG2\n4c\n*-"

    assert text_of(kern) == f"{kern}\n"


def test_a_chart_is_a_table() -> None:
    chart = "{'title': 'Sales', 'source': 'Us', 'x_title': 'Year', 'y_title': 'None', 'values': {'N': {'1': '5%'}}}"

    assert text_of(chart) == "Sales\n\nYear  N\n----  --\n1     5%\n\nSource: Us\n"


def test_an_address_that_its_words_do_not_tell_is_told() -> None:
    assert text_of("[here](https://example.org) \\url{https://example.org}") == (
        "here <https://example.org> https://example.org\n"
    )


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_no_line_of_a_sample_is_lost(sample: Path) -> None:
    markup = parse(sample.read_text("utf-8"), mode=Mode.FORMAT)

    assert lost_lines(markup, readable(markup), formula=linear) == []


def test_no_line_of_a_page_with_faults_is_lost() -> None:
    chance = random.Random(4)
    for _ in range(150):
        sample = chance.choice([path for path in SAMPLES if "16-" not in path.name])
        markup = parse(mutated(sample.read_text("utf-8"), chance), mode=Mode.FORMAT)

        assert lost_lines(markup, readable(markup), formula=linear) == [], markup.source
