"""Any supported file as a row of pages. The only module that knows how a file's kind shows in its first bytes."""

import io
import stat
from pathlib import Path
from typing import BinaryIO

from gotwatch.errors import FileBusy, GotwatchError, SourceGone, Unreadable, Unsupported
from gotwatch.pages import images, pdf
from gotwatch.pages.base import Kind, PageLimits, Pages
from gotwatch.words import marked

HEAD_BYTES = 1024  # a PDF may begin with that much of something else
SHORTEST_HEAD_BYTES = 12  # the longest signature

# Files up to this size are taken into memory: nobody finds a small file locked or its disk busy while it is read.
IN_MEMORY_BYTES = 32 * 1024**2

IMAGE_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"GIF87a", Kind.GIF),
    (b"GIF89a", Kind.GIF),
    (b"II*\x00", Kind.TIFF),
    (b"MM\x00*", Kind.TIFF),
    (b"II+\x00", Kind.TIFF),
    (b"MM\x00+", Kind.TIFF),
)
BMP_HEADER_SIZES = frozenset(size.to_bytes(4, "little") for size in (12, 40, 52, 56, 64, 108, 124))
HEIF_BRANDS = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"))
AVIF_BRANDS = frozenset((b"avif", b"avis"))

# Only so that the message can say what a refused file is.
FOREIGN_SIGNATURES = (
    (b"PK\x03\x04", marked("a ZIP archive or an Office document")),
    (b"\xd0\xcf\x11\xe0", marked("an old Office document")),
    (b"%!PS", "PostScript"),
    (b"{\\rtf", marked("an RTF document")),
    (b"\x00\x00\x00\x0cjP", marked("a JPEG 2000 image")),
    (b"\xff\x4f\xff\x51", marked("a JPEG 2000 image")),
    (b"\xff\x0a", marked("a JPEG XL image")),
    (b"\x00\x00\x00\x0cJXL", marked("a JPEG XL image")),
    (b"8BPS", marked("a Photoshop image")),
    (b"AT&TFORM", marked("a DjVu document")),
    (b"\x1f\x8b", marked("a gzip archive")),
    (b"7z\xbc\xaf", marked("a 7-Zip archive")),
    (b"Rar!", marked("a RAR archive")),
)


def open_pages(path: Path, limits: PageLimits, *, title: str = "") -> Pages:
    """*title*: what messages call it, if not by its name."""
    title = title or path.name
    stream = _open(path)
    try:
        kind = _kind(title, stream.read(HEAD_BYTES))
        stream.seek(0)
        if kind is Kind.PDF:
            return pdf.open_pdf(stream, name=title, limits=limits)
        return images.open_image(stream, kind, name=title, limits=limits)
    except BaseException:
        stream.close()
        raise


def _open(path: Path) -> BinaryIO:
    try:
        _require_regular_file(path)  # before opening: whoever opens a FIFO waits for a writer
        stream = path.open("rb")
        if path.stat().st_size > IN_MEMORY_BYTES:
            return stream
        with stream:
            return io.BytesIO(stream.read())
    except OSError as exc:
        raise _refused_by_system(path, exc) from exc


def _require_regular_file(path: Path) -> None:
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        found = marked("a folder") if stat.S_ISDIR(mode) else marked("a pipe, socket or device")
        raise Unsupported(f"{path.name} is {found}, not a file", hint="Rename it, if the name misleads.")


def _refused_by_system(path: Path, error: OSError) -> GotwatchError:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return SourceGone(f"{path.name} is no longer there", hint="Put it back to have it read.")
    if isinstance(error, PermissionError):
        return FileBusy(
            f"{path.name} may not be opened",
            hint="Close the program that uses it, or give yourself the permission to read it.",
        )
    return FileBusy(f"{path.name} cannot be read now: {error.strerror}", hint="Check the disk or the connection.")


def _kind(name: str, head: bytes) -> Kind:
    _require_content(name, head)
    if kind := _image_kind(head):
        return kind
    if b"%PDF-" in head:
        return Kind.PDF
    raise Unsupported(
        f"{name} is no image and no PDF: its content is {_foreign_kind(head)}",
        hint="Save it as PDF, PNG, JPEG or TIFF with the program that made it.",
    )


def _require_content(name: str, head: bytes) -> None:
    if not head:
        raise Unreadable(f"{name} is empty (0 bytes)", hint="Scan or copy it again.")
    if len(head) < SHORTEST_HEAD_BYTES:
        raise Unreadable(f"{name} holds only {len(head)} bytes", hint="Scan or copy it again.")
    if not head.strip(b"\x00"):  # what a download or network copy reserves before it writes
        raise Unreadable(f"{name} begins with nothing but zeros", hint="It was not copied completely: copy it again.")


def _image_kind(head: bytes) -> Kind | None:
    for signature, kind in IMAGE_SIGNATURES:
        if head.startswith(signature):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Kind.WEBP
    if head[:2] == b"BM" and head[14:18] in BMP_HEADER_SIZES:
        return Kind.BMP
    return _iso_media_kind(head)


def _iso_media_kind(head: bytes) -> Kind | None:
    """HEIF, AVIF and videos share one container; the brands in its first box tell them apart."""
    if head[4:8] != b"ftyp":
        return None
    box = head[8 : int.from_bytes(head[:4], "big")]
    brands = {box[at : at + 4] for at in range(0, len(box), 4)}
    if brands & AVIF_BRANDS:
        return Kind.AVIF
    return Kind.HEIF if brands & HEIF_BRANDS else None


def _foreign_kind(head: bytes) -> str:
    for signature, words in FOREIGN_SIGNATURES:
        if head.startswith(signature):
            return words
    if head[4:8] == b"ftyp":
        return marked("a video")
    start = head.lstrip()[:64].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return marked("a web page")
    if b"<svg" in head:
        return marked("an SVG drawing")
    return marked("of an unknown kind") if b"\x00" in head else "plain text"
