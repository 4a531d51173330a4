"""What a person reads of an evaluation: the figures, and every page's texts with their differences marked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gotwatch.evaluation import sheet, tables
from gotwatch.evaluation.course import Course
from gotwatch.evaluation.pictures import Depict
from gotwatch.evaluation.score import PageScore, Place
from gotwatch.evaluation.sheet import Grid, PageSheet, Pairing
from gotwatch.evaluation.translation import METEOR_NOTE

MOST_PAGES = 200  # with pictures and texts: a browser is slow with a file of more
_LEGEND = (
    "Struck through: printed, but not read so. Underlined: read, but not printed so. Line ends make no difference."
)


@dataclass(frozen=True, slots=True)
class _Page:
    place: Place
    scores: dict[str, PageScore]  # engine -> what it read
    anchor: str  # "" where it is not shown

    @property
    def badness(self) -> float:
        return max(score.fair.edit_distance for score in self.scores.values())


def evaluation(
    title: str, facts: Sequence[str], courses: Sequence[Course], depict: Depict, *, most_pages: int = MOST_PAGES
) -> str:
    """*courses*: over the same pages. *depict*: the pictures of a page, none where it cannot be drawn."""
    pages = list(_pages(courses, most_pages))
    shown = [page for page in pages if page.anchor]
    if len(shown) < len(pages):
        facts = [*facts, f"Shown are the {len(shown)} pages that were read worst; the figures are those of all."]
    grids = [*tables.tables(courses), _index(courses, pages)]
    return sheet.bind(title, [*facts, METEOR_NOTE, _LEGEND], grids, [_sheet(page, depict) for page in shown])


def _pages(courses: Sequence[Course], most: int) -> Iterator[_Page]:
    """In the order of the set. The *most* that were read worst have an anchor."""
    found: dict[Place, dict[str, PageScore]] = {}
    for course in courses:
        for score in course.scores:
            found.setdefault(score.place, {})[course.engine] = score
    pages = [_Page(place, scores, f"page-{number}") for number, (place, scores) in enumerate(found.items(), start=1)]
    worst = {page.anchor for page in sorted(pages, key=lambda page: page.badness, reverse=True)[:most]}
    return (page if page.anchor in worst else _Page(page.place, page.scores, "") for page in pages)


def _index(courses: Sequence[Course], pages: Sequence[_Page]) -> Grid:
    """The fair edit distance of each page."""
    columns = ("page", *(course.engine for course in courses))
    rows = tuple((page.place.title, *(_distance(page, course) for course in courses)) for page in pages)
    return Grid("Edit distance of each page, fair", columns, rows, (), tuple(page.anchor for page in pages))


def _distance(page: _Page, course: Course) -> str:
    score = page.scores.get(course.engine)
    return tables.shown(score.fair.edit_distance) if score else tables.NONE


def _sheet(page: _Page, depict: Depict) -> PageSheet:
    pairings = (
        Pairing(
            title=engine,
            facts=_facts(score),
            left_title="printed",
            left=score.truth,
            right_title="read",
            right=score.answer,
            error=score.error,
        )
        for engine, score in page.scores.items()
    )
    return PageSheet(anchor=page.anchor, title=page.place.title, pictures=depict(page.place), pairings=tuple(pairings))


def _facts(score: PageScore) -> str:
    if not score.edits and not score.error:
        return "Without a mistake."
    fair = score.fair
    facts = [f"edit distance {fair.edit_distance:.3f}", f"F1 {fair.f1:.3f}", f"{score.edits:,} characters wrong"]
    if score.seconds is not None:
        facts.append(f"{score.seconds:.1f} s")
    return " · ".join(facts)
