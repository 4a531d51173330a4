"""Truth out of PDFs that hold their text: each page as a picture, with its text beside it."""

import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from gotwatch import pixels
from gotwatch.documents import shown
from gotwatch.errors import InputError, UsageError
from gotwatch.pages.base import TextLayer
from gotwatch.pages.reader import OpenDocument, ReaderPool
from gotwatch.results import disk
from gotwatch.results.refusals import explained

LEAST_LETTERS = 40  # a page of fewer may be a picture with a page number below it
_MOST_UNKNOWN = 0.01  # of the signs
_UNKNOWN = {"Cc", "Cn", "Co", "Cs"}  # what a font's own numbers come out as when nothing says which letters they show
_BLANKS = re.compile(r"[ \t]+$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Made:
    """A page of the set, or one that is not in it."""

    picture: Path | None
    left_out: str  # which page, or which document, and why; "" for a page of the set


def documents(paths: Sequence[Path]) -> list[tuple[Path, Path]]:
    """The PDFs, each with its name below the folder that was given. Raises UsageError where there are none."""
    found = [pair for path in paths for pair in _below(path)]
    if not found:
        raise UsageError("There is no PDF there", hint="Name PDFs, or folders with PDFs in them.")
    return found


def make(
    sources: Sequence[tuple[Path, Path]],
    out: Path,
    readers: ReaderPool,
    *,
    limit: int | None = None,
    on_file: Callable[[int], None],
) -> Iterator[Made]:
    """Page by page, until *limit* are made. *on_file*: how many documents are done.

    A document that cannot be read is told like a page that is left out. Raises UsageError where a file is in the way.
    """
    made = 0
    for page in _pages(sources, out, readers, on_file):
        yield page
        made += page.picture is not None
        if made == limit:
            break


def unusable(layer: TextLayer) -> str:
    """Why the text is not what a person sees on the page; "" if nothing speaks against it."""
    if layer.hidden:
        return "its text is hidden: another program has read it off a scan"
    if sum(sign.isalnum() for sign in layer.text) < LEAST_LETTERS:
        return "it holds next to no text"
    unknown = sum(unicodedata.category(sign) in _UNKNOWN or sign == "\ufffd" for sign in layer.text if sign != "\n")
    if unknown > _MOST_UNKNOWN * len(layer.text):
        return "its fonts do not say which letters they show"
    return ""


def _below(path: Path) -> Iterator[tuple[Path, Path]]:
    if path.is_dir():
        for each in sorted(path.rglob("*")):
            if each.suffix.lower() == ".pdf" and each.is_file():
                yield each, each.relative_to(path)
    elif path.exists():
        yield path, Path(path.name)
    else:
        raise UsageError(f"There is no {shown(path)}")


def _pages(
    sources: Sequence[tuple[Path, Path]], out: Path, readers: ReaderPool, on_file: Callable[[int], None]
) -> Iterator[Made]:
    for done, (path, name) in enumerate(sources):
        on_file(done)
        try:
            with readers.open(path) as opened:
                for number in range(1, opened.count + 1):
                    yield _page(opened, number, name, out)
        except InputError as error:
            yield Made(None, error.message)


def _page(opened: OpenDocument, number: int, name: Path, out: Path) -> Made:
    title = f"{shown(name)}, page {number}"
    layer = opened.text(number)
    if reason := unusable(layer):
        return Made(None, f"{title}: {reason}")
    target = out / name.parent / f"{name.stem}-{number:03d}.png"
    if target.exists():
        raise UsageError(f"There is a {shown(target)} already", hint="Name a new or an empty folder.")
    with explained(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        disk.write_whole(target, _drawn(opened, number))
        text = _BLANKS.sub("", layer.text).strip("\n")
        disk.write_whole(target.with_suffix(".gt.txt"), f"{text}\n".encode())
    return Made(target, "")


def _drawn(opened: OpenDocument, number: int) -> bytes:
    hold = opened.render(number)
    try:
        with pixels.look(hold.page) as page:
            picture = Image.frombytes("RGB", (page.width, page.height), page.rgb)
    finally:
        hold.release()
    png = io.BytesIO()
    picture.save(png, "PNG")
    return png.getvalue()
