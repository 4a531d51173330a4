"""Draws the samples.

Run it from the repository's root: python samples/make_samples.py
It needs Pillow, NumPy and pypdfium2, fontconfig's fc-match, and the fonts that samples/README.md names.
What is printed on each sample is read from samples/truth/, so that picture and truth cannot differ.
"""

from pathlib import Path

import numpy as np
from minutes import write_minutes
from paper import few_colours, photographed, scanned
from PIL import Image, ImageFont
from sheet import CHINESE_SERIF, INK, MONO, SANS, SERIF, Sheet, blank, typeface, wrap

HERE = Path(__file__).parent
A4_200_DPI = (1654, 2339)
A4_150_DPI = (1240, 1754)


def main() -> None:
    letter().save(HERE / "in" / "letter-scan.jpg", quality=52, dpi=(200, 200))
    photo, exif = receipt()
    photo.save(HERE / "in" / "receipt-photo.jpg", quality=68, exif=exif)
    few_colours(article(), 16).save(HERE / "in" / "article-two-columns.png", optimize=True, dpi=(200, 200))
    few_colours(invoice(), 32).save(HERE / "in" / "invoice.png", optimize=True, dpi=(150, 150))
    notice().save(HERE / "in" / "chinese-notice.jpg", quality=60, dpi=(200, 200))
    label().save(HERE / "in" / "label-transparent.png", optimize=True)
    write_minutes((HERE / "truth" / "minutes.gt.txt").read_text("utf-8"), HERE / "in" / "minutes.pdf")


def truth(name: str) -> list[str]:
    """The blocks of a sample: what stands between two empty lines."""
    return (HERE / "truth" / f"{name}.gt.txt").read_text("utf-8").strip("\n").split("\n\n")


def letter() -> Image.Image:
    head, date, address, greeting, subject, *body, close, name, enclosed = truth("letter-scan")
    sheet = Sheet(blank(A4_200_DPI), left=205, right=1450, y=130)
    text = typeface(SERIF, 31)
    firm, *contact = head.split("\n")
    sheet.line(firm, typeface(f"{SERIF}:bold", 58), "m")
    sheet.lines("\n".join(contact), typeface(SERIF, 26), "m")
    sheet.skip(14)
    sheet.rule()
    sheet.skip(50)
    sheet.lines(date, text, "r")
    sheet.lines(address, text)
    sheet.skip(60)
    sheet.line(greeting, text)
    sheet.skip(26)
    sheet.line(subject, typeface(f"{SERIF}:bold", 31))
    for paragraph in body:
        sheet.skip(20)
        sheet.paragraph(paragraph, text)
    sheet.skip(26)
    sheet.line(close, text)
    sign(sheet)
    sheet.line(name, text)
    sheet.skip(30)
    sheet.line(enclosed, typeface(SERIF, 26))
    return scanned(sheet.image, degrees=0.9, tone=(243, 240, 231), seed=1).convert("L")


def sign(sheet: Sheet) -> None:
    """A flourish by hand that spells nothing."""
    turn = np.linspace(0, 1, 160)
    x = sheet.left + 12 + 300 * turn
    y = sheet.y + 62 - 34 * np.sin(turn * 25) * np.exp(-1.5 * turn) - 26 * turn
    sheet.draw.line(list(zip(x, y, strict=True)), fill=(40, 46, 90), width=4, joint="curve")
    sheet.skip(118)


def receipt() -> tuple[Image.Image, Image.Exif]:
    """Held upright, stored lying on its side as phones do: orientation 6 says how to turn it."""
    corners = [(262, 120), (905, 176), (962, 1500), (178, 1446)]
    upright = photographed(till_roll(), corners, (1200, 1600), seed=3)
    exif = Image.Exif()
    exif[0x0112] = 6
    return upright.transpose(Image.Transpose.ROTATE_90), exif


def till_roll() -> Image.Image:
    head, when, items, total, thanks = truth("receipt-photo")
    sheet = Sheet(Image.new("RGB", (760, 1440), (250, 249, 246)), left=50, right=710, y=70, leading=1.42)
    text = typeface(MONO, 36)
    shop, *contact = head.split("\n")
    sheet.line(shop, typeface(f"{MONO}:bold", 60), "m")
    sheet.lines("\n".join(contact), typeface(MONO, 30), "m")
    for block in (when, items, total):
        sheet.skip(26)
        dashes(sheet)
        for entry in block.split("\n"):
            font = typeface(f"{MONO}:bold", 46) if entry.startswith("TOTAL") else text
            sheet.row(entry.split("\t"), font, [("l", sheet.left), ("r", sheet.right)])
    sheet.skip(36)
    sheet.lines(thanks, typeface(MONO, 32), "m")
    return sheet.image


def dashes(sheet: Sheet) -> None:
    for x in range(sheet.left, sheet.right, 22):
        sheet.draw.line((x, sheet.y, x + 12, sheet.y), fill=INK, width=3)
    sheet.skip(20)


def article() -> Image.Image:
    title, author, first, caption, second = truth("article-two-columns")
    page = Sheet(blank(A4_200_DPI), left=170, right=1484, y=170)
    page.line(title, typeface(f"{SERIF}:bold", 72))
    page.line(author, typeface(f"{SERIF}:italic", 34))
    page.skip(24)
    page.rule(3)
    left = Sheet(page.image, left=170, right=802, y=page.y + 40, leading=1.3)
    right = Sheet(page.image, left=852, right=1484, y=page.y + 40, leading=1.3)
    body = typeface(SERIF, 34)
    set_paragraphs(left, first, body)
    tide_curve(right)
    for words in wrap(caption, typeface(f"{SERIF}:italic", 28), right.width):
        right.line(" ".join(words), typeface(f"{SERIF}:italic", 28))
    right.skip(34)
    set_paragraphs(right, second, body)
    page.draw.line((827, page.y + 40, 827, max(left.y, right.y)), fill=(150, 150, 150), width=1)
    return page.image.convert("L").crop((0, 0, page.image.width, max(left.y, right.y) + 150))


def set_paragraphs(column: Sheet, block: str, font: ImageFont.FreeTypeFont) -> None:
    for number, paragraph in enumerate(block.split("\n")):
        column.paragraph(paragraph, font, indent=44 if number else 0)


def tide_curve(column: Sheet) -> None:
    height = 230
    column.draw.rectangle((column.left, column.y, column.right, column.y + height), outline=INK, width=2)
    x = np.arange(column.left + 3, column.right - 2)
    days = (x - column.left) / column.width * 2
    storm = 50 * np.exp(-(((days - 1.45) / 0.16) ** 2))
    level = 62 * np.sin(days * 2 * np.pi * 1.93) + 12 * np.sin(days * 2 * np.pi * 0.97 + 1) + storm
    column.draw.line(list(zip(x, column.y + 132 - level, strict=True)), fill=INK, width=4, joint="curve")
    column.draw.line((x[0], column.y + 132, x[-1], column.y + 132), fill=(140, 140, 140), width=1)
    column.skip(height + 16)


def invoice() -> Image.Image:
    head, customer, numbers, table, sums, foot = truth("invoice")
    title, *firm = head.split("\n")
    text, bold = typeface(SANS, 23), typeface(f"{SANS}:bold", 23)
    sheet = Sheet(blank(A4_150_DPI), left=110, right=1130, y=110, leading=1.4)
    sheet.line(title, typeface(f"{SANS}:bold", 54), colour=(32, 74, 110))
    sheet.lines("\n".join(firm), text)
    sheet.skip(40)
    beside = Sheet(sheet.image, left=700, right=1130, y=sheet.y, leading=1.4)
    sheet.lines(customer, text)
    for entry in numbers.split("\n"):
        beside.row(entry.split("\t"), text, [("l", beside.left), ("r", beside.right)])
    sheet.skip(60)
    ruled_table(sheet, table, text, bold)
    for entry in sums.split("\n"):
        label_x, font = 800, bold if entry.startswith("Total") else text
        sheet.row(entry.split("\t"), font, [("l", label_x), ("r", sheet.right - 14)])
    sheet.skip(70)
    sheet.lines(foot, typeface(SANS, 21))
    return sheet.image


def ruled_table(sheet: Sheet, table: str, text: ImageFont.FreeTypeFont, bold: ImageFont.FreeTypeFont) -> None:
    stops = [("l", 124), ("l", 200), ("r", 760), ("r", 930), ("r", sheet.right - 14)]
    for number, entry in enumerate(table.split("\n")):
        band = (205, 219, 231) if number == 0 else (243, 246, 249) if number % 2 == 0 else (255, 255, 255)
        sheet.draw.rectangle((sheet.left, sheet.y, sheet.right, sheet.y + 50), fill=band, outline=(150, 165, 180))
        sheet.skip(12)
        sheet.row(entry.split("\t"), text if number else bold, stops)
        sheet.skip(6)
    sheet.skip(28)


def notice() -> Image.Image:
    title, greeting, opening, points, closing, signature = truth("chinese-notice")
    sheet = Sheet(blank(A4_200_DPI), left=215, right=1439, y=190, leading=1.72)
    text = typeface(CHINESE_SERIF, 38)
    sheet.line(title, typeface(f"{CHINESE_SERIF}:bold", 56), "m")
    sheet.skip(50)
    sheet.line(greeting, text)
    for paragraph in (opening, *points.split("\n"), closing):
        chinese_paragraph(sheet, paragraph, text)
    sheet.skip(70)
    sheet.lines(signature, text, "r")
    return scanned(sheet.image, degrees=-0.6, tone=(246, 243, 236), seed=2)


def chinese_paragraph(sheet: Sheet, text: str, font: ImageFont.FreeTypeFont) -> None:
    """Indented by two characters; breaks anywhere but before a closing mark."""
    row, x = "", sheet.left + 2 * font.size
    for character in text:
        if x + font.getlength(row + character) > sheet.right and not is_closing(character):
            sheet.draw.text((x, sheet.y), row, fill=INK, font=font)
            sheet.skip(round(font.size * sheet.leading))
            row, x = "", sheet.left
        row += character
    sheet.draw.text((x, sheet.y), row, fill=INK, font=font)
    sheet.skip(round(font.size * sheet.leading))


def is_closing(character: str) -> bool:
    """It may not begin a row: punctuation, and digits, so that numbers stay whole."""
    return character.isdigit() or (not character.isalnum() and character != "“")


def label() -> Image.Image:
    """Black on nothing: a viewer that forgets the alpha channel shows black on black."""
    title, *rest = truth("label-transparent")[0].split("\n")
    sheet = Sheet(Image.new("RGBA", (1000, 560), (0, 0, 0, 0)), left=60, right=940, y=70, leading=1.45)
    sheet.draw.rounded_rectangle((14, 14, 986, 546), radius=46, outline=(0, 0, 0, 255), width=7)
    sheet.line(title, typeface(f"{SERIF}:bold:italic", 104), "m", (0, 0, 0, 255))
    for text in rest:
        sheet.line(text, typeface(SERIF, 48), "m", (0, 0, 0, 255))
    return sheet.image


if __name__ == "__main__":
    main()
