"""What it costs to make a page into HTML, how soon the first one is there, and what memory and size it takes."""

import os
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import child, markup_pages, render_inside, render_outside, render_press
from bench.render_outside import Seconds
from bench.report import Goal, Report, Table

MEGABYTE = 1024 * 1024
KILOBYTE = 1000
PANDOC_PAGES = 60
COMMAND_RUNS = 7
OURS, OTHER = render_inside.ENGINES
WANTED_MEDIAN_MS, WANTED_SLOW_MS = 5.0, 60.0
WANTED_FIRST_SECONDS = 0.3
WANTED_MEGABYTES = 40.0
WANTED_KILOBYTES = 80.0


@dataclass(frozen=True, slots=True)
class Commands:
    """Whole commands, one process each."""

    gotwatch: tuple[Seconds, ...]
    pandoc: tuple[Seconds | None, ...]  # None where it makes nothing of a page
    pandoc_start: float  # of the processor, for a page with nothing on it


def measure(place: Path) -> Report:
    environment = _with_bytecode(place)
    inside = child.answer("bench.thin", "bench.render_inside")
    press = child.answer("bench.thin", "bench.render_press", environment=environment)
    commands = _commands(place, environment)
    return Report(
        title=f"render: {render_inside.PAGES} pages made of the samples' blocks",
        goals=_goals(inside, press, commands),
        tables=(_page_table(inside), _first_table(press, commands), _other_table(inside, commands), _samples(inside)),
        notes=(" ".join(_sentences(press, commands)),),
    )


def _with_bytecode(place: Path) -> dict[str, str]:
    """As an installed program has it, whatever this checkout may keep."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**environment, "PYTHONPYCACHEPREFIX": str(place / "bytecode")}


def _commands(place: Path, environment: Mapping[str, str]) -> Commands:
    source, target = place / "page.mmd", place / "page.html"
    source.write_text(markup_pages.samples()[markup_pages.TYPICAL], "utf-8")
    render_outside.gotwatch_seconds(source, target, environment)  # Python writes its bytecode
    ours = tuple(render_outside.gotwatch_seconds(source, target, environment) for _ in range(COMMAND_RUNS))
    if render_outside.pandoc() is None:
        return Commands(ours, (), 0.0)
    source.write_text("\n", "utf-8")
    starts = [render_outside.pandoc_seconds(source, target) for _ in range(COMMAND_RUNS)]
    theirs = []
    for page in markup_pages.like_samples(PANDOC_PAGES):
        source.write_text(page, "utf-8")
        theirs.append(render_outside.pandoc_seconds(source, target))
    return Commands(ours, tuple(theirs), min(used for _, used in filter(None, starts)))


def _goals(inside: Mapping[str, Any], press: Mapping[str, Any], commands: Commands) -> tuple[Goal, ...]:
    times = _used(inside["pages"], OURS)
    largest = max(_sizes([*inside["pages"], *inside["full"], *inside["samples"]])) / KILOBYTE
    return (
        _goal("ms a page, median", statistics.median(times), WANTED_MEDIAN_MS, "", digits=1),
        _goal("ms a page, 99 of 100", _slow(times), WANTED_SLOW_MS, "", digits=1),
        _goal("first page of a new process", _processor_median(press["typical"]), WANTED_FIRST_SECONDS, " s", digits=2),
        _goal(
            "`gotwatch render`, all of it", _processor_median(commands.gotwatch), WANTED_FIRST_SECONDS, " s", digits=2
        ),
        _goal("memory of the process that renders", press["press_bytes"] / MEGABYTE, WANTED_MEGABYTES, " MB", digits=1),
        _goal("largest file without pictures", largest, WANTED_KILOBYTES, " KB", digits=0),
    )


def _goal(what: str, measured: float, most: float, unit: str, *, digits: int) -> Goal:
    return Goal(what, f"<= {most:g}{unit}", f"{measured:.{digits}f}{unit}", measured <= most)


def _page_table(inside: Mapping[str, Any]) -> Table:
    columns = ("pages", "characters", "ms", "95 of 100", "99 of 100", "slowest", "by the clock", "KB", "largest")
    names = {
        "pages": "of as many blocks as a sample",
        "full": f"of {render_inside.FULL_CHARACTERS:,} characters and more",
    }
    return Table(columns, tuple((words, *_page_row(inside[name])) for name, words in names.items()))


def _page_row(pages: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    times, sizes = _used(pages, OURS), _sizes(pages)
    return (
        f"{statistics.median(page['characters'] for page in pages):,.0f}",
        f"{statistics.median(times):.1f}",
        f"{statistics.quantiles(times, n=20)[-1]:.1f}",
        f"{_slow(times):.1f}",
        f"{max(times):.1f}",
        f"{statistics.median(page['clock_ms'][OURS] for page in pages):.1f}",
        f"{statistics.median(sizes) / KILOBYTE:.0f}",
        f"{max(sizes) / KILOBYTE:.0f}",
    )


def _first_table(press: Mapping[str, Any], commands: Commands) -> Table:
    names: dict[str, Sequence[Seconds]] = {
        "the daemon's, plain text": press["plain"],
        "the daemon's, a page of a paper": press["typical"],
        "`gotwatch render` of that page, all of it": commands.gotwatch,
    }
    columns = ("first page of a new process", "s of the processor", "s by the clock, fastest", "median", "slowest")
    return Table(columns, tuple((name, *_first_row(starts)) for name, starts in names.items()))


def _first_row(starts: Sequence[Seconds]) -> tuple[str, ...]:
    clock = [seconds for seconds, _ in starts]
    figures = (_processor_median(starts), min(clock), statistics.median(clock), max(clock))
    return tuple(f"{figure:.2f}" for figure in figures)


def _other_table(inside: Mapping[str, Any], commands: Commands) -> Table:
    ours, other = _used(inside["pages"], OURS), _used(inside["pages"], OTHER)
    ratio = statistics.median(theirs / mine for theirs, mine in zip(other, ours, strict=True))
    rows: list[tuple[str, ...]] = [
        (f"gotwatch, formulas by {OURS}", f"{statistics.median(ours):.1f}", "1.0", "0"),
        (f"gotwatch, formulas by {OTHER}", f"{statistics.median(other):.1f}", f"{ratio:.1f}", "0"),
    ]
    if commands.pandoc:
        rows.append(_pandoc_row(commands, ours))
    return Table(("way", "ms a page", "times the first", "pages without any result"), tuple(rows))


def _pandoc_row(commands: Commands, ours: Sequence[float]) -> tuple[str, ...]:
    """Of the same pages, and without what it takes to start."""
    net = [
        ((taken[1] - commands.pandoc_start) * 1000, mine)
        for taken, mine in zip(commands.pandoc, ours, strict=False)
        if taken is not None
    ]
    return (
        "pandoc, from LaTeX, its start not counted",
        f"{statistics.median(theirs for theirs, _ in net):.1f}",
        f"{statistics.median(theirs / mine for theirs, mine in net):.1f}",
        f"{len(commands.pandoc) - len(net)} of {len(commands.pandoc)}",
    )


def _samples(inside: Mapping[str, Any]) -> Table:
    rows = zip(markup_pages.samples(), inside["samples"], strict=True)
    return Table(("sample", "characters", "ms", "KB"), tuple((name, *_sample_row(page)) for name, page in rows))


def _sample_row(page: Mapping[str, Any]) -> tuple[str, ...]:
    [milliseconds], [size] = _used([page], OURS), _sizes([page])
    return (f"{page['characters']:,}", f"{milliseconds:.1f}", f"{size / KILOBYTE:.0f}")


def _used(pages: Iterable[Mapping[str, Any]], engine: str) -> list[float]:
    """Milliseconds of the processor."""
    return [page["processor_ms"][engine] for page in pages]


def _sizes(pages: Iterable[Mapping[str, Any]]) -> list[int]:
    return [page["bytes"][OURS] for page in pages]


def _slow(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=100)[-1]


def _processor_median(starts: Iterable[Seconds]) -> float:
    return statistics.median(used for _, used in starts)


def _sentences(press: Mapping[str, Any], commands: Commands) -> Iterator[str]:
    yield (
        "Times are of the processor, all processes together, where nothing else is said: by the clock it takes as long"
        " on a machine that does nothing else. A page is a whole HTML file, from the model's text to the last byte,"
        " with its formulas, font, scores and drawings. Its blocks are drawn at random from all samples of"
        f" `tests/golden/markup` but {markup_pages.REPETITION}, broken and hostile ones among them. No formula is"
        f" remembered from the page before. A page's time is the least of {render_inside.ROUNDS}."
    )
    yield (
        f"First pages are timed {render_press.STARTS} times, each with a new process, from the order to the file's last"
        " byte, and `gotwatch render` from its start to its end; Python's bytecode is there, as pip leaves it."
    )
    yield (
        f"Memory is the resident set, looked at after each of {render_press.PAGES} full pages; the process that draws"
        f" scores and geometry, there only while there are some, took {press['studio_bytes'] / MEGABYTE:.0f} MB."
    )
    yield "math-core is what gotwatch takes where there is no QuickJS; it knows fewer commands."
    if commands.pandoc:
        yield (
            f"pandoc reads the first {len(commands.pandoc)} of the same pages, a process for each, and takes"
            f" {commands.pandoc_start * 1000:.0f} ms to start. Scores, molecules and charts stay text with it."
        )
