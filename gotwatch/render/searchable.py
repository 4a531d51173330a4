"""A document as a PDF that can be searched: its pages, each with its text unseen above it."""

import hashlib
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pikepdf
from pikepdf import Dictionary, Name, Page, Pdf

from gotwatch.documents import Document, PagePicture, PageText, shown
from gotwatch.errors import FormUnavailable
from gotwatch.render.text import reading_text
from gotwatch.render.textlayer import layer
from gotwatch.render.textlayer.font import UnseenFont
from gotwatch.render.textlayer.layer import Sheet
from gotwatch.render.textlayer.own_text import own_text_bytes
from gotwatch.version import VERSION

_LONGEST_POINTS = 842.0  # as long as A4
_ENOUGH_OWN_TEXT = 0.5  # of what was read: then a second layer would only be found twice
_FONT = "/GotwatchUnseen"
_REMARK = "One block of unseen text on each page, in reading order; it is not aligned with the picture."


def render(document: Document, pictures: Sequence[PagePicture]) -> bytes:
    """Of *pictures*, where the source is no PDF. Raises FormUnavailable."""
    if pictures:
        with Pdf.new() as pdf:
            return _from_pictures(pdf, document, pictures)
    with _source(document) as pdf:
        return _with_text(pdf, document, {number: number - 1 for number in range(1, len(pdf.pages) + 1)})


def _from_pictures(pdf: Pdf, document: Document, pictures: Sequence[PagePicture]) -> bytes:
    places = {picture.number: place for place, picture in enumerate(pictures)}
    for picture in pictures:
        _add_page(pdf, picture)
    pdf.docinfo[Name.Title] = shown(document.source.path.name)
    pdf.docinfo[Name.Producer] = f"gotwatch {VERSION}"
    return _with_text(pdf, document, places)


def _add_page(pdf: Pdf, picture: PagePicture) -> None:
    scale = _LONGEST_POINTS / max(picture.width, picture.height)
    width, height = picture.width * scale, picture.height * scale
    image = pdf.make_stream(
        picture.jpeg,
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=picture.width,
        Height=picture.height,
        ColorSpace=Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=Name.DCTDecode,
    )
    page = pdf.add_blank_page(page_size=(width, height))
    page.Resources = Dictionary(XObject=Dictionary(Picture=image))
    page.Contents = pdf.make_stream(f"q {width:.3f} 0 0 {height:.3f} 0 0 cm /Picture Do Q".encode("ascii"))


def _with_text(pdf: Pdf, document: Document, places: dict[int, int]) -> bytes:
    font = UnseenFont()
    written = [
        page
        for read in document.pages
        if read.number in places and (page := _write(pdf.pages[places[read.number]], read, document, font))
    ]
    made = font.embed(pdf)
    for page in written:
        page.add_resource(made, Name.Font, Name(_FONT))
    pdf.docinfo[Name("/GotwatchTextLayer")] = _REMARK
    return _saved(pdf)


def _write(page: Page, read: PageText, document: Document, font: UnseenFont) -> Page | None:
    """*page*, if it was written on."""
    lines = _lines(reading_text(read, document.reading.prompt.mode))
    enough = int(_ENOUGH_OWN_TEXT * sum(map(len, lines))) + 1
    if not lines or own_text_bytes(page, enough=enough) >= enough:
        return None
    # What was there before may leave the page in any state.
    page.contents_add(b"q\n", prepend=True)
    page.contents_add(b"\nQ\n" + layer.content(lines, _sheet(page), font, name=_FONT))
    return page


def _lines(text: str) -> list[str]:
    """Blanks that align columns would part what belongs together."""
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return [line for line in lines if line]


def _sheet(page: Page) -> Sheet:
    left, bottom, right, top = (float(edge) for edge in page.cropbox.as_list())
    width, height = abs(right - left), abs(top - bottom)
    return Sheet(min(left, right), min(bottom, top), width, height, page.rotation)


@contextmanager
def _source(document: Document) -> Iterator[Pdf]:
    path = document.source.path
    try:
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != document.source.digest:
                raise FormUnavailable("The file has changed since it was read")
            file.seek(0)
            with Pdf.open(file) as pdf:
                yield pdf
    except OSError as exc:
        raise FormUnavailable(f"The file cannot be read: {exc.strerror}") from exc
    except pikepdf.PdfError as exc:
        raise FormUnavailable("The file is no sound PDF") from exc


def _saved(pdf: Pdf) -> bytes:
    content = io.BytesIO()
    # The same document gives the same bytes, so that results are not written anew; an encrypted one never does.
    pdf.save(content, deterministic_id=not pdf.is_encrypted, encryption=pdf.is_encrypted)
    return content.getvalue()
