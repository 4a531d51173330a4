"""Which result files a document gets: in which order, with which pictures, and what is said of missing ones."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from gotwatch.config.settings import Watch
from gotwatch.documents import Document, Form, PagePicture, TextStyle
from gotwatch.edition import Edition, Editor
from gotwatch.errors import FormUnavailable, SourceGone
from gotwatch.render.press.process import Rendered
from tests.read_documents import document, page


@dataclass
class NotingPress:
    """Makes nothing, and notes what it was asked for."""

    impossible: tuple[Form, ...] = ()
    warning: str = ""
    asked: list[Form] = field(default_factory=list)
    pictures: dict[Form, list[int]] = field(default_factory=dict)
    midi: bool = False
    warned: tuple[str, ...] = ()

    def render(
        self, document: Document, form: Form, *, text_style: TextStyle, pictures: Sequence[PagePicture], midi: bool
    ) -> Rendered:
        self.asked.append(form)
        self.pictures[form] = [picture.number for picture in pictures]
        self.warned = document.warnings
        self.midi = midi
        if form in self.impossible:
            raise FormUnavailable("This cannot be", hint="Install something.")
        return Rendered(form.value.encode(), (self.warning,) if self.warning else ())


@dataclass
class Album:
    """An open document whose pages are large pictures."""

    size_bytes: int = 10

    def depict(self, number: int, *, longest_pixels: int) -> PagePicture:
        return PagePicture(number, longest_pixels, longest_pixels, bytes(self.size_bytes))


def edit(press: NotingPress, made: Document, *, album: Album | None = None, **settings: Any) -> Edition:
    @contextmanager
    def open_document(path: Path) -> Iterator[Album]:
        if album is None:
            raise SourceGone(f"{path.name} is no longer there")
        yield album

    watch = Watch(folder=Path("in").absolute(), output=Path("out").absolute(), **settings)
    return Editor(press, open_document).edit(made, watch)


def test_every_wanted_form_is_made_html_last() -> None:
    press = NotingPress()

    edition = edit(press, document(page()), formats=("html", "txt", "json"))

    assert press.asked == [Form.JSON, Form.TXT, Form.HTML]
    assert edition.contents == {"json": b"json", "txt": b"txt", "html": b"html"}


def test_a_form_that_cannot_be_made_leaves_a_warning_in_those_that_follow() -> None:
    press = NotingPress(impossible=(Form.DOCX,))

    edition = edit(press, document(page()), formats=("html", "docx"))

    assert edition.contents == {"html": b"html"}
    assert press.warned == ("The .docx was not made: This cannot be. Install something.",)
    assert edition.document.warnings == press.warned


def test_what_the_press_warns_of_is_a_warning_of_the_document() -> None:
    edition = edit(NotingPress(warning="Page 2 is plain."), document(page()), formats=("html",))

    assert edition.document.warnings == ("Page 2 is plain.",)


def test_pages_are_depicted_only_where_that_is_wanted() -> None:
    plain, illustrated = NotingPress(), NotingPress()
    made = document(page(1), page(2, count=2))

    edit(plain, made, album=Album(), formats=("html",))
    edit(illustrated, made, album=Album(), formats=("html", "txt"), html_images=True)

    assert plain.pictures == {Form.HTML: []}
    assert illustrated.pictures == {Form.TXT: [], Form.HTML: [1, 2, 3]}


@pytest.mark.parametrize("wanted", [False, True])
def test_scores_can_be_heard_only_where_that_is_wanted(wanted: bool) -> None:
    press = NotingPress()

    edit(press, document(page()), formats=("html",), html_midi=wanted)

    assert press.midi is wanted


def test_without_the_source_there_are_no_pictures_but_all_the_text() -> None:
    press = NotingPress()

    edition = edit(press, document(page()), formats=("html",), html_images=True)

    assert edition.contents == {"html": b"html"}
    assert edition.document.warnings == ("Not all pages have pictures: scan.png is no longer there.",)


def test_pictures_end_before_the_file_is_too_large_to_be_opened() -> None:
    press = NotingPress()
    made = document(*(page(number) for number in range(1, 8)))

    edition = edit(press, made, album=Album(15_000_000), formats=("html",), html_images=True)

    assert press.pictures[Form.HTML] == [1, 2, 3]
    assert edition.document.warnings == ("Only the first 3 pages have pictures: more are too much.",)
