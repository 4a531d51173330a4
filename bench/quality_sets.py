"""Pages whose text is known: what lies in samples/, and fresh pages of the typewriter."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.program import ROOT
from training.typewriter import evaluate
from training.typewriter.tasks import Effort, Task

SAMPLES = ROOT / "samples"
TYPEWRITER = SAMPLES / "typewriter" / "gotwatch-typewriter"
CHINESE = ("chinese-notice.jpg",)
FRESH_PAGES = 50


@dataclass(frozen=True, slots=True)
class PageSet:
    title: str
    fill: Callable[[Path], None]  # puts pictures and their text into a folder
    engines: tuple[str, ...]
    options: tuple[str, ...]  # of gotwatch evaluate
    language: str = ""  # that Tesseract is told; "": it does not take part


def sets(engine: str) -> tuple[PageSet, ...]:
    """*engine*: the one that stands for Tesseract."""
    both = ("paddle", engine)
    got = ("--checkpoint", str(TYPEWRITER), "--device", "cpu")
    return (
        PageSet("drawn pages, English", _samples(lambda name: name not in CHINESE), both, (), "eng"),
        PageSet("drawn page, Chinese", _samples(CHINESE.__contains__), both, (), "chi_sim"),
        PageSet("scan of 1864, two resolutions", _scans, both, (), "eng"),
        PageSet("the typewriter's own, plain", _fresh(Task.PLAIN), ("got",), got),
        PageSet("the typewriter's own, format", _fresh(Task.FORMAT), ("got",), (*got, "--mode", "format")),
    )


def _samples(wanted: Callable[[str], bool]) -> Callable[[Path], None]:
    def fill(folder: Path) -> None:
        for picture in filter(lambda path: wanted(path.name), sorted((SAMPLES / "in").iterdir())):
            _copy([picture, SAMPLES / "truth" / f"{picture.stem}.gt.txt"], folder)

    return fill


def _scans(folder: Path) -> None:
    _copy([path for path in (SAMPLES / "scans").iterdir() if path.suffix != ".md"], folder)


def _copy(paths: Sequence[Path], folder: Path) -> None:
    for path in paths:
        shutil.copy(path, folder)


def _fresh(task: Task) -> Callable[[Path], None]:
    """Pages that no training has seen, of the only font that this model knows."""

    def fill(folder: Path) -> None:
        for number in range(FRESH_PAGES):
            exercise, (picture,) = evaluate.fresh(task, number, Effort(lines=8))
            picture.save(folder / f"{number:03d}.png")
            suffix = ".gt.mmd" if task is Task.FORMAT else ".gt.txt"
            (folder / f"{number:03d}{suffix}").write_text(exercise.text, "utf-8")

    return fill
