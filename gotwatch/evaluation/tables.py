"""The figures of engines as tables, for the terminal and the page alike."""

from collections.abc import Sequence

from gotwatch.evaluation.course import Course
from gotwatch.evaluation.figures import NAMES, Figures
from gotwatch.evaluation.sheet import Grid

NONE = "\N{EN DASH}"
_FIGURES = ("edit distance", "F1", "precision", "recall", "BLEU", "METEOR")
_PARTS = (
    "engine",
    "text",
    "formulas",
    "pages with some",
    "tables",
    "pages with some",
    "formulas, paper",
    "tables, paper",
)
_FAIR_NOTE = (
    "Each word counts as often as it stands there; an empty answer is wrong; white space counts as one space. Edit"
    " distance: characters to change, as a share of the longer text. Characters wrong: those of all pages together, as"
    " a share of what is printed."
)
_PAPER_NOTE = (
    "As GOT-OCR2.0's own code counts, to compare with its tables: on sets of words, with the true text and the answer"
    " in each other's place (its precision is recall), BLEU without smoothing, pages without an answer left out."
)
_PARTS_NOTE = (
    "Edit distances. Paper: as its code finds formulas and tables; pages on which only one side has any are left out."
    " Fair: as gotwatch's parser finds them, formulas without white space, tables cell by cell; what only one side has"
    " is wrong. Text: all but tables and displayed formulas."
)


def tables(courses: Sequence[Course]) -> list[Grid]:
    found = [
        Grid(
            "Fair figures",
            ("engine", "pages", "flawless", *_FIGURES, "characters wrong", "seconds a page"),
            tuple(map(_fair, courses)),
            (_FAIR_NOTE, *_failures(courses)),
        ),
        Grid(
            "Figures in the way of GOT-OCR2.0's paper",
            ("engine", "pages", "left out", *_FIGURES),
            tuple(map(_paper, courses)),
            (_PAPER_NOTE,),
        ),
    ]
    if any(course.summary.fair_text is not None for course in courses):
        found.append(Grid("Formulas and tables apart", _PARTS, tuple(map(_parts, courses)), (_PARTS_NOTE,)))
    return found


def shown(value: float | None) -> str:
    return NONE if value is None else f"{value:.3f}"


def named(figures: Figures | None, name: str) -> str:
    return NONE if figures is None else shown(getattr(figures, name))


def percent(value: float | None) -> str:
    return NONE if value is None else f"{value:.2%}"


def _fair(course: Course) -> tuple[str, ...]:
    found = course.summary
    seconds = NONE if found.seconds is None else f"{found.seconds:.2f}"
    counts = (str(found.pages), str(found.flawless))
    return (course.engine, *counts, *_cells(found.fair), percent(found.character_errors), seconds)


def _paper(course: Course) -> tuple[str, ...]:
    found = course.summary
    return (course.engine, str(found.pages - found.left_out), str(found.left_out), *_cells(found.paper))


def _parts(course: Course) -> tuple[str, ...]:
    found = course.summary
    formulas = (shown(found.fair_formulas), str(found.formula_pages))
    tables = (shown(found.fair_tables), str(found.table_pages))
    paper = (named(found.paper_formulas, "edit_distance"), named(found.paper_tables, "edit_distance"))
    return (course.engine, shown(found.fair_text), *formulas, *tables, *paper)


def _failures(courses: Sequence[Course]) -> tuple[str, ...]:
    return tuple(
        f"{course.engine} gave no answer for {course.summary.failed} of {course.summary.pages} pages: all wrong."
        for course in courses
        if course.summary.failed
    )


def _cells(figures: Figures | None) -> tuple[str, ...]:
    return tuple(named(figures, name) for name in NAMES)
