"""The files that are read: each has its own bytes, as the same bytes would be read only once."""

import io
from pathlib import Path

from PIL import Image, ImageDraw

SAMPLES = Path(__file__).parent.parent / "samples" / "in"
SCAN = SAMPLES / "letter-scan.jpg"
FOLDER_SIZE = 1000


def small_images(folder: Path, count: int) -> None:
    """PNGs of 200 x 120 pixels, each with its own number on it."""
    folder.mkdir(parents=True)
    for number in range(1, count + 1):
        _numbered(number).save(folder / f"small-{number:05d}.png")


def tree_of_images(folder: Path, count: int, *, begin: int = 0) -> None:
    """Copies of one small PNG under names numbered from *begin* on, in subfolders of a thousand. Its number follows
    each PNG's end."""
    content = io.BytesIO()
    _numbered(1).save(content, "png")
    end = begin + count
    for first in range(begin, end, FOLDER_SIZE):
        subfolder = folder / f"{first // FOLDER_SIZE:03d}"
        subfolder.mkdir(parents=True)
        for number in range(first, min(first + FOLDER_SIZE, end)):
            (subfolder / f"copy-{number:06d}.png").write_bytes(content.getvalue() + b"%06d" % number)


def sample_documents(folder: Path, rounds: int) -> None:
    """The samples, so many times. A number follows each document's end."""
    folder.mkdir(parents=True)
    for number in range(1, rounds + 1):
        for sample in sorted(SAMPLES.iterdir()):
            (folder / f"{number}-{sample.name}").write_bytes(sample.read_bytes() + b"\n%%%d" % number)


def scans(folder: Path, count: int) -> None:
    """A scanned letter, so many times. A number follows each one's end."""
    folder.mkdir(parents=True)
    content = SCAN.read_bytes()
    for number in range(1, count + 1):
        (folder / f"scan-{number:03d}.jpg").write_bytes(content + b"%03d" % number)


def long_scan(folder: Path, count: int) -> None:
    """One PDF with the scanned letter on each page."""
    folder.mkdir(parents=True)
    with Image.open(SCAN) as scan:
        scan.save(folder / "long.pdf", save_all=True, append_images=[scan] * (count - 1))


def _numbered(number: int) -> Image.Image:
    image = Image.new("RGB", (200, 120), "white")
    ImageDraw.Draw(image).text((40, 50), f"page {number:05d}", fill="black")
    return image
