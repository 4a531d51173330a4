"""The page of an evaluation: whatever was printed or read, it is shown and does nothing."""

from pathlib import Path

import pytest

from gotwatch.documents import Mode, PagePicture
from gotwatch.errors import Unreadable
from gotwatch.evaluation import comparison, course, report
from gotwatch.evaluation.comparison import Reading
from gotwatch.evaluation.course import Course
from gotwatch.evaluation.score import Place
from gotwatch.evaluation.truth import Truth
from tests import accessibility, browser
from tests.browser import Browser
from tests.injections import INJECTIONS
from tests.read_documents import page
from tests.web_pages import alive, one, parsed, words

PAPER = PagePicture(1, 40, 60, b"no picture")
needs_browser = pytest.mark.skipif(
    browser.executable() is None, reason="NO BROWSER: install chromium to have the pages looked at"
)


def read_by(engine: str, *pairs: tuple[str, str], asked: Mode = Mode.PLAIN) -> Course:
    """A set of pictures, each with what is printed and what is read."""
    truths = [
        Truth(f"{number}.png", Path(f"{number}.png"), (printed,), Mode.PLAIN)
        for number, (printed, _) in enumerate(pairs)
    ]
    answers = {truth.path: [page(1, answer)] for truth, (_, answer) in zip(truths, pairs, strict=True)}
    return course.run(engine, truths, answers.__getitem__, asked=asked, on_file=lambda _: None)


def drawn(_place: Place) -> tuple[PagePicture, ...]:
    return (PAPER,)


def made(*courses: Course, title: str = "Pages") -> str:
    return report.evaluation(title, ["2 pages"], courses, drawn)


def test_what_differs_is_marked_on_both_sides_and_nothing_else() -> None:
    html = made(read_by("got", ("the old cat", "the cat sat")))

    assert [words(each) for each in parsed(html).findall(".//del")] == ["old"]
    assert [words(each) for each in parsed(html).findall(".//ins")] == [" sat"]
    assert "the old cat" in words(parsed(html))


def test_each_engine_has_its_own_texts_on_every_page() -> None:
    html = made(read_by("got", ("one", "one"), ("two", "too")), read_by("paddle", ("one", "on"), ("two", "two")))

    headings = [words(each) for each in parsed(html).findall(".//h3")]
    assert headings == ["got", "paddle"] * 2
    assert words(parsed(html)).count("Without a mistake.") == 2
    assert len(parsed(html).findall(".//img")) == 2


def test_the_table_of_pages_leads_to_each_of_them() -> None:
    html = made(read_by("got", ("one", "one"), ("two", "too")))

    links = [each.get("href", "") for each in parsed(html).findall(".//th/a")]
    assert links == ["#page-1", "#page-2"]
    assert all(one(html, f"section[@id='{link[1:]}']") is not None for link in links)


def test_a_page_without_an_answer_says_why() -> None:
    truths = [Truth("a.png", Path("a.png"), ("text",), Mode.PLAIN)]

    def read(_: Path) -> list[object]:
        raise Unreadable("It is damaged.")

    html = made(course.run("got", truths, read, asked=Mode.PLAIN, on_file=lambda _: None))  # type: ignore[arg-type]

    assert "It is damaged." in words(parsed(html))
    assert "got gave no answer for 1 of 1 pages: all wrong." in words(parsed(html))
    assert parsed(html).findall(".//del") == []


def test_of_very_many_pages_the_worst_are_shown() -> None:
    course_of_four = read_by("got", ("one", "one"), ("two", "xxx"), ("three", "three"), ("four", "fox"))

    html = report.evaluation("Pages", [], [course_of_four], drawn, most_pages=2)

    assert [words(each) for each in parsed(html).findall(".//section/div/h2")] == ["1.png", "3.png"]
    assert "Shown are the 2 pages that were read worst" in words(parsed(html))


def test_formulas_and_tables_have_a_table_only_where_markup_was_asked_for() -> None:
    pair = ("\\(x\\)", "\\(y\\)")

    plain, formatted = made(read_by("got", pair)), made(read_by("got", pair, asked=Mode.FORMAT))

    assert "Formulas and tables apart" not in plain
    assert "Formulas and tables apart" in formatted


def test_nothing_that_is_printed_or_read_is_alive() -> None:
    hostile = "\n".join(INJECTIONS)
    cut = "\n".join(injection[1:] for injection in INJECTIONS)

    assert alive(made(read_by(hostile, (hostile, cut), (cut, hostile), (hostile, "")), title=hostile)) == []
    both = (Reading(hostile, (page(1, hostile),)), Reading("b", (page(1, ""),)))
    found = comparison.pairs(Path("a.png"), both, Mode.PLAIN)
    assert alive(comparison.html([hostile], both, found, drawn)) == []


def test_two_engines_that_read_the_same_are_told_so() -> None:
    both = (Reading("a", (page(1, "same text"),)), Reading("b", (page(1, "same\ntext"),)))
    found = comparison.pairs(Path("a.png"), both, Mode.PLAIN)

    html = comparison.html([], both, found, drawn)

    assert "Both read the same." in words(parsed(html))
    assert [line.split(" (")[0] for line in comparison.lines(both, found)] == ["a.png: the same"]


@needs_browser
@pytest.mark.timeout(240)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_everyone_can_read_an_evaluation(chromium: Browser, axe: str, tmp_path: Path, dark: bool) -> None:
    pairs = (("the old cat", "the cat sat"), ("本公司将于下周一开会。", "本公司将下周一开会"), ("same", "same"))
    path = tmp_path / "report.html"
    path.write_text(made(read_by("got", *pairs), read_by("paddle", *pairs)), "utf-8")

    seen = chromium.open(path, width=1500, dark=dark)
    chromium.evaluate("document.querySelectorAll('section').forEach(each => each.style.contentVisibility = 'visible')")

    assert seen.requests == [path.as_uri()]
    assert seen.complaints == []
    assert accessibility.complaints(chromium, axe) == []


@needs_browser
@pytest.mark.timeout(240)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_everyone_can_read_a_comparison(chromium: Browser, axe: str, tmp_path: Path, dark: bool) -> None:
    both = (Reading("a", (page(1, "the old cat"),)), Reading("b", (page(1, ""),)))
    found = comparison.pairs(Path("a.png"), both, Mode.PLAIN)
    path = tmp_path / "comparison.html"
    path.write_text(comparison.html(["asked for: plain"], both, found, drawn), "utf-8")

    chromium.open(path, width=1500, dark=dark)

    assert accessibility.complaints(chromium, axe) == []


@needs_browser
@pytest.mark.timeout(240)
def test_an_evaluation_fits_into_a_narrow_window(chromium: Browser, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(made(read_by("got", ("word" * 100, "word" * 90))), "utf-8")

    chromium.open(path, width=320)

    assert chromium.evaluate("document.documentElement.scrollWidth") <= 320
