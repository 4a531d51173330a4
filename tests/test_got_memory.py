"""How much is done at once, by how much memory there is."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gotwatch.engine.checkpoint.sizes import Sizes, TextSizes, VisionSizes
from gotwatch.engine.got import memory, slots
from gotwatch.engine.got.engine import most_at_once
from gotwatch.engine.got.memory import Limits, Needs

GB, MIB = 1e9, 1 << 20
GOT = Sizes(
    vision=VisionSizes(side=1024, patch=16, width=768, heads=12, mlp=3072, windows=(14,) * 12, eps=1e-6),
    text=TextSizes(
        vocabulary=151_860,
        width=1024,
        mlp=2816,
        layers=24,
        heads=16,
        kv_heads=16,
        head_dim=64,
        positions=32_768,
        rope_theta=1e6,
        eps=1e-6,
    ),
    image_token=151_859,
)
MOST = Limits(slots=128, views=8, steps=8, tokens=1 << 20)
PAGE_TOKENS = 4400


def of(spare_bytes: float) -> Limits:
    return memory.limits(spare_bytes, memory.needs(GOT, 2), page_tokens=PAGE_TOKENS, most=MOST)


def test_a_token_of_the_real_model_takes_96_kib_in_half_precision() -> None:
    assert memory.needs(GOT, 2).token == 96 * 1024 + 12
    assert memory.needs(GOT, 4).token == 192 * 1024 + 12


@pytest.mark.parametrize(("number_bytes", "measured_mib"), [(2, 151), (4, 259)])
def test_a_view_is_given_more_than_it_was_measured_to_take(number_bytes: int, measured_mib: int) -> None:
    assert measured_mib * MIB < memory.needs(GOT, number_bytes).view < 2 * measured_mib * MIB


@pytest.mark.parametrize(
    ("spare_gb", "slots", "views"),
    [(1.7, 3, 1), (4.9, 10, 1), (8.0, 15, 3), (17.6, 34, 7), (63.0, 128, 8), (112.0, 128, 8)],
)
def test_the_more_memory_is_spare_the_more_pages_are_written_at_once(spare_gb: float, slots: int, views: int) -> None:
    limits = of(spare_gb * GB)

    assert (limits.slots, limits.views, limits.steps) == (slots, views, 8)


@given(st.floats(0, 200 * GB))
def test_all_slots_filled_to_the_last_token_fit_into_what_is_spare(spare_bytes: float) -> None:
    limits, each = of(spare_bytes), memory.needs(GOT, 2)

    taken = limits.views * each.view + limits.slots * each.slot + limits.tokens * each.token
    assert taken <= spare_bytes or (limits.slots, limits.views, limits.tokens) == (1, 1, PAGE_TOKENS)


def test_one_page_is_tried_however_little_there_is() -> None:
    each = Needs(token=10, slot=10, view=10)

    limits = memory.limits(-5, each, page_tokens=20, most=MOST)

    assert (limits.slots, limits.views, limits.tokens) == (1, 1, 20)


@pytest.mark.parametrize(("pages", "rows"), [(1, 1), (3, 3), (5, 6), (7, 8), (9, 12), (13, 16), (33, 48), (128, 128)])
def test_rows_come_in_few_shapes(pages: int, rows: int) -> None:
    assert slots.rows_for(pages) == rows


@given(st.integers(1, 40_000), st.integers(0, 40_000))
def test_what_is_looked_at_lies_within_the_memory_of_the_page(length: int, more: int) -> None:
    room = slots.room_for(length, length + more)

    assert length <= slots.reach_for(length) <= room
    assert slots.reach_for(length) <= length * 1.125 + 128
    assert room <= max(512, 2 * length, slots.reach_for(length + more))


def test_a_cpu_writes_few_pages_of_a_large_model_at_once_and_many_of_one_that_sees_them_soon() -> None:
    small = replace(GOT, vision=replace(GOT.vision, side=128, patch=4, width=64, mlp=128, windows=(8, 0)))

    assert [most_at_once("cpu", sizes).slots for sizes in (GOT, small)] == [4, 16]
    assert most_at_once("cuda:1", small) == most_at_once("cuda:0", GOT)
