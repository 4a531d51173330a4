"""The page around the pages: where the text comes from, what to look at first, and how to find one's way."""

import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gotwatch.documents import Document, Finish, Mode, PagePicture, PageText
from gotwatch.render import html
from gotwatch.render.language import guess_language
from gotwatch.render.notes import ranges, warnings
from gotwatch.render.workbench import Workbench
from tests.read_documents import document, page
from tests.web_pages import alive, one, parsed, words

HOSTILE = (
    """<script>alert(1)</script><img src=x onerror=alert(2)> "'&amp; </p></section></style>\u2028javascript:alert(3)"""
)
any_text = st.text(st.characters(), max_size=200)  # surrogates and control characters too


@pytest.fixture(scope="module")
def bench() -> Iterator[Workbench]:
    bench = Workbench()
    yield bench
    bench.close()


def rendered(made: Document, bench: Workbench) -> str:
    return html.render(made, bench)


def said(made: Document, bench: Workbench) -> str:
    return words(parsed(html.render(made, bench)))


def has(made: Document, bench: Workbench, path: str) -> bool:
    return parsed(html.render(made, bench)).find(f".//{path}") is not None


@settings(deadline=None, max_examples=40)  # the machine may be busy
@given(
    markups=st.lists(any_text, min_size=1, max_size=3),
    mode=st.sampled_from(Mode),
    name=st.text(st.characters(), min_size=1),
)
def test_any_text_in_any_file_gives_a_page(bench: Workbench, markups: list[str], mode: Mode, name: str) -> None:
    pages = [page(number, markup) for number, markup in enumerate(markups, start=1)]

    made = html.render(document(*pages, mode=mode, name=name.replace("/", "_").replace("\0", "_")), bench)

    assert made.encode("utf-8").endswith(b"</html>\n")
    assert alive(made) == []


@pytest.mark.parametrize("place", ["markup", "name", "warning", "copied_from"])
def test_hostile_words_are_shown_and_never_obeyed(bench: Workbench, place: str) -> None:
    made = rendered(
        document(
            page(1, HOSTILE if place == "markup" else "text"),
            name=HOSTILE.replace("/", "_") if place == "name" else "a.png",
            warnings=(HOSTILE,) if place == "warning" else (),
            copied_from=Path(HOSTILE) if place == "copied_from" else None,
        ),
        bench,
    )

    assert alive(made) == []
    assert "<script>alert(1)" in words(parsed(made))


def test_the_page_may_run_nothing_and_load_nothing(bench: Workbench) -> None:
    policy = one(rendered(document(page()), bench), "meta[@http-equiv]")
    css = resources.files("gotwatch.render").joinpath("page.css").read_text("utf-8")

    assert policy.get("content") == (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:;"
        " base-uri 'none'; form-action 'none'"
    )
    assert not re.search(r"url\(|@import|https?:|</", css)


def test_the_top_tells_where_the_text_comes_from(bench: Workbench) -> None:
    made = document(page(1), page(2), name="R&D.pdf", copied_from=Path("old/letter.pdf"))

    tree = parsed(rendered(made, bench))

    top = tree.find(".//header")
    assert top is not None
    assert "R&D.pdf" in words(top)
    assert "2 pages · read 2025-11-2" in words(top)
    assert "engine echo · model@1 · plain mode" in words(top)
    assert f"Same bytes as {Path('old/letter.pdf')}: text taken from there." in words(top)
    assert [time.get("datetime") for time in tree.iter("time")] == ["2025-11-22T09:48:03+00:00"]
    assert [title.text for title in tree.iter("title")] == ["R&D.pdf"]


def test_plain_text_keeps_its_lines_and_blanks_and_parts_its_paragraphs(bench: Workbench) -> None:
    made = rendered(document(page(1, "\nname  <b>\n\tindented\n \n\nsecond\n")), bench)

    assert '<p dir="auto">name  &lt;b&gt;\n\tindented</p>\n<p dir="auto">second</p>' in made


def test_every_page_has_an_anchor_with_its_number(bench: Workbench) -> None:
    tree = parsed(rendered(document(page(1), page(2, count=3), page(5)), bench))

    assert [section.get("id") for section in tree.iter("section")] == ["page-1", "page-2", "page-5"]
    assert [words(heading) for heading in tree.iter("h2")] == ["Page 1", "Pages 2\N{EN DASH}4", "Page 5"]
    assert "5 pages · read" in words(tree)


def test_a_note_on_pages_that_were_read_in_one_go_is_about_all_of_them(bench: Workbench) -> None:
    made = document(page(1), page(2, count=3, finish=Finish.LENGTH))

    text = said(made, bench)

    assert "the end of these pages may be missing" in text
    assert "See the notes on pages 2\N{EN DASH}4." in text
    assert warnings(made) == ("Pages 2-4: Cut at the token limit: the end of these pages may be missing.",)


@pytest.mark.parametrize(("pages", "has_contents"), [(5, False), (6, True)])
def test_a_long_document_has_contents(bench: Workbench, pages: int, has_contents: bool) -> None:
    made = document(*(page(number) for number in range(1, pages + 1)))

    assert has(made, bench, "nav") is has_contents


def test_the_contents_of_a_long_document_name_its_headings_and_their_pages(bench: Workbench) -> None:
    markups = [f"# Part {number}\n\n## On $x$\n\n### Detail" for number in range(1, 7)]
    made = document(*(page(number, markup) for number, markup in enumerate(markups, start=1)), mode=Mode.FORMAT)

    tree = parsed(rendered(made, bench))

    entries = [words(entry) for entry in tree.findall(".//ol[@class='headings']/li")]
    targets = [link.get("href", "") for link in tree.findall(".//ol[@class='headings']/li/a")]
    anchors = {f"#{element.get('id')}" for element in tree.iter()}
    assert entries[:3] == ["Part 11", "On x1", "Part 22"]
    assert len(entries) == 12
    assert set(targets) <= anchors


@pytest.mark.parametrize(
    ("odd", "message"),
    [
        (page(2, finish=Finish.LENGTH), "Cut at the token limit"),
        (page(2, finish=Finish.LOOP), "began to repeat itself"),
        (page(2, finish=Finish.TIME), "Cut at the time limit"),
        (page(2, confidence=0.59), "unsure about this page (confidence 59%)"),
    ],
)
def test_a_doubtful_page_says_so_and_the_top_points_to_it(bench: Workbench, odd: PageText, message: str) -> None:
    text = said(document(page(1), odd), bench)

    assert message in text
    assert "See the note on page 2." in text


def test_the_top_does_not_point_to_the_only_page(bench: Workbench) -> None:
    made = document(page(1, r"\(x^2^3\)", finish=Finish.LENGTH), mode=Mode.FORMAT)

    assert not has(made, bench, "aside")
    assert "Cut at the token limit" in said(made, bench)


@pytest.mark.parametrize(
    ("plain", "message"),
    [(page(1, "", finish=Finish.BLANK, confidence=0.0), "Blank page."), (page(1, " \n"), "No text was found")],
)
def test_an_empty_page_says_so_without_alarm(bench: Workbench, plain: PageText, message: str) -> None:
    made = document(plain)

    assert message in said(made, bench)
    assert not has(made, bench, "aside")


def test_a_page_read_without_doubt_has_no_note(bench: Workbench) -> None:
    made = document(page(1, confidence=0.6), page(2, confidence=None))

    assert not has(made, bench, "aside")


def test_mended_markup_is_told_calmly_and_pointed_to(bench: Workbench) -> None:
    made = document(page(1), page(2, r"\(x^2^3\) and \begin{itemize} \item one"), mode=Mode.FORMAT)

    tree = parsed(rendered(made, bench))

    [banner] = tree.iter("aside")
    assert banner.get("class") == "calm"
    assert "Markup was mended on page 2." in words(banner)
    assert "1 formula repaired" in words(tree)
    assert "itemize} in line 1 is never closed" in words(tree)


def test_a_formula_that_is_not_understood_is_told(bench: Workbench) -> None:
    text = said(document(page(1, r"\(\def\x{y}\x\)"), mode=Mode.FORMAT), bench)

    assert r"\def\x{y}\x" in text
    assert "1 formula is shown as source" in text


def test_a_drawing_that_is_not_as_the_model_wrote_it_is_told(bench: Workbench) -> None:
    text = said(document(page(1, "<smiles>C1CC(</smiles>"), page(2), mode=Mode.FORMAT), bench)

    assert "Markup was mended on page 1." in text
    assert "1 drawing not as the model wrote it" in text


def test_warnings_stand_at_the_top(bench: Workbench) -> None:
    made = rendered(document(page(1), warnings=("Pages 3 to 9 were left out.",)), bench)

    assert made.index("Pages 3 to 9 were left out.") < made.index("<main")


def test_many_warnings_are_folded_but_all_there(bench: Workbench) -> None:
    told = tuple(f"The text of page {number} was cut." for number in range(1, 41))

    made = rendered(document(page(1), warnings=told), bench)

    assert all(warning in made for warning in told)
    assert made.index("35 more") < made.index(told[5])


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("これは契約書です", "ja"),
        ("这是一份合同 2025", "zh"),
        ("계약서 Contract", "ko"),
        ("Συμβόλαιο", "el"),
        ("חוזה", "he"),
        ("Ein Vertrag über π und ω", ""),
        ("Договор", ""),
        ("12 + 30", ""),
    ],
)
def test_a_language_is_told_by_its_script_alone(bench: Workbench, text: str, language: str) -> None:
    assert guess_language(text) == language
    assert f'<main lang="{language}">' in rendered(document(page(1, text)), bench)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (
            "This is the text of a letter which was sent to the office and has not been answered by any of those who"
            " are named in it.",
            "en",
        ),
        (
            "Hiermit kündigen wir den Vertrag, der von Ihnen und uns geschlossen wurde, zum Ende des Jahres, und bitten"
            " Sie, das Geld auf das Konto zu überweisen, das im Brief genannt ist.",
            "de",
        ),
        (
            "La réunion est reportée au lundi et les membres du comité sont priés de venir avec une copie des documents"
            " qui sont dans le dossier.",
            "fr",
        ),
        (
            "El contrato se firma en la ciudad y los pagos por el alquiler del piso se hacen con una transferencia para"
            " que no haya dudas.",
            "es",
        ),
        ("one two three four five six seven eight nine ten " * 4, ""),
        ("A B C D E F G 1 2 3 " * 10, ""),
    ],
)
def test_a_language_of_a_shared_script_is_told_by_its_common_words(text: str, language: str) -> None:
    assert guess_language(text) == language


def test_neighbours_are_one_range() -> None:
    assert ranges([1, 2, 3, 7, 9, 10]) == ((1, 3), (7, 7), (9, 10))


def test_a_name_that_is_no_utf8_is_shown(bench: Workbench) -> None:
    assert r"caf\udce9\x0a.png" in said(document(page(), name="caf\udce9\n.png"), bench)


def test_a_picture_stands_behind_the_text_of_its_page(bench: Workbench) -> None:
    pictures = [PagePicture(2, 120, 160, b"second"), PagePicture(3, 120, 160, b"third")]

    tree = parsed(html.render(document(page(1), page(2, count=2)), bench, pictures=pictures))

    first, second = tree.iter("section")
    assert first.find(".//img") is None
    assert [picture.get("alt") for picture in second.iter("img")] == ["Picture of page 2", "Picture of page 3"]
    assert [picture.get("src") for picture in second.iter("img")] == [
        "data:image/jpeg;base64,c2Vjb25k",
        "data:image/jpeg;base64,dGhpcmQ=",
    ]
    tags = [element.tag for element in second.iter()]
    assert tags.index("p") < tags.index("img")


def test_a_page_that_cannot_be_rendered_is_shown_as_the_model_wrote_it(bench: Workbench) -> None:
    made = document(page(1, "# One"), page(2, "# Two <b>"), mode=Mode.FORMAT)

    tree = parsed(html.render(made, bench, plain_pages={2}))

    assert [words(heading) for heading in tree.iter("h3")] == ["One"]
    assert [words(block) for block in tree.iter("pre")] == ["# Two <b>"]
    assert "See the note on page 2." in words(tree)


def test_it_tells_at_which_page_it_is(bench: Workbench) -> None:
    told: list[int] = []

    html.render(document(page(1), page(2, count=2), page(4)), bench, at_page=told.append)

    assert told == [1, 2, 4]


def test_formulas_bring_one_font_for_the_whole_document_and_text_brings_none(bench: Workbench) -> None:
    formulas = rendered(document(page(1, r"\(\alpha\)"), page(2, r"\(\beta\)"), mode=Mode.FORMAT), bench)
    text = rendered(document(page(1, "alpha")), bench)

    assert formulas.count("@font-face") == 1
    assert "@font-face" not in text
