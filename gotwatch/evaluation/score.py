"""A page as it is printed beside a page as it was read."""

from dataclasses import dataclass
from pathlib import Path

from gotwatch.documents import Mode, page_title
from gotwatch.evaluation import distance, figures, parts
from gotwatch.evaluation.figures import Figures
from gotwatch.evaluation.parts import FairParts, PaperParts
from gotwatch.render import markup
from gotwatch.render.origin import cleaned
from gotwatch.render.readable.page import readable


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Which page it is, or which pages if they were read in one go."""

    name: str  # of the file, below its folder
    path: Path
    page: int
    count: int
    is_whole: bool  # the file has no other page

    @property
    def title(self) -> str:
        return self.name if self.is_whole else f"{self.name}, {page_title(self.page, self.count)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageScore:
    place: Place
    truth: str  # both as they are compared fairly
    answer: str
    seconds: float | None  # the engine's own time; None where it was not asked, or gave no answer
    error: str  # why there is no answer; "" where there is one
    paper: Figures | None
    fair: Figures
    edits: int  # in characters, as the fair edit distance counts them
    characters: int  # of the truth
    paper_parts: PaperParts | None  # None where no markup was asked for
    fair_parts: FairParts | None


def score(
    place: Place,
    truth: str,
    answer: str,
    *,
    written: Mode,
    asked: Mode,
    seconds: float | None = None,
    error: str = "",
) -> PageScore:
    """*written*: how the truth is written down. *asked*: how the engine was asked to write.

    Truth with markup is compared with plain text by what a person sees of it.
    """
    is_marked_up = asked is Mode.FORMAT
    printed = seen(truth, Mode.FORMAT if is_marked_up else written)
    read = seen(answer, asked)
    even_truth, even_answer = figures.even(printed), figures.even(read)
    return PageScore(
        place=place,
        truth=printed,
        answer=read,
        seconds=seconds,
        error=error,
        paper=figures.paper(*((truth, answer) if is_marked_up else (printed, read))),
        fair=figures.fair(printed, read),
        edits=distance.edits(even_truth, even_answer),
        characters=len(even_truth),
        paper_parts=parts.paper(truth, answer) if is_marked_up else None,
        fair_parts=parts.fair(truth, answer) if is_marked_up else None,
    )


def seen(text: str, mode: Mode) -> str:
    """What a person reads: of markup, what it means."""
    return cleaned(text) if mode is Mode.PLAIN else readable(markup.parse(text, mode=mode))
