"""What callers are answered with: a record of what was read, and one shape for all that goes wrong."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gotwatch import errors
from gotwatch.documents import Finish, PageText
from gotwatch.errors import ErrorKind, GotwatchError
from gotwatch.records import page_record

PAGE_BREAK = "\f\n"
BUSY_SECONDS, REPAIR_SECONDS = 2, 30  # until it is worth trying again

_STATUS: dict[type[GotwatchError], int] = {
    errors.Malformed: 400,
    errors.NotAllowed: 403,
    errors.TooLarge: 413,
    errors.Unsupported: 415,
    errors.Unreadable: 415,
    errors.EngineTimeout: 504,
    errors.EngineCrashed: 500,
    errors.ReaderCrashed: 500,
    errors.RenderingFailed: 500,
    errors.DestinationUnavailable: 507,
    errors.DiskFull: 507,
}
_STATUS_OF_KIND = {
    ErrorKind.USER: 422,
    ErrorKind.INPUT: 422,
    ErrorKind.TRANSIENT: 503,
    ErrorKind.FATAL: 503,
    ErrorKind.BUG: 500,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was read."""

    pages: tuple[PageText, ...]
    engine: str
    seconds: float  # from the request to the answer
    html: str | None
    saved: str | None  # the name of the file that was kept
    warnings: tuple[str, ...]

    @property
    def text(self) -> str:
        return PAGE_BREAK.join(page.markup for page in self.pages)

    def record(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "html": self.html,
            "saved": self.saved,
            "tokens": sum(page.tokens for page in self.pages),
            "seconds": round(self.seconds, 3),
            "finish": _finish(self.pages).value,
            "confidence": _confidence(self.pages),
            "engine": self.engine,
            "checkpoint": ", ".join(dict.fromkeys(page.checkpoint for page in self.pages if page.checkpoint)),
            "warnings": list(self.warnings),
            "pages": [page_record(page) for page in self.pages],
        }


@dataclass(frozen=True, slots=True)
class Problem:
    """What goes wrong, as callers see it."""

    status: int
    error: str  # a class of gotwatch.errors, or what HTTP calls it
    message: str
    hint: str = ""
    retry_seconds: int = 0  # 0: to try again is of no use

    def record(self) -> dict[str, str]:
        return {"error": self.error, "message": self.message, "hint": self.hint}

    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.retry_seconds)} if self.retry_seconds else {}


def problem(error: Exception) -> Problem:
    if not isinstance(error, GotwatchError) or error.kind is ErrorKind.BUG:
        return Problem(500, "Bug", "gotwatch met a bug", "The server's log has the details: please report it.")
    status = _STATUS.get(type(error), _STATUS_OF_KIND[error.kind])
    wait_seconds = REPAIR_SECONDS if error.kind is ErrorKind.FATAL else BUSY_SECONDS
    retry_seconds = wait_seconds if status == 503 else 0
    return Problem(status, type(error).__name__, error.message, error.hint, retry_seconds)


def as_ascii_json(value: object) -> bytes:
    """On one line for everybody: some take other characters than line feeds for the end of one."""
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def as_json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


def _finish(pages: Sequence[PageText]) -> Finish:
    """That of the first page that did not end as it should; blank only where all are."""
    finishes = [page.finish for page in pages]
    odd = (finish for finish in finishes if finish not in (Finish.STOP, Finish.BLANK))
    return next(odd, Finish.STOP if Finish.STOP in finishes else Finish.BLANK)


def _confidence(pages: Sequence[PageText]) -> float | None:
    """The geometric mean over the tokens of all pages that have one."""
    known = [(page.tokens, page.confidence) for page in pages if page.confidence and page.tokens]
    tokens = sum(count for count, _ in known)
    return math.exp(sum(count * math.log(sure) for count, sure in known) / tokens) if tokens else None
