"""What the model sees of a page."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from transformers.models.got_ocr2.image_processing_pil_got_ocr2 import (
    GotOcr2ImageProcessorPil,
    get_optimal_tiled_canvas,
)

from gotwatch.documents import BoxBy, PageImage, Prompt
from gotwatch.engine.got import preprocess
from gotwatch.engine.got.preprocess import MEAN, STD, Recipe
from gotwatch.errors import CheckpointMissing, InputError

CROP = Prompt(crop=True)


def noise(width: int, height: int) -> Image.Image:
    pixels = np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def as_page(image: Image.Image) -> PageImage:
    return PageImage(1, image.width, image.height, memoryview(image.tobytes()))


def squeezed(image: Image.Image, side: int = 64) -> Any:
    return np.asarray(image.resize((side, side), Image.Resampling.BICUBIC))


@pytest.mark.parametrize("size", [(300, 400), (64, 64), (30, 20), (1, 500)])
def test_a_page_is_squeezed_into_one_square_view_by_pillows_bicubic(size: tuple[int, int]) -> None:
    image = noise(*size)

    views = preprocess.views(as_page(image), Recipe(64), Prompt())

    assert views.shape == (1, 64, 64, 3)
    assert views.dtype == np.uint8
    assert np.array_equal(views[0], squeezed(image))


def test_the_numbers_are_those_of_the_training_bit_for_bit() -> None:
    levels = np.repeat(np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1), 3, axis=3)

    numbers = preprocess.normalised(levels, Recipe(16))

    for channel in range(3):
        scaled = np.arange(256, dtype=np.float32) / np.float32(255)
        expected = (scaled - np.float32(MEAN[channel])) / np.float32(STD[channel])
        assert np.array_equal(numbers[0, channel].ravel(), expected)
        assert np.array_equal(preprocess.table(Recipe(16))[channel], expected)
    assert numbers.dtype == np.float32


def test_the_library_s_own_processor_gives_the_same_bits() -> None:
    image = noise(90, 70)
    processor = GotOcr2ImageProcessorPil(size={"height": 64, "width": 64})

    recipe = Recipe(64)
    numbers = preprocess.normalised(preprocess.views(as_page(image), recipe, Prompt()), recipe)

    assert np.array_equal(numbers, processor(image, return_tensors="np")["pixel_values"])


@pytest.mark.parametrize("size", [(620, 877), (877, 620), (64, 64), (500, 120), (60, 700), (90, 70), (200, 160)])
def test_the_library_s_own_processor_cuts_the_same_tiles(size: tuple[int, int]) -> None:
    image = noise(*size)
    processor = GotOcr2ImageProcessorPil(size={"height": 64, "width": 64}, crop_to_patches=True, max_patches=6)

    recipe = Recipe(64)
    numbers = preprocess.normalised(preprocess.views(as_page(image), recipe, CROP), recipe)

    assert np.array_equal(numbers, processor(image, return_tensors="np")["pixel_values"])


@given(st.integers(1, 3000), st.integers(1, 3000))
def test_the_grid_is_the_library_s_where_that_is_told_the_limit_of_the_training(width: int, height: int) -> None:
    assert preprocess.grid(width, height, side=1024) == get_optimal_tiled_canvas((height, width), (1024, 1024), 1, 6)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1240, 1754), (2, 3)),  # A4 upright
        ((1754, 1240), (3, 2)),
        ((900, 900), (1, 1)),
        ((2000, 2000), (2, 2)),  # of two grids of one shape the larger, as it fills it by half
        ((1300, 1300), (1, 1)),
        ((5000, 100), (6, 1)),
        ((100, 5000), (1, 6)),
        ((1250, 1000), (1, 1)),  # as near to 3 x 2
        ((2500, 2000), (3, 2)),
    ],
)
def test_tiles_are_laid_as_in_the_training(size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert preprocess.grid(*size, side=1024) == expected


def test_never_more_than_six_tiles_unlike_the_library_s_default() -> None:
    assert get_optimal_tiled_canvas((400, 2800), (1024, 1024), 1, 12) == (7, 1)

    assert preprocess.grid(2800, 400, side=1024) == (6, 1)


def test_tiles_come_row_by_row_and_the_whole_page_last() -> None:
    image = noise(620, 877)

    views = preprocess.views(as_page(image), Recipe(64), CROP)

    enlarged = np.asarray(image.resize((128, 192), Image.Resampling.BICUBIC))
    rows = [np.hstack(views[start : start + 2]) for start in (0, 2, 4)]
    assert np.array_equal(np.vstack(rows), enlarged)
    assert np.array_equal(views[6], squeezed(image))
    assert len(views) == 7


def test_a_page_of_one_tile_is_shown_once() -> None:
    assert len(preprocess.views(as_page(noise(50, 50)), Recipe(64), CROP)) == 1


def test_a_box_by_pixels_shows_nothing_else_of_the_page() -> None:
    image = noise(300, 400)

    views = preprocess.views(as_page(image), Recipe(64), Prompt(box=(10, 20, 110, 90)))

    assert np.array_equal(views[0], squeezed(image.crop((10, 20, 110, 90))))


def test_a_box_ends_at_the_edges_of_the_page() -> None:
    image = noise(300, 400)

    views = preprocess.views(as_page(image), Recipe(64), Prompt(box=(-50, 350, 90, 9000)))

    assert np.array_equal(views[0], squeezed(image.crop((0, 350, 90, 400))))


def test_a_box_beside_the_page_is_told_with_the_page_s_size() -> None:
    with pytest.raises(InputError, match="The box 300,0,310,5 lies outside of page 1, which has 300 x 400 pixels"):
        preprocess.views(as_page(noise(300, 400)), Recipe(64), Prompt(box=(300, 0, 310, 5)))


@pytest.mark.parametrize("prompt", [Prompt(box=(10, 20, 30, 40), box_by=BoxBy.PROMPT), Prompt(box=(10, 20))])
def test_a_box_by_the_prompt_leaves_the_whole_page_in_sight(prompt: Prompt) -> None:
    image = noise(300, 400)

    assert np.array_equal(preprocess.views(as_page(image), Recipe(64), prompt)[0], squeezed(image))


def test_several_pages_have_a_view_each() -> None:
    images = [noise(90, 70), noise(30, 40), noise(64, 64)]

    views = preprocess.views_of_all([as_page(image) for image in images], Recipe(64))

    assert np.array_equal(views, np.stack([squeezed(image) for image in images]))


@pytest.mark.parametrize("prompt", [Prompt(), CROP, Prompt(box=(0, 0, 20, 20))])
def test_no_view_of_the_page_s_pixels_is_kept(prompt: Prompt) -> None:
    page = as_page(noise(64, 64))
    assert isinstance(page.rgb, memoryview)

    kept = preprocess.views(page, Recipe(64), prompt)
    page.rgb.release()  # an error if anything still looked at it

    assert kept.size


def test_a_checkpoint_s_own_mean_and_deviation_are_used(tmp_path: Path) -> None:
    own = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.25, 0.25, 0.25], "size": {"height": 64, "width": 64}}
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(own), "utf-8")

    assert preprocess.read_recipe(tmp_path, side=64) == Recipe(64, (0.5, 0.5, 0.5), (0.25, 0.25, 0.25))


def test_without_a_word_from_the_checkpoint_the_known_ones_are_used(tmp_path: Path) -> None:
    assert preprocess.read_recipe(tmp_path, side=1024) == Recipe(1024, MEAN, STD)


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"image_mean": 3}',
        '{"image_mean": "abc"}',
        '{"image_mean": [0.5]}',
        '{"image_std": [0, 0, 0]}',
        '{"image_std": [NaN, 1, 1]}',
        '{"image_mean": [1e999, 1, 1]}',
    ],
)
def test_a_recipe_that_cannot_be_followed_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "preprocessor_config.json").write_text(content, "utf-8")

    with pytest.raises(CheckpointMissing, match=r"preprocessor_config\.json is damaged"):
        preprocess.read_recipe(tmp_path, side=64)
