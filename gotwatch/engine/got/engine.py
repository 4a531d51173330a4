"""The engine "got": GOT-OCR2.0 by our own decoding, as many pages at once as there is memory for."""

import logging
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from threading import Condition, Event, Thread

from gotwatch.documents import Finish, PageImage, PageText, Prompt
from gotwatch.engine import weights
from gotwatch.engine.base import EngineOptions
from gotwatch.engine.checkpoint.sizes import Sizes
from gotwatch.engine.got import device, memory, model, opened, pieces
from gotwatch.engine.got.aloud import Murmur
from gotwatch.engine.got.batcher import Batcher
from gotwatch.engine.got.device import Device, NotANumber
from gotwatch.engine.got.draft import Order
from gotwatch.engine.got.memory import Limits
from gotwatch.engine.got.model import Model
from gotwatch.engine.got.opened import Opened, Written
from gotwatch.errors import EngineUnusable

log = logging.getLogger(__name__)

# What more than this brings is little, however much memory there is. Four on a CPU: a step reads all weights,
# for one page or for four.
MOST = {
    "cpu": Limits(slots=4, views=1, steps=1, tokens=1 << 20),
    "mps": Limits(slots=8, views=2, steps=8, tokens=1 << 20),
    "cuda": Limits(slots=128, views=8, steps=8, tokens=1 << 20),
}
# A page that is in work waits while others are looked at: on a CPU for many seconds each with GOT-OCR2.0, and not worth
# mentioning with a model that sees a page in so few operations. A step takes little longer for many pages then.
_SOON_SEEN = 20e9
_MANY_SLOTS = 16
_PROMPT_TOKENS = 40  # around the views, at most
_BROKEN_DEVICE = 74  # our exit code
_IDLE_SECONDS = 10.0  # without work, until the memory of the pages is given back


@dataclass(frozen=True, slots=True)
class Errand:
    """What is wanted of some pages."""

    prompt: Prompt
    deadline: float  # monotonic seconds
    cancelled: Event
    murmur: Murmur | None = None


class GotEngine:
    def __init__(self, options: EngineOptions) -> None:
        self.checkpoint = options.checkpoint or weights.DEFAULT_CHECKPOINT
        self.device = options.device
        self.slots = 1
        self._options = options
        self._news = Condition()

    def load(self, progress: Callable[[str], None]) -> None:
        self._on = device.pick(self._options.device, self._options.precision)
        self._opened = opened.open_checkpoint(self._options.checkpoint, progress)
        with device.memory_errors(self._on):
            built, limits = build(self._opened, self._on, self._options)
        self._batcher = Batcher(built, limits)
        self.slots = limits.slots
        self.checkpoint = self._opened.title
        self.device = self._on.label
        Thread(target=self._write, name="batcher", daemon=True).start()

    def read(self, pages: Sequence[PageImage], prompt: Prompt, cancelled: Event) -> PageText:
        return self._read(pages, prompt, cancelled, None)

    def read_aloud(
        self, pages: Sequence[PageImage], prompt: Prompt, cancelled: Event, tell: Callable[[str], None]
    ) -> PageText:
        """A strip that is read in pieces, side by side, is told of at its end only."""
        return self._read(pages, prompt, cancelled, Murmur(self._opened.vocabulary.text, tell))

    def _read(self, pages: Sequence[PageImage], prompt: Prompt, cancelled: Event, murmur: Murmur | None) -> PageText:
        started = time.monotonic()
        parts = pieces.cut(pages, prompt)
        deadline = started + self._options.soft_page_seconds
        errand = Errand(prompt, deadline, cancelled, murmur if len(parts) == 1 else None)
        firsts = [self._submit(part, errand) for part in parts]
        written = [
            self._once_more(part, errand, _result(first, errand)) for part, first in zip(parts, firsts, strict=True)
        ]
        text = self._opened.page_text(pages, pieces.joined(written), seconds=time.monotonic() - started)
        return replace(text, markup=pieces.joined_markup([self._opened.vocabulary.text(one.ids) for one in written]))

    def _once_more(self, pages: Sequence[PageImage], errand: Errand, first: Written) -> Written:
        """The better of *first* and, if the model got lost there, a second try in another way."""
        other = another_way(errand.prompt)
        if first.finish not in (Finish.LOOP, Finish.LENGTH) or other is None or errand.cancelled.is_set():
            return first
        second = _result(self._submit(pages, replace(errand, prompt=other)), errand)
        return second if second.finish is Finish.STOP else first

    def _submit(self, pages: Sequence[PageImage], errand: Errand) -> Future[Written]:
        order = order_for(self._opened, pages, errand, max_new_tokens=self._options.max_new_tokens)
        with self._news:
            future = self._batcher.submit(order)
            self._news.notify()
        return future

    def _write(self) -> None:
        with device.at_work(self._on):
            while True:
                self._await_work()
                try:
                    self._work()
                except Exception as error:  # noqa: BLE001 - the thread's boundary: every page gets the error as its answer
                    self._leave_broken_device()
                    self._batcher.fail(error)

    def _await_work(self) -> None:
        with self._news:
            if self._news.wait_for(lambda: self._batcher.busy, _IDLE_SECONDS):
                return
        self._batcher.rest()
        with self._news:
            self._news.wait_for(lambda: self._batcher.busy)

    def _leave_broken_device(self) -> None:
        """A CUDA device that has failed once does so until the process ends: the next one gets the pages."""
        if why := device.fault(self._on.name):
            log.critical("%s does not compute any more: %s", self.device, why)
            os._exit(_BROKEN_DEVICE)

    def _work(self) -> None:
        try:
            self._batcher.work()
        except NotANumber:
            self._widen()

    def _widen(self) -> None:
        """Half precision has overflowed on this device or for this page: from now on compute in full."""
        wider = device.in_full(self._on)
        if wider == self._on:
            hint = 'Set engine.device = "cpu", or fetch the checkpoint again.'
            raise EngineUnusable(f"{self.checkpoint} gives no numbers on {self.device}", hint=hint)
        log.warning("%s overflows in %s on %s; going on in float32", self.checkpoint, self._on.dtype, self.device)
        with device.memory_errors(wider):  # the old model stays until the new one stands
            self._batcher.start_over(*build(self._opened, wider, self._options))
        self._on = wider


def _result(written: Future[Written], errand: Errand) -> Written:
    if errand.murmur is not None:
        errand.murmur.until(written)
    return written.result()


def build(checkpoint: Opened, on: Device, options: EngineOptions) -> tuple[Model, Limits]:
    """The model on its device, and how much it can do at once in what the options leave it of the memory."""
    free = device.free_bytes(on)
    built = model.build(checkpoint, on)
    taken = free - device.free_bytes(on)
    sizes, most = checkpoint.sizes, most_at_once(on.name, checkpoint.sizes)
    limits = memory.limits(
        options.memory_share * free - taken,
        memory.needs(sizes, on.dtype.itemsize),
        page_tokens=sizes.tokens_per_view + _PROMPT_TOKENS + options.max_new_tokens + most.steps,
        most=most,
    )
    log.info("%s: %d pages of %d views at once", on.label, limits.slots, limits.views)
    return built, limits


def order_for(checkpoint: Opened, pages: Sequence[PageImage], errand: Errand, *, max_new_tokens: int) -> Order:
    """*max_new_tokens*: unless the prompt says how many."""
    ids, views = checkpoint.inputs(pages, errand.prompt)
    room = checkpoint.sizes.text.positions - len(ids)
    return Order(
        ids=ids,
        head=ids.index(checkpoint.sizes.image_token),
        views=views,
        max_new_tokens=max(1, min(errand.prompt.max_new_tokens or max_new_tokens, room)),
        deadline=errand.deadline,
        cancelled=errand.cancelled,
        hear=errand.murmur.hear if errand.murmur else None,
    )


def most_at_once(device_name: str, sizes: Sizes) -> Limits:
    """What a device is given to do at once where it has memory for more."""
    kind = device_name.partition(":")[0]
    is_soon_seen = 2 * sizes.vision.weights * sizes.vision.patches < _SOON_SEEN
    return replace(MOST[kind], slots=_MANY_SLOTS) if kind == "cpu" and is_soon_seen else MOST[kind]


def another_way(prompt: Prompt) -> Prompt | None:
    """How a page is tried again on which the model got lost: in tiles, or without them."""
    if not prompt.retry or prompt.box is not None or prompt.color is not None or prompt.multi_page:
        return None
    return replace(prompt, crop=not prompt.crop)
