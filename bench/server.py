"""What POST /ocr costs beside the bare engine, and what many callers at once get."""

import os
import re
import shutil
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from PIL import Image, ImageDraw

from bench import child, instant, sheets
from bench.program import MEGABYTE, ROOT, SAMPLE_SECONDS, Installation
from bench.report import Goal, Report, Table
from gotwatch.client import OcrClient
from gotwatch.config.settings import Config, Engine
from gotwatch.desk import Desk
from gotwatch.documents import Prompt
from gotwatch.errors import ServerAway, ServerBusy
from gotwatch.threads import Threads

ALONE = 300  # requests, for a median
CALLERS, REQUESTS, MANY_REQUESTS = 64, 2_000, 20_000
PAGES = 16  # different ones
READING_CALLERS, READ_PAGES, READ_ALONE = 16, 48, 8
START_SECONDS = 180.0  # for PyTorch on a busy machine
WANTED_MILLISECONDS, WANTED_PER_SECOND, WANTED_TIMES, WANTED_GROWTH = 5.0, 300, 3.0, 5.0
TYPEWRITER = ROOT / "samples" / "typewriter"
ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/ocr")


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """What a crowd of callers got."""

    requests: int
    seconds: float
    median_milliseconds: float
    slowest_milliseconds: float
    errors: int
    answers: dict[str, list[str]]  # all different ones, by page
    cpu_seconds: float  # of all processes, the callers' included

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


@dataclass(frozen=True, slots=True)
class Serving:
    """A `gotwatch serve` that serves."""

    port: int
    process: psutil.Popen

    def call(self, callers: int, requests: int, folder: Path) -> Calls:
        before = self._cpu_seconds()
        fields: dict[str, Any] = child.answer("bench.callers", str(self.port), str(callers), str(requests), str(folder))
        return Calls(requests=requests, cpu_seconds=self._cpu_seconds() - before, **fields)

    def _cpu_seconds(self) -> float:
        """So far: of the server's processes, and of the callers that have ended."""
        served = [process.cpu_times() for process in (self.process, *self.process.children(recursive=True))]
        called = os.times()
        return sum(times.user + times.system for times in served) + called.children_user + called.children_system

    def megabytes(self) -> float:
        return float(self.process.memory_info().rss / MEGABYTE)


def measure(place: Path) -> Report:
    small, large = place / "small", place / "large"
    _pages(small)
    large.mkdir()
    shutil.copy(sheets.SAMPLES / "letter-scan.jpg", large)
    bare = _bare(small), _bare(large)
    with _serving(place / "instant", "--engine", instant.PATH) as serving:
        serving.call(CALLERS, 500, small)
        alone = serving.call(1, ALONE, small), serving.call(1, ALONE // 10, large)
        together = serving.call(CALLERS, REQUESTS, small)
        before = serving.megabytes()
        many = serving.call(CALLERS, MANY_REQUESTS, small)
        growth = serving.megabytes() - before
    one, crowd = _typewriter(place)
    return Report(
        title="server: POST /ocr beside the bare engine, and many callers at once",
        goals=(
            _cost_goal(alone[0].median_milliseconds - bare[0].engine),
            *_crowd_goals(alone[0], together, many),
            _memory_goal(before, growth),
            _together_goal(crowd.per_second / one.per_second),
        ),
        tables=(_costs(bare, alone), _crowds(together, many, one, crowd)),
        notes=(
            f"Medians of {ALONE} requests of one caller. The bare engine has the page in memory already; with its"
            " drawing, a reader process opens the file first, as for a page of a folder. The callers are one more"
            f" process on the same machine. {PAGES} different pages of 200 to 215 x 120 pixels, and an engine that"
            " answers at once; for the last goal the typewriter's letter, read by `got` on the CPU. Where others are at"
            " work on the machine, the CPU that a request costs says more than how many there were a second: two cores"
            " of its own give at most 2,000 by that many milliseconds.",
        ),
    )


def _cost_goal(added: float) -> Goal:
    return Goal(
        "what /ocr adds to a small page over the bare engine, median",
        f"<= {WANTED_MILLISECONDS:g} ms",
        f"{added:.1f} ms",
        added <= WANTED_MILLISECONDS,
    )


def _crowd_goals(alone: Calls, together: Calls, many: Calls) -> tuple[Goal, ...]:
    errors = together.errors + many.errors
    different = _differ(alone, together) + _differ(alone, many)
    return (
        Goal(
            f"requests a second of {CALLERS} callers, {REQUESTS:,} in all",
            f">= {WANTED_PER_SECOND}",
            f"{together.per_second:.0f}",
            together.per_second >= WANTED_PER_SECOND,
        ),
        Goal("errors among them", "0", str(errors), errors == 0),
        Goal("pages whose answers differ from the single caller's", "0", str(different), different == 0),
    )


def _memory_goal(before: float, growth: float) -> Goal:
    return Goal(
        f"growth of the main process over {MANY_REQUESTS:,} requests",
        f"<= {WANTED_GROWTH:g} MB",
        f"{growth:+.1f} MB, from {before:.0f}",
        growth <= WANTED_GROWTH,
    )


def _together_goal(times: float) -> Goal:
    return Goal(
        f"pages a second of {READING_CALLERS} callers with the small checkpoint, times those of one",
        f">= {WANTED_TIMES:g}",
        f"{times:.1f}",
        times >= WANTED_TIMES,
    )


def _pages(folder: Path) -> None:
    folder.mkdir(parents=True)
    for number in range(PAGES):
        page = Image.new("RGB", (200 + number, 120), "white")
        ImageDraw.Draw(page).text((20, 50), f"Page {number}", "black")
        page.save(folder / f"{number:02d}.png")


@dataclass(frozen=True, slots=True)
class Bare:
    """Milliseconds for a page without HTTP."""

    engine: float
    with_reader: float


def _bare(folder: Path) -> Bare:
    path = sorted(folder.iterdir())[0]
    desk = Desk(Config(engine=Engine(name=instant.PATH)), Threads(lambda: None), on_change=lambda: None)
    desk.start()
    try:
        with desk.readers.open(path) as opened:
            hold = opened.render(1)
        engine = _milliseconds(lambda: desk.room.fleet.submit([hold.page], Prompt()).result())
        hold.release()
        return Bare(engine, _milliseconds(lambda: desk.read_now(path, Prompt(), on_page=lambda _done, _pages: None)))
    finally:
        desk.stop()


def _milliseconds(step: Any) -> float:
    step()
    times = []
    for _ in range(ALONE // 3):
        began = time.perf_counter()
        step()
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


def _typewriter(place: Path) -> tuple[Calls, Calls]:
    """What one caller in turn gets, and what many get."""
    folder = place / "letter"
    folder.mkdir()
    shutil.copy(TYPEWRITER / "in" / "plain" / "letter.png", folder)
    checkpoint = str(TYPEWRITER / "gotwatch-typewriter")
    with _serving(place / "got", "--engine", "got", "--checkpoint", checkpoint, "--device", "cpu") as serving:
        serving.call(READING_CALLERS, READING_CALLERS, folder)
        return serving.call(1, READ_ALONE, folder), serving.call(READING_CALLERS, READ_PAGES, folder)


@contextmanager
def _serving(base: Path, *options: str) -> Iterator[Serving]:
    base.mkdir()
    (base / "config.toml").write_text("", "utf-8")
    command = Installation(base).command("serve", "--port", "0", *options)
    with (base / "stderr").open("wb") as stderr:
        process = psutil.Popen(command, cwd=ROOT, stderr=stderr)
    try:
        port = _port(base / "stderr", process)
        _wait_until_ready(port)
        yield Serving(port, process)
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def _port(stderr: Path, process: psutil.Popen) -> int:
    deadline = time.monotonic() + START_SECONDS
    while not (found := ADDRESS.search(stderr.read_text("utf-8"))):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(stderr.read_text("utf-8"))
        time.sleep(SAMPLE_SECONDS)
    return int(found[1])


def _wait_until_ready(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    with OcrClient(f"http://127.0.0.1:{port}") as client:
        while time.monotonic() < deadline:
            try:
                client.check_ready()
            except (ServerBusy, ServerAway):
                time.sleep(SAMPLE_SECONDS)
            else:
                return
    raise TimeoutError("the engine was not loaded in time")


def _differ(alone: Calls, together: Calls) -> int:
    return sum(answers != alone.answers[page] for page, answers in together.answers.items())


def _costs(bare: Sequence[Bare], alone: Sequence[Calls]) -> Table:
    columns = ("page", "bare engine, ms", "drawn by a reader too, ms", "POST /ocr, ms", "more, ms")
    words = ("PNG, 200 x 120", "JPEG scan, 1654 x 2339")
    rows = (
        (
            word,
            f"{without.engine:.2f}",
            f"{without.with_reader:.2f}",
            f"{calls.median_milliseconds:.2f}",
            f"{calls.median_milliseconds - without.with_reader:.2f}",
        )
        for word, without, calls in zip(words, bare, alone, strict=True)
    )
    return Table(columns, tuple(rows))


def _crowds(together: Calls, many: Calls, one: Calls, crowd: Calls) -> Table:
    rows = (
        (f"{CALLERS} callers, instant engine", together),
        (f"{CALLERS} callers, instant engine, long", many),
        ("1 caller, typewriter", one),
        (f"{READING_CALLERS} callers, typewriter", crowd),
    )
    return Table(
        ("callers", "requests", "a second", "median, ms", "slowest, ms", "errors", "CPU in all, ms a request"),
        tuple(
            (
                words,
                f"{calls.requests:,}",
                f"{calls.per_second:.4g}",
                f"{calls.median_milliseconds:.1f}",
                f"{calls.slowest_milliseconds:.0f}",
                str(calls.errors),
                f"{calls.cpu_seconds / calls.requests * 1000:.2f}",
            )
            for words, calls in rows
        ),
    )
