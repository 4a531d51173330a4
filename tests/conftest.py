"""What every test may ask for."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw


@pytest.fixture
def three_pages(tmp_path: Path) -> Path:
    """A real PDF of three small pages, outside any watched folder."""
    pages = [Image.new("RGB", (60, 80), color) for color in ("red", "grey", "navy")]
    for page in pages:
        ImageDraw.Draw(page).line((10, 20, 50, 60), "white", 4)  # ink, or the page would be blank
    path = tmp_path / "three.pdf"
    pages[0].save(path, save_all=True, append_images=pages[1:])
    return path


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], None]:
    def wait(condition: Callable[[], object], timeout_seconds: float = 20.0) -> None:
        deadline = time.monotonic() + timeout_seconds
        while not condition():
            assert time.monotonic() < deadline, "did not happen in time"
            time.sleep(0.02)  # between two looks at the condition

    return wait
