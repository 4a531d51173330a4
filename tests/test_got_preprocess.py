"""What the model sees of a page."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gotwatch.documents import PageImage
from gotwatch.engine.got import preprocess
from gotwatch.engine.got.preprocess import MEAN, STD, Recipe


def noise(width: int, height: int) -> Image.Image:
    pixels = np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def as_page(image: Image.Image) -> PageImage:
    return PageImage(1, image.width, image.height, memoryview(image.tobytes()))


@pytest.mark.parametrize("size", [(300, 400), (64, 64), (30, 20), (1, 500)])
def test_a_page_is_squeezed_into_one_square_view_by_pillows_bicubic(size: tuple[int, int]) -> None:
    image = noise(*size)

    views = preprocess.views(as_page(image), Recipe(64))

    assert views.shape == (1, 64, 64, 3)
    assert np.array_equal(views[0], np.asarray(image.resize((64, 64), Image.Resampling.BICUBIC)))


def test_the_numbers_are_those_of_the_training_bit_for_bit() -> None:
    levels = np.repeat(np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1), 3, axis=3)

    numbers = preprocess.normalised(levels, Recipe(16))

    for channel in range(3):
        scaled = np.arange(256, dtype=np.float32) / np.float32(255)
        expected = (scaled - np.float32(MEAN[channel])) / np.float32(STD[channel])
        assert np.array_equal(numbers[0, channel].ravel(), expected)
    assert numbers.dtype == np.float32


def test_the_library_s_own_processor_gives_the_same_bits() -> None:
    module = pytest.importorskip("transformers.models.got_ocr2.image_processing_pil_got_ocr2")
    image = noise(90, 70)
    processor = module.GotOcr2ImageProcessorPil(size={"height": 64, "width": 64})

    recipe = Recipe(64)
    numbers = preprocess.normalised(preprocess.views(as_page(image), recipe), recipe)

    assert np.array_equal(numbers, processor(image, return_tensors="np")["pixel_values"])


def test_no_view_of_the_page_s_pixels_is_kept() -> None:
    page = as_page(noise(30, 30))
    assert isinstance(page.rgb, memoryview)

    kept = preprocess.views(page, Recipe(64))
    page.rgb.release()  # an error if anything still looked at it

    assert kept.size


def test_a_checkpoint_s_own_mean_and_deviation_are_used(tmp_path: Path) -> None:
    own = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.25, 0.25, 0.25], "size": {"height": 64, "width": 64}}
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(own), "utf-8")

    assert preprocess.read_recipe(tmp_path, side=64) == Recipe(64, (0.5, 0.5, 0.5), (0.25, 0.25, 0.25))


def test_without_a_word_from_the_checkpoint_the_known_ones_are_used(tmp_path: Path) -> None:
    assert preprocess.read_recipe(tmp_path, side=1024) == Recipe(1024, MEAN, STD)


@pytest.mark.parametrize(("side", "patch", "tokens"), [(1024, 16, 256), (64, 8, 4), (128, 8, 16)])
def test_the_image_tokens_follow_from_the_patches(side: int, patch: int, tokens: int) -> None:
    assert preprocess.tokens_per_view(side, patch) == tokens
