"""Which renderer makes which kind of result file. Each is loaded for who asks for it: the first page is not to wait."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet

from gotwatch.documents import Document, Form, PagePicture, TextStyle
from gotwatch.render import installed
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
    at_page: Callable[[int], None] | None = None,
) -> bytes:
    """The content of the file. *pictures* are shown in HTML, and are the pages of a PDF made from images. *midi* puts
    each score into HTML as a file too.

    Raises FormUnavailable where this form cannot be made of this document, or on this machine.
    """
    installed.check(form)
    match form:
        case Form.TXT:
            from gotwatch.render import text  # noqa: PLC0415

            return text.render(document, text_style).encode()
        case Form.HTML:
            from gotwatch.render import html  # noqa: PLC0415

            told = at_page or html.nowhere
            page = html.render(document, bench, pictures=pictures, midi=midi, plain_pages=plain_pages, at_page=told)
            return page.encode()
        case Form.MD:
            from gotwatch.render import markdown  # noqa: PLC0415

            return markdown.render(document).encode()
        case Form.JSON:
            from gotwatch.render import record  # noqa: PLC0415

            return record.render(document).encode()
        case Form.DOCX:
            from gotwatch.render import docx  # noqa: PLC0415

            return docx.render(document)
        case Form.PDF:
            from gotwatch.render import searchable  # noqa: PLC0415

            return searchable.render(document, pictures)
