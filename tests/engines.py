"""Real engines for tests: small, honest, and each bad in one way."""

import os
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event

from tqdm import tqdm

from gotwatch.documents import Finish, PageImage, PageText, Prompt
from gotwatch.engine.base import EngineOptions
from gotwatch.errors import CheckpointMissing, InputError, OutOfMemory


class EchoEngine:
    """Answers at once with the page's size."""

    checkpoint = "echo-1"
    device = "none"
    slots = 4

    def __init__(self, options: EngineOptions) -> None:
        self.options = options

    def load(self, progress: Callable[[str], None]) -> None:
        progress("Echo is loading")

    def read(self, pages: Sequence[PageImage], prompt: Prompt, cancelled: Event) -> PageText:
        for page in pages:
            self.note(page)
        return PageText(
            number=pages[0].number,
            count=len(pages),
            markup="\n\n".join(map(self.echo, pages)),
            tokens=4,
            seconds=0.001,
            confidence=0.9,
            finish=Finish.STOP,
            checkpoint=self.checkpoint,
        )

    @staticmethod
    def echo(page: PageImage) -> str:
        return f"Page {page.number}\n\n{page.width}x{page.height} {bytes(page.rgb[:3]).hex()}"

    @staticmethod
    def note(page: PageImage) -> None:
        """Append the page to the file that a test may read: one line a page, whoever reads it."""
        if mark := os.environ.get("GOTWATCH_TEST_MARK"):
            with Path(mark).open("a", encoding="utf-8") as file:
                file.write(f"{page.number} {page.width}x{page.height}\n")


def _seen(page: PageImage) -> int:
    lines = Path(os.environ["GOTWATCH_TEST_MARK"]).read_text("utf-8").splitlines()
    return sum(1 for line in lines if line.startswith(f"{page.number} "))


class PrintingEngine(EchoEngine):
    """Prints, as libraries do when they load."""

    def load(self, progress: Callable[[str], None]) -> None:
        print("PrintingEngine says hello")  # noqa: T201 - that is its fault
        for _ in tqdm(range(3), desc="weights", file=sys.stderr):
            warnings.warn("this is old", DeprecationWarning, stacklevel=1)


class DyingEngine(EchoEngine):
    """Ends its process on page 2, as the kernel's memory killer would."""

    def read(self, pages: Sequence[PageImage], prompt: Prompt, cancelled: Event) -> PageText:
        if pages[0].number == 2:
            os._exit(9)
        return super().read(pages, prompt, cancelled)


class DyingOnceEngine(EchoEngine):
    """Ends its process the first time it sees page 2."""

    def read(self, pages: Sequence[PageImage], prompt: Prompt, cancelled: Event) -> PageText:
        text = super().read(pages, prompt, cancelled)
        if pages[0].number == 2 and _seen(pages[0]) == 1:
            os._exit(9)
        return text


class HangingEngine(EchoEngine):
    """Never answers for page 2."""

    def read(self, pages: Sequence[PageImage], prompt: Prompt, cancelled: Event) -> PageText:
        if pages[0].number == 2:
            time.sleep(600)
        return super().read(pages, prompt, cancelled)


class PatientEngine(EchoEngine):
    """Is at page 2 until nobody wants it any more."""

    slots = 1

    def read(self, pages: Sequence[PageImage], prompt: Prompt, cancelled: Event) -> PageText:
        if pages[0].number == 2:
            cancelled.wait()
        return super().read(pages, prompt, cancelled)


class DyingWhenCancelledEngine(EchoEngine):
    """Ends its process when nobody wants page 2 any more."""

    slots = 2

    def read(self, pages: Sequence[PageImage], prompt: Prompt, cancelled: Event) -> PageText:
        if pages[0].number == 2:
            cancelled.wait()
            os._exit(9)
        if pages[0].number == 1 and _seen(pages[0]) == 0:
            self.note(pages[0])
            time.sleep(600)  # is in the engine when it dies
        return super().read(pages, prompt, cancelled)


class SlowEngine(EchoEngine):
    """Takes half a second a page, one page at a time."""

    slots = 1
    seconds = 0.5

    def read(self, pages: Sequence[PageImage], prompt: Prompt, cancelled: Event) -> PageText:
        time.sleep(self.seconds)
        return super().read(pages, prompt, cancelled)


class BriskEngine(SlowEngine):
    """Takes a twentieth of a second a page, two pages at a time."""

    slots = 2
    seconds = 0.05


class WaitingForLeaveEngine(EchoEngine):
    """Is at each page until the mark file for the weights is there."""

    def read(self, pages: Sequence[PageImage], prompt: Prompt, cancelled: Event) -> PageText:
        while not Path(os.environ["GOTWATCH_TEST_WEIGHTS"]).exists():
            cancelled.wait(0.05)
        return super().read(pages, prompt, cancelled)


class FullMemoryOnceEngine(EchoEngine):
    """Has no memory for the first page that it is asked for."""

    slots = 1

    def read(self, pages: Sequence[PageImage], prompt: Prompt, cancelled: Event) -> PageText:
        text = super().read(pages, prompt, cancelled)
        if len(Path(os.environ["GOTWATCH_TEST_MARK"]).read_text("utf-8").splitlines()) == 1:
            raise OutOfMemory("The GPU is out of memory", hint="Close other programs.")
        return text


class BlindEngine(EchoEngine):
    """Finds every page unreadable."""

    def read(self, pages: Sequence[PageImage], prompt: Prompt, cancelled: Event) -> PageText:
        raise InputError("Nothing to read")


class BuggyEngine(EchoEngine):
    """Has a bug."""

    def read(self, pages: Sequence[PageImage], prompt: Prompt, cancelled: Event) -> PageText:
        raise KeyError("oops")


class ChattyEngine(EchoEngine):
    """Repeats itself until the token limit."""

    def read(self, pages: Sequence[PageImage], prompt: Prompt, cancelled: Event) -> PageText:
        return PageText(
            number=pages[0].number,
            markup="again " * 50,
            tokens=4096,
            seconds=0.001,
            confidence=0.2,
            finish=Finish.LENGTH,
            checkpoint=self.checkpoint,
        )


class WaitingForWeightsEngine(EchoEngine):
    """Cannot load until the mark file is there."""

    def load(self, progress: Callable[[str], None]) -> None:
        if not Path(os.environ["GOTWATCH_TEST_WEIGHTS"]).exists():
            raise CheckpointMissing("The weights are not there", hint="Put them there.")


class DyingInCompanyEngine(EchoEngine):
    """Ends its process when it has two pages at once."""

    slots = 2

    def __init__(self, options: EngineOptions) -> None:
        super().__init__(options)
        self.reading = 0

    def read(self, pages: Sequence[PageImage], prompt: Prompt, cancelled: Event) -> PageText:
        self.reading += 1
        if self.reading == 2:
            os._exit(9)
        time.sleep(0.2)
        text = super().read(pages, prompt, cancelled)
        self.reading -= 1
        return text


class CrowdEngine(EchoEngine):
    """Answers with how many pages it had at once, and ends its process the first time it sees page 2."""

    slots = 3

    def __init__(self, options: EngineOptions) -> None:
        super().__init__(options)
        self.reading: set[int] = set()

    def read(self, pages: Sequence[PageImage], prompt: Prompt, cancelled: Event) -> PageText:
        self.reading.add(pages[0].number)
        time.sleep(0.1)
        crowd = len(self.reading)
        text = super().read(pages, prompt, cancelled)
        if pages[0].number == 2 and _seen(pages[0]) == 1:
            os._exit(9)
        time.sleep(0.1)
        self.reading.discard(pages[0].number)
        return replace(text, markup=str(crowd))


class LateFirstEngine(EchoEngine):
    """Answers for page 1 only when page 2 has been read."""

    slots = 2

    def __init__(self, options: EngineOptions) -> None:
        super().__init__(options)
        self.second = Event()

    def read(self, pages: Sequence[PageImage], prompt: Prompt, cancelled: Event) -> PageText:
        if pages[0].number == 1:
            self.second.wait()
        text = super().read(pages, prompt, cancelled)
        if pages[0].number == 2:
            self.second.set()
        return text


class CountingLoadsEngine(EchoEngine):
    """Notes each attempt to load it, for the engines below."""

    @staticmethod
    def attempt() -> int:
        mark = Path(os.environ["GOTWATCH_TEST_MARK"])
        with mark.open("a", encoding="utf-8") as file:
            file.write("load\n")
        return len(mark.read_text("utf-8").splitlines())


class DyingWhileLoadingEngine(CountingLoadsEngine):
    """Ends its process instead of loading."""

    def load(self, progress: Callable[[str], None]) -> None:
        self.attempt()
        os._exit(9)


class DyingWhileLoadingOnceEngine(CountingLoadsEngine):
    """Ends its process the first time it is loaded."""

    def load(self, progress: Callable[[str], None]) -> None:
        if self.attempt() == 1:
            os._exit(9)


class SilentLoadEngine(EchoEngine):
    """Loads for ever and says nothing."""

    def load(self, progress: Callable[[str], None]) -> None:
        time.sleep(600)


class DownloadingEngine(EchoEngine):
    """Takes three seconds to load, and says how far it is."""

    def load(self, progress: Callable[[str], None]) -> None:
        for part in range(1, 7):
            time.sleep(0.5)
            progress(f"Downloading part {part} of 6")


class BuggyLoadEngine(EchoEngine):
    """Has a bug in its loading."""

    def load(self, progress: Callable[[str], None]) -> None:
        raise KeyError("oops")


class QuittingEngine(EchoEngine):
    """Calls sys.exit on a page, as a library may."""

    def read(self, pages: Sequence[PageImage], prompt: Prompt, cancelled: Event) -> PageText:
        sys.exit("bye")


class MuteEngine(EchoEngine):
    """Forgets to return its text."""

    def read(self, pages: Sequence[PageImage], prompt: Prompt, cancelled: Event) -> PageText:
        return None  # type: ignore[return-value]  # the mistake under test


class RepeatingEngine(EchoEngine):
    """Answers with what it was asked, in three tokens."""

    def read(self, pages: Sequence[PageImage], prompt: Prompt, cancelled: Event) -> PageText:
        text = super().read(pages, prompt, cancelled)
        said = f"{prompt.key} in {self.options.precision} on {self.options.device}"
        return replace(text, markup=said, ids=(7, 8, 9), log_probs=(-0.1, -0.2, -0.3, -0.4), least_confidence=0.67)


class LongWindedEngine(EchoEngine):
    """Writes 20 MB on every page."""

    def read(self, pages: Sequence[PageImage], prompt: Prompt, cancelled: Event) -> PageText:
        return replace(super().read(pages, prompt, cancelled), markup="x" * 20_000_000)


class SpellingEngine(EchoEngine):
    """Says its text letter by letter, after a first try that comes to nothing."""

    def read_aloud(
        self, pages: Sequence[PageImage], prompt: Prompt, cancelled: Event, tell: Callable[[str], None]
    ) -> PageText:
        text = self.read(pages, prompt, cancelled)
        for said in ("what", *(text.markup[:end] for end in range(1, len(text.markup) + 1))):
            tell(said)
        return text


class NeverEngine(EchoEngine):
    """Is at every page until nobody wants it any more."""

    def read(self, pages: Sequence[PageImage], prompt: Prompt, cancelled: Event) -> PageText:
        cancelled.wait()
        return super().read(pages, prompt, cancelled)
