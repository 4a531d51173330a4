"""Makes one of each troublesome file in the folder given. Each function returns the path of what it made."""

import base64
import hashlib
import os
import struct
import zlib
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

INK_BOX = (40, 20, 159, 49)  # where picture() has its ink: left, top, right, bottom


def picture(mode: str = "L", *, paper: float | tuple[int, ...] = 255, ink: float | tuple[int, ...] = 0) -> Image.Image:
    """An upright page of 200 x 100 pixels with a bar of ink near the top."""
    image = Image.new(mode, (200, 100), paper)
    ImageDraw.Draw(image).rectangle(INK_BOX, fill=ink)
    return image


def text_page(text: str = "Invoice 4711", *, size: tuple[int, int] = (600, 200)) -> Image.Image:
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).text((40, 60), text, fill="black", font=ImageFont.load_default(48))
    return image


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _encoded(image: Image.Image, form: str, **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def empty(folder: Path) -> Path:
    return _write(folder / "empty.pdf", b"")


def reserved(folder: Path) -> Path:
    """What a download or a network copy makes before it writes."""
    return _write(folder / "reserved.pdf", bytes(100_000))


def text_named_png(folder: Path) -> Path:
    return _write(folder / "notes.png", b"Milk, bread and a new lamp for the scanner.\n" * 20)


def text_named_pdf(folder: Path) -> Path:
    return _write(folder / "notes.pdf", b"Milk, bread and a new lamp for the scanner.\n" * 20)


def office_named_pdf(folder: Path) -> Path:
    return _write(folder / "letter.pdf", b"PK\x03\x04" + bytes(100))


def folder_named_png(folder: Path) -> Path:
    path = folder / "x.png"
    path.mkdir()
    return path


def fifo_named_pdf(folder: Path) -> Path:
    """Whoever opens it waits for a writer."""
    path = folder / "y.pdf"
    os.mkfifo(path)
    return path


def jpeg_named_png(folder: Path) -> Path:
    return _write(folder / "mislabelled.png", _encoded(text_page(), "JPEG"))


def pdf_named_png(folder: Path) -> Path:
    return pdf(folder, name="document.png")


def corrupt_png(folder: Path) -> Path:
    content = _encoded(text_page(), "PNG")
    middle = len(content) // 2
    return _write(folder / "corrupt.png", content[:middle] + b"\xff" * 64 + content[middle + 64 :])


def corrupt_jpeg(folder: Path) -> Path:
    content = _encoded(text_page(), "JPEG")
    return _write(folder / "corrupt.jpg", content[:24] + b"\x00" * 400)


def truncated_jpeg(folder: Path) -> Path:
    content = _encoded(text_page(), "JPEG")
    return _write(folder / "truncated.jpg", content[: len(content) * 2 // 3])


def truncated_png(folder: Path) -> Path:
    content = _encoded(text_page(), "PNG")
    return _write(folder / "truncated.png", content[: len(content) * 2 // 3])


def huge_png(folder: Path, side: int = 30_000) -> Path:
    """A small file of 900 million black pixels."""
    rows = deflated_zeros((side // 8 + 1) * side)
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = _png_chunk(b"IHDR", header), _png_chunk(b"IDAT", rows), _png_chunk(b"IEND", b"")
    return _write(folder / "huge.png", b"\x89PNG\r\n\x1a\n" + b"".join(chunks))


def _png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def deflated_zeros(count: int) -> bytes:
    """What zlib makes of so many zeros, without the work: one full block, repeated."""
    block_size = 1_000_000
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = deflate.compress(bytes(block_size)) + deflate.flush(zlib.Z_FULL_FLUSH)
    rest = zlib.compressobj(9, zlib.DEFLATED, -15)
    end = rest.compress(bytes(count % block_size)) + rest.flush()
    checksum = (count % 65_521) << 16 | 1
    return b"\x78\xda" + block * (count // block_size) + end + struct.pack(">I", checksum)


def animated_gif(folder: Path) -> Path:
    """Three frames."""
    frames = [picture(ink=level) for level in (0, 100, 200)]
    path = folder / "animated.gif"
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100)
    return path


def still_gif(folder: Path) -> Path:
    """Three frames that look the same. Put together by hand, as Pillow would write one."""
    content = _encoded(picture(), "GIF")
    palette_bytes = 3 * 2 ** ((content[10] & 7) + 1)
    frame = content[13 + palette_bytes : -1]
    return _write(folder / "still.gif", content[:-1] + frame * 2 + b";")


def animated_webp(folder: Path) -> Path:
    frames = [picture("RGB", paper=(255, 255, 255), ink=(level, 0, 0)) for level in (0, 120, 240)]
    path = folder / "animated.webp"
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100, lossless=True)
    return path


def multipage_tiff(folder: Path) -> Path:
    """Three pages: black and white, grey, colour."""
    pages = [picture("1", paper=1), picture("L"), picture("RGB", paper=(255, 255, 255), ink=(200, 0, 0))]
    path = folder / "pages.tiff"
    pages[0].save(path, save_all=True, append_images=pages[1:], compression="tiff_lzw")
    return path


def tiff_with_thumbnail(folder: Path) -> Path:
    """One page and, marked as such, a small copy of it."""
    small = picture().resize((40, 20))
    small.encoderinfo = {"tiffinfo": {254: 1}}
    path = folder / "thumbnail.tif"
    picture().save(path, save_all=True, append_images=[small])
    return path


def fax_tiff(folder: Path) -> Path:
    """204 x 98 dots to the inch, as a fax in standard resolution is stored."""
    path = folder / "fax.tif"
    picture("1", paper=1).save(path, compression="group4", dpi=(204, 98))
    return path


def cmyk_jpeg(folder: Path) -> Path:
    page = picture("CMYK", paper=(0, 0, 0, 0), ink=(0, 0, 0, 255))
    return _write(folder / "print.jpg", _encoded(page, "JPEG", quality=95))


def grey16_png(folder: Path) -> Path:
    return _write(folder / "grey16.png", _encoded(picture("I;16", paper=65_535, ink=6_000), "PNG"))


def grey12_tiff(folder: Path) -> Path:
    """12 bits in a 16-bit file, as many scanners write: 4,095 is white."""
    return _write(folder / "grey12.tif", _encoded(picture("I;16", paper=4_095, ink=300), "TIFF"))


def big_endian_tiff(folder: Path) -> Path:
    return _write(folder / "grey16be.tif", _encoded(picture("I;16B", paper=65_535, ink=6_000), "TIFF"))


def white_is_zero_tiff(folder: Path) -> Path:
    """16 bits, of which 0 is white."""
    page = picture("I;16", paper=0, ink=60_000)
    return _write(folder / "inverted.tif", _encoded(page, "TIFF", tiffinfo={262: 0}))


def lab_tiff(folder: Path) -> Path:
    """Brightness and two colour axes, as prepress programs write."""
    page = picture("LAB", paper=(255, 128, 128), ink=(10, 128, 128))
    return _write(folder / "lab.tif", _encoded(page, "TIFF"))


def float_tiff(folder: Path) -> Path:
    """Fractions: 1.0 is white."""
    return _write(folder / "float.tif", _encoded(picture("F", paper=1.0, ink=0.1), "TIFF"))


def transparent_png(folder: Path) -> Path:
    """Black ink on nothing."""
    page = picture("RGBA", paper=(0, 0, 0, 0), ink=(0, 0, 0, 255))
    return _write(folder / "transparent.png", _encoded(page, "PNG"))


def white_on_nothing_png(folder: Path) -> Path:
    page = picture("RGBA", paper=(255, 255, 255, 0), ink=(255, 255, 255, 255))
    return _write(folder / "white_on_nothing.png", _encoded(page, "PNG"))


def palette_png(folder: Path) -> Path:
    """A palette whose first colour, black, is transparent; the ink is the second, dark red."""
    page = picture("P", paper=0, ink=1)
    page.putpalette([0, 0, 0, 120, 0, 0])
    return _write(folder / "palette.png", _encoded(page, "PNG", transparency=0))


def rotated_jpeg(folder: Path) -> Path:
    """picture() lying on its side, with the EXIF note that sets it upright."""
    exif = Image.Exif()
    exif[0x0112] = 6
    page = picture("RGB", paper=(255, 255, 255), ink=(0, 0, 0)).transpose(Image.Transpose.ROTATE_90)
    return _write(folder / "rotated.jpg", _encoded(page, "JPEG", exif=exif, quality=95))


def webp(folder: Path) -> Path:
    return _write(folder / "page.webp", _encoded(text_page(), "WEBP"))


def avif(folder: Path) -> Path:
    return _write(folder / "page.avif", _encoded(text_page(), "AVIF"))


def heic(folder: Path) -> Path:
    """A page of 64 x 32 pixels with a bar of ink, turned left by a note in the container.

    Written by hand, for want of a free encoder: eight HEVC blocks of uncompressed samples.
    """
    return _write(folder / "photo.heic", zlib.decompress(base64.b85decode("".join(HEIC))))


HEIC = (
    "c-muNV30^FsVvAy%}izhg51nBLkOEuEjP6!kpTh}Gg5MjplpVM%;XXVG{9GoS&|E8F#@q%W==lXI2RC~5hBXy#=yWM31lm0X6B{A)rtZ",
    "+sZ3B_Mp?2Uh`B1Wpr`;y_hc3%=L6|<poB9cV*-#l0jyK*1H+%cKYlPU@G~y}Y7}>1<YD~(AEba8q=FfQ<UXh@1j<P}F*2e_EKq0?|GFpk",
    "I?E!UJi80yfx?C*4M0;xGK&jRp+0f|Vg(@P%q+?;0XbAGvmh519zahqH!?K?J*1eMk_Ze99#J*M^=%EW=>!CzV4(Q8K*Ioo?gn~={6K-h",
    "9s?5_Mrzt0EHN;RZl%y*1p^%evqxiKfWd;%7#Lu%bTkGA7_1tNfdK~p8UTt$!UF",
)


BAR = b"40 50 120 30 re f"  # the ink of picture(), as a PDF draws it on a page of 200 x 100 points


def pdf(folder: Path, *, name: str = "page.pdf", page: bytes = b"/MediaBox [0 0 200 100]", ink: bytes = BAR) -> Path:
    """One page that shows picture()."""
    return _write(folder / name, pdf_of([_page(page), pdf_stream(ink)]))


def pdf_of(
    objects: Sequence[bytes], *, catalog: bytes = b"", trailer: bytes = b"", kids: bytes = b"3 0 R", count: int = 1
) -> bytes:
    """A PDF file of a catalog (object 1), the root of the page tree (2) and *objects*, numbered from 3."""
    tree = b"<< /Type /Pages /Kids [%b] /Count %d >>" % (kids, count)
    content, places = b"%PDF-1.7\n", []
    for number, body in enumerate([b"<< /Type /Catalog /Pages 2 0 R %b >>" % catalog, tree, *objects], start=1):
        places.append(len(content))
        content += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(places) + 1
    return (
        content
        + b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<< /Root 1 0 R /Size %d %b >>\nstartxref\n%d\n%%%%EOF\n"
        % (
            size,
            table,
            size,
            trailer,
            len(content),
        )
    )


def _page(entries: bytes) -> bytes:
    return b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R %b >>" % entries


def pdf_stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<< /Length %d %b >>\nstream\n%b\nendstream" % (len(content), entries, content)


def corrupt_pdf(folder: Path) -> Path:
    return _write(folder / "corrupt.pdf", b"%PDF-1.7\n" + bytes(range(256)) * 40 + b"\n%%EOF\n")


def truncated_pdf(folder: Path) -> Path:
    content = pdf(folder, name="truncated.pdf").read_bytes()
    return _write(folder / "truncated.pdf", content[: len(content) * 2 // 3])


def cut_linearized_pdf(folder: Path) -> Path:
    """Arranged for the web, so that what has arrived has an end of its own; the head tells the full size."""
    path = pdf(folder, name="cut.pdf", page=b"/MediaBox [0 0 200 100]")
    content = path.read_bytes()
    head = b"%%PDF-1.7\n9 0 obj\n<< /Linearized 1 /L %d /N 1 >>\nendobj\n" % (len(content) + 50_000)
    return _write(path, head + content[9:])


def form_pdf(folder: Path) -> Path:
    """A filled-in form field on the left, a stamp on the right, nothing else."""
    form = b"/Type /Annot /Rect [%b] /AP << /N 5 0 R >> /F 4"
    field = b"<< /Subtype /Widget /FT /Tx /T (name) /V (x) %b >>" % (form % b"10 30 90 70")
    stamp = b"<< /Subtype /Stamp %b >>" % (form % b"110 30 190 70")
    ink = pdf_stream(b"0 0 80 40 re f", b"/Type /XObject /Subtype /Form /BBox [0 0 80 40]")
    page = _page(b"/MediaBox [0 0 200 100] /Annots [6 0 R 7 0 R]")
    objects = [page, pdf_stream(b""), ink, field, stamp]
    return _write(folder / "form.pdf", pdf_of(objects, catalog=b"/AcroForm << /Fields [6 0 R] >>"))


def pdf_without_pages(folder: Path) -> Path:
    return _write(folder / "no_pages.pdf", pdf_of([], kids=b"", count=0))


def looping_pdf(folder: Path) -> Path:
    """The page tree is its own child."""
    return _write(folder / "loop.pdf", pdf_of([], kids=b"2 0 R 2 0 R", count=2))


def many_pages_pdf(folder: Path, count: int = 2_001) -> Path:
    kids = b" ".join(b"%d 0 R" % (number + 3) for number in range(count))
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>"
    return _write(folder / "many.pdf", pdf_of([page] * count, kids=kids, count=count))


def poster_pdf(folder: Path) -> Path:
    """A page of 5 x 5 m."""
    return pdf(folder, name="poster.pdf", page=b"/MediaBox [0 0 14400 14400]", ink=b"1000 1000 9000 3000 re f")


def ribbon_pdf(folder: Path) -> Path:
    """A page of 7 mm x 35 km."""
    return pdf(folder, name="ribbon.pdf", page=b"/MediaBox [0 0 20 100000000]")


def image_bomb_pdf(folder: Path, side: int = 60_000) -> Path:
    """A small file with a picture of 10.8 GB."""
    packed = zlib.compress(deflated_zeros(side * side * 3), 9)
    image = pdf_stream(
        packed,
        b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB /BitsPerComponent 8 "
        b"/Filter [/FlateDecode /FlateDecode]" % (side, side),
    )
    page = _page(b"/MediaBox [0 0 200 100] /Resources << /XObject << /Bomb 5 0 R >> >>")
    return _write(folder / "image_bomb.pdf", pdf_of([page, pdf_stream(b"200 0 0 100 0 0 cm /Bomb Do"), image]))


def text_bomb_pdf(folder: Path, gigabytes: int = 8) -> Path:
    """A small file whose drawing instructions unfold to gigabytes."""
    packed = zlib.compress(deflated_zeros(gigabytes * 10**9), 9)
    page = _page(b"/MediaBox [0 0 200 100]")
    bomb = pdf_stream(packed, b"/Filter [/FlateDecode /FlateDecode]")
    return _write(folder / "text_bomb.pdf", pdf_of([page, bomb]))


def nesting_bomb_pdf(folder: Path, depth: int = 12) -> Path:
    """Each form draws the next one ten times: a page that would take for ever."""

    def form(number: int, ink: bytes) -> bytes:
        resources = b"/Resources << /XObject << /Next %d 0 R >> >>" % (number + 1)
        return pdf_stream(ink, b"/Type /XObject /Subtype /Form /BBox [0 0 200 100] " + resources)

    forms = [form(number, b"/Next Do " * 10) for number in range(4, 4 + depth)]
    page = _page(b"/MediaBox [0 0 200 100] /Resources << /XObject << /Next 5 0 R >> >>")
    return _write(folder / "nesting_bomb.pdf", pdf_of([page, *forms, form(4 + depth, BAR)]))


def encrypted_pdf(folder: Path) -> Path:
    """Opens with the password "secret" only."""
    return _protected_pdf(folder / "encrypted.pdf", user_password=b"secret")


def restricted_pdf(folder: Path) -> Path:
    """Opens without a password; the owner's password only forbids printing."""
    return _protected_pdf(folder / "restricted.pdf", user_password=b"")


def _protected_pdf(path: Path, *, user_password: bytes) -> Path:
    """The oldest of PDF's encryptions (RC4, 40 bits), as the standard describes it."""
    file_id, permissions = b"0123456789abcdef", -44
    owner = _rc4(hashlib.md5(_padded(b"owner")).digest()[:5], _padded(user_password))
    seed = _padded(user_password) + owner + permissions.to_bytes(4, "little", signed=True) + file_id
    key = hashlib.md5(seed).digest()[:5]
    content_key = hashlib.md5(key + b"\x04\x00\x00\x00\x00").digest()[:10]  # of object 4, generation 0
    trailer = b"/ID [<%b> <%b>] /Encrypt << /Filter /Standard /V 1 /R 2 /O <%b> /U <%b> /P %d >>" % (
        file_id.hex().encode(),
        file_id.hex().encode(),
        owner.hex().encode(),
        _rc4(key, _padded(b"")).hex().encode(),
        permissions,
    )
    objects = [_page(b"/MediaBox [0 0 200 100]"), pdf_stream(_rc4(content_key, BAR))]
    return _write(path, pdf_of(objects, trailer=trailer))


def _padded(password: bytes) -> bytes:
    filler = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
    return (password + filler)[:32]


def _rc4(key: bytes, content: bytes) -> bytes:
    box, j = list(range(256)), 0
    for i in range(256):
        j = (j + box[i] + key[i % len(key)]) % 256
        box[i], box[j] = box[j], box[i]
    stream, i, j = bytearray(), 0, 0
    for byte in content:
        i = (i + 1) % 256
        j = (j + box[i]) % 256
        box[i], box[j] = box[j], box[i]
        stream.append(byte ^ box[(box[i] + box[j]) % 256])
    return bytes(stream)
