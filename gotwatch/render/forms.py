"""Which renderer makes which kind of result file."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet

from gotwatch.documents import Document, Form, PagePicture, TextStyle
from gotwatch.render import docx, html, installed, markdown, record, text
from gotwatch.render.workbench import Workbench


def render(
    document: Document,
    form: Form,
    *,
    bench: Workbench,
    text_style: TextStyle = TextStyle.MODEL,
    pictures: Sequence[PagePicture] = (),
    midi: bool = False,
    plain_pages: AbstractSet[int] = frozenset(),
    at_page: Callable[[int], None] = html.nowhere,
) -> bytes:
    """The content of the file. *pictures* are shown in HTML, and are the pages of a PDF made from images. *midi* puts
    each score into HTML as a file too.

    Raises FormUnavailable where this form cannot be made of this document, or on this machine.
    """
    installed.check(form)
    match form:
        case Form.TXT:
            return text.render(document, text_style).encode()
        case Form.HTML:
            page = html.render(document, bench, pictures=pictures, midi=midi, plain_pages=plain_pages, at_page=at_page)
            return page.encode()
        case Form.MD:
            return markdown.render(document).encode()
        case Form.JSON:
            return record.render(document).encode()
        case Form.DOCX:
            return docx.render(document)
        case Form.PDF:
            from gotwatch.render import searchable  # noqa: PLC0415  needs pikepdf, which may not be there

            return searchable.render(document, pictures)
