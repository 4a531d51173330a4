"""Pages in a real browser: what it asks of the network, whether they fit, and who can read them."""

from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest

from gotwatch.documents import Document, Finish, PagePicture
from gotwatch.render import html
from gotwatch.render.workbench import Workbench
from tests import accessibility, browser
from tests.blocks import WALTZ
from tests.browser import Browser
from tests.injections import EVIL, INJECTIONS, PLACES
from tests.markup_pages import SAMPLES
from tests.read_documents import document, formatted, page

pytestmark = [
    pytest.mark.skipif(browser.executable() is None, reason="NO BROWSER: install chromium to have the pages looked at"),
    pytest.mark.timeout(240),
]
NARROW = 320
TEXTS = {path.name: path.read_text("utf-8") for path in SAMPLES}


@pytest.fixture(scope="module")
def bench() -> Iterator[Workbench]:
    bench = Workbench()
    yield bench
    bench.close()


def written(made: Document, bench: Workbench, folder: Path, *pictures: PagePicture) -> Path:
    path = folder / "page.html"
    path.write_text(html.render(made, bench, pictures=pictures), "utf-8")
    return path


def test_no_page_asks_for_anything_or_says_anything_by_itself(
    chromium: Browser, bench: Workbench, tmp_path: Path
) -> None:
    hostile = [put(injection) for put in PLACES.values() for injection in INJECTIONS]
    path = written(formatted(*hostile, *TEXTS.values()), bench, tmp_path)

    seen = chromium.open(path)
    chromium.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    chromium.evaluate("document.querySelectorAll('section').forEach(each => each.style.contentVisibility = 'visible')")
    chromium.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")

    assert chromium.evaluate("document.querySelectorAll('section').length") == len(hostile) + len(TEXTS)
    assert seen.requests == [path.as_uri()]
    assert seen.dialogs == []
    assert seen.complaints == []


def test_the_browser_would_tell_of_a_request_and_of_a_dialog(chromium: Browser, tmp_path: Path) -> None:
    path = tmp_path / "bad.html"
    path.write_text(f"<!doctype html><img src={EVIL}a.png><script>alert(1)</script>", "utf-8")

    seen = chromium.open(path)

    assert seen.requests == [path.as_uri(), f"{EVIL}a.png"]
    assert seen.dialogs == ["1"]


@pytest.mark.parametrize("name", TEXTS)
def test_a_page_fits_into_a_narrow_window(chromium: Browser, bench: Workbench, tmp_path: Path, name: str) -> None:
    chromium.open(written(formatted(TEXTS[name]), bench, tmp_path), width=NARROW)

    assert chromium.evaluate("document.documentElement.scrollWidth") <= NARROW


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_everyone_can_read_every_sample(
    chromium: Browser, bench: Workbench, axe: str, tmp_path: Path, dark: bool
) -> None:
    texts = [text for name, text in TEXTS.items() if "repetition" not in name]  # 60 lists in each other
    path = written(formatted(*texts), bench, tmp_path)

    chromium.open(path, dark=dark)
    chromium.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    chromium.evaluate("document.querySelectorAll('section').forEach(each => each.style.contentVisibility = 'visible')")

    assert accessibility.complaints(chromium, axe) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_everyone_can_read_warnings_and_pictures(
    chromium: Browser, bench: Workbench, axe: str, tmp_path: Path, dark: bool
) -> None:
    pages = [page(1, "one"), page(2, "two", finish=Finish.LENGTH), page(3, "", finish=Finish.BLANK)]
    made = document(*pages, warnings=("Pages 4 to 9 were left out.",))
    path = written(made, bench, tmp_path, PagePicture(2, 40, 60, b"no picture"))

    chromium.open(path, width=1400, dark=dark)

    assert accessibility.complaints(chromium, axe) == []


def test_a_picture_stands_beside_the_text_where_there_is_room(
    chromium: Browser, bench: Workbench, tmp_path: Path
) -> None:
    path = written(document(page(1, "one")), bench, tmp_path, PagePicture(1, 40, 60, b"no picture"))
    beside = "document.querySelector('.pictures').getBoundingClientRect().left > 500"

    chromium.open(path, width=1400)
    is_beside_if_wide = chromium.evaluate(beside)
    chromium.open(path, width=NARROW)
    is_beside_if_narrow = chromium.evaluate(beside)

    assert (is_beside_if_wide, is_beside_if_narrow) == (True, False)


def test_a_click_saves_music_although_the_page_may_load_nothing(
    chromium: Browser, bench: Workbench, tmp_path: Path
) -> None:
    pytest.importorskip("verovio")
    path, folder = tmp_path / "page.html", tmp_path / "saved"
    path.write_text(html.render(formatted(WALTZ), bench, midi=True), "utf-8")
    folder.mkdir()
    chromium.open(path)

    saved = chromium.download("a[download]", folder)

    assert saved.name == "scan-1.mid"
    assert saved.read_bytes().startswith(b"MThd")


def test_each_page_begins_on_a_new_sheet(chromium: Browser, bench: Workbench, tmp_path: Path) -> None:
    chromium.open(written(document(page(1, "one"), page(2, "two"), page(3, "three")), bench, tmp_path))

    sheets = pypdfium2.PdfDocument(chromium.print())

    assert [sheet.get_textpage().get_text_range().split()[-1] for sheet in sheets] == ["one", "two", "three"]


def test_no_column_of_a_wide_table_lies_off_the_paper(chromium: Browser, bench: Workbench, tmp_path: Path) -> None:
    cells = " & ".join(f"{number}23,456" for number in range(10, 26))
    table = rf"\begin{{tabular}}{{{'|r' * 16}|}} \hline {cells} \\ \hline {cells} \\ \hline \end{{tabular}}"
    chromium.open(written(formatted(table), bench, tmp_path))

    [sheet] = pypdfium2.PdfDocument(chromium.print())

    text = sheet.get_textpage()
    shown = "".join(text.get_text_bounded(right=sheet.get_width() - 40).split())
    assert all(f"{number}23,456" in shown for number in range(10, 26))


WIDE_FORMULAS = {
    "sum": r"f(x) = " + " + ".join(f"a_{{{number}}} x^{{{number}}}" for number in range(40)) + r" = Q",
    "matrix": r"\begin{pmatrix} " + " & ".join(["123"] * 40) + r" & Q \\ 1 \end{pmatrix}",
    "words": r"\text{" + "the quick brown fox jumps over the lazy dog and " * 3 + r"} = \int_0^1 \frac{x}{y}\,dx = Q",
    "aligned": r"\begin{aligned} a &= " + " + ".join(["Mab"] * 40) + r" + Q \\ b &= c \end{aligned}",
}


@pytest.mark.parametrize("formula", WIDE_FORMULAS.values(), ids=WIDE_FORMULAS)
def test_no_end_of_a_wide_formula_lies_off_the_paper(
    chromium: Browser, bench: Workbench, tmp_path: Path, formula: str
) -> None:
    chromium.open(written(formatted(rf"\[ {formula} \]"), bench, tmp_path))

    [sheet] = pypdfium2.PdfDocument(chromium.print())

    shown = sheet.get_textpage().get_text_bounded(right=sheet.get_width() - 40)
    assert "\U0001d444" in shown  # the slanted Q


def test_a_label_hangs_where_the_marks_of_the_list_are(chromium: Browser, bench: Workbench, tmp_path: Path) -> None:
    markup = r"\begin{itemize} \item[(b)] odd \item[A long label] odd \item usual \end{itemize}"
    chromium.open(written(formatted(markup), bench, tmp_path))

    left = "Math.round(document.querySelectorAll('.label')[{}].getBoundingClientRect().{})"
    edge = "Math.round(document.querySelectorAll('li')[0].getBoundingClientRect().left)"
    short_end, long_begin, text_begin = (
        chromium.evaluate(script) for script in (left.format(0, "right"), left.format(1, "left"), edge)
    )

    assert short_end < text_begin
    assert long_begin < text_begin


def test_a_formula_with_a_number_is_seen_from_end_to_end(chromium: Browser, bench: Workbench, tmp_path: Path) -> None:
    chromium.open(written(formatted(r"\[ a = b \tag{1} \]"), bench, tmp_path))

    page_left, page_right = chromium.evaluate(
        "(({left, right}) => [left, right])(document.querySelector('.text').getBoundingClientRect())"
    )
    letters = chromium.evaluate(
        "[...document.querySelectorAll('mi, mtext')].map(each => each.getBoundingClientRect())"
        ".map(({left, right}) => [left, right])"
    )

    assert len(letters) >= 3
    assert all(page_left <= left and right <= page_right for left, right in letters)


def test_brackets_and_integrals_stand_close_to_what_they_belong_to(
    chromium: Browser, bench: Workbench, tmp_path: Path
) -> None:
    markup = r"\(\left(x\right)\) \((x)\) \(\left(\frac{1}{2}\right)\)" + "\n\n\\[ \\int_{M} f \\]"
    chromium.open(written(formatted(markup), bench, tmp_path))
    boxes = "[...document.querySelectorAll('{}')].map(each => each.getBoundingClientRect().toJSON())"

    stretched, plain, around_a_fraction = chromium.evaluate(boxes.format("p math"))
    _, bound, behind = chromium.evaluate(boxes.format(".display :is(mo, mi)"))

    assert stretched["width"] == plain["width"]
    assert around_a_fraction["width"] < 32  # pixels; 38 where each bracket has the width of its largest form
    assert behind["left"] - bound["right"] < 6  # 14 where the index is taken to stand beside the top


def test_formulas_are_drawn_in_their_own_font(chromium: Browser, bench: Workbench, tmp_path: Path) -> None:
    chromium.open(written(formatted(r"\(\sqrt{x^2} + \int_0^1\)"), bench, tmp_path))

    loaded = chromium.evaluate("document.fonts.ready.then(fonts => [...fonts].map(each => each.status))")

    assert loaded == ["loaded"]
