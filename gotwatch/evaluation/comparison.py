"""Two engines on the same pages, neither of which is taken for right."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gotwatch.documents import Finish, Mode, PageText
from gotwatch.evaluation import figures, sheet, tables
from gotwatch.evaluation.pictures import Depict
from gotwatch.evaluation.score import Place, seen
from gotwatch.evaluation.sheet import Grid, PageSheet, Pairing


@dataclass(frozen=True, slots=True)
class Reading:
    """What an engine read of the file."""

    engine: str
    pages: tuple[PageText, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The texts of one page, as a person sees them."""

    place: Place
    left: str
    right: str
    seconds: tuple[float | None, float | None]  # None where the engine was not asked
    edit_distance: float
    f1: float  # of the words that both have


def pairs(path: Path, readings: tuple[Reading, Reading], mode: Mode) -> list[Pair]:
    return list(_pairs(path, readings, mode))


def _pairs(path: Path, readings: tuple[Reading, Reading], mode: Mode) -> Iterator[Pair]:
    ours, theirs = (reading.pages for reading in readings)
    for one, other in zip(ours, theirs, strict=True):  # which pages are read in one go does not depend on the engine
        left, right = seen(one.markup, mode), seen(other.markup, mode)
        between = figures.fair(left, right)
        yield Pair(
            place=Place(name=path.name, path=path, page=one.number, count=one.count, is_whole=len(ours) == 1),
            left=left,
            right=right,
            seconds=(_seconds(one), _seconds(other)),
            edit_distance=between.edit_distance,
            f1=between.f1,
        )


def lines(readings: tuple[Reading, Reading], found: Sequence[Pair]) -> Iterator[str]:
    """How far apart they are, for the terminal."""
    for pair in found:
        apart = f"edit distance {pair.edit_distance:.3f}, F1 {pair.f1:.3f}" if pair.edit_distance else "the same"
        times = (f"{one.engine} {_time(each)}" for one, each in zip(readings, pair.seconds, strict=True))
        yield f"{pair.place.title}: {apart} ({', '.join(times)})"


def grid(readings: tuple[Reading, Reading], found: Sequence[Pair]) -> Grid:
    names = [reading.engine for reading in readings]
    columns = ("page", "edit distance", "F1", *(f"{name}, seconds" for name in names))
    rows = tuple(_row(pair) for pair in found)
    note = "How far apart the two are: 0 and 1 where they read the same."
    return Grid("Figures", columns, rows, (note,), tuple(map(_anchor, found)))


def html(facts: Sequence[str], readings: tuple[Reading, Reading], found: Sequence[Pair], depict: Depict) -> str:
    names = [reading.engine for reading in readings]
    title = f"{found[0].place.name}: {names[0]} and {names[1]}" if found else "No pages"
    legend = f"Struck through: only {names[0]} read so. Underlined: only {names[1]}. Line ends make no difference."
    return sheet.bind(title, [*facts, legend], [grid(readings, found)], [_sheet(pair, names, depict) for pair in found])


def _sheet(pair: Pair, names: Sequence[str], depict: Depict) -> PageSheet:
    facts = "Both read the same." if not pair.edit_distance else ""
    sides = Pairing(title="", facts=facts, left_title=names[0], left=pair.left, right_title=names[1], right=pair.right)
    return PageSheet(anchor=_anchor(pair), title=pair.place.title, pictures=depict(pair.place), pairings=(sides,))


def _row(pair: Pair) -> tuple[str, ...]:
    seconds = (tables.NONE if each is None else f"{each:.1f}" for each in pair.seconds)
    return (pair.place.title, tables.shown(pair.edit_distance), tables.shown(pair.f1), *seconds)


def _time(seconds: float | None) -> str:
    return "not asked" if seconds is None else f"{seconds:.2f} s"


def _anchor(pair: Pair) -> str:
    return f"page-{pair.place.page}"


def _seconds(page: PageText) -> float | None:
    return None if page.finish is Finish.BLANK else page.seconds
