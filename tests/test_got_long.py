"""Many pages of all kinds, some of which nobody wants any more, while memory comes and goes."""

import random
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Event

import pytest

from gotwatch.documents import BoxBy, Color, Mode, Prompt
from gotwatch.engine.got.batcher import Batcher
from gotwatch.engine.got.draft import Order
from gotwatch.engine.got.opened import Written
from tests import tiny_got
from tests.got_shop import PLENTY, Shop, ShortOfMemory, limits, page, step, write

pytestmark = pytest.mark.usefixtures("one_thread")

PAGES = 60
PROMPTS = (
    Prompt(),
    Prompt(Mode.FORMAT),
    Prompt(crop=True),
    Prompt(color=Color.GREEN),
    Prompt(box=(5, 5, 60, 60)),
    Prompt(box=(5, 5, 60, 60), box_by=BoxBy.PROMPT),
)


@dataclass(frozen=True, slots=True)
class Visitor:
    order: Order
    future: Future[Written]


class Day:
    """Pages that come and go, and mishaps."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.visitors: list[Visitor] = []
        self.short = ShortOfMemory()
        self.batcher: Batcher = shop.batcher(limits(slots=5, steps=3, tokens=3000), make_product=self.short.make)
        self._shop = shop
        self._chance = random.Random(seed)

    def run(self) -> None:
        mishaps: list[Callable[[], None]] = [self._cancel, self._run_short, self._recover, self._fail, self._rest]
        while self.batcher.busy or len(self.visitors) < PAGES:
            if len(self.visitors) < PAGES and self._chance.random() < 0.2:
                self._come()
            if self._chance.random() < 0.1:
                self._chance.choices(mishaps, weights=(6, 2, 4, 1, 1))[0]()
            step(self.batcher)

    def _come(self) -> None:
        number = len(self.visitors)
        shown = page(number, 40 + 10 * (number % 7), 90)
        order = self._shop.order(
            shown, self._chance.choice(PROMPTS), longest=self._chance.choice((1, 5, 30, 90)), cancelled=Event()
        )
        self.visitors.append(Visitor(order, self.batcher.submit(order)))

    def _cancel(self) -> None:
        if self.visitors:
            self._chance.choice(self.visitors[-6:]).order.cancelled.set()

    def _run_short(self) -> None:
        self.short.most_rows = self._chance.choice((0, 1, 2, 3))

    def _recover(self) -> None:
        self.short.most_rows = PLENTY

    def _fail(self) -> None:
        self.batcher.fail(ValueError("a mishap"))

    def _rest(self) -> None:
        if not self.batcher.busy:
            self.batcher.rest()


@pytest.mark.parametrize("seed", [1, 2])
def test_every_page_of_a_long_day_is_answered_rightly_and_no_slot_is_lost(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    shop = Shop(tiny_got.make(tmp_path_factory.mktemp("long") / "port", seed=seed))
    day = Day(shop, seed)

    day.run()

    assert all(visitor.future.done() for visitor in day.visitors)
    assert not day.batcher.busy
    assert not day.batcher._drafts
    done = [one for one in day.visitors if not one.future.exception() and not one.order.cancelled.is_set()]
    assert len(done) > PAGES / 3
    alone = write(shop.batcher(), [one.order for one in done])
    assert [one.future.result().ids for one in done] == [written.ids for written in alone]
