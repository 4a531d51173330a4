"""A page as JSON, for other programs, and back."""

import math
from collections.abc import Mapping
from typing import Any

from gotwatch.documents import Finish, PageText


def page_record(page: PageText) -> dict[str, Any]:
    """A page as `read --json` prints it, or several that were read in one go."""
    return {
        "page": page.number,
        "pages": page.count,
        "text": page.markup,
        "tokens": list(page.ids),  # none where the engine does not tell
        "token_count": page.tokens,
        "logprobs": list(page.log_probs),  # of each token, and of the stop behind them
        "confidence": page.confidence,
        "least_confidence": page.least_confidence,
        "finish": page.finish.value,
        "seconds": round(page.seconds, 3),
        "checkpoint": page.checkpoint,
    }


def page_text(record: Mapping[str, Any]) -> PageText:
    """The page of page_record(), as another program sent it. Raises ValueError, TypeError or KeyError."""
    return PageText(
        number=int(record["page"]),
        count=int(record["pages"]),
        markup=_text(record["text"]),
        tokens=int(record["token_count"]),
        seconds=_number(record["seconds"]),
        confidence=_share(record["confidence"]),
        least_confidence=_share(record["least_confidence"]),
        finish=Finish(record["finish"]),
        checkpoint=_text(record["checkpoint"]),
        ids=tuple(map(int, record["tokens"])),
        log_probs=tuple(map(_number, record["logprobs"])),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _number(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("no number")
    return number


def _share(value: Any) -> float | None:
    return None if value is None else _number(value)
