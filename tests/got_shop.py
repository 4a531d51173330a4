"""A small model of GOT's architecture, its batcher, and pages for it."""

import math
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import numpy as np
import torch
from torch import Tensor

from gotwatch.documents import PageImage, Prompt
from gotwatch.engine.got import device, engine, model, opened, products
from gotwatch.engine.got.batcher import Batcher
from gotwatch.engine.got.device import CPU
from gotwatch.engine.got.draft import Order
from gotwatch.engine.got.engine import Errand
from gotwatch.engine.got.graphs import Runner
from gotwatch.engine.got.memory import Limits
from gotwatch.engine.got.opened import Opened, Written
from gotwatch.engine.got.products import MakeProduct, Product

PLENTY = 1 << 20  # tokens


def page(seed: int, width: int = 90, height: int = 70, *, number: int = 1) -> PageImage:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return PageImage(number, width, height, pixels.tobytes())


def limits(*, slots: int = 7, views: int = 3, steps: int = 1, tokens: int = PLENTY) -> Limits:
    return Limits(slots=slots, views=views, steps=steps, tokens=tokens)


class Shop:
    def __init__(self, folder: Path) -> None:
        self.opened: Opened = opened.open_checkpoint(str(folder), lambda _line: None)

    def batcher(
        self, at_once: Limits | None = None, *, runner: Runner | None = None, make_product: MakeProduct = products.dense
    ) -> Batcher:
        built = model.build_of(self.opened, CPU, make_product)
        return Batcher(built, at_once or limits(), runner)

    def order(
        self,
        shown: PageImage,
        prompt: Prompt | None = None,
        *,
        longest: int = 256,
        cancelled: Event | None = None,
        deadline: float = math.inf,
    ) -> Order:
        errand = Errand(prompt or Prompt(), deadline, cancelled or Event())
        return engine.order_for(self.opened, [shown], errand, max_new_tokens=longest)

    def alone(self, orders: Sequence[Order]) -> list[Written]:
        """Each written with nothing beside it."""
        return [write(self.batcher(), [order])[0] for order in orders]


def write(batcher: Batcher, orders: Sequence[Order]) -> list[Written]:
    """Write *orders*, begun all at once."""
    futures = [batcher.submit(order) for order in orders]
    finish(batcher)
    return [future.result() for future in futures]


def finish(batcher: Batcher) -> None:
    with device.at_work(CPU):
        while batcher.busy:
            batcher.work()


def step(batcher: Batcher, count: int = 1) -> None:
    with device.at_work(CPU):
        for _ in range(count):
            batcher.work()


def has_ended(futures: Sequence[Future[Written]]) -> list[bool]:
    return [future.done() for future in futures]


@dataclass(frozen=True, slots=True)
class Watched:
    """A product whose inputs are seen before it works."""

    product: Product
    look: Callable[[Tensor], None]

    def __call__(self, inputs: Tensor, /) -> Tensor:
        self.look(inputs)
        return self.product(inputs)

    def rows(self, numbers: Tensor, /) -> Tensor:
        return self.product.rows(numbers)


class ShortOfMemory:
    """Products that fail as PyTorch does where memory is short: with more rows than it holds."""

    def __init__(self, *, most_rows: int = PLENTY, most_areas: int = PLENTY) -> None:
        self.most_rows = most_rows
        self.most_areas = most_areas
        self.failures = 0

    def make(self, weight: Tensor, bias: Tensor | None) -> Product:
        return Watched(products.dense(weight, bias), self._check)

    def _check(self, inputs: Tensor) -> None:
        is_view = inputs.dim() == 4  # (areas, side, side, width), in the vision model
        if len(inputs) > (self.most_areas if is_view else self.most_rows):
            self.failures += 1
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 1.00 GiB")
