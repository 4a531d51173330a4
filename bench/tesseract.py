"""Debian's Tesseract in the place of one of our engines, so that it reads the same pixels and is counted alike."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

from PIL import Image

from gotwatch.documents import Finish, PageImage, PageText, Prompt
from gotwatch.engine.base import EngineOptions
from gotwatch.errors import EngineUnusable, Unreadable

DEFAULT_LANGUAGE = "eng"
PAGE_SECONDS = 120.0


def version() -> str | None:
    """Such as "tesseract 5.3.0"; None where there is none on the path."""
    if shutil.which("tesseract") is None:
        return None
    said = subprocess.run(["tesseract", "--version"], capture_output=True, encoding="utf-8", check=True)
    return said.stdout.splitlines()[0]


def languages() -> list[str]:
    """Those whose models are installed."""
    said = subprocess.run(["tesseract", "--list-langs"], capture_output=True, encoding="utf-8", check=True)
    return said.stdout.splitlines()[1:]


class TesseractEngine:
    """A gotwatch.engine.base.Engine. `--checkpoint` names the language, which Tesseract wants to be told."""

    device = "cpu"
    slots = 1

    def __init__(self, options: EngineOptions) -> None:
        self._language = options.checkpoint or DEFAULT_LANGUAGE
        self.checkpoint = ""

    def load(self, progress: Callable[[str], None]) -> None:
        found = version()
        if found is None:
            raise EngineUnusable("There is no tesseract on the path", hint="On Debian: apt-get install tesseract-ocr")
        progress(found)
        self.checkpoint = f"{found}, {self._language}"

    def read(self, pages: Sequence[PageImage], _prompt: Prompt, _cancelled: Event) -> PageText:
        (page,) = pages
        began = time.perf_counter()
        with TemporaryDirectory() as folder:
            picture = Path(folder) / "page.png"
            Image.frombytes("RGB", (page.width, page.height), bytes(page.rgb)).save(picture, compress_level=1)
            text = self._text(picture)
        return PageText(
            number=page.number,
            markup=text.strip(),
            tokens=text.count("\n"),
            seconds=time.perf_counter() - began,
            confidence=None,
            finish=Finish.STOP,
            checkpoint=self.checkpoint,
        )

    def _text(self, picture: Path) -> str:
        command = ["tesseract", os.fspath(picture), "stdout", "-l", self._language]
        said = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=PAGE_SECONDS, check=False)
        if said.returncode:
            raise Unreadable(f"tesseract: {said.stderr.strip()}")
        return said.stdout
