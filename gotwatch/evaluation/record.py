"""An evaluation for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from gotwatch.evaluation.course import Course
from gotwatch.evaluation.figures import Figures
from gotwatch.evaluation.score import PageScore
from gotwatch.evaluation.summary import Summary
from gotwatch.evaluation.translation import METEOR_NOTE


def record(courses: Sequence[Course], asked: Mapping[str, Any]) -> dict[str, Any]:
    """*asked*: what was evaluated, in what way."""
    return {**asked, "notes": [METEOR_NOTE], "engines": [_course(course) for course in courses]}


def _course(course: Course) -> dict[str, Any]:
    return {
        "engine": course.engine,
        "checkpoint": course.checkpoint,
        **_summary(course.summary),
        "per_page": [_page(score) for score in course.scores],
    }


def _summary(summary: Summary) -> dict[str, Any]:
    return {
        "pages": summary.pages,
        "failed": summary.failed,
        "flawless": summary.flawless,
        "seconds_a_page": summary.seconds,
        "fair": {
            **(_figures(summary.fair) or {}),
            "character_error_rate": summary.character_errors,
            "text_edit_distance": summary.fair_text,
            "formulas_edit_distance": summary.fair_formulas,
            "formula_pages": summary.formula_pages,
            "tables_edit_distance": summary.fair_tables,
            "table_pages": summary.table_pages,
        },
        "paper": {
            **(_figures(summary.paper) or {}),
            "left_out": summary.left_out,
            "formulas": _figures(summary.paper_formulas),
            "tables": _figures(summary.paper_tables),
        },
    }


def _page(score: PageScore) -> dict[str, Any]:
    return {
        "file": score.place.name,
        "page": score.place.page,
        "pages": score.place.count,
        "seconds": score.seconds,
        "error": score.error or None,
        "edits": score.edits,
        "characters": score.characters,
        "fair": _figures(score.fair),
        "paper": _figures(score.paper),
        "parts": None if score.fair_parts is None else asdict(score.fair_parts),
        "printed": score.truth,
        "read": score.answer,
    }


def _figures(figures: Figures | None) -> dict[str, float] | None:
    return None if figures is None else asdict(figures)
