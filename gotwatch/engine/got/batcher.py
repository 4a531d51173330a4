"""Pages written side by side: each one begins as soon as a slot is free, and leaves as soon as it is done."""

import logging
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gotwatch.documents import Finish
from gotwatch.engine.got import picking
from gotwatch.engine.got.decoder import Decoder
from gotwatch.engine.got.opened import Written
from gotwatch.engine.got.repetition import NO_REPEAT_NGRAM, loop_start
from gotwatch.engine.got.slots import Slots
from gotwatch.engine.got.vision import VisionTower

log = logging.getLogger(__name__)

LOOP_CHECK_TOKENS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A page to be written."""

    ids: Sequence[int]  # the prompt
    views: NDArray[np.uint8]  # (views, side, side, 3)
    max_new_tokens: int
    deadline: float  # monotonic seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is done at once."""

    slots: int
    views: int  # that the vision model takes at once
    steps: int  # between two looks at what was written: a look makes a GPU wait


@dataclass(slots=True)
class _Page:
    """A page in a slot."""

    order: Order
    future: Future[Written]
    ids: list[int] = field(default_factory=list)
    log_probs: list[float] = field(default_factory=list)

    @property
    def length(self) -> int:
        return len(self.order.ids) + len(self.ids)


class Batcher:
    """Used by one thread, which calls step() while there is work. submit() may be called from any thread."""

    def __init__(
        self,
        vision: VisionTower,
        decoder: Decoder,
        *,
        image_token: int,
        stops: Sequence[int],
        limits: Limits,
        dtype: torch.dtype,
        device: torch.device,
    ) -> None:
        self._vision = vision
        self._decoder = decoder
        self._image_token = image_token
        self._stops = frozenset(stops)
        self._limits = limits
        self._dtype = dtype
        self._device = device
        self._waiting: deque[tuple[Order, Future[Written]]] = deque()
        self._pages: list[_Page] = []  # page i has slot i
        self._slots = self._new_slots(0, 0)

    def submit(self, order: Order) -> Future[Written]:
        future: Future[Written] = Future()
        self._waiting.append((order, future))
        return future

    @property
    def busy(self) -> bool:
        return bool(self._waiting or self._pages)

    def step(self) -> None:
        """Take in what there is room for, write a few tokens on every page, let go what is done."""
        self._admit()
        self._write()
        self._retire()

    def fail(self, error: Exception) -> None:
        """Give every page this answer."""
        for future in [page.future for page in self._pages] + [future for _, future in self._waiting]:
            future.set_exception(error)
        self._pages.clear()
        self._waiting.clear()

    def _admit(self) -> None:
        """Begin waiting pages in the free slots; one whose first token is a stop frees its slot at once."""
        while self._waiting and len(self._pages) < self._limits.slots:
            group = self._next_group()
            self._make_room(len(self._pages) + len(group), group[0][0])
            self._begin(group)

    def _next_group(self) -> list[tuple[Order, Future[Written]]]:
        """The first waiting page, and those behind it whose prompts are as long: they are read in together."""
        group = [self._waiting.popleft()]
        length, views = len(group[0][0].ids), len(group[0][0].views)
        most = min(self._limits.slots - len(self._pages), max(1, self._limits.views // views))
        while self._waiting and len(group) < most and len(self._waiting[0][0].ids) == length:
            group.append(self._waiting.popleft())
        return group

    def _make_room(self, count: int, order: Order) -> None:
        """Memory for so many slots, and for the whole of *order* in each. It grows with the pages in work."""
        room = len(order.ids) + order.max_new_tokens + self._limits.steps
        old = self._slots
        if count > old.count or room > old.room:
            self._slots = self._new_slots(max(count, old.count), max(room, old.room))
            if self._pages:
                self._slots.take(old, len(self._pages))

    def _new_slots(self, count: int, room: int) -> Slots:
        return Slots(self._decoder.sizes, count=count, room=room, dtype=self._dtype, device=self._device)

    def _begin(self, group: list[tuple[Order, Future[Written]]]) -> None:
        """Read the prompts with their views in, and write the first token of each page."""
        first = len(self._pages)
        rows = torch.arange(first, first + len(group), device=self._device)
        ids = torch.tensor([order.ids for order, _ in group], device=self._device)
        views = torch.from_numpy(np.concatenate([order.views for order, _ in group])).to(self._device)
        embeddings = self._decoder.embed(ids)
        embeddings[ids == self._image_token] = self._see(views).flatten(0, 1).to(embeddings.dtype)
        logits = self._decoder.prefill(embeddings, self._slots.cache, rows)
        self._slots.begin(rows, ids)
        self._choose(rows, logits, reach=ids.shape[1])
        self._pages += [_Page(order, future) for order, future in group]
        self._retire()

    def _see(self, views: Tensor) -> Tensor:
        return torch.cat([self._vision(part) for part in views.split(self._limits.views)])

    def _write(self) -> None:
        """A few tokens more on every page; what comes behind a page's stop is left off later."""
        rows = torch.arange(len(self._pages), device=self._device)
        # Counted here: to ask the device how long the pages are would be to wait for it.
        reach = max((page.length for page in self._pages), default=0)
        for _ in range(self._limits.steps if self._pages else 0):
            lengths = self._slots.lengths[rows]
            logits = self._decoder.step(self._slots.last(rows), lengths - 1, self._slots.cache, reach=reach)
            self._choose(rows, logits, reach=reach)
            reach += 1

    def _choose(self, rows: Tensor, logits: Tensor, *, reach: int) -> None:
        chosen = picking.pick(
            logits, self._slots.tokens[rows, :reach], self._slots.lengths[rows], ngram=NO_REPEAT_NGRAM
        )
        self._slots.put(rows, *chosen)

    def _retire(self) -> None:
        for slot in range(len(self._pages) - 1, -1, -1):
            page = self._pages[slot]
            seen = len(page.ids)
            self._look_at(slot, page)
            if (written := self._ended(page, seen)) is not None:
                self._leave(slot)
                page.future.set_result(written)

    def _look_at(self, slot: int, page: _Page) -> None:
        ids, log_probs = self._slots.written(slot, page.length)
        page.ids += ids
        page.log_probs += log_probs

    def _ended(self, page: _Page, seen: int) -> Written | None:
        """How the page ended, if it did with what came behind the first *seen* tokens."""
        order = page.order
        for index in range(seen, len(page.ids)):
            if page.ids[index] in self._stops:
                return Written(tuple(page.ids[:index]), tuple(page.log_probs[: index + 1]), Finish.STOP)
        if len(page.ids) >= order.max_new_tokens:
            return _cut(page, order.max_new_tokens, Finish.LENGTH)
        if len(page.ids) % LOOP_CHECK_TOKENS < self._limits.steps and (start := loop_start(page.ids)) is not None:
            return _cut(page, start, Finish.LOOP)
        if time.monotonic() > order.deadline:
            return _cut(page, len(page.ids), Finish.TIME)
        return None

    def _leave(self, slot: int) -> None:
        """Free *slot*. The last page moves into it, so that the slots in use stay the first ones."""
        last = self._pages.pop()
        if slot < len(self._pages):
            self._slots.move(len(self._pages), slot)
            self._pages[slot] = last


def _cut(page: _Page, length: int, finish: Finish) -> Written:
    return Written(tuple(page.ids[:length]), tuple(page.log_probs[:length]), finish)
