"""The reader process's main loop. The only module that decodes files of unknown origin, so that it may die of them."""

import io
import os
import signal
import warnings
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

from PIL import Image

from gotwatch import pixels, processes, streams
from gotwatch.documents import PageImage, PagePicture
from gotwatch.pages.base import (
    Close,
    Depict,
    Depicted,
    Open,
    Opened,
    PageLimits,
    Pages,
    Quote,
    Quoted,
    Render,
    Rendered,
    Reply,
    Request,
    Started,
)
from gotwatch.pages.blank import is_blank
from gotwatch.pages.loader import open_pages
from gotwatch.words import marked

_JPEG_QUALITY = 72  # print stays crisp, and an A4 page has about 150 KB


def serve(pipe: Connection, limits: PageLimits) -> None:
    """Answer requests until the parent closes its end."""
    streams.ensure()
    processes.leave_with_parent()
    processes.step_back()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the whole group; the parent decides what ends
    _set_up_libraries()
    # Twice the limit, because PDFium draws a page without the picture it finds no memory for:
    # the parent's look, which ends in an error, should nearly always come first.
    processes.cap_memory(2 * limits.memory_bytes)
    lectern = _Lectern(limits)
    reply: Reply | None = Started()
    while True:
        if reply is not None:
            pipe.send(reply)
        try:
            request: Request = pipe.recv()
        except (EOFError, ConnectionResetError):
            break
        reply = lectern.answer(request)
    lectern.clear()


def _set_up_libraries() -> None:
    Image.MAX_IMAGE_PIXELS = None  # ours is the limit that the person has set
    # Nobody could act on what the libraries remark about odd files, and libtiff writes it to the terminal itself.
    warnings.simplefilter("ignore")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


class _Lectern:
    """What lies open: at most one file, and the page handed over last."""

    def __init__(self, limits: PageLimits) -> None:
        self._limits = limits
        self._name = ""
        self._what = ""  # is being done, as a message names it
        self._pages: Pages | None = None
        self._memory: SharedMemory | None = None

    def answer(self, request: Request) -> Reply | None:
        try:
            self._let_go_of_page()
            match request:
                case Open(path, title):
                    return self._open(path, title)
                case Render(number, block):
                    return self._render(number, block)
                case Depict(number, longest_pixels):
                    return self._depict(number, longest_pixels)
                case Quote(number):
                    return Quoted(self._open_pages(number).text(number))
                case Close():
                    self.clear()
                    return None
        except MemoryError:
            return processes.refusal(self._limits.memory_exceeded(self._what))
        except Exception as exc:  # noqa: BLE001  the process boundary: the parent raises it again
            return processes.refusal(exc)

    def clear(self) -> None:
        self._let_go_of_page()
        pages, self._pages = self._pages, None
        if pages is not None:
            pages.close()

    def _open(self, path: Path, title: str) -> Opened:
        self.clear()
        self._name = self._what = title
        self._pages = open_pages(path, self._limits, title=title)
        return Opened(len(self._pages))

    def _render(self, number: int, block: str) -> Rendered:
        image = self._page(number)
        page, self._memory = pixels.fill(
            block, image.number, image.width, image.height, image.rgb, blank=is_blank(image)
        )
        return Rendered(page)

    def _depict(self, number: int, longest_pixels: int) -> Depicted:
        image = self._page(number)
        picture = Image.frombuffer("RGB", (image.width, image.height), image.rgb)  # type: ignore[arg-type]  # any buffer will do
        picture.thumbnail((longest_pixels, longest_pixels), reducing_gap=2.0)
        jpeg = io.BytesIO()
        picture.save(jpeg, "JPEG", quality=_JPEG_QUALITY, optimize=True, progressive=True)
        return Depicted(PagePicture(number, picture.width, picture.height, jpeg.getvalue()))

    def _page(self, number: int) -> PageImage:
        return self._open_pages(number).render(number)

    def _open_pages(self, number: int) -> Pages:
        assert self._pages is not None, "the parent asks only for pages of what it has opened"
        self._what = marked(f"Page {number} of {self._name}")
        return self._pages

    def _let_go_of_page(self) -> None:
        """The parent holds it by now: it has asked for something else."""
        memory, self._memory = self._memory, None
        if memory is not None:
            memory.close()
