"""gotwatch evaluate, compare and truth, as they are typed."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from gotwatch.cli import contest
from gotwatch.cli.context import Context
from gotwatch.cli.options import Options
from gotwatch.config.settings import Asked
from gotwatch.evaluation import making, truth
from gotwatch.evaluation.tables import NONE
from gotwatch.pages.base import TextLayer
from tests import bad_files
from tests.desk import Desk, document, image
from tests.web_pages import alive, parsed, words

ECHO, REPEATING, BLIND = (f"tests.engines:{name}Engine" for name in ("Echo", "Repeating", "Blind"))
ECHOED = "Page {}\n\n{} ffffff"  # EchoEngine's text of a page of such a size


@pytest.fixture(scope="module")
def measuring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with Desk(tmp_path_factory.mktemp("measuring")) as desk:
        desk.configure()
        yield desk


@pytest.fixture(scope="module")
def pages(measuring: Desk) -> Path:
    """A picture and a document of two pages, as EchoEngine reads them, but for one letter."""
    folder = measuring.root / "set"
    image(folder / "a.png")
    (folder / "a.gt.txt").write_text(ECHOED.format(1, "300x160"), "utf-8")
    document(folder / "sub/b.pdf", 2)
    first, second = ECHOED.format(1, "834x445"), ECHOED.format(2, "834x445")
    (folder / "sub/b.gt.txt").write_text(f"{first}\f{second.replace('P', 'R')}\n", "utf-8")
    return folder


def figures(said: str) -> dict[str, list[str]]:
    """What each row of the table on the terminal holds."""
    rows = (re.split(r"\s{2,}", line.strip()) for line in said.splitlines()[2:])
    return {name: cells for name, *cells in rows}


def test_an_evaluation_is_shown_as_a_table_and_written_as_json_and_as_one_page(measuring: Desk, pages: Path) -> None:
    record, report = measuring.root / "record.json", measuring.root / "report.html"

    code, said = measuring.ask(
        "evaluate", str(pages), "--engines", f"{ECHO},{REPEATING}", "--json", str(record), "--html", str(report)
    )

    assert code == 0, said
    first, second = json.loads(record.read_text("utf-8"))["engines"]
    assert (first["engine"], first["pages"], first["flawless"]) == (ECHO, 3, 2)
    assert [(page["file"], page["page"], page["edits"]) for page in first["per_page"]] == [
        ("a.png", 1, 0),
        ("sub/b.pdf", 1, 0),
        ("sub/b.pdf", 2, 1),
    ]
    assert second["flawless"] == 0
    assert first["seconds_a_page"] == pytest.approx(0.001)
    assert said.splitlines()[0].split() == ["EchoEngine", "RepeatingEngine"]
    assert figures(said)["without a mistake"] == ["2", "0"]
    html = report.read_text("utf-8")
    assert alive(html) == []
    assert len(parsed(html).findall(".//img")) == 3
    assert "Rage" in [words(each) for each in parsed(html).findall(".//del")]


def test_without_engines_the_config_s_reads_and_only_as_many_files_as_wanted(measuring: Desk, pages: Path) -> None:
    code, said = measuring.ask("evaluate", str(pages), "--limit", "1")

    assert code == 0, said
    assert said.splitlines()[0].split() == ["EchoEngine"]
    assert figures(said)["without a mistake"] == ["1"]


def test_an_engine_without_an_answer_ends_with_3_and_counts_as_wrong(measuring: Desk, pages: Path) -> None:
    code, said = measuring.ask("evaluate", str(pages), "--engines", BLIND, "--limit", "1")

    assert code == 3
    assert figures(said)["without an answer"] == ["1"]
    assert figures(said)["edit distance"] == ["1.000", NONE]


def test_annotations_of_a_published_set_are_read(measuring: Desk, pages: Path) -> None:
    annotations = measuring.root / "en_page_ocr.json"
    asked, answered = {"from": "human", "value": "OCR"}, {"from": "gpt", "value": ECHOED.format(1, "300x160")}
    annotations.write_text(json.dumps([{"image": "a.png", "conversations": [asked, answered]}]), "utf-8")

    code, said = measuring.ask("evaluate", str(pages), "--annotations", str(annotations))

    assert code == 0, said
    assert figures(said)["edit distance"] == ["0.000", "0.000"]


@pytest.mark.parametrize(
    ("options", "words_said"),
    [
        (["--engines", "padle"], 'Did you mean "paddle"?'),
        (["--engines", f"{ECHO},paddle", "--crop"], 'The engine "paddle" cannot be asked for crop'),
        (["--json", "missing/record.json"], "There is no folder missing"),
        (["--box", "1,2,3"], "The box 1,2,3 has 3 values"),
    ],
)
def test_what_cannot_be_measured_is_refused_before_a_page_is_read(
    measuring: Desk, pages: Path, options: list[str], words_said: str
) -> None:
    before = measuring.pages_read()

    code, said = measuring.ask("evaluate", str(pages), *options)

    assert code == 2
    assert words_said in said
    assert measuring.pages_read() == before


def test_what_is_said_of_the_others_does_not_concern_paddle(measuring: Desk) -> None:
    """It has one model and one way to compute; to refuse its turn for "--precision int8" would help nobody."""
    context = Context(Options(measuring.config, measuring.state))

    chosen = contest.chosen(context, f"{ECHO}, paddle", {"precision": "int8", "checkpoint": "x"}, Asked())

    assert chosen == {
        ECHO: {"name": ECHO, "precision": "int8", "checkpoint": "x"},
        "paddle": {"name": "paddle", "precision": "auto", "checkpoint": "", "device": ("auto",)},
    }


def test_a_comparison_is_written_beside_the_file_and_never_over_another(measuring: Desk) -> None:
    source = image(measuring.root / "compared.png")
    engines = ("--engines", f"{ECHO},{REPEATING}")

    code, said = measuring.ask("compare", str(source), *engines)
    again, refused = measuring.ask("compare", str(source), *engines)

    assert code == 0, said
    assert said.startswith("compared.png: edit distance 0.")
    html = (measuring.root / "compared.png.compare.html").read_text("utf-8")
    assert alive(html) == []
    assert [words(each) for each in parsed(html).findall(".//h3")] == [ECHO, REPEATING]
    assert again == 2
    assert "Say where to write with --html" in refused


@pytest.mark.parametrize(
    ("arguments", "words_said", "code"),
    [
        (["none.png"], "There is no file none.png", 3),
        (["samples/in/invoice.png", "--engines", "paddle", "--html", "build.html"], "Two different engines", 2),
    ],
)
def test_what_cannot_be_compared_is_told(measuring: Desk, arguments: list[str], words_said: str, code: int) -> None:
    assert measuring.ask("compare", *arguments)[0] == code
    assert words_said in measuring.ask("compare", *arguments)[1]


def test_without_the_extra_an_evaluation_says_what_to_install(tmp_path: Path) -> None:
    script = "import sys; sys.modules['rapidfuzz'] = None; from gotwatch.cli.main import main; sys.exit(main())"

    done = subprocess.run(
        [sys.executable, "-c", script, "evaluate", str(tmp_path)], capture_output=True, encoding="utf-8", check=False
    )

    assert done.returncode == 2
    assert done.stderr == (
        'gotwatch: rapidfuzz is not installed\nInstall what evaluations need with: pip install "gotwatch[evaluate]"\n'
    )


# truth

LINES = "A page of a self-evident report with enough hyphen-\nated text to be worth measuring, in two lines"


def text_pdf(path: Path, *pages: str, mode: int = 0) -> Path:
    """Pages that hold their text. *mode* 3: it is not drawn."""
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    entries = b"/MediaBox [0 0 400 200] /Resources << /Font << /F1 %b >> >>" % font
    objects, kids = [], b""
    for number, page in enumerate(pages):
        lines = " ".join(f"({line}) Tj T*" for line in page.splitlines())
        ink = f"BT /F1 12 Tf {mode} Tr 14 TL 20 170 Td {lines} ET 20 20 50 50 re f"
        place = 3 + 2 * number
        objects += [
            b"<< /Type /Page /Parent 2 0 R /Contents %d 0 R %b >>" % (place + 1, entries),
            bad_files.pdf_stream(ink.encode()),
        ]
        kids += b"%d 0 R " % place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bad_files.pdf_of(objects, kids=kids, count=len(pages)))
    return path


def test_pages_of_pdfs_become_pairs_that_can_be_measured(measuring: Desk, tmp_path: Path) -> None:
    source, out = text_pdf(tmp_path / "in/sub/report.pdf", LINES, "7", LINES.upper()), tmp_path / "out"

    code, said = measuring.ask("truth", str(source.parents[1]), "--to", str(out))

    assert code == 0, said
    assert said.splitlines() == [
        "Left out: sub/report.pdf, page 2: it holds next to no text",
        f"2 pages in {out}",
    ]
    assert sorted(path.relative_to(out).as_posix() for path in out.rglob("*.*")) == [
        "sub/report-001.gt.txt",
        "sub/report-001.png",
        "sub/report-003.gt.txt",
        "sub/report-003.png",
    ]
    assert (out / "sub/report-003.gt.txt").read_text("utf-8") == f"{LINES.upper()}\n"
    with Image.open(out / "sub/report-001.png") as page:
        assert page.size == (1112, 556)  # 200 dots per inch
    assert [one.pages for one in truth.pairs(out)] == [(LINES,), (LINES.upper(),)]


@pytest.mark.parametrize(
    "make", [text_pdf, lambda path: image(path, "A picture"), lambda path: bad_files.encrypted_pdf(path.parent)]
)
def test_what_holds_no_text_of_its_own_is_left_out_with_the_reason(
    measuring: Desk, tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    hidden = text_pdf(tmp_path / "scan.pdf", LINES, mode=3) if make is text_pdf else make(tmp_path / "a.png")

    code, said = measuring.ask("truth", str(hidden), "--to", str(tmp_path / "out"))

    assert code == 3
    reason = {"scan.pdf": "another program has read it off a scan", "a.png": "next to no text"}
    assert reason.get(hidden.name, "needs a password") in said


def test_letters_that_a_font_does_not_name_are_no_truth() -> None:
    text = "\ue001\ue002\ue003 named letters, enough of them to be a page of a report"

    assert making.unusable(TextLayer(text, hidden=False)) == "its fonts do not say which letters they show"
    assert making.unusable(TextLayer(text[3:], hidden=False)) == ""


def test_pairs_are_never_put_over_other_files(measuring: Desk, tmp_path: Path) -> None:
    source = text_pdf(tmp_path / "report.pdf", LINES)

    code, said = measuring.ask("truth", str(source), "--to", str(tmp_path))
    twice, also_said = measuring.ask("truth", str(source), str(source), "--to", str(tmp_path / "out"))

    assert (code, twice) == (2, 2)
    assert "is not empty" in said
    assert "report-001.png already" in also_said


def test_no_more_pages_are_made_than_wanted(measuring: Desk, tmp_path: Path) -> None:
    source = text_pdf(tmp_path / "report.pdf", *[LINES] * 5)

    code, said = measuring.ask("truth", str(source), "--to", str(tmp_path / "out"), "--limit", "2")

    assert (code, said) == (0, f"2 pages in {tmp_path / 'out'}\n")
    assert len(list((tmp_path / "out").iterdir())) == 4


@pytest.mark.parametrize(
    ("source", "words_said"), [("none.pdf", "There is no none.pdf"), ("docs", "There is no PDF there")]
)
def test_sources_without_a_pdf_are_refused(measuring: Desk, tmp_path: Path, source: str, words_said: str) -> None:
    code, said = measuring.ask("truth", source, "--to", str(tmp_path / "out"))

    assert code == 2
    assert words_said in said
