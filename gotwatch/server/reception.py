"""Takes requests in, has them read, and knows how many there may be. Knows nothing of HTTP but its errors."""

import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from queue import SimpleQueue
from threading import Lock

from gotwatch.desk import Desk
from gotwatch.documents import Document, Form, PageText, Reading, SourceFile, Stamp
from gotwatch.engine.process import Phase
from gotwatch.errors import GotwatchError, ServerBusy
from gotwatch.render import notes
from gotwatch.server import answers, asked, saving
from gotwatch.server.answers import Answer
from gotwatch.server.asked import Order
from gotwatch.server.uploads import Uploads
from gotwatch.server.visit import Page, Visit
from gotwatch.threads import Threads
from gotwatch.urgent import ReadUrgently, Wish

log = logging.getLogger(__name__)

_SOON_SECONDS = 1.0  # in which most requests are answered, and no model is loaded
LOADING_PATIENCE_SECONDS = 60.0  # that a caller waits for a model, before it is told to come again


class _NobodyWaits(Exception):
    """The caller hung up."""


class _Patience:
    """For how long a caller is kept."""

    def __init__(self, reception: "Reception", visit: Visit) -> None:
        self._reception = reception
        self._visit = visit
        self._began = time.monotonic()
        self._loading_since: float | None = None

    def check(self) -> None:
        """Raises ServerBusy where it shall come again, and _NobodyWaits where it has left."""
        if self._visit.gone.is_set():
            raise _NobodyWaits
        self._reception.check_open()
        now = time.monotonic()
        message = self._reception.loading() if now - self._began > _SOON_SECONDS else None
        if message is None:
            self._loading_since = None
            return
        self._loading_since = self._loading_since or now
        if now - self._loading_since > LOADING_PATIENCE_SECONDS:
            raise ServerBusy(f"The engine is starting: {message}", hint="Try again in a while.")


@dataclass(frozen=True, slots=True)
class Readiness:
    ready: bool
    why: str  # not


class Reception:
    """Use between start() and stop(). admit() is for the loop's thread, the rest for any."""

    def __init__(self, desk: Desk, *, most: int, results: Path) -> None:
        """*most* requests are in work or wait."""
        self._desk = desk
        self._most = most
        self._results = results
        self._uploads = Uploads()
        self._visits: SimpleQueue[Visit | None] = SimpleQueue()  # None: no more of them
        self._threads: Threads | None = None
        self._started = 0  # threads, of which each visitor has one
        self._lock = Lock()
        self._inside = 0
        self._ending = False

    def start(self, threads: Threads) -> None:
        self._threads = threads
        self._uploads.open()

    def stop(self) -> None:
        """Turn all away, those too that are inside. They leave within a second or two, and the threads end."""
        self._ending = True
        for _ in range(self._started):
            self._visits.put(None)

    def close(self) -> None:
        """When the threads have ended."""
        self._uploads.close()

    @property
    def inside(self) -> int:
        """Requests in work or waiting."""
        return self._inside

    def readiness(self) -> Readiness:
        if self._ending:
            return Readiness(False, "gotwatch is ending")
        if (message := self.loading()) is not None:
            return Readiness(False, f"The engine is starting: {message}")
        fault = self._desk.room.fleet.state().fault
        return Readiness(not fault, fault)

    def check_room(self) -> None:
        """Raises ServerBusy."""
        self.check_open()
        if self._inside >= self._most:
            raise ServerBusy(f"{self._inside} requests are being read or wait", hint="Try again a little later.")

    def admit(self, visit: Visit) -> None:
        """Have *visit* answered, in a thread. Raises ServerBusy."""
        self.check_room()
        with self._lock:
            self._inside += 1
        if self._inside > self._started:
            self._start_thread()
        self._visits.put(visit)

    def _start_thread(self) -> None:
        assert self._threads is not None
        self._started += 1
        self._threads.start("request", self._serve_all)

    def _serve_all(self) -> None:
        while visit := self._visits.get():
            self._serve(visit)
            if self._ending:
                return

    def _serve(self, visit: Visit) -> None:
        try:
            visit.tell(self._answer(visit))
        except _NobodyWaits:
            log.debug("a caller hung up")
        except Exception as error:  # the request's boundary: whatever it was, the next one is served
            if not isinstance(error, GotwatchError):
                log.exception("a request met a bug")
            visit.tell(answers.problem(error))
        finally:
            with self._lock:
                self._inside -= 1

    def _answer(self, visit: Visit) -> Answer:
        began = time.monotonic()
        order = asked.understood(visit.body)
        visit.body = b""  # the pictures are enough
        with self._uploads.put(order.pictures) as files:
            read = self._desk.urgent.read(self._wish(order, files, visit))
        return self._bound(order, read, began)

    def _wish(self, order: Order, files: tuple[Path, ...], visit: Visit) -> Wish:
        def tell_page(page: PageText) -> None:
            if order.stream:
                visit.tell(Page(page))

        return Wish(
            files=files,
            titles=_titles(len(files)),
            prompt=order.prompt,
            wants_page=order.wants,
            check_wanted=_Patience(self, visit).check,
            on_text=tell_page,
            on_words=visit.tell_words if order.stream else None,
        )

    def loading(self) -> str | None:
        """How far the engine's loading is; None where it is not at that."""
        engine = self._desk.room.fleet.state()
        return engine.message if engine.phase is Phase.LOADING else None

    def check_open(self) -> None:
        """Raises ServerBusy."""
        if self._ending:
            raise ServerBusy("gotwatch is ending", hint="Try again when it has been started again.")

    def _bound(self, order: Order, read: ReadUrgently, began: float) -> Answer:
        """The answer, with an HTML page where one is asked for."""
        document = self._document(order, read)
        warnings = notes.warnings(document)
        html: str | None = None
        saved: str | None = None
        if order.render:
            rendered = self._desk.press.render(document, Form.HTML)
            html = rendered.content.decode()
            warnings += rendered.warnings
            if order.save_as:
                saving.save(self._results, order.save_as, rendered.content)
                saved = order.save_as
        elif order.save_as:
            warnings += ("Nothing was saved: save_render_file needs render.",)
        return Answer(
            pages=read.pages,
            engine=read.engine,
            seconds=time.monotonic() - began,
            html=html,
            saved=saved,
            warnings=warnings,
        )

    def _document(self, order: Order, read: ReadUrgently) -> Document:
        options = self._desk.room.choice.spec.options
        name = Path(order.save_as or "image")
        digest = sha256(b"".join(order.pictures)).hexdigest() if order.render else ""
        size = sum(map(len, order.pictures))
        return Document(
            source=SourceFile(name, "", Stamp(size, time.time_ns()), digest),
            relative=name,
            pages=read.pages,
            reading=Reading(read.engine, options.checkpoint, order.prompt),
            read_at=datetime.now(UTC),
            copied_from=None,
            warnings=(),
        )


def _titles(count: int) -> tuple[str, ...]:
    return ("The image",) if count == 1 else tuple(f"Image {number}" for number in range(1, count + 1))
