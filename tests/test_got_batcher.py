"""Pages written side by side: how they come and go, and what happens where memory is short."""

import time
from collections.abc import Iterable
from threading import Event

import pytest
from torch import Tensor
from torch.fx import GraphModule
from torch.fx.experimental.proxy_tensor import make_fx

from gotwatch.documents import Color, Finish, Mode, Prompt
from gotwatch.engine.got import products
from gotwatch.engine.got.graphs import Direct, Shape, Step
from gotwatch.engine.got.opened import Written
from gotwatch.engine.got.products import Product
from gotwatch.errors import EngineUnusable, OutOfMemory
from tests import tiny_got
from tests.got_shop import Shop, ShortOfMemory, Watched, finish, has_ended, limits, page, step, write

pytestmark = pytest.mark.usefixtures("one_thread")

PROMPTS = (Prompt(), Prompt(Mode.FORMAT), Prompt(crop=True), Prompt(color=Color.RED), Prompt(), Prompt(), Prompt())


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Its model never stops by itself."""
    return Shop(tiny_got.make(tmp_path_factory.mktemp("got") / "port", never_stops=True))


def texts(pages: Iterable[Written]) -> list[tuple[tuple[int, ...], Finish]]:
    """Less the log-probabilities, whose last digits depend on what is computed beside them."""
    return [(one.ids, one.finish) for one in pages]


class Traced:
    """Records as CUDA does: the operations and the very tensors they work on, and nothing of the code around them."""

    def __init__(self) -> None:
        self._graphs: dict[Shape, GraphModule] = {}
        self.replays = 0

    def run(self, shape: Shape, step: Step) -> None:
        if graph := self._graphs.get(shape):
            self.replays += 1
            graph()
        else:
            self._graphs[shape] = make_fx(step)()

    def forget(self) -> None:
        self._graphs.clear()


@pytest.mark.parametrize("steps", [1, 4])
def test_steps_that_are_recorded_and_replayed_write_the_same(shop: Shop, steps: int) -> None:
    lengths = (280, 90, 40, 9, 60, 130, 60)
    orders = [
        shop.order(page(seed), prompt, longest=longest)
        for seed, (prompt, longest) in enumerate(zip(PROMPTS, lengths, strict=True))
    ]
    traced = Traced()

    replayed = write(shop.batcher(limits(slots=4, steps=steps), runner=traced), orders)

    assert texts(replayed) == texts(shop.alone(orders))
    assert traced.replays > 200


def test_a_page_nobody_wants_any_more_leaves_its_slot_at_the_next_look(shop: Shop) -> None:
    batcher = shop.batcher(limits(slots=2))
    events = [Event() for _ in range(3)]
    orders = [shop.order(page(seed), cancelled=event, longest=100) for seed, event in enumerate(events)]
    futures = [batcher.submit(order) for order in orders]
    step(batcher, 5)

    events[0].set()
    step(batcher)

    assert has_ended(futures) == [True, False, False]
    assert 1 < len(futures[0].result().ids) < 100
    finish(batcher)
    assert texts(future.result() for future in futures[1:]) == texts(shop.alone(orders[1:]))


def test_a_cancelled_page_that_waits_is_never_begun(shop: Shop) -> None:
    batcher = shop.batcher(limits(slots=1))
    cancelled = Event()
    first = batcher.submit(shop.order(page(1), longest=20))
    second = batcher.submit(shop.order(page(2), cancelled=cancelled))
    step(batcher)

    cancelled.set()
    step(batcher)

    assert second.result().ids == ()
    assert not first.done()
    finish(batcher)


def test_a_page_ends_with_what_it_has_when_its_time_is_up(shop: Shop) -> None:
    (written,) = write(shop.batcher(), [shop.order(page(1), deadline=time.monotonic())])

    assert (len(written.ids), written.finish) == (1, Finish.TIME)


@pytest.mark.parametrize("fits", [1, 2, 3])
def test_where_memory_is_short_fewer_pages_are_written_at_a_time(shop: Shop, fits: int) -> None:
    short = ShortOfMemory(most_rows=fits)
    orders = [shop.order(page(seed), longest=30) for seed in range(7)]

    written = write(shop.batcher(make_product=short.make), orders)

    assert texts(written) == texts(shop.alone(orders))
    assert 1 <= short.failures <= 3


def test_where_memory_is_short_fewer_views_are_seen_at_a_time(shop: Shop) -> None:
    short = ShortOfMemory(most_areas=4)  # the windows of one view
    orders = [shop.order(page(seed, 60, 90), Prompt(crop=True), longest=10) for seed in range(2)]

    written = write(shop.batcher(limits(views=7), make_product=short.make), orders)

    assert texts(written) == texts(shop.alone(orders))


def test_memory_that_gets_short_in_the_middle_costs_no_page(shop: Shop) -> None:
    short = ShortOfMemory()
    batcher = shop.batcher(make_product=short.make)
    orders = [shop.order(page(seed), longest=30) for seed in range(5)]
    futures = [batcher.submit(order) for order in orders]
    step(batcher, 10)

    short.most_rows = 2
    finish(batcher)

    assert texts(future.result() for future in futures) == texts(shop.alone(orders))


def test_only_a_page_that_finds_no_memory_even_alone_fails_of_it(shop: Shop) -> None:
    short = ShortOfMemory(most_rows=0)
    batcher = shop.batcher(make_product=short.make)
    futures = [batcher.submit(shop.order(page(seed))) for seed in range(3)]

    finish(batcher)

    for future in futures:
        with pytest.raises(OutOfMemory, match="not enough free memory on cpu"):
            future.result()


def test_after_a_rest_as_many_pages_as_ever_are_written_at_once(shop: Shop) -> None:
    short = ShortOfMemory(most_rows=2)
    batcher = shop.batcher(make_product=short.make)
    write(batcher, [shop.order(page(seed), longest=5) for seed in range(4)])
    short.most_rows = 4

    batcher.rest()
    futures = [batcher.submit(shop.order(page(seed))) for seed in range(4)]
    step(batcher)

    assert len(batcher._drafts) == 4
    batcher.fail(EngineUnusable("over"))
    assert all(future.exception() for future in futures)


def test_no_more_pages_are_begun_than_the_memory_holds_when_they_are_long(shop: Shop) -> None:
    batcher = shop.batcher(limits(tokens=3 * 384))
    futures = [batcher.submit(shop.order(page(seed), longest=180)) for seed in range(5)]

    step(batcher)

    assert len(batcher._drafts) == 3
    finish(batcher)
    assert all(has_ended(futures))


def test_a_page_longer_than_all_the_memory_is_tried_alone(shop: Shop) -> None:
    batcher = shop.batcher(limits(tokens=10))

    (written,) = write(batcher, [shop.order(page(1), longest=20)])

    assert len(written.ids) == 20


def test_the_memory_of_the_pages_grows_with_them_and_is_given_back(shop: Shop) -> None:
    batcher = shop.batcher()
    batcher.submit(shop.order(page(1), longest=700))
    sizes = []
    while batcher.busy:
        step(batcher)
        sizes.append((batcher._slots.count, batcher._slots.room))

    batcher.rest()

    assert sorted(set(sizes)) == [(1, 512), (1, 896)]
    assert batcher._slots.count == 0


def test_the_beginning_that_all_prompts_share_is_read_in_once(shop: Shop) -> None:
    lengths: list[int] = []

    def note(inputs: Tensor) -> None:
        if inputs.dim() == 3:
            lengths.append(inputs.shape[1])

    def make(weight: Tensor, bias: Tensor | None) -> Product:
        return Watched(products.dense(weight, bias), note)

    orders = [shop.order(page(seed), longest=2) for seed in range(2)]

    write(shop.batcher(limits(slots=1), make_product=make), orders)

    whole = len(orders[0].ids)
    assert {whole, whole - orders[0].head} <= set(lengths)
    assert lengths.count(whole) == lengths.count(whole - orders[0].head)


def test_an_error_of_one_step_is_every_pages_answer_and_none_is_left(shop: Shop) -> None:
    batcher = shop.batcher(limits(slots=2))
    futures = [batcher.submit(shop.order(page(seed))) for seed in range(4)]
    step(batcher)

    batcher.fail(ValueError("a bug"))

    assert [str(future.exception()) for future in futures] == ["a bug"] * 4
    assert not batcher.busy
    assert len(write(batcher, [shop.order(page(1), longest=5)])[0].ids) == 5


def test_what_is_not_recorded_is_simply_done() -> None:
    done: list[int] = []
    runner = Direct()

    runner.run((1, 1), lambda: done.append(1))
    runner.forget()
    runner.run((1, 1), lambda: done.append(2))

    assert done == [1, 2]
