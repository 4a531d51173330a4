"""What every test may ask for."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from gotwatch import words
from gotwatch.jobs.queue import Queue, open_queue
from tests import accessibility, browser
from tests.browser import Browser
from tests.desk import Desk
from tests.logins import NASTY, recorder
from tests.offices import AtWork, Office, Waiting
from tests.queues import NOW


@pytest.fixture(autouse=True, scope="session")
def _english() -> None:
    """Whatever the language of whoever runs the tests."""
    os.environ[words.VARIABLE] = words.ENGLISH


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Nothing runs."""
    with Desk(tmp_path) as desk:
        desk.configure(limits="give_up_seconds = 0")
        yield desk


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A daemon that all tests of a file share: each uses names of its own."""
    with Desk(tmp_path_factory.mktemp("desk")) as desk:
        desk.run(watch='ignore = ["drafts/"]', limits="give_up_seconds = 0")
        yield desk


@pytest.fixture
def command(tmp_path: Path) -> Path:
    """A program that can be started, in a folder with an awkward name."""
    return recorder(tmp_path / NASTY / "gotwatch", tmp_path / "seen")


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
def queue(tmp_path: Path) -> Iterator[Queue]:
    """A new queue on disk."""
    opened = open_queue(tmp_path / "queue.sqlite3", NOW)
    yield opened
    opened.close()


@pytest.fixture
def at_work() -> Iterator[AtWork]:
    offices: list[Office] = []

    def start(office: Office) -> Office:
        offices.append(office)
        office.start()
        return office

    yield start
    for office in offices:
        if isinstance(office.work, Waiting):
            office.work.go.set()
        office.stop()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of one megabyte."""
    mount = tmp_path / "small"
    mount.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(mount)]
    if os.name != "posix" or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("may not mount a file system here")
    yield mount
    subprocess.run(["umount", str(mount)], check=True)


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], None]:
    def wait(condition: Callable[[], object], timeout_seconds: float = 20.0) -> None:
        deadline = time.monotonic() + timeout_seconds
        while not condition():
            assert time.monotonic() < deadline, "did not happen in time"
            time.sleep(0.02)  # between two looks at the condition

    return wait


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser.running(tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.fixture(scope="session")
def axe() -> str:
    script = accessibility.script()
    if script is None:
        pytest.skip("NO AXE-CORE: install npm to have the pages checked for those who cannot see them")
    return script


@pytest.fixture(scope="session")
def one_thread() -> None:
    """Threads only wait for each other in models as small as the tests'."""
    import torch  # noqa: PLC0415 - most tests need none of it

    torch.set_num_threads(1)
