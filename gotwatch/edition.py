"""The result files of a document: in which order they are made, with which pictures, and which of them cannot be."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from gotwatch.config.settings import Watch
from gotwatch.documents import Document, Form, PagePicture, TextStyle
from gotwatch.errors import FormUnavailable, GotwatchError
from gotwatch.render.press.process import Rendered
from gotwatch.words import marked

# What may turn out to be impossible comes first, so that the warning of it can stand in the others.
_ORDER = (Form.PDF, Form.DOCX, Form.JSON, Form.TXT, Form.MD, Form.HTML)
_LONGEST_PIXELS = {Form.HTML: 1_200, Form.PDF: 2_400}
_MOST_PICTURE_BYTES = 40_000_000  # of a document: browsers and memory have an end


class PictureSource(Protocol):
    """A document that is open in a reader process."""

    def depict(self, number: int, *, longest_pixels: int) -> PagePicture: ...


class Renderer(Protocol):
    """What makes a document into a result file: the press."""

    def render(
        self, document: Document, form: Form, *, text_style: TextStyle, pictures: Sequence[PagePicture], midi: bool
    ) -> Rendered: ...


@dataclass(frozen=True, slots=True)
class Edition:
    contents: dict[str, bytes]  # by suffix
    document: Document  # with warnings of what is not as it was wanted


class Editor:
    def __init__(self, press: Renderer, open_document: Callable[[Path], AbstractContextManager[PictureSource]]) -> None:
        self._press = press
        self._open_document = open_document

    def edit(self, document: Document, watch: Watch) -> Edition:
        """Raises RenderingFailed where a form that is always possible cannot be made."""
        contents: dict[str, bytes] = {}
        for form in sorted(watch.formats, key=_ORDER.index):
            pictures, missing = self._pictures(document, form, watch)
            document = _warned(document, *missing)
            try:
                rendered = self._press.render(
                    document, form, text_style=watch.text_style, pictures=pictures, midi=watch.html_midi
                )
            except FormUnavailable as error:
                document = _warned(
                    document, marked(f"The .{form.value} was not made: {error.message}. {error.hint}").rstrip()
                )
            else:
                contents[form.value] = rendered.content
                document = _warned(document, *rendered.warnings)
        return Edition(contents, document)

    def _pictures(self, document: Document, form: Form, watch: Watch) -> tuple[list[PagePicture], tuple[str, ...]]:
        """Those that *form* shows, and what there is to say of those that are missing."""
        if not _shows_pictures(form, document, watch):
            return [], ()
        pictures: list[PagePicture] = []
        size_bytes = 0
        try:
            with self._open_document(document.source.path) as opened:
                for number in _numbers(document):
                    if size_bytes > _MOST_PICTURE_BYTES:
                        return pictures, (
                            marked(f"Only the first {len(pictures)} pages have pictures: more are too much."),
                        )
                    pictures.append(opened.depict(number, longest_pixels=_LONGEST_PIXELS[form]))
                    size_bytes += len(pictures[-1].jpeg)
        except GotwatchError as error:
            return pictures, (marked(f"Not all pages have pictures: {error.message}."),)
        return pictures, ()


def _shows_pictures(form: Form, document: Document, watch: Watch) -> bool:
    if form is Form.PDF:
        return document.source.path.suffix.lower() != ".pdf"  # whose pages are taken as they are
    return form is Form.HTML and watch.html_images


def _numbers(document: Document) -> list[int]:
    return [number for page in document.pages for number in page.numbers]


def _warned(document: Document, *warnings: str) -> Document:
    return replace(document, warnings=(*document.warnings, *warnings))
