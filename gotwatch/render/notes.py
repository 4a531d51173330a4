"""What a reader should know about a page before trusting it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from itertools import groupby

from gotwatch.documents import Document, Finish, PageText

_UNSURE_BELOW = 0.6


class Weight(Enum):
    DOUBT = auto()  # text may be missing or wrong
    MENDED = auto()  # all is there, but not all as the model wrote it
    FACT = auto()  # such as that nothing is on the page


@dataclass(frozen=True, slots=True)
class Note:
    words: str
    weight: Weight


_CUT_SHORT = {
    Finish.LENGTH: "Cut at the token limit: the end of {here} may be missing.",
    Finish.LOOP: "The model began to repeat itself; the text before that was kept.",
    Finish.TIME: "Cut at the time limit: the end of {here} may be missing.",
}
_BLANK = Note("Blank page.", Weight.FACT)


def notes(page: PageText) -> tuple[Note, ...]:
    return (_BLANK,) if page.finish is Finish.BLANK else tuple(_notes(page))


def warnings(document: Document) -> tuple[str, ...]:
    """All that a person should look at, of the document and of its pages, as sentences."""
    doubts = (
        f"{page.title.capitalize()}: {note.words}"
        for page in document.pages
        for note in notes(page)
        if note.weight is Weight.DOUBT
    )
    return (*document.warnings, *doubts)


def ranges(numbers: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """1, 2, 3, 7 are (1, 3) and (7, 7)."""
    runs = groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0])
    members = ([number for _, number in run] for _, run in runs)
    return tuple((run[0], run[-1]) for run in members)


def _notes(page: PageText) -> Iterator[Note]:
    here = "this page" if page.count == 1 else "these pages"
    if page.finish in _CUT_SHORT:
        yield Note(_CUT_SHORT[page.finish].format(here=here), Weight.DOUBT)
    elif not page.markup.strip():
        yield Note(f"No text was found on {here}.", Weight.FACT)
    if page.confidence is not None and page.confidence < _UNSURE_BELOW:
        yield Note(f"The model was unsure about {here} (confidence {page.confidence:.0%}).", Weight.DOUBT)
