"""Results as text, HTML, Markdown and JSON: what the model wrote, shown literally, from any file name."""

import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gotwatch.documents import Document, Finish, Form, Mode, PageText, Prompt, Reading, SourceFile, Stamp
from gotwatch.render.forms import render
from gotwatch.render.language import guess_language
from gotwatch.render.notes import ranges, warnings

HOSTILE = (
    """<script>alert(1)</script><img src=x onerror=alert(2)> "'&amp; </p></section></style>\u2028javascript:alert(3)"""
)
any_text = st.text(st.characters(), max_size=200)  # surrogates and control characters too


def page(
    number: int = 1,
    markup: str = "text",
    *,
    count: int = 1,
    finish: Finish = Finish.STOP,
    confidence: float | None = 0.9,
) -> PageText:
    return PageText(
        number=number,
        count=count,
        markup=markup,
        tokens=7,
        seconds=0.12345,
        confidence=confidence,
        least_confidence=confidence and confidence / 2,
        finish=finish,
        checkpoint="" if finish is Finish.BLANK else "model@1",
    )


def document(
    *pages: PageText,
    name: str = "scan.png",
    mode: Mode = Mode.PLAIN,
    copied_from: Path | None = None,
    warnings: tuple[str, ...] = (),
    mtime_ns: int = 1_700_000_000_123_456_789,
) -> Document:
    return Document(
        source=SourceFile(Path("in", name), "scans", Stamp(1234, mtime_ns), "ab" * 32),
        relative=Path("2025", name),
        pages=pages,
        reading=Reading("echo", "configured", Prompt(mode)),
        read_at=datetime(2025, 11, 22, 9, 48, 3, tzinfo=UTC),
        copied_from=copied_from,
        warnings=warnings,
    )


class Outline(HTMLParser):
    """What a browser makes of a page: its elements, and the words outside of style."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, text: str) -> None:
        if self.tags[-1:] != ["style"]:
            self.words.append(text)

    def values(self, attribute: str) -> list[str | None]:
        return [value for name, value in self.attributes if name == attribute]

    @property
    def text(self) -> str:
        return "".join(self.words)


def test_text_is_what_the_model_wrote_with_pages_parted_by_form_feeds() -> None:
    text = render(document(page(1, "  one\n\n1. two \n"), page(2, "", finish=Finish.BLANK), page(3, "three")), Form.TXT)

    assert text == "  one\n\n1. two \n\f\fthree\n"


@pytest.mark.parametrize(
    ("markups", "expected"), [([""], "\n"), (["a", ""], "a\n\f\n"), (["", "a"], "\fa\n"), (["a\n\n\n"], "a\n")]
)
def test_text_ends_with_one_newline_and_keeps_empty_pages(markups: list[str], expected: str) -> None:
    pages = [page(number, markup) for number, markup in enumerate(markups, start=1)]

    assert render(document(*pages), Form.TXT) == expected


def test_what_no_text_file_should_hold_is_removed() -> None:
    text = render(document(page(1, "a\0b\x1b[31mc\x7f\x9b\td\r\ne\rf\fg\ud800h")), Form.TXT)

    assert text == "ab[31mc\td\ne\nf\ng\ufffdh\n"


@settings(deadline=None)  # the machine may be busy
@given(st.lists(any_text, min_size=1, max_size=3), st.sampled_from(Mode), st.text(st.characters(), min_size=1))
def test_any_text_in_any_file_gives_every_form(markups: list[str], mode: Mode, name: str) -> None:
    pages = [page(number, markup) for number, markup in enumerate(markups, start=1)]
    made = document(*pages, mode=mode, name=name.replace("/", "_").replace("\0", "_"))

    for form in Form:
        assert render(made, form).encode("utf-8").endswith(b"\n")
    assert render(made, Form.TXT).count("\f") == len(markups) - 1


@pytest.mark.parametrize("place", ["markup", "name", "warning", "copied_from"])
def test_html_shows_hostile_words_and_obeys_none(place: str) -> None:
    made = document(
        page(1, HOSTILE if place == "markup" else "text"),
        name=HOSTILE.replace("/", "_") if place == "name" else "a.png",
        warnings=(HOSTILE,) if place == "warning" else (),
        copied_from=Path(HOSTILE) if place == "copied_from" else None,
    )

    outline = Outline(render(made, Form.HTML))

    assert not {"script", "img", "svg", "link", "iframe", "base", "form"} & set(outline.tags)
    assert {name for name, _ in outline.attributes} <= {
        *("lang", "charset", "http-equiv", "content", "name", "dir", "class", "datetime", "aria-label", "id", "href")
    }
    assert all(str(target).startswith("#page-") for target in outline.values("href"))
    assert "<script>alert(1)" in outline.text


def test_html_asks_nothing_of_the_network() -> None:
    html = render(document(page()), Form.HTML)
    css = resources.files("gotwatch.render").joinpath("page.css").read_text("utf-8")

    assert "default-src 'none'; style-src 'unsafe-inline'" in Outline(html).values("content")[0]
    assert not re.search(r"url\(|@import|https?:|</", css)


def test_html_tells_where_the_text_comes_from() -> None:
    made = document(page(1), page(2), name="R&D.pdf", copied_from=Path("old/letter.pdf"))

    outline = Outline(render(made, Form.HTML))

    assert outline.text.count("R&D.pdf") == 2  # title and heading
    assert "2 pages · read 2025-11-2" in outline.text
    assert "engine echo · model@1 · plain mode" in outline.text
    assert f"Same bytes as {Path('old/letter.pdf')}: text taken from there." in outline.text
    assert outline.values("datetime") == ["2025-11-22T09:48:03+00:00"]


def test_html_keeps_lines_and_parts_paragraphs() -> None:
    html = render(document(page(1, "\nname  <b>\n\tindented\n \n\nsecond\n")), Form.HTML)

    assert '<p dir="auto">name  &lt;b&gt;\n\tindented</p>\n<p dir="auto">second</p>' in html


def test_every_page_has_an_anchor_with_its_number() -> None:
    outline = Outline(render(document(page(1), page(2)), Form.HTML))

    assert outline.values("id") == ["page-1", "page-2"]
    assert "Page 2" in outline.text


def test_pages_that_were_read_in_one_go_are_shown_as_one() -> None:
    outline = Outline(render(document(page(1), page(2, count=3), page(5)), Form.HTML))

    assert outline.values("id") == ["page-1", "page-2", "page-5"]
    assert "Pages 2\N{EN DASH}4" in outline.text
    assert "5 pages · read" in outline.text


def test_a_note_on_pages_that_were_read_in_one_go_is_about_all_of_them() -> None:
    made = document(page(1), page(2, count=3, finish=Finish.LENGTH))

    outline = Outline(render(made, Form.HTML))

    assert "the end of these pages may be missing" in outline.text
    assert "See the notes on pages 2\N{EN DASH}4." in outline.text
    assert warnings(made) == ("Pages 2-4: Cut at the token limit: the end of these pages may be missing.",)


@pytest.mark.parametrize(("pages", "has_contents"), [(5, False), (6, True)])
def test_a_long_document_has_contents(pages: int, has_contents: bool) -> None:
    outline = Outline(render(document(*(page(number) for number in range(1, pages + 1))), Form.HTML))

    assert ("nav" in outline.tags) is has_contents


@pytest.mark.parametrize(
    ("odd", "words"),
    [
        (page(2, finish=Finish.LENGTH), "Cut at the token limit"),
        (page(2, finish=Finish.LOOP), "began to repeat itself"),
        (page(2, finish=Finish.TIME), "Cut at the time limit"),
        (page(2, confidence=0.59), "unsure about this page (confidence 59%)"),
    ],
)
def test_a_doubtful_page_says_so_and_the_top_points_to_it(odd: PageText, words: str) -> None:
    outline = Outline(render(document(page(1), odd), Form.HTML))

    assert words in outline.text
    assert "See the note on page 2." in outline.text


@pytest.mark.parametrize(
    ("plain", "words"),
    [(page(1, "", finish=Finish.BLANK, confidence=0.0), "Blank page."), (page(1, " \n"), "No text was found")],
)
def test_an_empty_page_says_so_without_alarm(plain: PageText, words: str) -> None:
    outline = Outline(render(document(plain), Form.HTML))

    assert words in outline.text
    assert "aside" not in outline.tags


def test_a_page_read_without_doubt_has_no_note() -> None:
    outline = Outline(render(document(page(1, confidence=0.6), page(2, confidence=None)), Form.HTML))

    assert "aside" not in outline.tags
    assert "unsure" not in outline.text


def test_warnings_stand_at_the_top() -> None:
    html = render(document(page(1), warnings=("Pages 3 to 9 were left out.",)), Form.HTML)

    assert html.index("Pages 3 to 9 were left out.") < html.index("<main")


def test_many_warnings_are_folded_but_all_there() -> None:
    warnings = tuple(f"The text of page {number} was cut." for number in range(1, 41))

    html = render(document(page(1), warnings=warnings), Form.HTML)

    assert all(warning in html for warning in warnings)
    assert html.index("35 more") < html.index(warnings[5])


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
def test_a_language_is_told_by_its_script_alone(text: str, language: str) -> None:
    assert guess_language(text) == language
    assert f'<main lang="{language}">' in render(document(page(1, text)), Form.HTML)


def test_neighbours_are_one_range() -> None:
    assert ranges([1, 2, 3, 7, 9, 10]) == ((1, 3), (7, 7), (9, 10))


def test_markdown_of_plain_text_shows_it_literally() -> None:
    text = "2*3*4 _x_ <b> [a](b) `c` \\d $5\n# 7\n1. one\n- two\n    four spaces\n---\n\nnext"

    assert render(document(page(1, text)), Form.MD) == (
        "2\\*3\\*4 \\_x\\_ \\<b\\> \\[a\\](b) \\`c\\` \\\\d \\$5  \n\\# 7  \n1\\. one  \n\\- two  \n"
        "\u00a0\u00a0\u00a0\u00a0four spaces  \n\\---\n\nnext\n"
    )


def test_markdown_of_formatted_text_is_the_models_own() -> None:
    markup = "# Title\n\n$$a_1 * b$$\n\n1. one"

    assert render(document(page(1, markup), mode=Mode.FORMAT), Form.MD) == f"{markup}\n"


def test_markdown_tells_where_a_page_begins() -> None:
    text = render(document(page(1, "one"), page(2, ""), page(3, "three")), Form.MD)

    assert text == "one\n\n---\n\n<!-- page 2 -->\n\n\n\n---\n\n<!-- page 3 -->\n\nthree\n"


def test_markdown_tells_which_pages_were_read_in_one_go() -> None:
    text = render(document(page(1, "one"), page(2, "more", count=3)), Form.MD)

    assert text == "one\n\n---\n\n<!-- pages 2-4 -->\n\nmore\n"


def test_json_tells_how_many_pages_were_read_in_one_go() -> None:
    record = json.loads(render(document(page(2, count=3)), Form.JSON))

    assert [(each["number"], each["count"]) for each in record["pages"]] == [(2, 3)]


@settings(deadline=None)  # the machine may be busy
@given(st.text(st.sampled_from("ab1 \t\n\\`*_[]<>&~$|^{}#+=:%!@-.()\"'/"), max_size=60))
def test_a_markdown_program_shows_plain_text_as_it_is(text: str) -> None:
    markdown_it = pytest.importorskip("markdown_it", reason="comes with rich")
    shown = markdown_it.MarkdownIt("gfm-like", {"linkify": False}).render(render(document(page(1, text)), Form.MD))

    assert set(Outline(shown).tags) <= {"p", "br"}
    words = [" ".join(line.split()) for line in Outline(shown).text.split("\n")]
    expected = [" ".join(line.split()) for line in text.split("\n")]
    assert [line for line in words if line] == [line for line in expected if line]


def test_json_holds_all_that_is_known() -> None:
    made = document(
        page(1, 'a\n"ü"', confidence=None),
        page(2, "", finish=Finish.BLANK),
        copied_from=Path("b.png"),
        warnings=("Careful.",),
    )

    record = json.loads(render(made, Form.JSON))

    assert record.pop("gotwatch")
    assert record == {
        "schema": 1,
        "source": {
            "name": "scan.png",
            "path": "2025/scan.png",
            "size": 1234,
            "modified": "2023-11-14T22:13:20.123456+00:00",
            "sha256": "ab" * 32,
        },
        "engine": "echo",
        "checkpoint": "model@1",
        "mode": "plain",
        "asked": "plain",
        "precision": "auto",
        "read_at": "2025-11-22T09:48:03+00:00",
        "copied_from": "b.png",
        "warnings": ["Careful."],
        "pages": [
            {
                "number": 1,
                "count": 1,
                "text": 'a\n"ü"',
                "tokens": 7,
                "seconds": 0.123,
                "confidence": None,
                "least_confidence": None,
                "finish": "stop",
                "checkpoint": "model@1",
            },
            {
                "number": 2,
                "count": 1,
                "text": "",
                "tokens": 7,
                "seconds": 0.123,
                "confidence": 0.9,
                "least_confidence": 0.45,
                "finish": "blank",
                "checkpoint": "",
            },
        ],
    }


def test_json_keeps_letters_readable() -> None:
    assert "契約" in render(document(page(1, "契約")), Form.JSON)


def test_a_time_beyond_the_calendar_is_left_open() -> None:
    record = json.loads(render(document(page(), mtime_ns=2**70), Form.JSON))

    assert record["source"]["modified"] is None


def test_a_name_that_is_no_utf8_is_shown() -> None:
    made = document(page(), name="caf\udce9\n.png")

    assert r"caf\udce9\x0a.png" in Outline(render(made, Form.HTML)).text
    assert json.loads(render(made, Form.JSON))["source"]["path"] == r"2025/caf\udce9\x0a.png"
