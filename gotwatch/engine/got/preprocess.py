"""From an upright page to the numbers that the model sees, bit for bit as it was trained."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gotwatch.documents import PageImage, Prompt
from gotwatch.engine import boxes
from gotwatch.engine.checkpoint.files import damaged, read_json

MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)

_KNOWN = (("image_mean", MEAN), ("image_std", STD))
_MOST_TILES = 6  # in training; transformers' own default is 12
_GRIDS = sorted(
    ((across, down) for across in range(1, _MOST_TILES + 1) for down in range(1, _MOST_TILES // across + 1)),
    key=math.prod,
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one checkpoint wants its images."""

    side: int  # of a view, in pixels
    mean: tuple[float, ...] = MEAN
    std: tuple[float, ...] = STD


def read_recipe(folder: Path, *, side: int) -> Recipe:
    """The recipe of the checkpoint in *folder*, whose vision model takes images of *side* pixels."""
    path = folder / "preprocessor_config.json"
    config: Mapping[str, Any] = read_json(path) if path.is_file() else {}
    try:
        mean, std = (tuple(map(float, config.get(key, known))) for key, known in _KNOWN)
    except (TypeError, ValueError, OverflowError) as exc:
        raise damaged(path, str(exc)) from exc
    if len(mean) != 3 or len(std) != 3 or not (all(map(math.isfinite, mean + std)) and min(std) > 0):
        raise damaged(path, f"image_mean is {mean!r:.60}, image_std {std!r:.60}")
    return Recipe(side, mean, std)


def views(page: PageImage, recipe: Recipe, prompt: Prompt) -> NDArray[np.uint8]:
    """The page's views as the model is shown them: (views, side, side, 3).

    Raises InputError where the prompt's box lies outside of the page.
    """
    image = image_of(page)
    if prompt.box is not None and not prompt.asks_by_box:
        image = image.crop(boxes.on_page(prompt.box, page))
    return _tiles(image, recipe.side) if prompt.crop else _stacked([_squeezed(image, recipe.side)])


def views_of_all(pages: Sequence[PageImage], recipe: Recipe) -> NDArray[np.uint8]:
    """One view for each of several pages that are read in one go."""
    return _stacked([_squeezed(image_of(page), recipe.side) for page in pages])


def image_of(page: PageImage) -> Image.Image:
    """A copy of the page."""
    return Image.frombytes("RGB", (page.width, page.height), page.rgb)


def grid(width: int, height: int, *, side: int) -> tuple[int, int]:
    """How many tiles across and down come closest to the page's shape; of grids of one shape, the largest that the
    page fills by half."""
    best, least = (1, 1), math.inf
    for across, down in _GRIDS:
        difference = abs(width / height - across / down)
        fills = width * height > 0.5 * side * side * across * down
        if difference < least or (difference == least and fills):
            best, least = (across, down), difference
    return best


def normalised(pixels: NDArray[np.uint8], recipe: Recipe) -> NDArray[np.float32]:
    """(views, side, side, 3) of 0 to 255 as (views, 3, side, side) around 0."""
    levels = table(recipe)
    channels = [levels[channel][pixels[..., channel]] for channel in range(3)]
    return np.stack(channels, axis=1)


def table(recipe: Recipe) -> NDArray[np.float32]:
    """What each of 256 levels becomes in each of the three channels, computed in float32 as the training did."""
    levels = np.arange(256, dtype=np.float32) / np.float32(255)
    mean, std = (np.asarray(values, dtype=np.float32)[:, np.newaxis] for values in (recipe.mean, recipe.std))
    return np.asarray((levels - mean) / std, dtype=np.float32)


def _tiles(image: Image.Image, side: int) -> NDArray[np.uint8]:
    """Row by row, and behind them the whole page if there is more than one."""
    across, down = grid(image.width, image.height, side=side)
    enlarged = _resized(image, side * across, side * down)
    cut = [
        np.asarray(enlarged)[y : y + side, x : x + side]
        for y in range(0, side * down, side)
        for x in range(0, side * across, side)
    ]
    return _stacked(cut if len(cut) == 1 else [*cut, _squeezed(image, side)])


def _squeezed(image: Image.Image, side: int) -> NDArray[np.uint8]:
    return np.asarray(_resized(image, side, side))


def _resized(image: Image.Image, width: int, height: int) -> Image.Image:
    """By Pillow: PyTorch's bicubic differs by up to 14 levels."""
    return image.resize((width, height), Image.Resampling.BICUBIC)


def _stacked(pieces: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    return np.stack(pieces)
