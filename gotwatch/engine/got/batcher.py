"""Pages written side by side: each one begins as soon as a slot is free, and leaves as soon as it is done."""

import logging
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import partial

import numpy as np
import torch
from torch import Tensor

from gotwatch.documents import Finish
from gotwatch.engine.got import device, graphs, picking
from gotwatch.engine.got.draft import Draft, Order
from gotwatch.engine.got.graphs import Runner
from gotwatch.engine.got.kv_cache import Beginning
from gotwatch.engine.got.memory import Limits
from gotwatch.engine.got.model import Model
from gotwatch.engine.got.opened import Written
from gotwatch.engine.got.repetition import NO_REPEAT_NGRAM
from gotwatch.engine.got.slots import Slots, reach_for, room_for, rows_for
from gotwatch.errors import OutOfMemory

log = logging.getLogger(__name__)


class Batcher:
    """Used by one thread, which calls work() while there is some. submit() may be called from any thread."""

    def __init__(self, model: Model, limits: Limits, runner: Runner | None = None) -> None:
        """*runner*: what fits the device, unless given."""
        self._inbox: deque[Draft] = deque()  # the only thing that other threads touch
        self._waiting: list[Draft] = []
        self._drafts: list[Draft] = []  # draft i has slot i
        self._heads: dict[tuple[int, ...], Beginning] = {}
        self._model = model
        self._most = self._limits = limits
        self._runner = runner or graphs.runner(model.on.name)
        self._slots = self._no_slots()

    def submit(self, order: Order) -> Future[Written]:
        future: Future[Written] = Future()
        self._inbox.append(Draft(order, future))
        return future

    @property
    def busy(self) -> bool:
        return bool(self._inbox or self._waiting or self._drafts)

    def work(self) -> None:
        """One step; with fewer pages at once from now on if there is not enough memory for it.

        Raises NotANumber where the model's answer overflowed: every page then waits for start_over().
        """
        lack: OutOfMemory | None = None
        try:
            with device.memory_errors(self._model.on):
                self.step()
        except OutOfMemory as error:
            lack = OutOfMemory(error.message, hint=error.hint)  # without the traceback, which holds what there was
        if lack is not None:
            self._make_do(lack)

    def step(self) -> None:
        """Let go what nobody wants, take in what there is room for, write a few tokens on every page."""
        self._receive()
        self._drop_cancelled()
        self._admit()
        self._write()
        self._retire()

    def rest(self) -> None:
        """Nothing is to be done for a while: keep no memory for it."""
        self._free()
        self._limits = self._most

    def start_over(self, model: Model, limits: Limits) -> None:
        """Write all pages with another model, from their beginning."""
        self._waiting[:0] = [draft.again() for draft in self._drafts]
        self._drafts.clear()
        self._model = model
        self._most = self._limits = limits
        self._free()

    def fail(self, error: Exception) -> None:
        """Give every page this answer."""
        self._receive()
        for draft in (*self._drafts, *self._waiting):
            draft.future.set_exception(error)
        self._drafts.clear()
        self._waiting.clear()
        self._free()

    def _receive(self) -> None:
        while self._inbox:
            self._waiting.append(self._inbox.popleft())

    def _drop_cancelled(self) -> None:
        for draft in [draft for draft in self._waiting if draft.order.cancelled.is_set()]:
            self._waiting.remove(draft)
            draft.future.set_result(draft.so_far(Finish.TIME))
        for slot in range(len(self._drafts) - 1, -1, -1):
            if self._drafts[slot].order.cancelled.is_set():
                self._end(slot, self._drafts[slot].so_far(Finish.TIME))

    def _admit(self) -> None:
        """Begin waiting pages in the free slots; one whose first token is a stop frees its slot at once."""
        while group := self._next_group():
            self._begin(group)
            self._drop_cancelled()  # on a CPU that took seconds

    def _next_group(self) -> list[Draft]:
        """The first waiting page, and those behind it that can be read in with it, as far as there is room."""
        group: list[Draft] = []
        for draft in self._waiting:
            if draft.kind != self._waiting[0].kind or not self._fits([*group, draft]):
                break
            group.append(draft)
        del self._waiting[: len(group)]
        return group

    def _fits(self, group: Sequence[Draft]) -> bool:
        """Whether these pages can begin beside those in work, and all of them go on to their end."""
        pages, limits = [*self._drafts, *group], self._limits
        tokens = rows_for(len(pages)) * reach_for(max(page.most for page in pages) + limits.steps)
        views = sum(len(draft.order.views) for draft in group)
        has_room = len(pages) <= limits.slots and tokens <= limits.tokens
        return (has_room or len(pages) == 1) and (views <= limits.views or len(group) == 1)

    def _begin(self, group: Sequence[Draft]) -> None:
        """Read the prompts with their views in, and write the first token of each page."""
        rows = slice(len(self._drafts), len(self._drafts) + len(group))
        self._drafts += group  # before anything can fail
        self._make_room()
        ids = torch.tensor([draft.order.ids for draft in group], device=self._model.on.name)
        self._slots.begin(rows, ids)
        logits = self._read_in(group, ids, rows)
        self._choose(rows, logits, reach=ids.shape[1])
        self._look_at(rows, tokens=1)

    def _read_in(self, group: Sequence[Draft], ids: Tensor, rows: slice) -> Tensor:
        """The logits behind the prompts. The head, which all pages of a style share, is read once."""
        first = group[0].order
        views = torch.from_numpy(np.concatenate([draft.order.views for draft in group])).to(ids.device)
        embeddings = self._model.embed(ids, views, first_image=first.head, views_at_once=self._limits.views)
        head, cache = tuple(first.ids[: first.head]), self._slots.cache
        known = first.head if head in self._heads else 0
        if known:
            cache.begin(rows, self._heads[head])
        positions = torch.arange(known, ids.shape[1], device=ids.device).expand(len(group), -1)
        reach = reach_for(ids.shape[1])
        logits = self._model.decoder.predict(embeddings[:, known:], positions, cache, rows, reach=reach)
        self._heads[head] = self._heads.get(head) or cache.beginning(rows.start, first.head)
        return logits

    def _make_room(self) -> None:
        """Memory for what the pages are about to be. It grows with them."""
        rows, steps = rows_for(len(self._drafts)), self._limits.steps
        longest, most = (max(lengths) for lengths in zip(*((d.length, d.most) for d in self._drafts), strict=True))
        if rows > self._slots.count or longest + steps > self._slots.room:
            self._runner.forget()
            self._slots.resize(rows, room_for(longest + steps, most + steps))
            device.release_unused(self._model.on)

    def _write(self) -> None:
        """A few tokens more on every page; what comes behind a page's stop is left off later."""
        if not self._drafts:
            return
        self._make_room()
        rows = rows_for(len(self._drafts))
        # Counted here: to ask the device how long the pages are would be to wait for it.
        reach = reach_for(max(draft.length for draft in self._drafts) + self._limits.steps)
        self._slots.idle(slice(len(self._drafts), rows))
        for _ in range(self._limits.steps):
            self._runner.run((rows, reach), partial(self._write_one, slice(rows), reach))

    def _write_one(self, rows: slice, reach: int) -> None:
        """One token more in each of *rows*. Waits for nothing, and keeps nothing but what stands in the slots."""
        slots, decoder = self._slots, self._model.decoder
        embeddings, positions = decoder.embed(slots.last(rows)), slots.lengths[rows, None] - 1
        self._choose(rows, decoder.predict(embeddings, positions, slots.cache, rows, reach=reach), reach=reach)

    def _choose(self, rows: slice, logits: Tensor, *, reach: int) -> None:
        slots = self._slots
        chosen = picking.pick(logits, slots.tokens[rows, :reach], slots.lengths[rows], ngram=NO_REPEAT_NGRAM)
        slots.put(rows, *chosen)

    def _retire(self) -> None:
        if self._drafts:
            self._look_at(slice(len(self._drafts)), tokens=self._limits.steps)

    def _look_at(self, rows: slice, *, tokens: int) -> None:
        """Read what was written; pages that are done leave."""
        ids, log_probs = self._slots.newest(rows, tokens)
        drafts = self._drafts[rows]
        stops = self._model.stops
        ends = [draft.add(new, sure, stops) for draft, new, sure in zip(drafts, ids, log_probs, strict=True)]
        for slot, written in reversed(list(enumerate(ends, start=rows.start or 0))):
            if written is not None:
                self._end(slot, written)

    def _end(self, slot: int, written: Written) -> None:
        """Free *slot*. The last page moves into it, so that the slots in use stay the first ones."""
        ended, last = self._drafts[slot], self._drafts.pop()
        if slot < len(self._drafts):
            self._slots.move(len(self._drafts), slot, last.length)
            self._drafts[slot] = last
        ended.future.set_result(written)

    def _make_do(self, lack: OutOfMemory) -> None:
        """Begin the pages in work again, fewer of them at a time. One that was alone has no more to hope for."""
        drafts, views = self._drafts, self._limits.views
        self._drafts = []
        self._free()
        self._limits = replace(self._limits, slots=max(1, len(drafts) // 2), views=max(1, views // 2))
        if len(drafts) == 1 and views == 1:
            drafts[0].future.set_exception(lack)
            return
        log.warning("%s: going on with %d at a time", lack.message, self._limits.slots)
        self._waiting[:0] = [draft.again() for draft in drafts]

    def _free(self) -> None:
        self._runner.forget()
        self._heads.clear()
        self._slots = self._no_slots()
        device.release_unused(self._model.on)

    def _no_slots(self) -> Slots:
        on = self._model.on
        return Slots(self._model.decoder.sizes, dtype=on.dtype, device=on.name)
