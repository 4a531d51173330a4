"""What is printed on pages, as somebody has written it down beside them: NAME.png with NAME.gt.txt."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gotwatch.documents import DOCUMENT_SUFFIXES, Mode, shown
from gotwatch.errors import Unreadable, UsageError

PAGE_BREAK = "\f"
_SUFFIXES = {".gt.txt": Mode.PLAIN, ".gt.mmd": Mode.FORMAT}


@dataclass(frozen=True, slots=True)
class Truth:
    """A picture or document, and the text of each of its pages."""

    name: str
    path: Path
    pages: tuple[str, ...]
    mode: Mode  # of the text: as it is printed, or with markup


def pairs(folder: Path) -> list[Truth]:
    """All below *folder*, by name. Raises UsageError where there are none."""
    found = [_truth(folder, *pair) for pair in _pairs(folder)]
    if not found:
        hint = "Put NAME.gt.txt beside NAME.png, or make such pairs of PDFs with: gotwatch truth"
        raise UsageError(f"There is no page with its text in {shown(folder)}", hint=hint)
    return sorted(found, key=lambda truth: truth.name)


def _pairs(folder: Path) -> Iterator[tuple[Path, Path, Mode]]:
    """Text without its picture is told as an error: it would be missed without a word."""
    for written in sorted(folder.rglob("*.gt.*")):
        suffix = "".join(written.suffixes[-2:])
        if suffix in _SUFFIXES:
            stem = written.name.removesuffix(suffix)
            yield _beside(written, stem), written, _SUFFIXES[suffix]


def _beside(written: Path, stem: str) -> Path:
    pictures = [
        path
        for path in written.parent.iterdir()
        if path.suffix.lower() in DOCUMENT_SUFFIXES and stem in (path.stem, path.name)
    ]
    if not pictures:
        hint = f"Put {stem}.png, .jpg, .pdf or the like beside it, or take it away."
        raise UsageError(f"There is no picture for {shown(written)}", hint=hint)
    if len(pictures) > 1:
        names = " and ".join(sorted(shown(path.name) for path in pictures))
        raise UsageError(f"{shown(written)} may belong to {names}", hint=f"Call it {names.split()[0]}.gt.txt.")
    return pictures[0]


def _truth(folder: Path, picture: Path, written: Path, mode: Mode) -> Truth:
    pages = text_of(written).removesuffix(PAGE_BREAK).split(PAGE_BREAK)
    return Truth(picture.relative_to(folder).as_posix(), picture, tuple(page.strip("\r\n") for page in pages), mode)


def text_of(path: Path) -> str:
    """Raises Unreadable where it is no UTF-8."""
    try:
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as exc:
        raise Unreadable(f"{shown(path)} is not UTF-8 text", hint="Save it as UTF-8.") from exc
    except OSError as exc:
        raise UsageError(f"{shown(path)} cannot be read: {exc.strerror}") from exc
