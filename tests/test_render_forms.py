"""Every kind of result, as the whole program makes it, and what is said where one cannot be made."""

import shutil
import sys
import zipfile
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gotwatch.documents import Form, Mode, TextStyle
from gotwatch.errors import FormUnavailable
from gotwatch.render import installed, markdown, record, text
from tests.desk import Desk
from tests.desk import document as pdf_of
from tests.read_documents import document, page

any_text = st.text(st.characters(), max_size=200)  # surrogates and control characters too


def words_of_pdf(path: Path) -> list[str]:
    pdf = pypdfium2.PdfDocument(path)
    try:
        return [" ".join(page.get_textpage().get_text_range().split()) for page in pdf]
    finally:
        pdf.close()


@pytest.mark.skipif(shutil.which("pandoc") is None, reason="pandoc is not installed: apt install pandoc")
def test_a_folder_gets_every_form_that_it_asks_for(desk: Desk) -> None:
    desk.run(watch='formats = ["txt", "html", "md", "json", "docx", "pdf"]\nmode = "format"\ntext_style = "readable"')

    desk.wait_for(pdf_of(desk.inbox / "a.pdf", 2, width=360))

    out = {path.name: path for path in (desk.root / "out").iterdir()}
    assert sorted(out) == [f"a.pdf.{form}" for form in ("docx", "html", "json", "md", "pdf", "txt")]
    assert [words[:6] for words in words_of_pdf(out["a.pdf.pdf"])] == ["Page 1", "Page 2"]
    assert zipfile.is_zipfile(out["a.pdf.docx"])


def test_a_form_that_cannot_be_made_is_a_warning_and_the_others_are_there(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(desk.root))
    desk.run(watch='formats = ["txt", "html", "docx"]')

    desk.wait_for(pdf_of(desk.inbox / "a.pdf", 1), "done_with_warnings")

    out = desk.root / "out"
    assert sorted(path.name for path in out.iterdir()) == ["a.pdf.html", "a.pdf.txt"]
    assert "pandoc is not installed" in (out / "a.pdf.html").read_text("utf-8")


def test_without_pikepdf_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pikepdf", None)  # as if it were not installed

    with pytest.raises(FormUnavailable, match="pikepdf is not installed") as caught:
        installed.check(Form.PDF)

    assert 'pip install "gotwatch[pdf]"' in caught.value.hint


@pytest.mark.parametrize("form", [Form.TXT, Form.HTML, Form.MD, Form.JSON])
def test_all_other_forms_need_nothing_else(form: Form, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "pikepdf", None)

    installed.check(form)


@settings(deadline=None)  # the machine may be busy
@given(st.lists(any_text, min_size=1, max_size=3), st.sampled_from(Mode), st.sampled_from(TextStyle), any_text)
def test_any_text_in_any_file_gives_text_that_can_be_written(
    markups: list[str], mode: Mode, style: TextStyle, name: str
) -> None:
    pages = [page(number, markup) for number, markup in enumerate(markups, start=1)]
    made = document(*pages, mode=mode, name="a" + name.replace("/", "_").replace("\0", "_"))

    for content in (text.render(made, style), markdown.render(made), record.render(made)):
        assert content.encode("utf-8").endswith(b"\n")
    assert text.render(made, style).count("\f") == len(markups) - 1
