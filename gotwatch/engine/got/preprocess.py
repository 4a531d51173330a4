"""From an upright page to the numbers that the model sees, bit for bit as it was trained."""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gotwatch.documents import PageImage

MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one checkpoint wants its images."""

    side: int  # of a view, in pixels
    mean: tuple[float, ...] = MEAN
    std: tuple[float, ...] = STD


def read_recipe(folder: Path, *, side: int) -> Recipe:
    """The recipe of the checkpoint in *folder*, whose vision model takes images of *side* pixels."""
    path = folder / "preprocessor_config.json"
    config: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return Recipe(side, tuple(config.get("image_mean", MEAN)), tuple(config.get("image_std", STD)))


def tokens_per_view(side: int, patch_side: int) -> int:
    """How many image tokens a view becomes: its patches, halved twice in both directions."""
    patches = side // patch_side
    return math.ceil(patches / 4) ** 2


def views(page: PageImage, recipe: Recipe) -> NDArray[np.uint8]:
    """The page's views as the model is shown them: (views, side, side, 3). Today one view, the whole page."""
    image = Image.frombytes("RGB", (page.width, page.height), page.rgb)
    whole = image.resize((recipe.side, recipe.side), Image.Resampling.BICUBIC)
    return np.asarray(whole)[np.newaxis]


def normalised(pixels: NDArray[np.uint8], recipe: Recipe) -> NDArray[np.float32]:
    """(views, side, side, 3) of 0 to 255 as (views, 3, side, side) around 0."""
    table = _table(recipe)
    channels = [table[channel][pixels[..., channel]] for channel in range(3)]
    return np.stack(channels, axis=1)


def _table(recipe: Recipe) -> NDArray[np.float32]:
    """What each of 256 levels becomes in each of the three channels, computed in float32 as the training did."""
    levels = np.arange(256, dtype=np.float32) / np.float32(255)
    mean, std = (np.asarray(values, dtype=np.float32)[:, np.newaxis] for values in (recipe.mean, recipe.std))
    return np.asarray((levels - mean) / std, dtype=np.float32)
