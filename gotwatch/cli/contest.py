"""Several engines over the same pages, one after the other, and what is written of it. Needs the extra."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gotwatch.app import utc_now
from gotwatch.cli import terminal
from gotwatch.cli.context import Context
from gotwatch.cli.desks import own_desk
from gotwatch.config.settings import Asked
from gotwatch.desk import engine_options, page_limits
from gotwatch.documents import PageText, absolute, counted, shown
from gotwatch.engine import abilities, choose
from gotwatch.evaluation import annotations, comparison, course, pictures, record, report, truth
from gotwatch.evaluation.board import lines as board
from gotwatch.evaluation.comparison import Reading
from gotwatch.evaluation.course import Course
from gotwatch.evaluation.pictures import Depict
from gotwatch.evaluation.truth import Truth
from gotwatch.pages.reader import ReaderPool
from gotwatch.results import disk
from gotwatch.results.refusals import explained
from gotwatch.version import VERSION
from gotwatch.words import marked

__all__ = ["board", "chosen", "compare", "run", "truths", "write_record", "write_report"]

Chosen = Mapping[str, dict[str, Any]]  # engine -> what differs from the config's [engine]

_NO_CHOICE: dict[str, Any] = {"checkpoint": "", "device": ("auto",), "precision": "auto"}


def truths(folder: Path, annotated: Path | None, most: int | None) -> list[Truth]:
    """The first *most* files with their text. Raises UsageError where something is missing or wrong."""
    return annotations.read(annotated, folder, most=most) if annotated else truth.pairs(folder)[:most]


def chosen(context: Context, names: str | None, changes: Mapping[str, Any], asked: Asked) -> Chosen:
    """The engines that are asked for. Raises UsageError or ConfigError where one is unknown, or cannot be asked so:
    before the first of them has read a page."""
    config = context.config_or_defaults()
    found: dict[str, dict[str, Any]] = {}
    for name in (names or config.engine.name).split(","):
        # PaddleOCR has one model and one way to compute; what is said of the others does not concern it.
        settings = {"name": name.strip(), **(_NO_CHOICE if name.strip() == choose.FALLBACK else changes)}
        options = engine_options(config.model_copy(update={"engine": config.engine.model_copy(update=settings)}))
        choose.choose(name.strip(), options, gpu=None, local_checkpoint=False)
        abilities.check_prompt(name.strip(), asked.prompt)
        found[name.strip()] = settings
    return found


def run(context: Context, engines: Chosen, pages: Sequence[Truth], asked: Asked) -> list[Course]:
    with terminal.Meter() as meter:
        return [
            _course(
                context, name, pages, asked, settings, _Progress(meter, number * len(pages), len(engines) * len(pages))
            )
            for number, (name, settings) in enumerate(engines.items())
        ]


def write_record(target: Path, folder: Path, courses: Sequence[Course], asked: Asked) -> None:
    described = {
        "gotwatch": VERSION,
        "made_at": utc_now().isoformat(timespec="seconds"),
        "folder": shown(folder),
        "asked": asked.prompt.key,
    }
    _write(target, json.dumps(record.record(courses, described), indent=2, ensure_ascii=False))


def write_report(context: Context, target: Path, folder: Path, courses: Sequence[Course], asked: Asked) -> None:
    title = f"How well {shown(folder.resolve().name)} was read"
    facts = [counted(courses[0].summary.pages, "page"), *_circumstances(asked), *map(_engine, courses)]
    with _depicting(context) as depict:
        _write(target, report.evaluation(title, facts, courses, depict))


def compare(context: Context, file: Path, target: Path, engines: Chosen, asked: Asked) -> Iterator[str]:
    """The figures, as lines, once the page is written."""
    readings = []
    with terminal.Meter() as meter:
        for name, settings in engines.items():
            with _reading(context, settings, asked, meter) as read:
                readings.append(Reading(name, tuple(read(file))))
    both = (readings[0], readings[1])
    pairs = comparison.pairs(absolute(file), both, asked.prompt.mode)
    with _depicting(context) as depict:
        _write(target, comparison.html(_circumstances(asked), both, pairs, depict))
    return comparison.lines(both, pairs)


@dataclass(frozen=True, slots=True)
class _Progress:
    meter: terminal.Meter
    before: int  # files that other engines have read
    count: int

    def tell(self, done: int) -> None:
        self.meter.files(self.before + done, self.count)


def _course(
    context: Context, name: str, pages: Sequence[Truth], asked: Asked, settings: dict[str, Any], progress: _Progress
) -> Course:
    with _reading(context, settings, asked, progress.meter) as read:
        return course.run(name, pages, read, asked=asked.prompt.mode, on_file=progress.tell)


@contextmanager
def _reading(
    context: Context, settings: dict[str, Any], asked: Asked, meter: terminal.Meter
) -> Iterator[Callable[[Path], Sequence[PageText]]]:
    """An engine that reads whole files, for the length of the block."""
    with own_desk(context, settings, meter) as desk:

        def read(path: Path) -> Sequence[PageText]:
            def on_page(done: int, pages: int) -> None:
                meter.pages({shown(path): (done, pages)})

            return desk.read_now(absolute(path), asked.prompt, on_page=on_page)

        yield read


@contextmanager
def _depicting(context: Context) -> Iterator[Depict]:
    readers = ReaderPool(page_limits(context.config_or_defaults()), readers=1)
    readers.start()
    try:
        yield pictures.drawn_by(readers)
    finally:
        readers.stop()


def _circumstances(asked: Asked) -> list[str]:
    return [
        f"read on {utc_now().astimezone():%Y-%m-%d} by gotwatch {VERSION}",
        f"asked for: {asked.prompt.key}",
    ]


def _engine(course: Course) -> str:
    return f"{course.engine}: {course.checkpoint}" if course.checkpoint else marked(f"{course.engine}: read nothing")


def _write(target: Path, text: str) -> None:
    with explained(target.parent):
        disk.write_whole(target, text.encode("utf-8", "replace"))
