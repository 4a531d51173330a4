"""What the parser makes of each form of block that the model writes."""

from pathlib import Path

import pytest

from gotwatch.documents import Mode
from gotwatch.render.blocks import (
    Block,
    Code,
    Display,
    Drawing,
    Figure,
    Front,
    FrontKind,
    Heading,
    Listing,
    Molecule,
    Paragraph,
    Quotation,
    Rule,
    Score,
    Statement,
    Table,
)
from gotwatch.render.markup import parse
from tests.shown_blocks import blocks, shown
from tests.written_blocks import GOLDEN, written


@pytest.mark.parametrize("sample", GOLDEN, ids=lambda path: path.stem)
def test_a_sample_becomes_the_blocks_of_its_golden_file(sample: Path) -> None:
    markup = parse(sample.read_text("utf-8"), mode=Mode.FORMAT)

    assert written(markup) == GOLDEN[sample].read_text("utf-8")


def test_plain_text_is_taken_literally() -> None:
    text = "# 5 \\% of $x$ **a**\n  indented\n\n- next"

    first, second = parse(text, mode=Mode.PLAIN).blocks

    assert shown((first,)) == "# 5 \\% of $x$ **a**\n  indented"
    assert shown((second,)) == "- next"


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        ("**kern\n4c\n*-", Score),
        ("\\begin{tikzpicture}\n\\draw (0,0);\n\\end{tikzpicture}", Drawing),
        ("<smiles>CCO</smiles>\n", Molecule),
    ],
)
def test_a_whole_page_of_a_notation_is_known_in_plain_mode_too(page: str, kind: type[Block]) -> None:
    (found,) = parse(page, mode=Mode.PLAIN).blocks

    assert isinstance(found, kind)


def test_a_notation_among_plain_words_stays_words() -> None:
    page = "<smiles>CCO</smiles> is alcohol"

    assert shown(parse(page, mode=Mode.PLAIN).blocks) == page


def test_spans_count_in_the_text_without_control_characters() -> None:
    markup = parse("a\x00b \\textbf{c}", mode=Mode.FORMAT)

    assert markup.source == "ab \\textbf{c}"
    assert markup.blocks[0].span.end == len(markup.source)


@pytest.mark.parametrize(
    ("source", "level", "title"),
    [
        ("\\title{\nA \\(x\\)\n}", 1, "A <x>"),
        (r"\section*{1 Intro}", 2, "1 Intro"),
        (r"\subsubsection{Deep}", 4, "Deep"),
        ("## Two ##", 2, "Two"),
        ("\\section{A \\\\\nB}", 2, "A \nB"),
    ],
)
def test_headings_have_their_level(source: str, level: int, title: str) -> None:
    (heading,) = blocks(source)

    assert isinstance(heading, Heading)
    assert (heading.level, shown(heading.pieces)) == (level, title)


def test_a_heading_that_stays_open_takes_its_line_only() -> None:
    heading, paragraph = blocks("\\section*{Open title\nBody } under it")

    assert shown((heading,)) == "Open title"
    assert shown((paragraph,)) == "Body  under it"


def test_what_stands_between_title_and_text_is_told_apart() -> None:
    author, keywords, abstract = blocks("\\author[1]{A \\\\ B}\n\\keywords{c}\n\\begin{abstract}d\\end{abstract}")

    assert isinstance(author, Front)
    assert isinstance(keywords, Front)
    assert isinstance(abstract, Front)
    assert [front.kind for front in (author, keywords, abstract)] == [
        FrontKind.AUTHOR,
        FrontKind.KEYWORDS,
        FrontKind.ABSTRACT,
    ]
    assert shown(author.blocks) == "1A \nB"


def test_a_theorem_keeps_its_kind_and_title() -> None:
    (theorem,) = blocks("\\begin{theorem}[Unique]\nIt is.\n\\end{theorem}")

    assert isinstance(theorem, Statement)
    assert (theorem.kind, shown(theorem.title), shown(theorem.blocks)) == ("theorem", "Unique", "It is.")


@pytest.mark.parametrize(
    ("source", "tex"),
    [
        ("\\[\na=b\n\\]", "a=b"),
        ("$$a$$", "a"),
        ("\\begin{align*}a&=b\\end{align*}", "\\begin{align*}a&=b\\end{align*}"),
        ("\\begin{align}a&=b\\end{align*}", "\\begin{align}a&=b\\end{align}"),
        ("\\begin{equation}a", "\\begin{equation}a"),
        ("$$\\frac{1}{2", "\\frac{1}{2"),
    ],
)
def test_displayed_formulas_are_found(source: str, tex: str) -> None:
    (display,) = blocks(source)

    assert isinstance(display, Display)
    assert display.tex == tex


def test_a_display_that_nothing_closes_ends_where_prose_begins() -> None:
    display, paragraph = blocks("\\[\na+b=c\nThen there is text.\n")

    assert isinstance(display, Display)
    assert display.tex == "a+b=c"
    assert shown((paragraph,)) == "Then there is text."


def test_an_empty_formula_shows_nothing() -> None:
    assert blocks(r"\(\) \[\] $$ $$") == ()


def test_lists_nest_and_keep_labels_and_first_number() -> None:
    (listing,) = blocks(
        "\\begin{enumerate}\\setcounter{enumi}{4}\n\\item a\n\\begin{itemize}\\item[--] b\\end{itemize}\n\\item c\n"
    )

    assert isinstance(listing, Listing)
    assert (listing.ordered, listing.start, len(listing.items)) == (True, 5, 2)
    inner = listing.items[0].blocks[1]
    assert isinstance(inner, Listing)
    assert shown(inner.items[0].label) == "--"


@pytest.mark.parametrize(
    ("options", "marks"),
    [("[(a)]", ["(a)", "(b)"]), (r"[label=\roman*.]", ["i.", "ii."]), ("[start=3]", ["", ""])],
)
def test_a_pattern_marks_the_items(options: str, marks: list[str]) -> None:
    (listing,) = blocks(f"\\begin{{enumerate}}{options}\\item x\\item y\\end{{enumerate}}")

    assert isinstance(listing, Listing)
    assert [shown(item.label) for item in listing.items] == marks


def test_text_behind_an_unclosed_list_is_no_part_of_it() -> None:
    listing, paragraph = blocks("\\begin{itemize}\n\\item a\n\\item b\n\nText after.")

    assert isinstance(listing, Listing)
    assert shown((paragraph,)) == "Text after."


def test_a_paragraph_of_dashes_is_a_list_but_a_dash_is_not() -> None:
    listing, paragraph, mixed = blocks("- a\n  - b\n- c\n\n- alone\n\n1. one\n3. three")

    assert isinstance(listing, Listing)
    assert len(listing.items) == 2
    assert shown((paragraph,)) == "- alone"
    assert shown((mixed,)) == "1. one\n3. three"


def test_signs_of_markdown_within_a_paragraph_are_words() -> None:
    text = "Total:\n# 7 is mine\n- a dash\n> quoted?"

    assert shown(blocks(text)) == text


def test_a_greater_sign_before_a_number_is_no_quotation() -> None:
    assert shown(blocks("> 5 mg")) == "> 5 mg"
    assert [type(block) for block in blocks("> words\n> more")] == [Quotation]


def test_code_is_kept_as_it_is() -> None:
    fenced, listed = blocks("```python\nif a < 1:\n    \\(x\\)\n```\n\\begin{verbatim}\n\\begin{x}\n\\end{verbatim}")

    assert isinstance(fenced, Code)
    assert isinstance(listed, Code)
    assert (fenced.language, fenced.text, listed.text) == ("python", "if a < 1:\n    \\(x\\)", "\\begin{x}")


def test_a_line_of_dashes_is_a_rule() -> None:
    assert [type(block) for block in blocks("a\n\n---\nb")] == [Paragraph, Rule, Paragraph]


def test_a_figure_holds_its_table_and_caption() -> None:
    (figure,) = blocks(
        "\\begin{table}[h]\n\\centering\n\\caption{Tab 1}\n"
        "\\begin{tabular}{l}a \\\\ b\\end{tabular}\n\\label{t}\\end{table}"
    )

    assert isinstance(figure, Figure)
    assert shown(figure.caption) == "Tab 1"
    assert [type(block) for block in figure.blocks] == [Table]


def test_an_environment_without_end_is_told_with_its_line() -> None:
    markup = parse("a\n\n\\begin{itemize}\n\\item b", mode=Mode.FORMAT)

    assert markup.remarks == ("\\begin{itemize} in line 3 is never closed.",)


def test_what_stands_too_deep_is_shown_as_its_source() -> None:
    page = "\\begin{itemize}\\item " * 100 + "end"

    markup = parse(page, mode=Mode.FORMAT)

    assert "SourceBox" in written(markup)
    assert "end" in written(markup)
