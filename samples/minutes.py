"""A PDF of four pages: text, two scans of which the second is blank, and text on a page that lies on its side."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
from paper import scanned
from PIL import Image
from pypdfium2 import PdfDocument, PdfImage, PdfMatrix, PdfPage, raw
from sheet import MONO, SERIF, Sheet, blank, typeface, wrap

A4_150_DPI = (1240, 1754)
A4_POINTS = (595, 842)
SEED = 4

Put = Callable[[str, float, float, float, bytes], None]  # text, x, y from the top, size in points, font
Setting = Callable[[str, Put], None]


def write_minutes(text: str, path: Path) -> None:
    minutes, complaint, _, fees = text.split("\f")
    pdf = PdfDocument.new()
    text_page(pdf, minutes, A4_POINTS, set_minutes)
    scan_page(pdf, scanned(typed(complaint), degrees=-0.7, tone=(238, 233, 216), seed=SEED).convert("L"))
    scan_page(pdf, scanned(blank(A4_150_DPI), degrees=0, tone=(238, 233, 216), seed=SEED + 1).convert("L"))
    text_page(pdf, fees, A4_POINTS[::-1], set_fees)
    pdf.save(path)


def typed(block: str) -> Image.Image:
    """By typewriter: each letter strikes a little too high, too low, too hard or too softly."""
    rng = np.random.default_rng(SEED)
    sheet = Sheet(blank(A4_150_DPI), left=150, right=1090, y=170, leading=1.5)
    font = typeface(MONO, 25)
    for paragraph in block.strip("\n").split("\n"):
        for words in wrap(paragraph, font, sheet.width):
            for place, letter in enumerate(" ".join(words)):
                at = (sheet.left + place * font.getlength("m"), sheet.y + rng.normal(0, 0.8))
                grey = int(rng.integers(10, 75))
                sheet.draw.text(at, letter, fill=(grey, grey, grey), font=font)
            sheet.skip(round(font.size * sheet.leading))
    return sheet.image


def scan_page(pdf: PdfDocument, scan: Image.Image) -> None:
    coded = BytesIO()
    scan.save(coded, "JPEG", quality=45)
    page, picture = pdf.new_page(*A4_POINTS), PdfImage.new(pdf)
    picture.load_jpeg(coded, inline=True)
    picture.set_matrix(PdfMatrix().scale(*A4_POINTS))
    page.insert_obj(picture)
    page.gen_content()


def text_page(pdf: PdfDocument, block: str, size: tuple[int, int], setting: Setting) -> None:
    page = pdf.new_page(*size)
    fonts = {name: raw.FPDFText_LoadStandardFont(pdf, name) for name in (b"Times-Roman", b"Times-Bold")}

    def put(text: str, x: float, y: float, points: float, font: bytes) -> None:
        put_text(pdf, page, text, at=(x, size[1] - y), font=fonts[font], points=points)

    setting(block, put)
    page.gen_content()


def put_text(
    pdf: PdfDocument, page: PdfPage, text: str, *, at: tuple[float, float], font: raw.FPDF_FONT, points: float
) -> None:
    piece = raw.FPDFPageObj_CreateTextObj(pdf, font, points)
    coded = (text + "\0").encode("utf-16-le")
    raw.FPDFText_SetText(piece, (raw.FPDF_WCHAR * (len(coded) // 2)).from_buffer_copy(coded))
    raw.FPDFPageObj_Transform(piece, 1, 0, 0, 1, *at)
    raw.FPDFPage_InsertObject(page, piece)


def set_minutes(block: str, put: Put) -> None:
    measure, y = typeface(SERIF, 110), 80.0
    for number, paragraph in enumerate(block.strip("\n").split("\n")):
        heading = number == 0 or (paragraph[:1].isdigit() and paragraph[1:2] == ".")
        points, font = (18 if number == 0 else 11), (b"Times-Bold" if heading else b"Times-Roman")
        for words in wrap(paragraph, measure, 4300):  # tenths of a point
            put(" ".join(words), 82, y, points, font)
            y += points * 1.35


def set_fees(block: str, put: Put) -> None:
    y = 90.0
    for number, entry in enumerate(block.strip("\n").split("\n")):
        points, font = (20, b"Times-Bold") if number == 0 else (13, b"Times-Bold" if number == 2 else b"Times-Roman")
        for cell, x in zip(entry.split("\t"), (90, 330, 450, 570), strict=False):
            put(cell, x, y, points, font)
        y += points * 1.7
