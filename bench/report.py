"""What a benchmark hands back, and how it looks as Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Goal:
    """What was demanded, and what came out."""

    what: str
    wanted: str
    measured: str
    reached: bool


@dataclass(frozen=True, slots=True)
class Table:
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    title: str
    goals: tuple[Goal, ...]
    tables: tuple[Table, ...]
    notes: tuple[str, ...] = ()


def markdown(report: Report) -> str:
    goals = [_goals(report.goals)] if report.goals else []
    tables = [_table(table) for table in report.tables]
    return "\n\n".join([f"### {report.title}", *goals, *tables, *report.notes])


def _goals(goals: Sequence[Goal]) -> str:
    rows = ((goal.what, goal.wanted, goal.measured, "yes" if goal.reached else "**no**") for goal in goals)
    return _table(Table(("target", "wanted", "measured", "reached"), tuple(rows)))


def _table(table: Table) -> str:
    """Columns of even width, so that it can be read unrendered too; all but the first to the right."""
    widths = [max(len(row[index]) for row in (table.columns, *table.rows)) for index in range(len(table.columns))]
    rule = [width * "-" if index == 0 else (width - 1) * "-" + ":" for index, width in enumerate(widths)]
    return "\n".join(_row(cells, widths) for cells in (table.columns, rule, *table.rows))


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    aligned = [
        cell.ljust(width) if index == 0 else cell.rjust(width)
        for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return f"| {' | '.join(aligned)} |"
