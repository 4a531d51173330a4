"""What the parser makes of the signs and commands in a line."""

import pytest

from gotwatch.render.blocks import (
    Footnote,
    Formula,
    Link,
    NoteMark,
    Paragraph,
    Picture,
    Raw,
    Style,
    Styled,
    Words,
)
from tests.shown_blocks import blocks, pieces, shown


def test_line_breaks_of_the_model_are_kept() -> None:
    assert shown(pieces("one\n(2)two\\\\\nthree")) == "one\n(2)two\nthree"


@pytest.mark.parametrize(
    ("written_as", "read_as"),
    [
        (r"5 \% \& \$ 3 \# \_ \{a\}", "5 % & $ 3 # _ {a}"),
        (r"caf\'e na\"{\i}ve Fran\c{c}ois \v{S} \^{o}", "café naïve François Š ô"),
        (r"Stra\ss e \O re \AA ngstr\"om", "Straße Øre Ångström"),
        ("``bye'' --- well", "\u201cbye\u201d \u2014 well"),
        ("1--5, a -- b", "1\u20135, a \u2013 b"),
        ("git --amend ----", "git --amend ----"),
        ("Fig.~3", "Fig.\u00a03"),
        ("10~20 and ~5 and /~user", "10~20 and ~5 and /~user"),
        ("C:\\new\\table\\file", "C:\\new\\table\\file"),
        ("$5 and $10 or AUD$'000", "$5 and $10 or AUD$'000"),
        ("US$5, A$6", "US$5, A$6"),
        ("file_name_v2 2*3*4 _not_ a * b * c", "file_name_v2 2*3*4 _not_ a * b * c"),
        ("{'a': 1} body{x}", "{'a': 1} body{x}"),
        (r"\LaTeX{} and \copyright 2020", "LaTeX and © 2020"),
        (r"\noindent Text \label{x}here", "Text here"),
        ('<5 g & >2 "lots"', '<5 g & >2 "lots"'),
        (r"\'", r"\'"),
        ("ends with \\", "ends with \\"),
    ],
)
def test_signs_show_what_they_stand_for(written_as: str, read_as: str) -> None:
    assert shown(pieces(written_as)) == read_as


@pytest.mark.parametrize(
    ("written_as", "style"),
    [
        (r"\textbf{word}", Style.BOLD),
        (r"\emph{word}", Style.ITALIC),
        (r"{\bf word}", Style.BOLD),
        (r"\textsuperscript{word}", Style.RAISED),
        ("**word**", Style.BOLD),
        ("*word*", Style.ITALIC),
        ("~~word~~", Style.STRUCK),
        (r"\textbf{word", Style.BOLD),
    ],
)
def test_styles_are_known(written_as: str, style: Style) -> None:
    (piece,) = pieces(written_as)

    assert isinstance(piece, Styled)
    assert (piece.style, shown(piece.pieces)) == (style, "word")


@pytest.mark.parametrize(
    ("written_as", "tex"),
    [
        (r"\(x^{2}\)", "x^{2}"),
        ("已知$x$是", "x"),
        ("$ x = 2 $", "x = 2"),
        (r"\(a \text{ if \(b\) } c\)", r"a \text{ if \(b\) } c"),
        (r"5 \times 3", r"\times"),
        (r"\frac{1}{2} of", r"\frac{1}{2}"),
        (r"the end \(\frac{1}{2", r"\frac{1}{2"),
    ],
)
def test_formulas_in_a_line_are_found(written_as: str, tex: str) -> None:
    (formula,) = [piece for piece in pieces(written_as) if isinstance(piece, Formula)]

    assert formula.tex == tex


def test_an_unclosed_formula_leaves_the_line_to_its_words() -> None:
    found = pieces("it is \\(y and so on.\nNext \\(z\\)")

    assert shown(found) == "it is \\(y and so on.\nNext <z>"


def test_a_formula_too_deep_for_any_engine_is_shown_as_its_source() -> None:
    source = r"\(" + "{" * 100 + "x" + "}" * 100 + r"\)"

    assert [type(piece) for piece in pieces(source)] == [Raw]


def test_an_unknown_command_is_shown_and_its_words_are_read() -> None:
    found = pieces(r"\unknown{kept \textbf{bold}} end")

    assert [type(piece) for piece in found] == [Raw, Words, Styled, Raw, Words]
    assert shown(found) == r"\unknown{kept bold} end"


def test_only_safe_addresses_become_links() -> None:
    found = pieces(r"[a](https://example.org/x) \href{mailto:a@b.c}{b} [c](javascript:d) \href{data:e}{f}")

    assert [piece.target for piece in found if isinstance(piece, Link)] == ["https://example.org/x", "mailto:a@b.c"]
    assert "javascript:d" in shown(found)


def test_a_picture_keeps_its_words_but_not_the_address_that_the_model_invents() -> None:
    invented, described = pieces("![](https://cdn.mathpix.com/a.jpg?h=1)")[0], pieces("![a cat](b.png)")[0]

    assert isinstance(invented, Picture)
    assert isinstance(described, Picture)
    assert (invented.text, described.text) == ("", "a cat b.png")


def test_footnotes_and_their_marks_are_known() -> None:
    paragraph, note, other = blocks("a\\footnote{b}\\footnotemark[2] [^3]\n\\footnotetext[2]{\nc\n}\n[^3]: d")

    assert isinstance(paragraph, Paragraph)
    marks = [piece for piece in paragraph.pieces if isinstance(piece, NoteMark)]
    assert [(mark.label, shown(mark.pieces)) for mark in marks] == [("", "b"), ("2", ""), ("3", "")]
    assert isinstance(note, Footnote)
    assert isinstance(other, Footnote)
    assert [(found.label, shown(found.pieces)) for found in (note, other)] == [("2", "c"), ("3", "d")]
