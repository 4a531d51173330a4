"""What is plotted: the numbers of a chart, and what is written of them."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    value: float
    written: str


@dataclass(frozen=True, slots=True)
class Series:
    name: str
    points: tuple[Point | None, ...]  # one a category; None for a gap

    def present(self) -> Iterator[Point]:
        return (point for point in self.points if point is not None)


@dataclass(frozen=True, slots=True)
class Plot:
    categories: tuple[str, ...]
    series: tuple[Series, ...]  # at least one with a point

    def values(self) -> list[float]:
        return [point.value for series in self.series for point in series.present()]
