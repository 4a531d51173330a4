"""Makes one of each troublesome file, in the folder given. Each function returns the path of what it made."""

import hashlib
import os
import struct
import zlib
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

INK_BOX = (40, 20, 160, 50)  # where picture() has its ink


def picture(mode: str = "L", *, paper: int | tuple[int, ...] = 255, ink: int | tuple[int, ...] = 0) -> Image.Image:
    """A small upright page: wider than high, with a bar of ink at the top."""
    image = Image.new(mode, (200, 100), paper)
    ImageDraw.Draw(image).rectangle(INK_BOX, fill=ink)
    return image


def text_page(text: str = "Invoice 4711", size: tuple[int, int] = (600, 200)) -> Image.Image:
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).text((40, 60), text, fill="black", font=ImageFont.load_default(48))
    return image


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _encoded(image: Image.Image, format: str, **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def _png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


# What is not there, or not a file


def empty(folder: Path) -> Path:
    return _write(folder / "empty.pdf", b"")


def zeros(folder: Path) -> Path:
    """What a network copy reserves before it writes."""
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
