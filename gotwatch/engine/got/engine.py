"""The engine "got": GOT-OCR2.0 by our own decoding, as many pages at once as there is memory for."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from threading import Condition, Thread

import torch

from gotwatch.documents import Finish, PageImage, PageText, Prompt
from gotwatch.engine import weights
from gotwatch.engine.base import EngineOptions
from gotwatch.engine.got import device, opened, products
from gotwatch.engine.got.batcher import Batcher, Limits, Order
from gotwatch.engine.got.decoder import Decoder
from gotwatch.engine.got.device import Device
from gotwatch.engine.got.opened import Opened, Written
from gotwatch.engine.got.vision import VisionTower

CPU_LIMITS = Limits(slots=4, views=1, steps=1)  # four: a step reads all weights, for one page or for four
GPU_LIMITS = Limits(slots=16, views=4, steps=8)


class GotEngine:
    def __init__(self, options: EngineOptions) -> None:
        self.checkpoint = options.checkpoint or weights.DEFAULT_CHECKPOINT
        self.device = options.device
        self.slots = CPU_LIMITS.slots
        self._options = options
        self._work = Condition()

    def load(self, progress: Callable[[str], None]) -> None:
        self._on = device.pick(self._options.device)
        self._opened = opened.open_checkpoint(self._options.checkpoint, progress)
        limits = CPU_LIMITS if self._on.name == "cpu" else GPU_LIMITS
        with device.memory_errors(self._on):
            self._batcher = new_batcher(self._opened, self._on, limits)
        self.slots = limits.slots
        self.checkpoint = self._opened.title
        self.device = self._on.label
        Thread(target=self._write, name="batcher", daemon=True).start()

    def read(self, page: PageImage, prompt: Prompt) -> PageText:
        started = time.monotonic()
        deadline = started + self._options.soft_page_seconds
        written = self._submit(page, prompt, deadline).result()
        if written.finish in (Finish.LOOP, Finish.LENGTH) and (other := another_way(prompt)):
            second = self._submit(page, other, deadline).result()
            written = second if second.finish is Finish.STOP else written
        return self._opened.page_text(page, written, seconds=time.monotonic() - started)

    def _submit(self, page: PageImage, prompt: Prompt, deadline: float) -> Future[Written]:
        ids, views = self._opened.inputs(page, prompt)
        room = max(1, self._opened.sizes.text.positions - len(ids))
        order = Order(ids=ids, views=views, max_new_tokens=min(self._options.max_new_tokens, room), deadline=deadline)
        with self._work:
            future = self._batcher.submit(order)
            self._work.notify()
        return future

    def _write(self) -> None:
        while True:
            with self._work:
                self._work.wait_for(lambda: self._batcher.busy)
            try:
                with torch.inference_mode(), device.memory_errors(self._on):
                    self._batcher.step()
            except Exception as error:  # noqa: BLE001 - the thread's boundary: every page gets the error as its answer
                self._batcher.fail(error)


def new_batcher(checkpoint: Opened, on: Device, limits: Limits) -> Batcher:
    """The model on its device."""
    tensors = checkpoint.tensors.on(on.name, on.dtype)
    return Batcher(
        VisionTower(tensors, checkpoint.sizes.vision, checkpoint.recipe, products.dense),
        Decoder(tensors, checkpoint.sizes.text, products.dense),
        image_token=checkpoint.sizes.image_token,
        stops=checkpoint.vocabulary.stops,
        limits=limits,
        dtype=on.dtype,
        device=torch.device(on.name),
    )


def another_way(prompt: Prompt) -> Prompt | None:
    """How a page is tried again on which the model got lost: in tiles, or without them."""
    if prompt.box is not None or prompt.color is not None or prompt.multi_page:
        return None
    return replace(prompt, crop=not prompt.crop)
