"""Engines for several devices. What is amiss with a device is its name: "absent", "bare", "full"."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event

from gotwatch.documents import PageImage, PageText, Prompt
from gotwatch.engine.base import EngineOptions
from gotwatch.errors import CheckpointMissing, NoDevice, OutOfMemory
from tests.engines import EchoEngine


class PlacedEngine(EchoEngine):
    """Answers with its device. Notes each load, and the file MENDED beside its notes mends all devices."""

    slots = 2

    def __init__(self, options: EngineOptions) -> None:
        super().__init__(options)
        self.device = options.device

    def load(self, progress: Callable[[str], None]) -> None:
        progress("Loading")
        if (marks := _marks()).with_name("MENDED").exists():
            return
        with marks.open("a", encoding="utf-8") as file:
            file.write(f"load {self.device}\n")
        if self.device.startswith("absent"):
            raise NoDevice(f"There is no {self.device}", hint="Look into the box.")
        if self.device == "bare":
            raise CheckpointMissing("There are no weights for bare")
        if self.device == "full":
            raise OutOfMemory("There is no room on full")

    def read(self, pages: Sequence[PageImage], prompt: Prompt, cancelled: Event) -> PageText:
        return replace(super().read(pages, prompt, cancelled), markup=self.device)


class MeetingEngine(PlacedEngine):
    """Is done with a page when two pages were begun."""

    slots = 1

    def read(self, pages: Sequence[PageImage], prompt: Prompt, cancelled: Event) -> PageText:
        text = super().read(pages, prompt, cancelled)
        while len([line for line in _marks().read_text("utf-8").splitlines() if not line.startswith("load")]) < 2:
            time.sleep(0.01)  # between two looks
        return text


class WaitingEngine(PlacedEngine):
    """Is at a page until nobody wants it any more."""

    slots = 1

    def read(self, pages: Sequence[PageImage], prompt: Prompt, cancelled: Event) -> PageText:
        cancelled.wait()
        return super().read(pages, prompt, cancelled)


class ShortWindedEngine(PlacedEngine):
    """Ends its process on the first page that it is given on the device "weak"."""

    def read(self, pages: Sequence[PageImage], prompt: Prompt, cancelled: Event) -> PageText:
        text = super().read(pages, prompt, cancelled)
        if self.device == "weak" and _marks().read_text("utf-8").count("load weak") == 1:
            os._exit(9)
        return text


def _marks() -> Path:
    return Path(os.environ["GOTWATCH_TEST_MARK"])
