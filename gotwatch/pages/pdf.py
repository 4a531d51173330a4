"""PDF pages as pixels. The only module that knows PDFium."""

import math
import re
from contextlib import closing
from itertools import islice
from typing import BinaryIO

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from gotwatch.documents import PageImage
from gotwatch.errors import Encrypted, GotwatchError, Unreadable
from gotwatch.pages.base import PageLimits, TextLayer
from gotwatch.words import marked

POINTS_PER_INCH = 72
MAX_SIDE_PIXELS = 32_000
PAPER_POINTS = 1_191  # the long side of A3
PDFIUM_IMAGE_BYTES = 2**31  # the most that PDFium unpacks in one piece
TAIL_BYTES = 65_536
_HYPHEN = re.compile("[\ufffe\x02]")
MOST_TEXT_OBJECTS = 2_000  # enough to tell what a page does with its text
SCAN_OBJECTS = 64  # a scan is a few images; a page of more objects is not looked through

DAMAGED_HINT = marked(
    "Open it in a PDF viewer; if it shows there, print it to a new PDF. Otherwise scan or copy it again."
)


def open_pdf(stream: BinaryIO, *, name: str, limits: PageLimits) -> "PdfPages":
    _require_whole(stream, name)
    document = _parse(stream, name)
    try:
        document.init_forms()  # before any page is touched, or filled-in fields stay invisible
        count = len(document)
        if count < 1:
            raise Unreadable(f"{name} has no pages", hint=DAMAGED_HINT)
        limits.check_page_count(name, count)
    except BaseException:
        document.close()
        raise
    return PdfPages(document, stream, name=name, limits=limits)


class PdfPages:
    def __init__(self, document: pdfium.PdfDocument, stream: BinaryIO, *, name: str, limits: PageLimits) -> None:
        self._document = document
        self._stream = stream
        self._name = name
        self._limits = limits

    def __len__(self) -> int:
        return len(self._document)

    def render(self, number: int) -> PageImage:
        what = marked(f"Page {number} of {self._name}")
        with closing(self._page(number, what)) as page:
            _require_images_that_fit(page, what, self._limits)
            bitmap = page.render(scale=_scale(page, what, self._limits), rev_byteorder=True)
        return PageImage(number, bitmap.width, bitmap.height, memoryview(bitmap.buffer).cast("B"))

    def text(self, number: int) -> TextLayer:
        with closing(self._page(number, marked(f"Page {number} of {self._name}"))) as page:
            with closing(page.get_textpage()) as layer:
                text = _written(layer)
            return TextLayer(text, _is_hidden(page))

    def _page(self, number: int, what: str) -> pdfium.PdfPage:
        try:
            return self._document[number - 1]
        except pdfium.PdfiumError as exc:
            raise Unreadable(f"{what} is damaged", hint=DAMAGED_HINT) from exc

    def close(self) -> None:
        self._document.close()
        self._stream.close()


def _require_whole(stream: BinaryIO, name: str) -> None:
    """PDFium mends a PDF whose end is missing by leaving pages out. Better to say so than to lose them in silence."""
    head = stream.read(1024)
    size = stream.seek(0, 2)
    stream.seek(max(0, size - TAIL_BYTES))
    tail = stream.read()
    stream.seek(0)
    planned = re.search(rb"/Linearized\b.{0,200}?/L\s+(\d+)", head, re.DOTALL)
    if b"%%EOF" not in tail or (planned and size < int(planned[1])):
        raise Unreadable(f"{name} is cut off: the end of the PDF is missing", hint=DAMAGED_HINT)


def _parse(stream: BinaryIO, name: str) -> pdfium.PdfDocument:
    # A PDF without pages is refused with PDFium's last error, which may be that of another file:
    # so the last error shall be that nothing at all is no PDF.
    pdfium_c.FPDF_LoadMemDocument(b"", 0, None)
    try:
        return pdfium.PdfDocument(stream)
    except pdfium.PdfiumError as exc:
        raise _refused(name, exc) from exc


def _refused(name: str, error: pdfium.PdfiumError) -> GotwatchError:
    if error.err_code == pdfium_c.FPDF_ERR_PASSWORD:
        return Encrypted(f"{name} needs a password", hint="Save a copy without a password, and drop that one.")
    if error.err_code == pdfium_c.FPDF_ERR_SECURITY:
        return Encrypted(f"{name} is protected in an unknown way", hint="Save or print it as a plain PDF.")
    return Unreadable(f"{name} is damaged: it does not parse as PDF", hint=DAMAGED_HINT)


def _require_images_that_fit(page: pdfium.PdfPage, what: str, limits: PageLimits) -> None:
    """PDFium leaves a picture out, without a word, when there is no memory to unpack it."""
    for image in islice(page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=3), SCAN_OBJECTS):
        width, height = image.get_px_size()
        if width * height * 3 <= min(limits.memory_bytes, PDFIUM_IMAGE_BYTES):
            continue
        bits = image.get_metadata().bits_per_pixel  # unpacks the picture, so only asked of big ones
        if bits == 0 or width * height * bits // 8 > limits.memory_bytes:
            raise limits.memory_exceeded(marked(f"{what}, with a picture of {width:,} x {height:,} pixels,"))


def _scale(page: pdfium.PdfPage, what: str, limits: PageLimits) -> float:
    """Pixels per point. A page too big for the limits is rendered coarser, never refused."""
    width, height = map(float, page.get_size())
    if not 0 < width * height < math.inf:
        raise Unreadable(f"{what} has no size", hint=DAMAGED_HINT)
    return min(
        limits.dpi / POINTS_PER_INCH,
        math.sqrt(limits.max_pixels / (width * height)),
        MAX_SIDE_PIXELS / max(width, height),
        _density(page) if max(width, height) > PAPER_POINTS else math.inf,
    )


def _written(layer: pdfium.PdfTextPage) -> str:
    """Line by line. PDFium has a sign of its own for a hyphen, and leaves out the end of a line behind one."""
    text = layer.get_text_range(errors="replace")
    if len(text) == layer.count_chars():  # else a place in the text is not the place of the letter
        text = _HYPHEN.sub(lambda found: "-\n" if _ends_line(layer, found.start()) else "-", text)
    return _HYPHEN.sub("-", text).replace("\r\n", "\n")


def _ends_line(layer: pdfium.PdfTextPage, place: int) -> bool:
    """Whether the letter behind *place* stands wholly below the one before it."""
    if not 0 < place < layer.count_chars() - 1:
        return False
    _, bottom, _, _ = layer.get_charbox(place - 1)
    _, _, _, top = layer.get_charbox(place + 1)
    return float(top) < float(bottom)


def _is_hidden(page: pdfium.PdfPage) -> bool:
    """Whether most pieces of text are drawn in no way at all."""
    pieces = islice(page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_TEXT], max_depth=3), MOST_TEXT_OBJECTS)
    modes = [pdfium_c.FPDFTextObj_GetTextRenderMode(piece) for piece in pieces]
    return 2 * modes.count(pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE) > len(modes)


def _density(page: pdfium.PdfPage) -> float:
    """Pixels per point that a page made of images alone really has.

    Phones write a photo of 4000 x 3000 pixels as a page of 4000 x 3000 points; at 200 dpi
    that would be enlarged to 90 million pixels that show nothing more.
    """
    density = 0.0
    for item in islice(page.get_objects(max_depth=1), SCAN_OBJECTS):
        if item.type != pdfium_c.FPDF_PAGEOBJ_IMAGE:
            return math.inf
        left, bottom, right, top = map(float, item.get_bounds())
        width, height = map(int, item.get_px_size())
        if area := (right - left) * (top - bottom):
            density = max(density, math.sqrt(width * height / area))
    return density or math.inf
