"""One engine's way through a set of pages whose truth is known."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gotwatch.documents import Finish, Mode, PageText, shown
from gotwatch.errors import FatalError, GotwatchError, UsageError, UserError
from gotwatch.evaluation.score import PageScore, Place, score
from gotwatch.evaluation.summary import Summary, summarise
from gotwatch.evaluation.truth import Truth

Read = Callable[[Path], Sequence[PageText]]


@dataclass(frozen=True, slots=True)
class Course:
    """What came of it."""

    engine: str  # as it was asked for
    checkpoint: str  # the model that read, with its revision; "" if it read nothing
    scores: tuple[PageScore, ...]
    summary: Summary


def run(engine: str, truths: Sequence[Truth], read: Read, *, asked: Mode, on_file: Callable[[int], None]) -> Course:
    """*read* gives all pages of a file; *on_file* is told how many files are done.

    A file that cannot be read is wrong on every page, and the others go on.

    Raises what is wrong with the command or the engine itself: FatalError, UserError.
    """
    scores: list[PageScore] = []
    checkpoint = ""
    for done, truth in enumerate(truths):
        on_file(done)
        try:
            pages = read(truth.path)
        except (FatalError, UserError):
            raise
        except GotwatchError as error:
            scores += _failed(truth, asked, error.message)
        else:
            scores += _scores(truth, pages, asked)
            checkpoint = checkpoint or next((page.checkpoint for page in pages if page.checkpoint), "")
    return Course(engine, checkpoint, tuple(scores), summarise(scores))


def _scores(truth: Truth, pages: Sequence[PageText], asked: Mode) -> Iterator[PageScore]:
    count = sum(page.count for page in pages)
    if count != len(truth.pages):
        hint = "In the file with the text, a form feed ends a page."
        raise UsageError(f"{shown(truth.name)} has {count} pages, and text for {len(truth.pages)}", hint=hint)
    for page in pages:
        yield score(
            _place(truth, page.number, page.count),
            "\n".join(truth.pages[number - 1] for number in page.numbers),
            page.markup,
            written=truth.mode,
            asked=asked,
            seconds=None if page.finish is Finish.BLANK else page.seconds,
        )


def _failed(truth: Truth, asked: Mode, error: str) -> Iterator[PageScore]:
    for number, text in enumerate(truth.pages, start=1):
        yield score(_place(truth, number, 1), text, "", written=truth.mode, asked=asked, error=error)


def _place(truth: Truth, number: int, count: int) -> Place:
    is_whole = count == len(truth.pages)
    return Place(name=truth.name, path=truth.path, page=number, count=count, is_whole=is_whole)
