"""Numbers as charts write them, and round ones for an axis."""

import math
import re

_NUMBER = re.compile(
    r"""
    (?P<minus>[-\u2212\u2013])? \s* [$€£¥]? \s*
    (?: (?P<whole>\d{1,3}(?:(?P<separator>[,.'\u2019\u00a0\u2009\u202f\ ])\d{3})(?:(?P=separator)\d{3})*)
        (?:[.,](?P<part>\d+))?
      | (?P<plain>\d+(?:[.,]\d+)?)
    )
    \s* %?
    """,
    re.VERBOSE,
)
_NO_DIGIT = re.compile(r"\D")
_LARGEST = 1e15


def read_number(written: str) -> float | None:
    """A plain number, with a sign, a unit of money or per cent, and marks between thousands; None for anything else.

    "3,400" could be a fraction, and "3.400" thousands. Most charts mean it the other way round, as read here.
    """
    found = _NUMBER.fullmatch(written.strip())
    if found is None:
        return None
    value = float(_digits(found))
    return (-value if found["minus"] else value) if value < _LARGEST else None


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers at equal distances that enclose *low* and *high*: about *most* of them."""
    step = _round_step((high - low) / max(1, most - 1))
    first, last = math.floor(low / step), math.ceil(high / step)
    return [number * step for number in range(first, last + 1)]


def shown_number(value: float) -> str:
    """As short as it can be told from its neighbours on an axis."""
    if abs(value) >= 1e9:
        return f"{value:.3g}"
    return f"{value:,.6g}".replace("-", "\u2212")


def _digits(found: re.Match[str]) -> str:
    if found["plain"] is not None:
        return found["plain"].replace(",", ".")
    if found["separator"] == "." and found["whole"].count(".") == 1 and not found["part"]:
        return found["whole"]
    return f"{_NO_DIGIT.sub('', found['whole'])}.{found['part'] or 0}"


def _round_step(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= least * (1 - 1e-9))
