"""When a model is said to repeat itself."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gotwatch.engine.got.repetition import LoopWatch

PROSE = random.Random(1).choices(range(20_000), k=500)


def loop_start(ids: Sequence[int]) -> int | None:
    watch = LoopWatch()
    watch.add(ids)
    return watch.loop_start


@pytest.mark.parametrize("period", [1, 3, 11, 100])
def test_a_loop_begins_where_its_second_round_begins(period: int) -> None:
    unit = [100_000 + token for token in range(period)]

    start = loop_start(PROSE + unit * (600 // period))

    assert start is not None
    assert abs(start - (len(PROSE) + period)) <= 8


def test_prose_is_no_loop() -> None:
    assert loop_start(PROSE * 1) is None


def test_a_paragraph_that_stands_twice_is_no_loop() -> None:
    assert loop_start(PROSE + PROSE[:120] + PROSE[:120]) is None


def test_a_table_of_digits_is_no_loop() -> None:
    digits = random.Random(2)
    cells = [token for _ in range(500) for token in (digits.randrange(10), 1000)]

    assert loop_start(cells) is None


def test_a_loop_that_the_ngram_guard_breaks_now_and_then_is_found() -> None:
    others = iter(range(200_000, 300_000))
    guarded = [next(others) if position % 20 == 0 else 7 for position in range(2_000)]

    start = loop_start(PROSE + guarded)

    assert start is not None
    assert len(PROSE) <= start <= len(PROSE) + 40


def test_a_loop_is_known_at_the_token_that_completes_it() -> None:
    watch = LoopWatch()
    watch.add([7] * 300)
    early = watch.loop_start

    watch.add([7] * 20)

    assert (early, watch.loop_start) == (None, 1)


def test_repetition_that_ends_early_is_forgiven() -> None:
    assert loop_start([7] * 250 + list(range(1_000, 2_000)) + [7] * 100) is None


@given(st.lists(st.integers(0, 3), max_size=600), st.integers(1, 600))
def test_it_does_not_matter_in_which_portions_the_tokens_are_told(ids: list[int], portion: int) -> None:
    watch = LoopWatch()

    for begin in range(0, len(ids), portion):
        watch.add(ids[begin : begin + portion])

    assert watch.loop_start == loop_start(ids)


@given(st.lists(st.integers(0, 3), max_size=600))
def test_what_is_kept_is_never_more_than_what_was_written(ids: list[int]) -> None:
    start = loop_start(ids)

    assert start is None or 0 <= start < len(ids)
