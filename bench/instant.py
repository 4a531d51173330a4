"""Engines without a model: one answers at once, so that all the time that is left is gotwatch's own."""

import time
from collections.abc import Callable, Sequence
from threading import Event

from gotwatch.documents import Finish, PageImage, PageText, Prompt
from gotwatch.engine.base import EngineOptions

PATH = "bench.instant:InstantEngine"
SLOW_SECONDS = 0.5
SLOW_PATHS = {2: "bench.instant:TwoAtOnceEngine", 8: "bench.instant:EightAtOnceEngine"}


class InstantEngine:
    checkpoint = "instant-1"
    device = "none"
    slots = 4

    def __init__(self, options: EngineOptions) -> None:
        """There is nothing to set."""

    def load(self, progress: Callable[[str], None]) -> None:
        """There is nothing to load."""

    def read(self, pages: Sequence[PageImage], prompt: Prompt, cancelled: Event) -> PageText:  # noqa: ARG002 - the protocol's
        (page,) = pages
        return PageText(
            number=page.number,
            markup=f"A page of {page.width} x {page.height} pixels.\n\nIts first one is {bytes(page.rgb[:3]).hex()}.",
            tokens=2,
            seconds=0.0,
            confidence=1.0,
            finish=Finish.STOP,
            checkpoint=self.checkpoint,
        )


class TwoAtOnceEngine(InstantEngine):
    """Takes its time for a page but none of the processor's, as an engine on a GPU does."""

    slots = 2

    def read(self, pages: Sequence[PageImage], prompt: Prompt, cancelled: Event) -> PageText:
        time.sleep(SLOW_SECONDS)
        return super().read(pages, prompt, cancelled)


class EightAtOnceEngine(TwoAtOnceEngine):
    slots = 8
