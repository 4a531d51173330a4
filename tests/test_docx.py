"""Results for word processors: what they get is a tree of their own things, above all equations."""

import io
import os
import re
import shutil
import zipfile
from pathlib import Path

import pytest

from gotwatch.documents import Mode
from gotwatch.errors import FormUnavailable
from gotwatch.render import docx
from gotwatch.render.markup import parse
from gotwatch.render.office.page import page
from gotwatch.render.office.tree import Node
from tests.lost_lines import lost_lines
from tests.markup_pages import SAMPLES
from tests.read_documents import document, formatted
from tests.read_documents import page as read_page

pytestmark = pytest.mark.timeout(120)
needs_pandoc = pytest.mark.skipif(shutil.which("pandoc") is None, reason="pandoc is not installed: apt install pandoc")


def blocks(markup: str) -> list[Node]:
    return page(parse(markup, mode=Mode.FORMAT))


def names(value: object) -> list[str]:
    """Of all nodes, from outside to inside."""
    if isinstance(value, list):
        return [name for each in value for name in names(each)]
    if not isinstance(value, dict):
        return []
    return [str(value["t"]), *names(value.get("c"))]


def texts(value: object) -> str:
    """Every text in a tree, in its order."""
    match value:
        case str():
            return f"{value}\n"
        case list():
            return "".join(map(texts, value))
        case dict():
            return texts(value.get("c", []))
        case _:
            return ""


def document_xml(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read("word/document.xml").decode("utf-8")


def false_pandoc(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / "pandoc"
    program.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)


def test_formulas_are_mathematics() -> None:
    inline, display = blocks("Let \\(x\\) be\n\\[\na=b \\tag{1.2}\n\\]")

    assert inline["c"][1]["c"] == [{"t": "InlineMath"}, "x"]
    assert display["c"][0]["c"] == [{"t": "DisplayMath"}, r"a=b \qquad \text{(1.2)}"]


def test_the_lines_of_the_model_are_kept() -> None:
    (paragraph,) = blocks("one\ntwo")

    assert names(paragraph) == ["Para", "Str", "LineBreak", "Str"]


def test_a_footnote_is_at_its_mark() -> None:
    made = blocks("a\\footnotemark[2] b\\footnote{Here.}\n\n\\footnotetext[2]{There.}\n\\footnotetext{Nowhere.}")

    assert names(made).count("Note") == 2
    assert texts(made).index("There.") < texts(made).index("Here.") < texts(made).index("Nowhere.")


def test_a_list_with_marks_of_its_own_keeps_them() -> None:
    markup = "\\begin{enumerate}\n\\item one\n\\item[(b)] own\n\\item two\n\\end{enumerate}"

    assert texts(blocks(markup)).split("\n")[:-1] == ["1. ", "one", "(b)", " ", "own", "2. ", "two"]


def test_nothing_in_the_tree_is_fetched() -> None:
    markup = "![a](https://example.org/a.png) \\includegraphics{/etc/passwd} <img src=x> <iframe src=y>"

    assert not {"Image", "RawInline", "RawBlock"} & set(names(blocks(markup)))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_no_line_of_a_sample_is_lost(sample: Path) -> None:
    markup = parse(sample.read_text("utf-8"), mode=Mode.FORMAT)

    lost = lost_lines(markup, texts(page(markup)), formula=lambda _: "")

    assert lost == []


@needs_pandoc
def test_equations_are_the_word_processors_own() -> None:
    xml = document_xml(docx.render(formatted(r"So \(\overline{z}=\frac{1}{2}\).", "\\[\n\\sqrt{x}\n\\]")))

    assert xml.count("<m:oMath>") == 2
    assert re.search(r"<m:bar>.*<m:f>.*<m:rad>", xml, re.DOTALL)
    assert xml.count('<w:br w:type="page"') == 1


@needs_pandoc
def test_a_name_of_several_words_is_no_reason_to_show_a_formula_as_source() -> None:
    xml = document_xml(docx.render(formatted(r"\(\underset{x}{\operatorname{ess\,sup}}|u|\)")))

    assert "<m:oMath>" in xml
    assert "operatorname" not in xml


@needs_pandoc
def test_what_is_no_formula_is_shown_as_its_source() -> None:
    xml = document_xml(docx.render(formatted(r"See \(\undefinedmacro{x}\) there.")))

    assert r"\undefinedmacro{x}" in xml


@needs_pandoc
def test_cells_span_rows_and_columns() -> None:
    markup = r"\begin{tabular}{lcc}\multirow{2}{*}{A} & \multicolumn{2}{c}{B} \\ & c & d \end{tabular}"

    xml = document_xml(docx.render(formatted(markup)))

    assert '<w:gridSpan w:val="2"' in xml
    assert "<w:vMerge" in xml


@needs_pandoc
def test_chinese_and_hostile_words_stay_words() -> None:
    text = "契約 <script>alert(1)</script> & [a](javascript:x)"

    xml = document_xml(docx.render(document(read_page(1, text), warnings=("Careful.",))))

    assert "契約 &lt;script&gt;alert(1)&lt;/script&gt; &amp; [a](javascript:x)" in xml
    assert "Careful." in xml


def test_without_pandoc_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(FormUnavailable, match="pandoc is not installed") as caught:
        docx.render(document(read_page()))

    assert "pandoc.org" in caught.value.hint


@pytest.mark.skipif(os.name != "posix", reason="a shell script stands in for pandoc")
@pytest.mark.parametrize(
    ("script", "words"), [("echo 'no such option' >&2; exit 6", "no such option"), ("kill -9 $$", "does not take it")]
)
def test_a_pandoc_that_fails_costs_this_form_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, words: str
) -> None:
    false_pandoc(tmp_path, script, monkeypatch)

    with pytest.raises(FormUnavailable, match=words):
        docx.render(document(read_page()))
