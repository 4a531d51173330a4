"""What a scanner, a telephone and a paint program do to a page."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter


def scanned(page: Image.Image, *, degrees: float, tone: tuple[int, int, int], seed: int) -> Image.Image:
    """Skewed a little, on paper that is not white, with soft edges, grain, dust, and the shadow of the lid."""
    rng = np.random.default_rng(seed)
    turned = page.rotate(degrees, Image.Resampling.BICUBIC, fillcolor="white").filter(ImageFilter.GaussianBlur(0.7))
    ink = 1 - np.asarray(turned, np.float32) / 255
    fibres = smooth_noise(turned.size, cell=9, rng=rng) * 3
    light = np.array(tone, np.float32) + fibres[..., None] + rng.normal(0, 1.5, (*turned.size[::-1], 1))
    light -= lid_shadow(turned.size)[..., None]
    pixels = light * (1 - 0.86 * ink)
    return dusted(Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)), rng)


def smooth_noise(size: tuple[int, int], *, cell: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Noise with about one bump for each cell x cell pixels, its values near -1 to 1."""
    coarse = rng.normal(0, 0.5, (size[1] // cell + 2, size[0] // cell + 2)).astype(np.float32)
    return np.asarray(Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC), np.float32)


def lid_shadow(size: tuple[int, int]) -> NDArray[np.float32]:
    width, height = size
    from_left, from_bottom = np.arange(width), height - 1 - np.arange(height)
    return 70 * np.exp(-from_left / 14)[None, :] + 45 * np.exp(-from_bottom / 9)[:, None]


def dusted(page: Image.Image, rng: np.random.Generator) -> Image.Image:
    draw = ImageDraw.Draw(page)
    for x, y in rng.uniform((20, 20), (page.width - 20, page.height - 20), (26, 2)):
        radius = rng.uniform(0.4, 1.3)
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(150, 147, 140))
    return page


def photographed(
    paper: Image.Image, corners: Sequence[tuple[float, float]], size: tuple[int, int], *, seed: int
) -> Image.Image:
    """The paper lies askew on a wooden table under one lamp; corners are where its own four come to lie."""
    rng = np.random.default_rng(seed)
    table = wood(size, rng)
    laid = paper.convert("RGBA").transform(
        size, Image.Transform.PERSPECTIVE, plane_to_paper(corners, paper.size), Image.Resampling.BICUBIC
    )
    shadow = Image.new("L", size, 0)
    shadow.paste(150, (14, 18), laid.getchannel("A"))
    table.paste((20, 12, 8), (0, 0), shadow.filter(ImageFilter.GaussianBlur(13)))
    table.paste(laid, (0, 0), laid)
    pixels = np.asarray(table.filter(ImageFilter.GaussianBlur(0.8)), np.float32) * lamp(size)[..., None]
    pixels += rng.normal(0, 3.0, pixels.shape)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def plane_to_paper(corners: Sequence[tuple[float, float]], paper: tuple[int, int]) -> list[float]:
    """The eight numbers with which Pillow finds, for a point of the photo, its point on the paper."""
    width, height = paper
    rows, right_side = [], []
    for (x, y), (u, v) in zip(corners, [(0, 0), (width, 0), (width, height), (0, height)], strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right_side += [u, v]
    return [float(number) for number in np.linalg.solve(np.array(rows), np.array(right_side))]


def wood(size: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    height = size[1]
    coarse = rng.normal(0, 1, (height // 5, 6)).astype(np.float32)
    grain = np.asarray(Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC))
    planks = np.where(np.arange(height) % 420 < 5, -60, 0)[:, None]
    pixels = np.array((126, 86, 54), np.float32) + (grain * 11 + planks)[..., None]
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def lamp(size: tuple[int, int]) -> NDArray[np.float32]:
    width, height = size
    y, x = np.mgrid[0:height, 0:width]
    away = np.hypot(x / width - 0.3, y / height - 0.22)
    return (1.1 - 0.52 * away**1.3).astype(np.float32)


def few_colours(page: Image.Image, colours: int) -> Image.Image:
    return page.quantize(colours, dither=Image.Dither.NONE)
