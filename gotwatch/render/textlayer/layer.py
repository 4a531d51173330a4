"""Lines of unseen text over a whole page. Nobody knows where on it they were read, so they share its height."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gotwatch.render.textlayer.font import UnseenFont

_MARGIN = 0.04  # of the page's height and width
_LARGEST_FONT = 12.0  # points
_FEWEST_LINES = 20  # that a page has room for: fewer stay at its top, in sight of one another
_LEADING = 1.25  # of the font's size
_QUARTER = 90


@dataclass(frozen=True, slots=True)
class Sheet:
    """What of a page is shown, in its own points, and how it is turned then."""

    left: float
    bottom: float
    width: float
    height: float
    turned: int = 0  # degrees, clockwise

    @property
    def shown_width(self) -> float:
        return self.height if self._is_on_its_side else self.width

    @property
    def shown_height(self) -> float:
        return self.width if self._is_on_its_side else self.height

    @property
    def matrix(self) -> tuple[float, ...]:
        """From the page as it is shown, its left lower corner at 0, to the page's own points."""
        right, top = self.left + self.width, self.bottom + self.height
        match self.turned // _QUARTER % 4:
            case 1:
                return (0, 1, -1, 0, right, self.bottom)
            case 2:
                return (-1, 0, 0, -1, right, top)
            case 3:
                return (0, -1, 1, 0, self.left, top)
            case _:
                return (1, 0, 0, 1, self.left, self.bottom)

    @property
    def _is_on_its_side(self) -> bool:
        return self.turned // _QUARTER % 2 == 1


def content(lines: Sequence[str], sheet: Sheet, font: UnseenFont, *, name: str) -> bytes:
    """A content stream that can stand behind any other. *name*: the font's, with its slash."""
    operators = ["q", f"{_numbers(sheet.matrix)} cm", "BT", "3 Tr", *_placed(lines, sheet, font, name), "ET", "Q"]
    return "\n".join(operators).encode("ascii")


def _placed(lines: Sequence[str], sheet: Sheet, font: UnseenFont, name: str) -> Iterator[str]:
    margin_x, margin_y = _MARGIN * sheet.shown_width, _MARGIN * sheet.shown_height
    step = (sheet.shown_height - 2 * margin_y) / max(len(lines), _FEWEST_LINES)
    size = min(step / _LEADING, _LARGEST_FONT)
    yield f"{name} {size:.4f} Tf"
    for number, line in enumerate(lines, start=1):
        natural = font.width(line) * size
        room = sheet.shown_width - 2 * margin_x
        yield f"{100 * min(1.0, room / natural) if natural else 100:.3f} Tz"
        yield f"1 0 0 1 {_numbers((margin_x, sheet.shown_height - margin_y - number * step))} Tm"
        yield f"<{font.encoded(line).hex()}> Tj"


def _numbers(values: Sequence[float]) -> str:
    return " ".join(f"{value:.3f}".rstrip("0").rstrip(".") for value in values)
