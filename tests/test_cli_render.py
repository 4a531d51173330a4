"""gotwatch render: text that is there already, as a page."""

import json
import shutil
from pathlib import Path

import pytest

from tests.desk import Desk


def written(desk: Desk, name: str, text: str) -> Path:
    path = desk.root / name
    path.write_text(text, "utf-8")
    return path


def test_render_makes_a_page_beside_the_text(desk: Desk) -> None:
    source = written(desk, "exam.mmd", "\\section*{Exam}\n\\(x^2\\)\n\f\n<script>alert(1)</script>")

    done = desk.command("render", str(source))

    page = desk.root / "exam.html"
    assert (done.returncode, done.stdout.strip()) == (0, str(page)), done.stderr
    html = page.read_text("utf-8")
    assert "<math" in html
    assert 'id="page-2"' in html
    assert "<script>" not in html


def test_render_goes_over_nothing_that_was_not_named(desk: Desk) -> None:
    source = written(desk, "a.mmd", "text")
    page = written(desk, "a.html", "mine")

    code, said = desk.ask("render", str(source))

    assert code == 2
    assert "Say where to write with --out" in said
    assert page.read_text("utf-8") == "mine"


def test_render_writes_what_the_name_says(desk: Desk) -> None:
    source = written(desk, "a.krn", "**kern\n4c\n*-\n")

    for form in ("txt", "md", "json", "html"):
        assert desk.ask("render", str(source), "--out", str(desk.root / f"b.{form}"))[0] == 0

    assert (desk.root / "b.txt").read_text("utf-8") == "**kern\n4c\n*-\n"
    assert (desk.root / "b.md").read_text("utf-8").startswith("```kern\n")
    assert json.loads((desk.root / "b.json").read_text("utf-8"))["pages"][0]["blocks"][0]["type"] == "score"
    assert (desk.root / "b.html").read_text("utf-8").startswith("<!doctype html>")


def test_render_puts_music_into_the_page_where_that_is_asked_for(desk: Desk) -> None:
    pytest.importorskip("verovio")
    source = written(desk, "a.krn", "**kern\n4c\n*-\n")
    mute, heard = desk.root / "mute.html", desk.root / "heard.html"

    assert desk.ask("render", str(source), "--out", str(mute))[0] == 0
    assert desk.ask("render", str(source), "--out", str(heard), "--midi")[0] == 0

    assert "audio/midi" not in mute.read_text("utf-8")
    assert 'download="a-1.mid"' in heard.read_text("utf-8")


@pytest.mark.skipif(shutil.which("pandoc") is None, reason="pandoc is not installed: apt install pandoc")
def test_render_makes_documents_for_word_processors(desk: Desk) -> None:
    source = written(desk, "a.mmd", "\\(x\\)")

    assert desk.ask("render", str(source), "--out", str(desk.root / "a.docx"))[0] == 0
    assert (desk.root / "a.docx").read_bytes().startswith(b"PK")


def test_a_txt_is_taken_literally_unless_its_mode_is_told(desk: Desk) -> None:
    source, out = written(desk, "a.txt", "\\textbf{x}"), desk.root / "a.md"

    assert desk.ask("render", str(source), "--out", str(out))[0] == 0
    assert out.read_text("utf-8") == "\\\\textbf\\{x\\}\n"
    assert desk.ask("render", str(source), "--out", str(out), "--mode", "format")[0] == 0
    assert out.read_text("utf-8") == "**x**\n"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("none.mmd",), 3, "There is no file"),
        (("latin.mmd",), 3, "is not UTF-8 text"),
        (("a.mmd", "--out", "a.pdf"), 2, "a.pdf ends in none of .txt, .html, .md, .json, .docx"),
        (("a.mmd", "--out", "nowhere/a.html"), 4, "nowhere is gone"),
    ],
)
def test_render_says_what_is_wrong(desk: Desk, arguments: tuple[str, ...], code: int, words: str) -> None:
    written(desk, "a.mmd", "text")
    (desk.root / "latin.mmd").write_bytes(b"caf\xe9")

    said = desk.ask(
        "render", *(argument if argument.startswith("-") else str(desk.root / argument) for argument in arguments)
    )

    assert said[0] == code
    assert words in said[1]


def test_config_check_and_doctor_tell_that_pandoc_is_missing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.configure(watch='formats = ["txt", "docx"]')
    monkeypatch.setenv("PATH", str(desk.root))

    code, said = desk.ask("config", "check")
    assert (code, "pandoc is not installed" in said, "take docx out of formats" in said) == (2, True, True)

    code, said = desk.ask("doctor")
    assert code == 3
    assert "wrong   formats of" in said
