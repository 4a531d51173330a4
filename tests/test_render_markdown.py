"""Results as Markdown: what GitHub, editors and note programs show must be what the model meant, and never live."""

import random
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gotwatch.documents import Mode
from gotwatch.render.markdown import render
from gotwatch.render.markup import parse
from tests.lost_lines import lost_lines
from tests.markup_pages import SAMPLES, mutated
from tests.read_documents import document, formatted, page

HARMLESS_TAGS = {
    *("p", "br", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "hr", "a", "pre", "code"),
    *("em", "strong", "s", "del", "ins", "sup", "sub", "table", "thead", "tbody", "tr", "th", "td"),
}
HARMLESS_ATTRIBUTES = {"href", "start", "align", "colspan", "rowspan", "style", "class"}
COLUMN_STYLE = re.compile(r"text-align:(?:left|center|right)")
markup_text = st.text(st.sampled_from("ab1 \t\n\\`*_[]<>&~$|^{}#+=:%!@-.()\"'/"), max_size=60)


class Shown(HTMLParser):
    """What a Markdown program that lets HTML through makes of a text."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.words: list[str] = []
        markdown_it = pytest.importorskip("markdown_it", reason="comes with rich")
        # This program gives up at lists in lists in lists, which a model that repeats itself writes.
        options = {"linkify": False, "maxNesting": 500}
        self.feed(markdown_it.MarkdownIt("gfm-like", options).render(markdown))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, text: str) -> None:
        self.words.append(text)

    @property
    def text(self) -> str:
        return "".join(self.words)

    @property
    def live(self) -> list[str]:
        """What should not be there."""
        tags = [tag for tag in self.tags if tag not in HARMLESS_TAGS]
        attributes = [f"{name}={value}" for name, value in self.attributes if not _is_harmless(name, value)]
        return [*tags, *attributes]


def _is_harmless(name: str, value: str) -> bool:
    if name == "href":
        return value.startswith(("https://", "http://", "mailto:"))
    return name in HARMLESS_ATTRIBUTES and (name != "style" or COLUMN_STYLE.fullmatch(value) is not None)


def markdown_of(markup: str) -> str:
    return render(formatted(markup))


def test_plain_text_is_shown_literally() -> None:
    text = "2*3*4 _x_ <b> [a](b) `c` \\d $5\n# 7\n1. one\n1.5 kg\n- two\n    four spaces\n---\n\nnext"

    assert render(document(page(1, text))) == (
        "2\\*3\\*4 \\_x\\_ \\<b\\> \\[a\\](b) \\`c\\` \\\\d \\$5  \n\\# 7  \n1\\. one  \n1.5 kg  \n\\- two  \n"
        "\u00a0\u00a0\u00a0\u00a0four spaces  \n\\---\n\nnext\n"
    )


@settings(deadline=None)  # the machine may be busy
@given(markup_text)
def test_a_markdown_program_shows_plain_text_as_it_is(text: str) -> None:
    shown = Shown(render(document(page(1, text))))

    assert set(shown.tags) <= {"p", "br"}
    words = [" ".join(line.split()) for line in shown.text.split("\n")]
    expected = [" ".join(line.split()) for line in text.split("\n")]
    assert [line for line in words if line] == [line for line in expected if line]


def test_markdown_tells_where_a_page_begins() -> None:
    text = render(document(page(1, "one"), page(2, ""), page(3, "three")))

    assert text == "one\n\n---\n\n<!-- page 2 -->\n\n\n\n---\n\n<!-- page 3 -->\n\nthree\n"


def test_markdown_tells_which_pages_were_read_in_one_go() -> None:
    text = render(document(page(1, "one"), page(2, "more", count=3)))

    assert text == "one\n\n---\n\n<!-- pages 2-4 -->\n\nmore\n"


def test_formulas_stand_between_dollars() -> None:
    text = markdown_of("Let \\(x<y\\) be 5 \\% of $z$.\n\\[\na\n=b \\tag{1}\n\\]")

    assert text == "Let $x< y$ be 5 % of $z$.\n\n$$\na =b \\tag{1}\n$$\n"


@pytest.mark.parametrize(("markup", "expected"), [(r"第\(k\)个", "第 $k$ 个\n"), (r"\(a\)\(b\)", "$a$ $b$\n")])
def test_no_dollar_touches_what_would_make_it_money(markup: str, expected: str) -> None:
    assert markdown_of(markup) == expected


def test_words_are_escaped_and_lines_kept() -> None:
    assert markdown_of("2*3*4 <b>\n\\# 7\n\\textbf{bold} and \\textit{「x」}") == (
        "2\\*3\\*4 \\<b\\>  \n\\# 7  \n**bold** and <em>「x」</em>\n"
    )


def test_a_simple_table_stands_between_bars() -> None:
    text = markdown_of("\\begin{tabular}{lr}\n\\(|x|\\) & a|b \\\\\nc & d\n\\end{tabular}")

    assert text == "|  |  |\n| --- | ---: |\n| $\\vert x\\vert $ | a\\|b |\n| c | d |\n"


def test_a_table_with_spans_is_html_whose_cells_are_markdown() -> None:
    text = markdown_of(r"\begin{tabular}{cc}\multicolumn{2}{c}{<b> \& \(x\)} \\ 1 & 2 \end{tabular}")

    assert '<td align="center" colspan="2">\n\n&lt;b&gt; &amp; $x$\n\n</td>' in text
    assert '<td align="center">1</td>\n' in text
    assert Shown(text).tags.count("td") == 3


def test_a_caption_stands_on_its_side_of_the_table() -> None:
    table = r"\begin{tabular}{l} a \\ b \end{tabular}"
    above = markdown_of(rf"\begin{{table}}\caption{{One}}{table}\end{{table}}")
    below = markdown_of(rf"\begin{{table}}{table}\caption{{One}}\end{{table}}")

    assert above.startswith("One\n\n|")
    assert below.endswith("|\n\nOne\n")


def test_footnotes_are_githubs_and_differ_from_page_to_page() -> None:
    text = render(formatted("a\\footnote{One.}", "b\\footnotemark[*]\n\n\\footnotetext[*]{Two.}"))

    assert "a[^1-1]\n\n[^1-1]: One." in text
    assert "b[^2-1]\n\n[^2-1]: \\* Two."


def test_a_footnote_without_a_mark_is_shown_all_the_same() -> None:
    assert markdown_of("\\footnotetext{Lost?}") == "Lost?\n"


def test_lists_nest_and_do_not_run_into_one_another() -> None:
    inner = "\\begin{enumerate}\n\\item two\n\\end{enumerate}"
    outer = f"\\begin{{itemize}}\n\\item one\n{inner}\n\\end{{itemize}}"
    markup = f"{outer}\n\n\\begin{{itemize}}\n\\item three\n\\end{{itemize}}"

    assert markdown_of(markup) == "- one\n  1. two\n\n<!-- -->\n\n- three\n"


def test_code_is_fenced_by_more_backticks_than_it_holds() -> None:
    assert markdown_of("\\begin{verbatim}\n```\n<b>\n\\end{verbatim}") == "````\n```\n<b>\n````\n"


def test_a_chart_is_a_table() -> None:
    chart = "{'title': 'A_b', 'source': 'Us', 'x_title': 'Year', 'y_title': 'None', 'values': {'N': {'1': '5%'}}}"

    assert markdown_of(chart) == "**A\\_b**\n\n| Year | N |\n| --- | ---: |\n| 1 | 5% |\n\nSource: Us\n"


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_a_markdown_program_shows_every_line_of_a_sample_and_nothing_live(sample: Path) -> None:
    markup = parse(sample.read_text("utf-8"), mode=Mode.FORMAT)

    shown = Shown(markdown_of(sample.read_text("utf-8")))

    assert shown.live == []
    assert lost_lines(markup, shown.text, formula=str) == []


def test_no_fault_of_a_page_makes_its_words_live() -> None:
    chance = random.Random(5)
    for _ in range(100):
        sample = chance.choice([path for path in SAMPLES if "16-" not in path.name])
        source = mutated(sample.read_text("utf-8"), chance)

        assert Shown(markdown_of(source)).live == [], source


@settings(deadline=None)  # the machine may be busy
@given(markup_text)
def test_no_text_is_live(text: str) -> None:
    assert Shown(markdown_of(text)).live == []
