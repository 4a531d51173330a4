"""What each sample must show on its page: the demands that came with it."""

import re
import time
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import pytest

from gotwatch.render import html
from gotwatch.render.workbench import Workbench
from tests.markup_pages import SAMPLES
from tests.read_documents import formatted
from tests.web_pages import alive_in, parsed, words

SOURCES = {path.stem: path.read_text("utf-8") for path in SAMPLES}
MOST_SECONDS = 2.0


@pytest.fixture(scope="module")
def bench() -> Iterator[Workbench]:
    bench = Workbench()
    yield bench
    bench.close()


def page(name: str, bench: Workbench) -> Element:
    """The text of the sample's one page, without what is around it."""
    [text] = parsed(html.render(formatted(SOURCES[name]), bench)).findall(".//div[@class='text']")
    return text


def all_words(element: Element, path: str) -> list[str]:
    return [words(found) for found in element.iterfind(f".//{path}")]


def attributes(element: Element, name: str) -> list[str]:
    return [value for found in element.iter() if (value := found.get(name))]


def errors(element: Element) -> list[str]:
    return all_words(element, "code[@class='tex-error']")


def source_below(figure: Element) -> str:
    return "".join(all_words(figure, "details/pre")).strip()


def rows(table: Element) -> list[list[str]]:
    return [[words(cell) for cell in row] for row in table.iter("tr")]


def test_an_exam_keeps_its_lines_and_its_formulas(bench: Workbench) -> None:
    text = page("01-exam-zh-tabular", bench)

    [table] = text.iter("table")
    assert all_words(text, "h3") == ["2023-2024 学年度第一学期九年级数学周测试卷"]
    assert [len(row) for row in rows(table)] == [4, 4, 4, 4]
    assert [len(list(cell.iter("math"))) for cell in table.iter("td")] == [0, 1] * 8
    for beginning in ("（1）", "（2）", "9．", "10．"):  # noqa: RUF001  as they are printed
        assert f"\n{beginning}" in words(text)
    assert len(text.findall(".//mspace[@width='2em']")) == 4
    assert "qquad" not in words(text)
    assert "\N{TOP PARENTHESIS}" in all_words(text, "mover/mo")
    assert errors(text) == []


def test_the_system_of_an_exam_has_one_brace(bench: Workbench) -> None:
    [display] = page("01-exam-zh-tabular", bench).findall(".//math[@display='block']")

    assert [words(fence) for fence in display.iter("mo") if fence.get("fence")] == ["{", ""]
    assert len(list(display.iter("mtr"))) == 2


def test_a_paper_has_its_front_its_headings_and_its_theorems(bench: Workbench) -> None:
    text = page("02-paper-page", bench)

    assert all_words(text, "h3") == ["A Note on Weighted Sobolev Estimates for Degenerate Elliptic Operators"]
    assert all_words(text, "h4") == ["1 Introduction", "2 Main results"]
    [author] = text.findall(".//div[@class='author']")
    assert len(list(author.iter("msup"))) == 5
    assert words(author).startswith("Jane Q. Doe")
    assert words(author).split("\n")[-1] == "{jane.doe, emile}@example.org"
    [abstract] = text.findall(".//div[@class='abstract']")
    assert words(abstract).startswith("Abstract")
    theorem, proof = (words(found) for found in text.iter("div") if "statement" in found.get("class", ""))
    assert theorem.startswith("Theorem (Uniqueness).")
    assert proof.startswith("Proof")
    assert "#1234 & the E. Fund" in words(text)
    assert "\\" not in words(text)


def test_the_formulas_of_a_paper_have_their_tags_and_matrices(bench: Workbench) -> None:
    text = page("02-paper-page", bench)

    assert all_words(text, "mtext[@class='tml-tag']") == ["(1.1)", "(2.1)", "(2.2)"]
    cases = text.findall(".//math[@display='block']")[0].findall(".//mrow/mtable")[0]
    assert [len(row) for row in cases.iter("mtr")] == [2, 2]
    sizes = [[len(row) for row in table.findall("mtr")] for table in text.findall(".//p//mtable")]
    assert [3, 3, 3] in sizes
    assert [2, 2] in sizes
    for sign in "\N{CONTOUR INTEGRAL}\N{MODIFIER LETTER CIRCUMFLEX ACCENT}":
        assert sign in words(text)
    assert text.find(".//menclose[@class='tml-overline']") is not None
    assert errors(text) == []


def test_tables_on_one_line_have_their_rows_and_spans(bench: Workbench) -> None:
    text = page("04-table-long-spaces", bench)

    first, second = text.iter("table")
    assert len(rows(first)) == 5
    assert len(rows(second)) == 4
    spans = {words(cell).split()[0]: cell for row in first.iter("tr") for cell in row if words(cell)}
    assert spans["Latency"].get("colspan") == "2"
    assert spans["Accuracy"].get("rowspan") == "2"
    assert rows(second)[-1] == ["Inventory", "$ 140,000", "$120,000", "$96,000"]
    assert rows(second)[-2] == ["Receivables (net)", "$120,000", "$80,000", "$36,000"]
    assert "AUD$'000" in words(second)


def test_a_letter_is_shown_as_it_was_typed(bench: Workbench) -> None:
    text = page("05-plain-letter", bench)

    typed = SOURCES["05-plain-letter"].replace("\\$", "$").replace("\\%", "%").replace("\\&", "&")
    assert words(text).strip() == typed.strip()
    assert {element.tag for element in text.iter()} == {"div", "p"}


def test_a_title_page_has_its_raised_signs_and_its_address(bench: Workbench) -> None:
    text = page("06-quickstart-title", bench)

    assert all_words(text, "h3") == ["MADRIX ® PLEXUS -"]
    assert all_words(text, "h4") == ["Quick Start Guide & Technical Manual", "Imprint"]
    assert "®" in all_words(text, "h3//msup/mi")
    assert [raised.strip() for raised in all_words(text, "msup/mtext")] == ["th"]
    assert "\ninoage GmbH\nWiener Straße 56\n01219 Dresden\n" in words(text)


def test_figures_have_their_captions_and_no_address(bench: Workbench) -> None:
    text = page("07-figure-caption", bench)

    assert len(list(text.iter("figure"))) == 2
    first, second = text.iter("figcaption")
    assert len(list(first.iter("math"))) == 3
    assert words(first).startswith("Fig. 1.")
    assert words(second) == "Figure 2: A caption without picture"
    assert list(text.iter("img")) == []
    for markup in ("\\", "labelformat", "centering", "label"):
        assert markup not in words(text)


def test_lists_nest_count_and_keep_their_labels(bench: Workbench) -> None:
    first, second, third, last = page("09-lists", bench)

    assert [item.tag for item in first] == ["li"] * 3
    [inner] = first[1].findall("ol")
    assert words(inner[1]).startswith("(b)")
    assert words(first[2]).startswith("--")
    assert second.get("start") == "5"
    assert words(second[0]) == "fifth\ncontinued line of the fifth"
    assert words(third[0]) == "Term its definition"
    assert words(last).strip() == "unclosed list item"


def test_markdown_is_what_it_means(bench: Workbench) -> None:
    text = page("10-markdown-bits", bench)

    for tag in ("h3", "h4", "strong", "em", "ul//ul", "ol", "blockquote", "pre/code", "hr"):
        assert text.find(f".//{tag}") is not None, tag
    assert "code <b>" in all_words(text, "code")
    assert all_words(text, "pre/code") == ["def f(x): return x < 3 and \"a\" or '\\n'"]
    head, first, _ = text.iter("tr")
    assert [cell.get("class") for cell in first] == [None, "r", "c"]
    assert len(list(head)) == 3
    assert first.find(".//math") is not None
    [link] = text.iter("a")
    assert link.get("href", "").startswith("https://")
    assert "noopener" in link.get("rel", "")


def test_displays_of_many_kinds_are_formulas(bench: Workbench) -> None:
    text = page("11-display-gallery", bench)

    displays = text.findall(".//math[@display='block']")
    assert len(displays) == 7
    assert errors(text) == []
    first, second, *_, last = displays
    [box] = (row for row in first.iter("mrow") if "border:1px solid" in row.get("style", ""))
    assert words(box) == "E=mc2"
    assert {"\N{BOTTOM CURLY BRACKET}", "\N{TOP CURLY BRACKET}"} <= set(all_words(first, "mo"))
    assert "(1)" in words(first)
    assert len(second.findall(".//munder//mtable/mtr")) == 2
    assert second.find(".//munderover") is not None
    assert len([bar for bar in all_words(displays[3], "mo") if bar == "|"]) == 2
    assert "中文" in words(last)


def test_broken_formulas_leave_the_words_around_them(bench: Workbench) -> None:
    text = page("13-mal-left-right", bench)

    said = words(text)
    places = [said.index(part) for part in ("Unbalanced delimiters", " end of line.", "Text after the broken formula")]
    assert places == sorted(places)
    assert "abc" in [words(power) for power in text.findall(".//p//msup")]  # a to the b to the c
    assert all(source.strip() in SOURCES["13-mal-left-right"] for source in errors(text))
    assert text.findall(".//span[@class='tex-repaired']") != []


def test_delimiters_that_never_close_cost_no_words(bench: Workbench) -> None:
    text = page("15-mal-delims", bench)

    for part in (
        *("hello", "bye", "prose", "Then text", "Open section title", "Body under it", "Claim."),
        *("kept text", "unclosed bold", "Last line."),
    ):
        assert part in words(text), part
    assert not any("prose" in formula for formula in all_words(text, "math"))


def test_endless_repetition_is_rendered_soon_and_to_its_end(bench: Workbench) -> None:
    begin = time.process_time()

    text = page("16-mal-repetition", bench)

    assert time.process_time() - begin < MOST_SECONDS
    assert max(len(rows(table)) for table in text.iter("table")) == 600
    assert "End of loop." in words(text)
    assert re.search(r"\d{20000}", words(text))


def test_what_wants_to_be_more_than_text_is_text(bench: Workbench) -> None:
    tree = parsed(html.render(formatted(SOURCES["17-xss"]), bench))

    said = words(tree)
    assert alive_in(tree) == []
    assert [number for number in range(1, 17) if f"alert({number})" not in said] == []
    assert "&lt;b&gt;" in said
    assert not any("url(" in value for value in attributes(tree, "style"))


def test_a_score_has_its_title_and_its_source(bench: Workbench) -> None:
    pytest.importorskip("verovio")
    [figure] = page("18-kern-piano", bench).iter("figure")

    assert all_words(figure, "figcaption") == ["Little Piece (Anon)"]
    assert figure.find(".//svg") is not None
    assert source_below(figure) == SOURCES["18-kern-piano"].strip()


def test_a_broken_score_is_drawn_as_far_as_it_goes_and_says_so(bench: Workbench) -> None:
    pytest.importorskip("verovio")
    [figure] = page("20-kern-malformed", bench).iter("figure")

    assert figure.find(".//svg") is not None
    assert any("The end is missing" in note for note in all_words(figure, "p[@class='fact']"))
    assert source_below(figure) == SOURCES["20-kern-malformed"].strip()


def test_geometry_is_drawn_with_its_labels(bench: Workbench) -> None:
    pytest.importorskip("tikra")
    [figure] = page("21-tikz-geometry", bench).iter("figure")

    [drawing] = figure.iter("svg")
    assert all_words(drawing, "desc") == ["Text in the figure: x; A; B; C; 60 degrees."]
    assert len(list(drawing.iter("path"))) + len(list(drawing.iter("circle"))) >= 9
    assert source_below(figure) == SOURCES["21-tikz-geometry"].strip()


def test_a_chart_is_a_table_with_its_values_as_they_were_written(bench: Workbench) -> None:
    [figure] = page("24-chart-dict", bench).iter("figure")

    [table] = figure.iter("table")
    assert rows(table) == [
        ["Year", "Germany", "France", "Italy & <others>"],
        ["2015", "90", "83", "75"],
        ["2016", "92", "86", "79%"],
        ["2017", "93", "86", "81"],
        ["2018", "94", "89", ""],
    ]
    assert all_words(figure, "figcaption") == ["Share of households with internet access, 2015-2020"]
    shown = words(figure).partition("As the model wrote it")[0]
    assert "Eurostat" in shown
    assert "% of households" in shown
    assert source_below(figure) == SOURCES["24-chart-dict"].strip()


def test_a_chart_that_breaks_off_keeps_what_there_is(bench: Workbench) -> None:
    text = page("25-chart-dict-malformed", bench)

    [table] = text.iter("table")
    assert [name for name, _ in rows(table)] == ["North", "South", "East's", "West", "North"]
    written = "".join(all_words(text, "pre"))
    assert re.sub(r"\s", "", written) == re.sub(r"\s", "", SOURCES["25-chart-dict-malformed"])
