"""The figures of engines for a terminal: a row for each figure, two columns for each engine."""

from collections.abc import Callable, Iterator, Sequence

from gotwatch.evaluation.course import Course
from gotwatch.evaluation.summary import Summary
from gotwatch.evaluation.tables import NONE, named, percent, shown

_NAMES = {
    "edit_distance": "edit distance",
    "f1": "F1",
    "precision": "precision",
    "recall": "recall",
    "bleu": "BLEU",
    "meteor": "METEOR, no synonyms",
}
_WIDTH = 9  # of a figure
_GAP = "  "


def lines(courses: Sequence[Course]) -> Iterator[str]:
    summaries = [course.summary for course in courses]
    first = max(map(len, (*_ROWS, *_NAMES.values())))
    yield _line("", [name for course in courses for name in ("fair", "paper")], first, over=_heads(courses, first))
    for name, words in _NAMES.items():
        pairs = ((named(each.fair, name), named(each.paper, name)) for each in summaries)
        yield _line(words, [cell for pair in pairs for cell in pair], first)
    for words, take in _ROWS.items():
        cells = [cell for each in summaries for cell in take(each)]
        if any(cell not in ("", NONE) for cell in cells):
            yield _line(words, cells, first)


def _heads(courses: Sequence[Course], first: int) -> str:
    both = 2 * _WIDTH + len(_GAP)
    names = (course.engine.rpartition(":")[2][:both] for course in courses)  # of a class of one's own, not its module
    return _GAP.join([" " * first, *(name.rjust(both) for name in names)]).rstrip()


def _line(name: str, cells: Sequence[str], first: int, *, over: str = "") -> str:
    line = _GAP.join([name.ljust(first), *(cell.rjust(_WIDTH) for cell in cells)]).rstrip()
    return f"{over}\n{line}" if over else line


# Figures that are not in both ways leave one of their columns empty.
_ROWS: dict[str, Callable[[Summary], tuple[str, str]]] = {
    "text alone, edit distance": lambda found: (shown(found.fair_text), ""),
    "formulas, edit distance": lambda found: (shown(found.fair_formulas), named(found.paper_formulas, "edit_distance")),
    "tables, edit distance": lambda found: (shown(found.fair_tables), named(found.paper_tables, "edit_distance")),
    "characters wrong": lambda found: (percent(found.character_errors), ""),
    "pages": lambda found: (str(found.pages), str(found.pages - found.left_out)),
    "without a mistake": lambda found: (str(found.flawless), ""),
    "without an answer": lambda found: (str(found.failed) if found.failed else "", ""),
    "seconds a page": lambda found: (NONE if found.seconds is None else f"{found.seconds:.2f}", ""),
}
