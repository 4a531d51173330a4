"""All pages of an engine as a few figures."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from gotwatch.evaluation import figures
from gotwatch.evaluation.figures import Figures
from gotwatch.evaluation.parts import FairParts, PaperParts
from gotwatch.evaluation.score import PageScore

One = TypeVar("One")
Other = TypeVar("Other")


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Means over pages; None where no page has such a thing."""

    pages: int
    failed: int  # pages without an answer
    left_out: int  # by the paper's way of counting
    paper: Figures | None
    fair: Figures | None
    character_errors: float | None  # edits in all, as a share of the characters that are printed
    flawless: int  # pages
    seconds: float | None  # for a page that the engine was asked for
    paper_formulas: Figures | None
    paper_tables: Figures | None
    fair_text: float | None
    fair_formulas: float | None
    fair_tables: float | None
    formula_pages: int  # pages that have some, as printed or as read
    table_pages: int


def summarise(scores: Sequence[PageScore]) -> Summary:
    fair_parts = _found(scores, lambda score: score.fair_parts)
    paper_parts = _found(scores, lambda score: score.paper_parts)
    paper = _found(scores, lambda score: score.paper)
    characters = sum(score.characters for score in scores)
    return Summary(
        pages=sum(score.place.count for score in scores),
        failed=sum(score.place.count for score in scores if score.error),
        left_out=len(scores) - len(paper),
        paper=figures.mean(paper),
        fair=figures.mean([score.fair for score in scores]),
        character_errors=sum(score.edits for score in scores) / characters if characters else None,
        flawless=sum(not score.edits for score in scores),
        seconds=_seconds(scores),
        paper_formulas=figures.mean(_found(paper_parts, _formulas_as_paper)),
        paper_tables=figures.mean(_found(paper_parts, _tables_as_paper)),
        fair_text=_mean(_found(fair_parts, lambda part: part.text)),
        fair_formulas=_mean(_found(fair_parts, _formulas)),
        fair_tables=_mean(_found(fair_parts, _tables)),
        formula_pages=len(_found(fair_parts, _formulas)),
        table_pages=len(_found(fair_parts, _tables)),
    )


def _formulas_as_paper(parts: PaperParts) -> Figures | None:
    return parts.formulas


def _tables_as_paper(parts: PaperParts) -> Figures | None:
    return parts.tables


def _formulas(parts: FairParts) -> float | None:
    return parts.formulas


def _tables(parts: FairParts) -> float | None:
    return parts.tables


def _seconds(scores: Iterable[PageScore]) -> float | None:
    asked = [score for score in scores if score.seconds is not None]
    pages = sum(score.place.count for score in asked)
    return sum(score.seconds or 0.0 for score in asked) / pages if pages else None


def _found(many: Iterable[One], take: Callable[[One], Other | None]) -> list[Other]:
    return [taken for one in many if (taken := take(one)) is not None]


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
