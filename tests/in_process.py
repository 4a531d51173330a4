"""An engine and a reader of pages inside the test's own process, for those who only care what comes of them."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

from gotwatch import pixels
from gotwatch.documents import Document, Finish, Form, PagePicture, PageText, Prompt, TextStyle
from gotwatch.pages.base import PageLimits, Pages
from gotwatch.pages.loader import open_pages
from gotwatch.pixels import Hold, SharedPage
from gotwatch.render import forms
from gotwatch.render.press.process import Rendered
from gotwatch.render.workbench import Workbench


class InstantEngine:
    """Answers in submit() with the page's number and size; remembers what it was asked."""

    slots = 2

    def __init__(self) -> None:
        self.asked: list[int] = []

    def submit(self, pages: Sequence[SharedPage], prompt: Prompt) -> Future[PageText]:
        self.asked += [page.number for page in pages]
        future: Future[PageText] = Future()
        try:
            future.set_result(self.read(pages, prompt))
        except Exception as error:  # noqa: BLE001 - as the engine's process does
            future.set_exception(error)
        return future

    def read(self, pages: Sequence[SharedPage], prompt: Prompt) -> PageText:
        lines = []
        for page in pages:
            with pixels.look(page) as image:
                lines.append(f"Page {page.number}: {image.width} x {image.height}, {prompt.mode}")
        return text(pages[0].number, "\n".join(lines), count=len(pages))


class LateEngine:
    """Answers when the test says so."""

    slots = 2

    def __init__(self) -> None:
        self.waiting: dict[int, Future[PageText]] = {}

    def submit(self, pages: Sequence[SharedPage], prompt: Prompt) -> Future[PageText]:
        self.waiting[pages[0].number] = Future()
        return self.waiting[pages[0].number]

    def answer(self, number: int) -> None:
        self.waiting.pop(number).set_result(text(number, f"Page {number}"))


class OpenedFile:
    """The pages of a real file, drawn here. A page that is white all over is blank."""

    def __init__(self, pages: Pages, on_render: Callable[[int], None]) -> None:
        self._pages = pages
        self._on_render = on_render

    @property
    def count(self) -> int:
        return len(self._pages)

    def render(self, number: int) -> Hold:
        self._on_render(number)
        image = self._pages.render(number)
        blank = not bytes(image.rgb).strip(b"\xff")
        page, memory = pixels.fill(pixels.new_block_name(), number, image.width, image.height, image.rgb, blank=blank)
        hold = Hold(page)
        memory.close()
        return hold

    def depict(self, number: int, *, longest_pixels: int) -> PagePicture:
        image = self._pages.render(number)
        return PagePicture(number, min(image.width, longest_pixels), image.height, b"jpeg of page %d" % number)

    def let_go(self) -> None:
        """Nobody waits for it."""


class InstantPress:
    """Renders in the test's own process."""

    def render(
        self, document: Document, form: Form, *, text_style: TextStyle, pictures: Sequence[PagePicture], midi: bool
    ) -> Rendered:
        bench = Workbench()
        try:
            content = forms.render(document, form, bench=bench, text_style=text_style, pictures=pictures, midi=midi)
            return Rendered(content)
        finally:
            bench.close()


def no_news(_: int) -> None:
    """For those who need not know which page is drawn."""


@contextmanager
def open_file(path: Path, on_render: Callable[[int], None] = no_news) -> Iterator[OpenedFile]:
    pages = open_pages(path, PageLimits(dpi=72))
    try:
        yield OpenedFile(pages, on_render)
    finally:
        pages.close()


def text(number: int, markup: str, *, count: int = 1) -> PageText:
    return PageText(
        number=number,
        count=count,
        markup=markup,
        tokens=1,
        seconds=0.01,
        confidence=None,
        finish=Finish.STOP,
        checkpoint="instant-1",
    )
