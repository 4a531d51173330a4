"""What every engine must do, seen from the program's side of the engine process."""

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack

import pytest
from PIL import Image, ImageDraw

from gotwatch import pixels
from gotwatch.documents import Mode, PageText, Prompt
from gotwatch.engine import choose
from gotwatch.engine.base import EngineOptions, EngineSpec
from gotwatch.engine.process import EngineProcess
from gotwatch.pixels import SharedPage
from gotwatch.threads import Threads
from tests import tiny_got

PAGE_SECONDS = 60.0
ROUNDING = 1e-9
# Not "remote": what it gives is what other machines' engines give, and tests of its own have servers for it.
PATHS = {"echo": "tests.engines:EchoEngine", **{name: path for name, path in choose.PATHS.items() if name != "remote"}}


class Desk:
    """One engine, and pages for it."""

    def __init__(self, name: str, options: EngineOptions, stack: ExitStack) -> None:
        self._stack = stack
        self.engine = EngineProcess(
            EngineSpec(name, PATHS[name], options),
            page_seconds=PAGE_SECONDS,
            start_seconds=PAGE_SECONDS,
            keep_alive_seconds=-1,
            threads=Threads(lambda: None),
            on_change=lambda: None,
        )
        self.engine.start()
        stack.callback(self.engine.stop)

    def page(self, number: int, words: str) -> SharedPage:
        image = Image.new("RGB", (320, 120), "white")
        ImageDraw.Draw(image).text((20, 40), words, "black", font_size=32)
        page, memory = pixels.fill(
            pixels.new_block_name(), number, image.width, image.height, image.tobytes(), blank=False
        )
        self._stack.callback(pixels.Hold(page).release)
        memory.close()
        return page

    def read(self, *pages: SharedPage) -> list[PageText]:
        futures: list[Future[PageText]] = [self.engine.submit([page], Prompt()) for page in pages]
        return [future.result(PAGE_SECONDS) for future in futures]


@pytest.fixture(scope="module", params=sorted(PATHS))
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    checkpoint = ""
    if request.param.startswith("got"):
        checkpoint = str(tiny_got.make(tmp_path_factory.mktemp("contract") / "model"))
    with ExitStack() as stack:
        yield Desk(request.param, EngineOptions(checkpoint=checkpoint, device="cpu", max_new_tokens=30), stack)


def test_a_page_comes_back_with_its_number_and_who_read_it(desk: Desk) -> None:
    (text,) = desk.read(desk.page(7, "Seven"))

    assert text.number == 7
    assert text.checkpoint == desk.engine.state().checkpoint != ""
    assert text.tokens >= 0
    assert text.seconds >= 0
    assert text.confidence is None or 0 <= text.confidence <= 1


def test_the_same_page_gives_the_same_text(desk: Desk) -> None:
    first, second = desk.read(desk.page(1, "Again"), desk.page(1, "Again"))

    assert (first.markup, first.tokens, first.finish) == (second.markup, second.tokens, second.finish)


def test_pages_read_beside_each_other_give_what_they_give_alone(desk: Desk) -> None:
    words = ("One", "Two hundred", "3")
    alone = [desk.read(desk.page(number, word))[0] for number, word in enumerate(words, start=1)]

    beside = desk.read(*(desk.page(number, word) for number, word in enumerate(words, start=1)))

    assert [text.markup for text in beside] == [text.markup for text in alone]
    assert [text.number for text in beside] == [1, 2, 3]


def test_pages_read_in_one_go_are_one_text_with_the_number_of_the_first(desk: Desk) -> None:
    pages = [desk.page(number, f"Page {number}") for number in (3, 4, 5)]

    text = desk.engine.submit(pages, Prompt(Mode.FORMAT, multi_page=True)).result(PAGE_SECONDS)

    assert (text.number, text.count) == (3, 3)


def test_what_is_told_of_single_tokens_fits_the_text(desk: Desk) -> None:
    (text,) = desk.read(desk.page(1, "Tokens"))

    assert len(text.ids) in (0, text.tokens)
    assert len(text.log_probs) in (len(text.ids), len(text.ids) + 1)
    assert (text.least_confidence or 0.0) <= (text.confidence or 0.0) + ROUNDING


def test_after_a_page_that_nobody_wanted_any_more_the_next_is_read(desk: Desk) -> None:
    expected = desk.read(desk.page(2, "Wanted"))[0].markup
    unwanted = desk.engine.submit([desk.page(1, "Unwanted")], Prompt())

    unwanted.cancel()
    (text,) = desk.read(desk.page(2, "Wanted"))

    assert text.markup == expected


def test_the_device_is_known_once_a_page_was_read(desk: Desk) -> None:
    desk.read(desk.page(1, "Here"))

    assert desk.engine.state().device in ("cpu", "none")
    assert desk.engine.slots >= 1


def test_what_paddle_reads_is_what_is_printed() -> None:
    with ExitStack() as stack:
        desk = Desk("paddle", EngineOptions(), stack)

        (text,) = desk.read(desk.page(1, "Invoice 2031"))

    assert text.markup == "Invoice 2031"
