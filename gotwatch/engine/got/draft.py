"""A page while it is written: what was asked for, what stands there so far, and when that is the end of it."""

import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Event

import numpy as np
from numpy.typing import NDArray

from gotwatch.documents import Finish
from gotwatch.engine.got.device import NotANumber
from gotwatch.engine.got.opened import Written
from gotwatch.engine.got.repetition import LoopWatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A page to be written."""

    ids: Sequence[int]  # the prompt
    head: int  # tokens before the views, the same ones for all pages of one style
    views: NDArray[np.uint8]  # (views, side, side, 3)
    max_new_tokens: int
    deadline: float  # monotonic seconds
    cancelled: Event
    hear: Callable[[Sequence[int]], None] | None = None  # takes the tokens so far, in the thread that writes


@dataclass(slots=True)
class Draft:
    order: Order
    future: Future[Written]
    ids: list[int] = field(default_factory=list)
    log_probs: list[float] = field(default_factory=list)
    loops: LoopWatch = field(default_factory=LoopWatch)

    @property
    def length(self) -> int:
        """Tokens, those of the prompt included."""
        return len(self.order.ids) + len(self.ids)

    @property
    def most(self) -> int:
        """The longest that it can become."""
        return len(self.order.ids) + self.order.max_new_tokens

    @property
    def kind(self) -> tuple[int, Sequence[int]]:
        """Pages of one kind can be read in together."""
        return len(self.order.ids), self.order.ids[: self.order.head]

    def add(self, ids: Sequence[int], log_probs: Sequence[float], stops: frozenset[int]) -> Written | None:
        """Further tokens, and what was written if the page ended with one of them. Raises NotANumber."""
        for token, log_prob in zip(ids, log_probs, strict=True):
            if math.isnan(log_prob):
                raise NotANumber
            self.log_probs.append(log_prob)
            if token in stops:
                return self.so_far(Finish.STOP)
            self.ids.append(token)
            self.loops.add([token])
            if self.loops.loop_start is not None:
                return self._cut(self.loops.loop_start, Finish.LOOP)
            if len(self.ids) == self.order.max_new_tokens:
                return self.so_far(Finish.LENGTH)
        if self.order.hear is not None:
            self.order.hear(self.ids)
        return self.so_far(Finish.TIME) if time.monotonic() > self.order.deadline else None

    def so_far(self, finish: Finish) -> Written:
        return Written(tuple(self.ids), tuple(self.log_probs), finish)

    def again(self) -> "Draft":
        """The same page, from its beginning."""
        return Draft(self.order, self.future)

    def _cut(self, length: int, finish: Finish) -> Written:
        return Written(tuple(self.ids[:length]), tuple(self.log_probs[:length]), finish)
